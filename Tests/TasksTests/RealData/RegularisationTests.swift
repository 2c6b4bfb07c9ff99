import Datasets
import Hypergradient
import PortableMath
import Tasks
import Testing

/// The ℓ2 penalty of tasks on dense data, and the bound of their least value.
@Suite struct RegularisationTests {
  static func task(
    _ lambda: Double, classes: Int = 3, hidden: [Int] = []
  ) -> DenseClassification<Double> {
    .multilayerPerceptron(
      data: syntheticDense(count: 60, features: 4, classes: classes),
      heldOut: syntheticDense(count: 11, features: 4, classes: classes), hidden: hidden, batch: 8,
      regularisation: lambda)
  }

  @Test(arguments: [[], [5]]) func thePenaltyIsInLossAndGradientAlone(_ hidden: [Int]) throws {
    let (plain, task) = (Self.task(0, hidden: hidden), Self.task(0.3, hidden: hidden))
    let theta = task.start.map { 2 * $0 }
    let square = theta.reduce(0) { $0 + $1 * $1 }
    #expect((task.loss(at: theta) - plain.loss(at: theta) - 0.15 * square).magnitude < 1e-13)
    #expect(task.differenceError(theta) < 1e-8)
    let (a, b) = (plain.exactGradient(at: theta), task.exactGradient(at: theta))
    for j in theta.indices { #expect((b[j] - a[j] - 0.3 * theta[j]).magnitude < 1e-14) }
    let sizes = [8, 8, 8, 8, 8, 8, 8, 4]
    let mean = task.epochMean(theta, seed: 4, epoch: 0, sizes: sizes)
    #expect(largestDifference(mean.gradient, b) < 1e-13)
    #expect((mean.loss - task.loss(at: theta)).magnitude < 1e-13)
    #expect(
      try #require(task.heldOutScore(at: theta)) == #require(plain.heldOutScore(at: theta)))
  }

  /// Two classes: W's rows are each other's negatives at the minimum, ±w/2, so that the penalty is
  /// that of a binary logistic regression with half of λ. Its minimum is found by another program.
  @Test(arguments: [1e-4, 1e-2, 1.0]) func twoClassesAreABinaryRegression(_ lambda: Double) {
    let dense = syntheticDense(count: 80, features: 4, classes: 2)
    var rowStarts = [0]
    var columns: [Int32] = []
    for _ in 0..<dense.count {
      columns += (0..<4).map { Int32($0) }
      rowStarts.append(columns.count)
    }
    let sparse = SparseDataset(
      name: "dense", rowStarts: rowStarts, columns: columns, values: dense.features,
      labels: dense.labels.map { $0 == 1 ? 1 : -1 }, featureCount: 4)
    let binary = MarginClassification.binaryLogisticRegression(
      data: sparse, heldOut: nil, regularisation: lambda / 2, batch: 8, instance: 1)
    let task = DenseClassification.softmaxRegression(data: dense, regularisation: lambda)
    let difference = (task.reference.value - binary.reference.value).magnitude
    #expect(difference < 1e-11 * binary.reference.value, "\(task.reference)")
  }

  /// The bound is below every value, and gradient descent comes close to it.
  @Test(arguments: [2, 3, 5]) func theBoundIsTheLeastValue(_ classes: Int) {
    let task = Self.task(0.05, classes: classes)
    var theta = task.start
    for _ in 0..<20_000 {
      let gradient = task.exactGradient(at: theta)
      for j in theta.indices { theta[j] -= 0.3 * gradient[j] }
    }
    let excess = task.loss(at: theta) - task.reference.value
    #expect(excess > -1e-13 && excess < 1e-9, "\(excess)")
    #expect(task.reference.value > 0.1)
  }

  /// Far from the minimum a system is solved roughly. To rounding, as every system was, 233 products leave
  /// a bound that is 0.01 short.
  @Test func fewProductsFindTheLeastValue() {
    var data = syntheticDense(count: 120, features: 10, classes: 4)
    data = Dataset(
      name: data.name,
      features: data.features.enumerated().map { $1 * Portable.pow(0.5, Double($0 % 10)) },
      labels: data.labels, featureCount: 10, classCount: 4)
    let newton = SoftmaxNewton(data, regularisation: 1e-4)
    let pass = 2 * 120.0 * 4 * 11
    let found = newton.reference(work: 200 * pass)
    #expect(found.slack! <= 1e-12 * found.value, "\(found)")
    // Short of work the bound is one, and says how far off it may be.
    for passes in [0, 3, 10, 30] {
      let bound = newton.reference(work: Double(passes) * pass)
      #expect(bound.value <= found.value && bound.kind == .lowerBound)
      #expect(bound.value + bound.slack! >= found.value && bound.slack! > 1e-3, "\(bound)")
    }
  }

  @Test func withoutAPenaltyOrWithLayersZeroIsTheBound() {
    #expect(Self.task(0).reference.value == 0)
    #expect(Self.task(0.1, hidden: [3]).reference.value == 0)
  }
}
