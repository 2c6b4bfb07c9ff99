import Datasets
import Foundation
import Hypergradient
import HypergradientRecipes
import Tasks
import Testing

/// The tasks on real data as a text and a file make them.
@Suite struct RealDataRecipeTests {
  /// A folder with a small LIBSVM file, CSV files of classes and of numbers and the four MNIST files.
  static func withData<Result>(_ body: (_ folder: String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    func write(_ bytes: [UInt8], _ name: String) throws {
      try Data(bytes).write(to: url.appendingPathComponent(name))
    }
    let sparse = syntheticSparse(count: 60, features: 6)
    let lines = (0..<60).map { row in
      (sparse.rowStarts[row]..<sparse.rowStarts[row + 1]).reduce("\(sparse.labels[row])") {
        "\($0) \(sparse.columns[$1] + 1):\(sparse.values[$1])"
      }
    }
    try write(Array(lines.joined(separator: "\n").utf8), "data.libsvm")
    let dense = syntheticDense(count: 60, features: 3, classes: 3)
    let rows = (0..<60).map { row in
      let words = ["red", "green", "blue"]
      return "\(words[Int(dense.labels[row])]),"
        + dense.features[row * 3..<row * 3 + 3].map { "\($0)" }.joined(separator: ",")
    }
    try write(Array((["kind,a,b,c"] + rows).joined(separator: "\n").utf8), "data.csv")
    let numbers = (0..<60).map { row in
      let x = dense.features[row * 3..<row * 3 + 3]
      return x.reduce("\(x.reduce(150.0) { 20 * $1 - $0 / 3 })") { "\($0),\($1)" }
    }
    try write(Array((["price,a,b,c"] + numbers).joined(separator: "\n").utf8), "numbers.csv")
    for (part, count) in [("train", 30), ("t10k", 10)] {
      func header(_ words: [Int]) -> [UInt8] {
        words.flatMap { word in
          (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
        }
      }
      let pixels = (0..<count * 64).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 37) }
      try write(header([0x803, count, 8, 8]) + pixels, "\(part)-images-idx3-ubyte")
      let labels = (0..<count).map { UInt8($0 % 10) }
      try write(header([0x801, count]) + labels, "\(part)-labels-idx1-ubyte")
    }
    return try body(url.path)
  }

  /// Those of every task of the list that needs data.
  static let texts = TaskList.all.filter(needsData).flatMap(\.texts)

  func make(_ text: String, _ context: TaskContext) throws -> any BenchmarkTask {
    try TaskList.read(text).make(context)
  }

  func context(_ text: String, in folder: String, store: DataStore = DataStore()) -> TaskContext {
    let (name, label) =
      text.hasPrefix("mnist")
      ? ("", nil)
      : text.hasPrefix("csvRegression")
        ? ("numbers.csv", "price")
        : text.hasPrefix("csv") ? ("data.csv", "kind") : ("data.libsvm", nil)
    return TaskContext(
      instance: 2,
      data: DataSource(folder + "/" + name, format: CSV.Format(labelColumn: label)),
      store: store)
  }

  @Test(arguments: texts)
  func passesTheGates(text: String) throws {
    try Self.withData { folder in
      let task = try make(text, context(text, in: folder))
      let failures = TaskGates.failures(of: task, horizon: 100)
      #expect(failures == [])
      func hasScore<T: BenchmarkTask>(_ task: T) -> Bool {
        task.heldOutScore(at: task.start) != nil
      }
      let isScored = hasScore(task)
      #expect(isScored)
      #expect(task.stepsPerEpoch != nil)
    }
  }

  /// `examples` of MNIST's tasks: the first of the file, which are also what a part is taken from.
  @Test(arguments: ["mnistLogistic(", "mnistPerceptron(hidden: [5], "])
  func theFirstExamplesAreLearnedFrom(text: String) throws {
    try Self.withData { folder in
      var context = context(text, in: folder)
      func loss(_ text: String) throws -> Double {
        func value<T: BenchmarkTask>(_ task: T) -> Double {
          task.loss(at: task.start.map { $0 + 0.1 })
        }
        return value(try make(text, context))
      }
      let all = try loss(text + "batch: 8)")
      #expect(try loss(text + "examples: 30, batch: 8)") == all)
      #expect(try loss(text + "examples: 99, batch: 8)") == all)
      let first = try loss(text + "examples: 20, batch: 8)")
      #expect(first != all && context.store.exampleCount == 20)
      context.examples = 20
      #expect(try loss(text + "examples: 20, batch: 8)") == first)
    }
  }

