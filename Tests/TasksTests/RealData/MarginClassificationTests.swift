import Datasets
import PortableMath
import Tasks
import Testing

@Suite struct MarginClassificationTests {
  enum Kind: CaseIterable { case logistic, squaredHinge }

  static let data = syntheticSparse(count: 83, features: 12)
  static let heldOut = syntheticSparse(count: 40, features: 12)

  static func task(
    _ kind: Kind, data: SparseDataset = data, regularisation: Double? = nil, batch: Int? = 16,
    instance: Int = 1
  ) -> MarginClassification {
    switch kind {
    case .logistic:
      .binaryLogisticRegression(
        data: data, heldOut: heldOut, regularisation: regularisation, batch: batch,
        instance: instance)
    case .squaredHinge:
      .squaredHingeSVM(
        data: data, heldOut: heldOut, regularisation: regularisation, batch: batch,
        instance: instance)
    }
  }

  @Test(arguments: Kind.allCases)
  func gradientAgreesWithDifferences(kind: Kind) {
    let task = Self.task(kind)
    #expect(task.dimension == 13)
    #expect(task.differenceError(task.start) < 1e-9)
    #expect(task.differenceError(task.start.map { 5 * $0 }) < 1e-9)
  }

  @Test(arguments: Kind.allCases)
  func anEpochOfMinibatchesIsTheExactGradient(kind: Kind) {
    let task = Self.task(kind)
    #expect(task.stepsPerEpoch == 6)
    let mean = task.epochMean(
      task.start, seed: 2, epoch: 1, sizes: [16, 16, 16, 16, 16, 3])
    #expect(largestDifference(mean.gradient, task.exactGradient(at: task.start)) < 1e-14)
    #expect((mean.loss - task.loss(at: task.start)).magnitude < 1e-14)
  }

  @Test(arguments: Kind.allCases)
  func lossIsThatOfAPlainComputation(kind: Kind) {
    let task = Self.task(kind, regularisation: 0.25)
    let theta = task.start.map { 3 * $0 }
    var total = 0.0
    for row in 0..<Self.data.count {
      var product = theta[12]
      for entry in Self.data.rowStarts[row]..<Self.data.rowStarts[row + 1] {
        product += Self.data.values[entry] * theta[Int(Self.data.columns[entry])]
      }
      let margin = Double(Self.data.labels[row]) * product
      switch kind {
      case .logistic: total += Portable.log(1 + Portable.exp(-margin))
      case .squaredHinge: total += 0.5 * max(0, 1 - margin) * max(0, 1 - margin)
      }
    }
    let squares = theta.reduce(0) { $0 + $1 * $1 }
    #expect((task.loss(at: theta) - (total / 83 + 0.125 * squares)).magnitude < 1e-13)
  }

  @Test(arguments: Kind.allCases)
  func referenceIsCertifiedAndReached(kind: Kind) throws {
    let task = Self.task(kind)
    #expect(task.regularisation == 1.0 / 83)
    #expect(task.reference.kind == .certified)
    let minimiser = try #require(task.reference.minimiser)
    let gradient = task.exactGradient(at: minimiser)
    let square = gradient.reduce(0) { $0 + $1 * $1 }
    #expect(square / (2 * task.regularisation) < 1e-12 * task.reference.value)
    #expect((task.loss(at: minimiser) - task.reference.value).magnitude < 1e-15)
    var stream = RandomStream(RandomKey("test.neighbours"))
    for _ in 0..<20 {
      let near = minimiser.map { $0 + 1e-3 * stream.normal() }
      #expect(task.loss(at: near) > task.reference.value)
    }
    #expect(task.loss(at: task.start) > 1.05 * task.reference.value)
  }

  @Test(arguments: Kind.allCases)
  func stableFarFromTheOrigin(kind: Kind) {
    let task = Self.task(kind, regularisation: 1e-9)
    let far = task.start.map { 1e5 * $0 }
    #expect(task.loss(at: far).isFinite)
    #expect(task.exactGradient(at: far).allSatisfy { $0.isFinite })
    let nan = [Double](repeating: .nan, count: task.dimension)
    #expect(task.loss(at: nan).isNaN)
    #expect(task.heldOutScore(at: nan)?.accuracy == 0)
  }

  @Test func scoresHeldOutExamples() throws {
    let task = Self.task(.logistic)
    let score = try #require(task.heldOutScore(at: task.reference.minimiser!))
    #expect(score.accuracy! > 0.7)
    let zero = try #require(task.heldOutScore(at: [Double](repeating: 0, count: 13)))
    #expect((zero.loss - Portable.log(2.0)).magnitude < 1e-15)
    #expect(zero.accuracy == 0)
  }

  @Test func everyEpochDealsEachExampleOnce() {
    let task = Self.task(.logistic)
    let draws = task.draws(seed: 1, steps: 0..<12)
    let epochs = [draws.labels[..<96], draws.labels[96...]]
    for epoch in epochs {
      #expect(epoch.filter { $0 >= 0 }.sorted() == Array(0..<83))
      #expect(epoch.suffix(13).allSatisfy { $0 == -1 })
    }
    #expect(Array(epochs[0]) != Array(epochs[1]))
    #expect(task.draws(seed: 2, steps: 0..<12).labels != draws.labels)
    #expect(task.draws(seed: 1, steps: 5..<8).labels.elementsEqual(draws.labels[80..<128]))
  }

  @Test func instancesDifferInTheirStartOnly() {
    let (one, two) = (Self.task(.logistic), Self.task(.logistic, instance: 2))
    #expect(one.start != two.start)
    #expect(one.reference == two.reference)
  }

  @Test func fullBatchIsTheExactGradient() {
    let task = Self.task(.squaredHinge, batch: nil)
    #expect(task.stepsPerEpoch == 1)
    let mean = task.epochMean(task.start, seed: 1, epoch: 5, sizes: [83])
    #expect(largestDifference(mean.gradient, task.exactGradient(at: task.start)) < 1e-14)
  }

  /// The sum of squared hinges on a1a without a penalty: all twenty settings of another program end
  /// at this value.
  ///
  /// > Code published with arXiv 2509.11007 (OSGM-Best, 2025), its problem "svm" on a1a.
  @Test func optimumOfAPublishedProblem() throws {
    guard let folder = sharedData("libsvm") else { return }
    let data = try LIBSVM.load(file: folder + "/a1a").train
    let hinge = MarginClassification.squaredHingeSVM(data: data, regularisation: 1e-10)
    #expect((hinge.reference.value * 1605 - 313.12861946).magnitude < 1e-5)
  }
}
