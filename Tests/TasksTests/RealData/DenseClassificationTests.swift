import Datasets
import PortableMath
import Tasks
import Testing

@Suite struct DenseClassificationTests {
  static let data = syntheticDense(count: 37, features: 5, classes: 3)
  static let heldOut = syntheticDense(count: 11, features: 5, classes: 3)
  /// Batches of an epoch of 37 examples.
  static let sizes = [8, 8, 8, 8, 5]

  static func task(hidden: [Int], instance: Int = 1) -> DenseClassification<Double> {
    hidden.isEmpty
      ? .softmaxRegression(data: data, heldOut: heldOut, batch: 8, instance: instance)
      : .multilayerPerceptron(
        data: data, heldOut: heldOut, hidden: hidden, batch: 8, instance: instance)
  }

  @Test(arguments: [[], [7], [7, 6]])
  func gradientAgreesWithDifferences(hidden: [Int]) {
    let task = Self.task(hidden: hidden)
    #expect(task.differenceError(task.start) < 1e-9)
    #expect(task.differenceError(task.start.map { 3 * $0 }) < 1e-8)
    let gradient = task.exactGradient(at: task.start)
    #expect(gradient.contains { $0.magnitude > 0.01 })
  }

  @Test(arguments: [[], [7, 6]])
  func anEpochOfMinibatchesIsTheExactGradient(hidden: [Int]) {
    let task = Self.task(hidden: hidden)
    #expect(task.stepsPerEpoch == 5)
    for epoch in [0, 3] {
      let mean = task.epochMean(task.start, seed: 4, epoch: epoch, sizes: Self.sizes)
      #expect(largestDifference(mean.gradient, task.exactGradient(at: task.start)) < 1e-14)
      #expect((mean.loss - task.loss(at: task.start)).magnitude < 1e-14)
    }
  }

  @Test func lossIsThatOfAPlainComputation() {
    // More examples than one block takes.
    let data = syntheticDense(count: 300, features: 4, classes: 3)
    let task = DenseClassification.multilayerPerceptron(data: data, hidden: [6], batch: 64)
    let theta = task.start
    #expect(task.dimension == 4 * 6 + 6 + 6 * 3 + 3)
    func layer(_ x: [Double], _ offset: Int, _ outputs: Int) -> [Double] {
      (0..<outputs).map { i in
        x.indices.reduce(theta[offset + outputs * x.count + i]) {
          $0 + theta[offset + i * x.count + $1] * x[$1]
        }
      }
    }
    var total = 0.0
    for row in 0..<data.count {
      let x = Array(data.features[row * 4..<(row + 1) * 4])
      let z = layer(layer(x, 0, 6).map { max(0, $0) }, 30, 3)
      total += Portable.log(z.reduce(0) { $0 + Portable.exp($1) }) - z[Int(data.labels[row])]
    }
    #expect((task.loss(at: theta) - total / 300).magnitude < 1e-13)
    let steps = task.stepsPerEpoch!
    let sizes = (0..<steps).map { $0 == steps - 1 ? 300 - 64 * 4 : 64 }
    let mean = task.epochMean(theta, seed: 1, epoch: 0, sizes: sizes)
    #expect(largestDifference(mean.gradient, task.exactGradient(at: theta)) < 1e-14)
  }

  @Test func zeroParametersGiveEvenOdds() throws {
    let task = Self.task(hidden: [])
    let zero = [Double](repeating: 0, count: task.dimension)
    #expect((task.loss(at: zero) - Portable.log(3.0)).magnitude < 1e-15)
    let score = try #require(task.heldOutScore(at: zero))
    #expect((score.loss - Portable.log(3.0)).magnitude < 1e-15)
    // Even values count for the first class.
    #expect(score.accuracy == Double(Self.heldOut.labels.count { $0 == 0 }) / 11)
  }

  @Test func scoresHeldOutExamples() throws {
    let task = Self.task(hidden: [])
    // The labels follow the second feature: class j's value is a parabola around its centre.
    var theta = [Double](repeating: 0, count: task.dimension)
    for j in 0..<3 {
      let centre = Double(j) - 1
      theta[j * 5 + 1] = 100 * centre
      theta[15 + j] = -50 * centre * centre
    }
    let score = try #require(task.heldOutScore(at: theta))
    #expect(score.accuracy == 1)
    let other = DenseClassification.softmaxRegression(data: Self.data)
    #expect(other.heldOutScore(at: theta) == nil)
    let nan = [Double](repeating: .nan, count: task.dimension)
    #expect(task.heldOutScore(at: nan)?.accuracy == 0)
    #expect(task.loss(at: nan).isNaN)
  }

