internal import Datasets
internal import PortableMath
internal import Synchronization

/// What was read of the user's data, read once and shared by every task that is made of it.
///
/// Loading a file while another thread loads it waits for that thread.
public final class DataStore: Sendable {
  private let loaded = Mutex<[String: any Sendable]>([:])
  private let untold = Mutex<[String]>([])
  private let read = Mutex<[Reading]>([])
  private let taken = Mutex<Int?>(nil)
  private let wanted = Mutex<Set<String>>([])

  /// Examples to learn from in the data of the task that was made last, before a subset was taken;
  /// `nil` where none was made of the user's data.
  package var exampleCount: Int? { taken.withLock { $0 } }

  fileprivate func note(exampleCount: Int) { taken.withLock { $0 = exampleCount } }

  public init() {}

  /// What the tasks that were made asked for, such as "a CSV file".
  package var asked: Set<String> { wanted.withLock { $0 } }
  fileprivate func note(asked what: String) { wanted.withLock { _ = $0.insert(what) } }

  private let answering = Mutex<[AnsweringProgram]>([])

  /// Programs that answered for tasks, or took the steps of methods, in the order of their commands.
  package var programs: [AnsweringProgram] {
    answering.withLock { $0.sorted { $0.command < $1.command } }
  }

  /// Whether no task was made of a command yet.
  package func isFirst(of command: String) -> Bool {
    answering.withLock { programs in !programs.contains { $0.command == command } }
  }

  /// A program answered for a task, or took the steps of a method.
  package func note(program command: String, isRepeatable: Bool) {
    let isNew = answering.withLock { programs in
      if let place = programs.firstIndex(where: { $0.command == command }) {
        programs[place].isRepeatable = programs[place].isRepeatable && isRepeatable
        return false
      }
      programs.append(AnsweringProgram(command: command, isRepeatable: isRepeatable))
      return true
    }
    guard isNew, !isRepeatable else { return }
    untold.withLock {
      $0.append(
        "'\(command)' says that it does not repeat its answers: no run can be made again with the "
          + "same bits")
    }
  }

  private let shares = Mutex<[String: Double]>([:])

  /// The largest of what was noted of tasks' least losses; `nil` where all are found.
  package var leastGap: Double? { shares.withLock { $0.values.max() } }

  /// The least loss of a task may be at a gap of so much, not 0.
  package func note(leastGap share: Double, of task: String) {
    let isNew = shares.withLock { shares in
      defer { shares[task] = max(share, shares[task] ?? 0) }
      return shares[task] == nil
    }
    guard isNew else { return }
    untold.withLock {
      $0.append(
        "task '\(task)': the least loss was not found within the work that is given to it: it may be at "
          + "a gap of \(Self.short(share)), not 0")
    }
  }

  /// What was read, in the order of the first readings.
  public var readings: [Reading] { read.withLock { $0 } }

  /// How many rows were read, and how they were split.
  public struct Reading: Sendable, Equatable {
    /// `MNIST`, `LIBSVM` or `CSV`.
    public let format: String
    public let trainingRows: Int
    public let heldOutRows: Int
    public let features: Int
    /// `nil` where numbers are learned.
    public let classes: Int?
    /// Whether the held-out rows are a test file's; else they are a fifth of all: see ``HeldOut``.
    public let hasTestFile: Bool
  }

  /// Pictures and their classes.
  func mnist(_ source: DataSource) throws(DataError) -> MNIST {
    try value("mnist", source) { () throws(DataError) in
      let data = try MNIST.load(directory: source.path)
      note("MNIST", data.train, data.test, hasTestFile: true)
      return data
    }
  }