  /// A part of the examples is learned from: the gates pass, the held-out examples are those of the
  /// whole, and a part that is larger than the data is refused.
  @Test(arguments: texts)
  func learnsFromAPart(text: String) throws {
    try Self.withData { folder in
      var context = context(text, in: folder)
      let whole = try make(text, context)
      let count = try #require(context.store.exampleCount)
      #expect(count == (text.hasPrefix("mnist") ? 30 : 48))
      context.examples = 12
      let part = try make(text, context)
      #expect(TaskGates.failures(of: part, horizon: 100) == [])
      #expect(try #require(part.stepsPerEpoch) < whole.stepsPerEpoch ?? 0)
      func score<T: BenchmarkTask>(_ task: T) -> HeldOutScore? {
        task.heldOutScore(at: task.start)
      }
      #expect(score(part) == score(whole))
      func loss<T: BenchmarkTask>(_ task: T) -> Double {
        task.loss(at: task.start.map { $0 + 0.1 })
      }
      #expect(loss(part) != loss(whole))
      for wrong in [0, -1, count + 1] {
        context.examples = wrong
        let error = #expect(throws: DataError.self) { try make(text, context) }
        #expect(error?.message.contains("not in 1...\(count)") == true)
      }
      context.examples = count
      let all = try make(text, context)
      #expect(loss(all) == loss(whole))
    }
  }

  @Test(arguments: texts)
  func saysThatItNeedsData(text: String) throws {
    let name = String(text.prefix { $0 != "(" })
    do {
      _ = try make(text, TaskContext(instance: 1))
      Issue.record("no error")
    } catch let error as DataError {
      #expect(error.file == name && error.message.contains("--data"))
    }
    #expect(
      throws: DataError("/absent", name.hasPrefix("mnist") ? "no such directory" : "no such file")
    ) {
      try make(text, TaskContext(instance: 1, data: DataSource("/absent")))
    }
  }

  /// Columns that only Double can tell apart, or that say nothing, as a task sees them.
  @Test func standardisesBeforeItNarrows() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: url) }
    let count = 200
    let rows = (0..<count).map { i in
      let square = i * i % 91
      return "1e18,\(1_600_000_000 + i),1.000000000000\(100 + square),\(square)e-300,"
        + "\(square)e298,\(i % 2)"
    }
    try Data(("a,b,c,d,e,k\n" + rows.joined(separator: "\n")).utf8).write(to: url)
    let made = try make("csvLogistic", TaskContext(instance: 1, data: DataSource(url.path)))
    let task = try #require(made as? DenseClassification<Float>)
    let heldOut = try #require(task.heldOut)
    #expect(task.data.count == 160 && heldOut.count == 40)
    func column(_ data: Dataset<Float>, _ column: Int) -> [Double] {
      (0..<data.count).map { Double(data.features[$0 * 5 + column]) }
    }
    for data in [task.data, heldOut] { #expect(column(data, 0).allSatisfy { $0 == 0 }) }
    #expect(Set(column(task.data, 1)).count == 160)
    // The same pattern at any offset and scale, up to what 16 digits hold of it.
    let plain = column(task.data, 3)
    #expect(zip(plain, column(task.data, 4)).allSatisfy { ($0 - $1).magnitude < 1e-6 })
    #expect(zip(plain, column(task.data, 2)).allSatisfy { ($0 - $1).magnitude < 0.02 })
    for j in 1..<5 {
      let values = column(task.data, j)
      #expect(values.reduce(0, +).magnitude < 1e-4)
      #expect((values.reduce(0) { $0 + $1 * $1 } / 160 - 1).magnitude < 1e-6)
    }
    #expect(made.dimension == 12)
  }

  @Test func networksAreBounded() {
    for text in [
      "csvPerceptron(hidden: [100000, 100000])", "mnistPerceptron(hidden: [1e5, 1e5])",
      "csvRegression(hidden: [1e5, 1e5])",
    ] {
      do {
        _ = try Self.withData { folder in try make(text, context(text, in: folder)) }
        Issue.record("no error")
      } catch { #expect("\(error)".contains("expected at most 67108864 parameters"), "\(error)") }
    }
  }

  @Test func notesAreToldOnce() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: url) }
    try Data("2019,2020,k\n1,2,0\n3,5,1\n2,2,1\n4,1,0\n".utf8).write(to: url)
    let store = DataStore()
    let source = DataSource(url.path)
    for _ in 0..<2 {
      _ = try make("csvLogistic", TaskContext(instance: 1, data: source, store: store))
    }
    #expect(store.takeNotes().count == 1)
    #expect(store.takeNotes().isEmpty)
  }

  @Test func readsDataOnce() throws {
    let store = DataStore()
    let folder = try Self.withData { folder in
      for text in Self.texts { _ = try make(text, context(text, in: folder, store: store)) }
      return folder
    }
    // The files are gone.
    for text in Self.texts { _ = try make(text, context(text, in: folder, store: store)) }
    #expect(throws: DataError.self) { try make("libsvmSVM", context("libsvmSVM", in: folder)) }
  }
}
