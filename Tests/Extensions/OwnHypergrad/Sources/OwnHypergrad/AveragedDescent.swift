import HypergradientBenchmark

/// Gradient descent that asks for the gradient of two draws and takes a step along their mean.
struct AveragedDescent<Scalar: ParameterScalar>: TrainingMethod {
  let learningRate: Double
  private var first: [Scalar] = []

  init(rate: Double) {
    Self.recipe.check(rate)
    learningRate = rate
  }

  var memoryVectors: Int { 1 }
  var stepCounts: StepCounts { StepCounts() }

  mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    first = [Scalar](repeating: 0, count: parameters.count)
  }

  mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, first.count)
    let point = UnsafePointer(parameters.baseAddress!)
    let (_, g) = oracle.evaluate(at: point, draw: 0)
    for i in parameters.indices { first[i] = g[i] }
    let (_, h) = oracle.evaluate(at: point, draw: 1)
    let half = Scalar.nearest(to: 0.5 * learningRate)
    for i in parameters.indices { parameters[i] -= half * (first[i] + h[i]) }
  }
}

extension AveragedDescent: HasRecipe {
  static var recipe: Recipe<AveragedDescent> {
    Recipe(
      "averaged", AveragedDescent.init(rate:),
      .number("rate", in: .above(0), unit: "learning rate", "η"),
      summary: "descent along the mean of two draws' gradients",
      examples: ["averaged(rate: 0.1)"], standard: { AveragedDescent(rate: 0.1) })
  }
}

extension AveragedDescent {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    learningRate = try state.number(.learningRate)
    first = try state.vector(.first)
    try state.check(Self.recipe.fault(of: learningRate))
  }
}