  /// The training and the held-out part of a LIBSVM file: see ``HeldOut``.
  func libsvm(_ source: DataSource) throws(DataError) -> Parts<SparseDataset> {
    try value("libsvm", source) { () throws(DataError) in
      let data = try LIBSVM.read(source)
      try Self.checkCount(data.train.count, hasTestFile: data.test != nil, source)
      let parts = HeldOut.split(data)
      let classes = Set(parts.train.labels)
      if classes.count < 2 {
        untold.withLock {
          $0.append(
            "\(DataError.shown(file: source.path)): the examples to learn from are all of one class: "
              + "those of the other are held out")
        }
      }
      read.withLock {
        $0.append(
          Reading(
            format: "LIBSVM", trainingRows: parts.train.count, heldOutRows: parts.heldOut.count,
            features: parts.train.featureCount, classes: 2, hasTestFile: data.test != nil))
      }
      return Parts(train: parts.train, heldOut: parts.heldOut)
    }
  }

  /// The training and the held-out part of a CSV file; features, and the numbers where these are
  /// learned, standardised over the former in Double and narrowed at the end.
  func csv(
    _ source: DataSource, learning labels: CSV.Labels = .classes
  ) throws(DataError) -> Parts<Dataset<Float>> {
    try value("csv \(labels)", source) { () throws(DataError) in
      let contents = try CSV.read(source, labels: labels)
      try Self.checkCount(contents.data.count, hasTestFile: false, source)
      let parts = HeldOut.split(contents.data)
      let map = Standardization(fitting: parts.train)
      let heldOut = map.narrowed(parts.heldOut)
      let told = try Self.note(of: map.target, contents, parts.train, source)
      let far =
        heldOut.targets.contains { !$0.isFinite }
        ? "a number to learn"
        : heldOut.features.firstIndex { !$0.isFinite }
          .map { "a value in feature \($0 % heldOut.featureCount + 1)" }
      if let far {
        throw DataError(
          source.path,
          "expected held-out examples like the others, found \(far) that is more than 10^38 "
            + "deviations away from their mean")
      }
      untold.withLock { $0 += contents.notes + told }
      let train = map.narrowed(parts.train)
      untold.withLock { $0 += Self.notes(of: train, source) }
      note("CSV", train, heldOut, hasTestFile: false)
      return Parts(train: train, heldOut: heldOut)
    }
  }

  /// - Throws: `DataError` where one example is left to learn from: it has no order.
  private static func checkCount(
    _ count: Int, hasTestFile: Bool, _ source: DataSource
  ) throws(DataError) {
    let least = hasTestFile ? 2 : 3
    guard count >= least else {
      throw DataError(
        source.path,
        "expected at least \(least) examples\(hasTestFile ? "" : ", of which one is held out"), "
          + "found \(count)")
    }
  }

  /// How numbers to learn were standardised.
  ///
  /// - Throws: `DataError` where they are all the same.
  private static func note(
    of target: Standardization.Moments?, _ contents: CSV.Contents, _ train: Dataset<Double>,
    _ source: DataSource
  ) throws(DataError) -> [String] {
    guard let target else { return [] }
    guard target.deviation > 0 else {
      throw DataError(
        source.path,
        "expected different numbers to learn in \(contents.labelColumn), found only "
          + "\(target.mean) in the \(train.count) examples to learn from")
    }
    return [
      "\(DataError.shown(file: source.path)): \(contents.labelColumn) is learned less its mean, "
        + "\(short(target.mean)), over its deviation, \(short(target.deviation))"
    ]
  }

  /// A number with the digits of a Float, where one can hold it.
  private static func short(_ x: Double) -> String {
    Float(x).isNormal || x == 0 ? "\(Float(x))" : "\(x)"
  }

