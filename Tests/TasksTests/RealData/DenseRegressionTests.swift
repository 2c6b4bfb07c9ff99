import Datasets
import Foundation
import PortableMath
import Tasks
import Testing

@Suite struct DenseRegressionTests {
  /// Features as of the classifications, and a number that follows them with noise.
  static func data(count: Int, features: Int) -> Dataset<Double> {
    let dense = syntheticDense(count: count, features: features, classes: 2)
    var stream = RandomStream(RandomKey("test.numbers", count, features))
    let targets = (0..<count).map { row in
      (0..<features).reduce(0.5 + stream.normal()) {
        $0 + dense.features[row * features + $1] / Double($1 + 1)
      }
    }
    return Dataset(
      name: "test", features: dense.features, targets: targets, featureCount: features)
  }

  static let data = data(count: 37, features: 5)
  static let heldOut = data(count: 11, features: 5)

  static func task(
    _ hidden: [Int], regularisation: Double = 0.05
  ) -> DenseRegression<Double> {
    DenseRegression(
      data: data, heldOut: heldOut, hidden: hidden, batch: 8, regularisation: regularisation)
  }

  @Test(arguments: [[], [7], [7, 6]]) func passesTheGates(_ hidden: [Int]) {
    for lambda in [0, 0.05] {
      let task = Self.task(hidden, regularisation: lambda)
      #expect(TaskGates.failures(of: task, horizon: 100) == [])
      #expect(task.differenceError(task.start.map { 3 * $0 }) < 1e-8)
      let single = DenseRegression(
        data: Self.data.converted(to: Float.self), heldOut: Self.heldOut.converted(to: Float.self),
        hidden: hidden, batch: 8, regularisation: lambda)
      #expect(TaskGates.failures(of: single, horizon: 100) == [])
      let theta = single.start
      let difference = single.loss(at: theta) - task.loss(at: theta.map { Double($0) })
      #expect(difference.magnitude < 1e-6)
    }
  }

  @Test(arguments: [[], [7, 6]]) func anEpochOfMinibatchesIsTheExactGradient(_ hidden: [Int]) {
    let task = Self.task(hidden)
    #expect(task.stepsPerEpoch == 5)
    let mean = task.epochMean(task.start, seed: 4, epoch: 3, sizes: [8, 8, 8, 8, 5])
    #expect(largestDifference(mean.gradient, task.exactGradient(at: task.start)) < 1e-14)
    #expect((mean.loss - task.loss(at: task.start)).magnitude < 1e-14)
  }