  @Test func everyEpochDealsEachExampleOnce() {
    let task = Self.task(hidden: [])
    func epoch(_ number: Int, seed: Int) -> [Int] {
      Self.sizes.indices.flatMap { position in
        let step = number * 5 + position
        let draws = task.draws(seed: seed, steps: step..<(step + 1))
        return (0..<Self.sizes[position]).map { slot in
          let example = Int((draws.values[slot * 5] * 100).rounded())
          let row = draws.values[slot * 5..<(slot + 1) * 5]
          #expect(row.elementsEqual(Self.data.features[example * 5..<(example + 1) * 5]))
          #expect(draws.labels[slot] == Self.data.labels[example])
          return example
        }
      }
    }
    let orders = [epoch(0, seed: 1), epoch(1, seed: 1), epoch(0, seed: 2), epoch(7, seed: 2)]
    for order in orders { #expect(order.sorted() == Array(0..<37)) }
    #expect(Set(orders + [Array(0..<37)]).count == 5)
    #expect(epoch(0, seed: 1) == orders[0])
  }

  @Test func drawsDoNotDependOnTheBlock() {
    let task = Self.task(hidden: [])
    let whole = task.draws(seed: 3, steps: 2..<13)
    let parts = [2..<3, 3..<9, 9..<13].map { task.draws(seed: 3, steps: $0) }
    #expect(whole.values == parts.flatMap(\.values))
    #expect(whole.labels == parts.flatMap(\.labels))
  }

  @Test func startIsUniformAndNamedByTheInstance() {
    let task = Self.task(hidden: [7, 6])
    let bounds = [(0..<42, 5.0), (42..<90, 7.0), (90..<111, 6.0)]
    for (range, inputs) in bounds {
      let largest = task.start[range].map(\.magnitude).max()! * inputs.squareRoot()
      #expect(largest <= 1 && largest > 0.8)
    }
    #expect(task.start == Self.task(hidden: [7, 6]).start)
    #expect(task.start != Self.task(hidden: [7, 6], instance: 2).start)
  }

  /// Large enough for every operation to be shared out.
  @Test func threadsDoNotChangeABit() {
    let data = syntheticDense(count: 300, features: 150, classes: 3).converted(to: Float.self)
    func seen(threads: Int) -> [[Float]] {
      var task = DenseClassification.multilayerPerceptron(
        data: data, hidden: [180, 170], batch: 250)
      task.threads = threads
      let draws = task.draws(seed: 1, steps: 0..<2)
      let gradient = task.gradient(at: task.start, step: 0, draws: draws)
      return [
        draws.values, gradient.gradient, [Float(gradient.loss)],
        task.exactGradient(at: task.start), [Float(task.loss(at: task.start))],
      ]
    }
    let alone = seen(threads: 1)
    #expect(alone.allSatisfy { $0.contains { $0 != 0 } })
    for threads in [2, 3] { #expect(seen(threads: threads) == alone) }
  }

  @Test func floatFollowsDouble() {
    let single = DenseClassification.multilayerPerceptron(
      data: Self.data.converted(to: Float.self), hidden: [7, 6], batch: 8)
    let double = Self.task(hidden: [7, 6])
    let theta = single.start.map { Double($0) }
    #expect((single.loss(at: single.start) - double.loss(at: theta)).magnitude < 1e-6)
    let gradient = single.exactGradient(at: single.start).map { Double($0) }
    #expect(largestDifference(gradient, double.exactGradient(at: theta)) < 1e-6)
  }

  @Test func aBatchLargerThanTheDataIsAllOfThem() {
    let task = DenseClassification.softmaxRegression(data: Self.data, batch: 100)
    #expect(task.stepsPerEpoch == 1)
    let mean = task.epochMean(task.start, seed: 1, epoch: 2, sizes: [37])
    #expect(largestDifference(mean.gradient, task.exactGradient(at: task.start)) < 1e-14)
  }

  @Test func gradientDescentLearnsMNIST() throws {
    guard let folder = sharedData("mnist") else { return }
    let data = try MNIST.load(directory: folder)
    let test = data.test.selecting(0..<1000)
    let task = DenseClassification.softmaxRegression(data: data.train, heldOut: test)
    #expect(task.dimension == 7850 && task.stepsPerEpoch == 469)
    var theta = task.start
    for step in 0..<40 {
      let draws = task.draws(seed: 1, steps: step..<(step + 1))
      let gradient = task.gradient(at: theta, step: step, draws: draws).gradient
      for j in theta.indices { theta[j] -= 0.1 * gradient[j] }
    }
    let score = try #require(task.heldOutScore(at: theta))
    #expect(score.accuracy! > 0.75 && score.loss < 0.8)
  }
}