  /// What nothing can be learned of.
  private static func notes(of train: Dataset<Float>, _ source: DataSource) -> [String] {
    let file = DataError.shown(file: source.path)
    var notes: [String] = []
    let there = Set(train.labels)
    let missing = (0..<train.classCount).filter { !there.contains(Int32($0)) }
    if let first = missing.first {
      let name = first < train.classNames.count ? train.classNames[first] : "\(first)"
      let others = missing.count > 1 ? " and \(missing.count - 1) other classes" : ""
      notes.append(
        "\(file): no example to learn from is of the class \"\(name)\"\(others): they "
          + "are all held out")
    }
    if train.features.allSatisfy({ $0 == 0 }) {
      notes.append(
        "\(file): no feature differs between the examples to learn from: only the "
          + "\(train.targets.isEmpty ? "classes' shares" : "mean") can be learned")
    }
    return notes
  }

  /// What is known of a regression's least value, computed once for the first so many examples of a
  /// CSV file, whatever the instance.
  func leastLoss<Value: Sendable>(
    _ task: String, of source: DataSource, examples: Int, regularisation: Double,
    compute: () -> Value
  ) throws(DataError) -> Value {
    try value("least \(task) \(examples) \(regularisation)", source) { () throws(DataError) in
      compute()
    }
  }

  /// A text's Unicode scalars.
  ///
  /// - Throws: `DataError` with the place of what is no UTF-8, too.
  func characters(_ source: DataSource) throws(DataError) -> [UInt32] {
    try value("characters", source) { () throws(DataError) in
      let reader = try source.text()
      var bytes: [UInt8] = []
      while let piece = try reader.next() { bytes += piece }
      if let fault = DataError(notUTF8: bytes, of: source.path) { throw fault }
      return String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
    }
  }

  /// What a person should know of how the data were read, a line each, once.
  public func takeNotes() -> [String] {
    untold.withLock { notes in
      defer { notes = [] }
      return notes
    }
  }

  struct Parts<Data: Sendable>: Sendable {
    let train: Data
    let heldOut: Data
  }

  private func note(
    _ format: String, _ train: Dataset<Float>, _ heldOut: Dataset<Float>, hasTestFile: Bool
  ) {
    read.withLock {
      $0.append(
        Reading(
          format: format, trainingRows: train.count, heldOutRows: heldOut.count,
          features: train.featureCount, classes: train.targets.isEmpty ? train.classCount : nil,
          hasTestFile: hasTestFile))
    }
  }

  private func value<Value: Sendable>(
    _ kind: String, _ source: DataSource, load: () throws(DataError) -> Value
  ) throws(DataError) -> Value {
    let key = "\(kind) \(source.path) \(source.format)"
    return try loaded.withLock { loaded throws(DataError) in
      if let known = loaded[key] as? Value { return known }
      let value = try load()
      loaded[key] = value
      return value
    }
  }
}

/// A program that answered for a task, or took the steps of a method.
package struct AnsweringProgram: Sendable, Equatable {
  package let command: String
  /// Whether the same question always gets the same bits.
  package var isRepeatable: Bool
}

extension TaskContext {
  /// The user's file or folder.
  func source(_ task: String, _ what: String) throws(DataError) -> DataSource {
    store.note(asked: what)
    guard let data else { throw DataError(task, "needs \(what): --data names it") }
    return data
  }

  /// The examples that are learned from.
  ///
  /// - Throws: `DataError` where a subset is larger than the data.
  func chosen<Scalar>(_ data: Dataset<Scalar>) throws(DataError) -> Dataset<Scalar> {
    try rows(data.name, data.count).map { data.selecting($0) } ?? data
  }

  /// The same of sparse data.
  func chosen(_ data: SparseDataset) throws(DataError) -> SparseDataset {
    try rows(data.name, data.count).map { data.selecting($0) } ?? data
  }

  /// Those of `count` examples that are learned from, in order; `nil` for all.
  func rows(_ name: String, _ count: Int) throws(DataError) -> [Int]? {
    store.note(exampleCount: count)
    guard let examples else { return nil }
    guard examples >= 1, examples <= count else {
      throw DataError(
        data?.path ?? name,
        "a subset of \(examples) examples is not in 1...\(count), those to learn from"
      )
    }
    var stream = RandomStream(RandomKey(name + ".subset"))
    return stream.permutation(count)[..<examples].sorted()
  }
}