  @Test func lossIsThatOfAPlainComputation() throws {
    // More examples than one block takes.
    let data = Self.data(count: 300, features: 4)
    let task = DenseRegression(
      data: data, heldOut: data.selecting(0..<7), hidden: [6], batch: 64, regularisation: 0.3)
    let theta = task.start
    #expect(task.dimension == 4 * 6 + 6 + 6 + 1)
    let halves = (0..<data.count).map { row -> Double in
      let hidden = (0..<6).map { i in
        Portable.tanh(
          (0..<4).reduce(theta[24 + i]) { $0 + theta[i * 4 + $1] * data.features[row * 4 + $1] })
      }
      let output = hidden.indices.reduce(theta[36]) { $0 + theta[30 + $1] * hidden[$1] }
      return (output - data.targets[row]) * (output - data.targets[row]) / 2
    }
    let penalty = 0.15 * theta.reduce(0) { $0 + $1 * $1 }
    #expect(
      (task.loss(at: theta) - halves.reduce(0, +) / 300 - penalty).magnitude < 1e-13)
    let score = try #require(task.heldOutScore(at: theta))
    #expect((score.loss - halves[..<7].reduce(0, +) / 7).magnitude < 1e-14)
    #expect(score.accuracy == nil)
  }

  /// x = −1, 0, 1 and y = −1, 0, 2: w = 1/(2/3 + λ) and b = 1/3/(1 + λ), by hand.
  @Test func theLeastValueOfAHandfulOfNumbers() throws {
    let data = Dataset<Double>(
      name: "hand", features: [-1, 0, 1], targets: [-1, 0, 2], featureCount: 1)
    for (lambda, least) in [(0, 1.0 / 36), (1.0 / 3, 7.0 / 24)] {
      let reference = DenseRegression(data: data, regularisation: lambda).reference
      #expect(reference.kind == .certified)
      #expect((reference.value - least).magnitude < 1e-15)
      let minimiser = try #require(reference.minimiser)
      #expect(
        largestDifference(minimiser, [1 / (2.0 / 3 + lambda), 1.0 / 3 / (1 + lambda)]) < 1e-14)
    }
  }

  /// The normal equations solved by elimination.
  @Test(arguments: [0, 1e-3, 0.5]) func theLeastValueIsThatOfTheNormalEquations(_ lambda: Double) {
    let (data, width) = (Self.data(count: 90, features: 6), 7)
    // Beside the system's matrix its right side.
    var system = [[Double]](repeating: [Double](repeating: 0, count: width + 1), count: width)
    for example in 0..<data.count {
      let row = data.features[example * 6..<example * 6 + 6] + [1, data.targets[example]]
      let values = Array(row)
      for a in 0..<width {
        for b in 0...width { system[a][b] += values[a] * values[b] / Double(data.count) }
      }
    }
    for a in 0..<width { system[a][a] += lambda }
    for pivot in 0..<width {
      for other in 0..<width where other != pivot {
        let factor = system[other][pivot] / system[pivot][pivot]
        for j in pivot...width { system[other][j] -= factor * system[pivot][j] }
      }
    }
    let theta = (0..<width).map { system[$0][width] / system[$0][$0] }
    let task = DenseRegression(data: data, regularisation: lambda)
    #expect(task.reference.kind == .certified)
    #expect((task.reference.value - task.loss(at: theta)).magnitude < 1e-14)
    #expect(largestDifference(task.reference.minimiser!, theta) < 1e-10)
  }

  /// More features than examples, and one twice: without a penalty the data are met exactly.
  @Test func featuresThatSayTheSame() {
    let few = Self.data(count: 5, features: 8)
    let task = DenseRegression(data: few)
    #expect(task.reference.value < 1e-18 && task.loss(at: task.start) > 0.01)
    let data = Self.data(count: 40, features: 3)
    let twice = Dataset<Double>(
      name: "test",
      features: (0..<40).flatMap { row -> [Double] in
        let own = Array(data.features[row * 3..<row * 3 + 3])
        return own + [own[1], 0]
      }, targets: data.targets, featureCount: 5)
    let (once, both) = (DenseRegression(data: data), DenseRegression(data: twice))
    #expect(both.reference.kind == .certified)
    #expect((both.reference.value - once.reference.value).magnitude < 1e-14)
  }

  @Test func withLayersZeroIsTheBound() {
    let reference = Self.task([3]).reference
    #expect(reference.value == 0 && reference.kind == .lowerBound)
  }

  /// Standardised numbers: their mean alone comes to ½.
  @Test func aFileOfNumbers() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: url) }
    func make(_ text: String, _ rows: String, _ store: DataStore = DataStore()) throws
      -> DenseRegression<Float>
    {
      try Data(rows.utf8).write(to: url)
      let made = try TaskList.read(text).make(
        TaskContext(instance: 1, data: DataSource(url.path), store: store))
      return try #require(made as? DenseRegression<Float>)
    }
    let rows = (0..<60).map { "\($0 * 7 % 31),\($0 % 5),\(1000 + 3 * $0)\n" }.joined()
    let store = DataStore()
    let task = try make("csvRegression(regularisation: 0)", rows, store)
    let zero = [Float](repeating: 0, count: task.dimension)
    #expect((task.loss(at: zero) - 0.5).magnitude < 1e-6)
    #expect(task.dimension == 3 && task.reference.kind == .certified)
    #expect((0.2...2).contains(task.loss(at: task.start)))
    #expect(task.heldOut?.count == 12 && task.data.targets.count == 48)
    #expect(store.readings.map(\.classes) == [nil])
    let notes = store.takeNotes()
    #expect(notes.count == 1 && notes[0].contains("column 3 is learned less its mean, 10"))
    #expect(try make("csvRegression", rows).regularisation == 1.0 / 48)

    for (rows, message) in [
      (
        (0..<20).map { "\($0),5\n" }.joined(),
        ": expected different numbers to learn in column 2, found only 5.0 in the 16 examples to "
          + "learn from"
      ),
      ("1,2\n2,3\n", ": expected at least 3 examples, of which one is held out, found 2"),
      ("1,a\n2,b\n", ":1:3: expected a finite number to learn in column 2, found \"a\": a column"),
    ] {
      let error = #expect(throws: DataError.self) { try make("csvRegression", rows) }
      let text = "\(error!)"
      #expect(text.hasPrefix(url.path + message), "\(text)")
    }
    // The two tasks read one file each in their own way, and know their own least values.
    let both = DataStore()
    let classes = (0..<60).map { "\($0 * 7 % 31),\($0 % 2)\n" }.joined()
    let regression = try make("csvRegression", classes, both)
    let other = try TaskList.read("csvLogistic").make(
      TaskContext(instance: 1, data: DataSource(url.path), store: both))
    #expect(other.dimension == 4 && other.reference.value != regression.reference.value)
  }
}
