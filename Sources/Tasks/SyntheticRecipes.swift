internal import Hypergradient

// The recipes of the synthetic tasks, labels, defaults and ranges as in their initialisers. The
// largest sizes are those whose matrices still fit a desktop's memory.

private let dimension = Parameter(
  "dimension", .integer(.between(2, 2000)), default: "100", "parameters")
private let batch = Parameter(
  "batch", .integer(.between(1, 1e5)), default: "16", "examples a step")

/// Keeps examples × features within memory.
private func checkSize(
  _ examples: Int, _ features: Int, _ arguments: Arguments
) throws(SpecError) {
  guard examples * features <= 20_000_000 else {
    throw arguments.error("\(examples) examples of \(features) features are above 2e7 numbers")
  }
}

/// Keeps a network's batch within its examples, which it must divide.
private func checkBatch(
  _ name: String, _ batch: Int, _ examples: Int, _ arguments: Arguments
) throws(SpecError) {
  guard batch <= examples, examples % batch == 0 else {
    throw arguments.error(
      "'\(name)' needs a batch that divides the examples; \(batch) does not divide \(examples)")
  }
}

extension Recipe where Product == TaskMaker {
  static let ellipsoid = Recipe(
    "ellipsoid",
    [dimension, Parameter("condition", .number(.between(1, 1e10)), default: "1e3", "κ")],
    summary: "rotated ellipsoid quadratic, eigenvalues from 1 to κ"
  ) { arguments throws(SpecError) in
    let (d, condition) = (arguments.integer("dimension"), arguments.number("condition"))
    return TaskMaker {
      EllipsoidQuadratic(dimension: d, condition: condition, instance: $0.instance)
    }
  }

  static let powerLaw = Recipe(
    "powerLaw",
    [
      dimension,
      Parameter("exponent", .number(.excluding(0, through: 5)), default: "1.5", "a of λᵢ = i⁻ᵃ"),
    ], summary: "rotated quadratic with power-law eigenvalues"
  ) { arguments throws(SpecError) in
    let (d, exponent) = (arguments.integer("dimension"), arguments.number("exponent"))
    return TaskMaker {
      PowerLawQuadratic(dimension: d, exponent: exponent, instance: $0.instance)
    }
  }

  static let noisyQuadratic = Recipe(
    "noisyQuadratic",
    [
      dimension,
      Parameter("noiseVariance", .number(.between(0, 1e6)), default: "1", "σ² of C = σ²H"),
    ], summary: "quadratic with curvatures 1/i and gradient noise of covariance σ²H"
  ) { arguments throws(SpecError) in
    let (d, variance) = (arguments.integer("dimension"), arguments.number("noiseVariance"))
    return TaskMaker {
      NoisyQuadratic(dimension: d, noiseVariance: variance, instance: $0.instance)
    }
  }

  static let correlatedQuadratic = Recipe(
    "correlatedQuadratic",
    [
      dimension,
      Parameter("noiseVariance", .number(.between(0, 1e6)), default: "0.01", "σ² of C = σ²H"),
      Parameter(
        "correlation", .number(.between(-0.999, 0.999)), default: "0.5",
        "ρ, of the noise of consecutive steps"),
    ], summary: "the noisy quadratic with AR(1) noise, whose steps are correlated"
  ) { arguments throws(SpecError) in
    let (d, variance) = (arguments.integer("dimension"), arguments.number("noiseVariance"))
    let correlation = arguments.number("correlation")
    return TaskMaker {
      CorrelatedQuadratic(
        dimension: d, noiseVariance: variance, correlation: correlation, instance: $0.instance)
    }
  }

  static let leastSquares = Recipe(
    "leastSquares",
    [
      dimension,
      Parameter("examples", .integer(.between(2, 1e6)), default: "512", "rows"),
      Parameter("condition", .number(.between(1, 1e6)), default: "100", "of the features"),
      Parameter(
        "labelNoise", .number(.between(0, 1e3)), default: "0",
        "standard deviation; 0 interpolates"), batch,
    ], summary: "least squares by minibatches, with interpolation or label noise"
  ) { arguments throws(SpecError) in
    let (d, n) = (arguments.integer("dimension"), arguments.integer("examples"))
    let (condition, noise) = (arguments.number("condition"), arguments.number("labelNoise"))
    let batch = arguments.integer("batch")
    guard n >= 2 * d, batch <= n else {
      throw arguments.error("'leastSquares' needs 2·dimension ≤ examples and batch ≤ examples")
    }
    try checkSize(n, d, arguments)
    return TaskMaker {
      LeastSquares(
        dimension: d, examples: n, condition: condition, labelNoise: noise, batch: batch,
        instance: $0.instance)
    }
  }

  static let logistic = Recipe(
    "logistic",
    [
      dimension,
      Parameter("examples", .integer(.between(2, 1e6)), default: "512", "rows"),
      Parameter("condition", .number(.between(1, 1e6)), default: "10", "of the features"),
      Parameter(
        "regularisation", .number(.between(1e-8, 10)), default: "1e-3", "λ of (λ/2)‖θ‖²"),
      batch,
    ], summary: "ℓ2-regularised logistic regression by minibatches"
  ) { arguments throws(SpecError) in
    let (d, n) = (arguments.integer("dimension"), arguments.integer("examples"))
    let (condition, lambda) = (arguments.number("condition"), arguments.number("regularisation"))
    let batch = arguments.integer("batch")
    guard batch <= n else { throw arguments.error("'logistic' needs batch ≤ examples") }
    try checkSize(n, d, arguments)
    return TaskMaker {
      LogisticRegression(
        dimension: d, examples: n, condition: condition, regularisation: lambda, batch: batch,
        instance: $0.instance)
    }
  }

  static let rosenbrock = Recipe(
    "rosenbrock",
    [
      Parameter("dimension", .integer(.between(2, 1e6)), default: "20", "parameters"),
      Parameter("coefficient", .number(.between(1, 1e6)), default: "10", "steepness of the valley"),
    ], summary: "Rosenbrock's valley in d dimensions"
  ) { arguments throws(SpecError) in
    let (d, coefficient) = (arguments.integer("dimension"), arguments.number("coefficient"))
    return TaskMaker {
      Rosenbrock(dimension: d, coefficient: coefficient, instance: $0.instance)
    }
  }

  static let curvatureShift = Recipe(
    "curvatureShift",
    [
      dimension,
      Parameter("condition", .number(.between(1, 1e10)), default: "100", "κ before the shift"),
      Parameter("factor", .number(.between(0.02, 1e6)), default: "10", "c of H → cH at T/2"),
    ], summary: "a quadratic whose curvature is multiplied at T/2"
  ) { arguments throws(SpecError) in
    let (d, condition) = (arguments.integer("dimension"), arguments.number("condition"))
    let factor = arguments.number("factor")
    return TaskMaker {
      CurvatureShift(
        dimension: d, condition: condition, factor: factor, horizon: $0.horizon ?? 1000,
        instance: $0.instance)
    }
  }

  static let teacherStudent = Recipe(
    "teacherStudent",
    [
      Parameter("inputs", .integer(.between(1, 1000)), default: "10", "inputs"),
      Parameter("hidden", .integer(.between(1, 1000)), default: "32", "tanh units"),
      Parameter("steepness", .number(.between(0.1, 10)), default: "1", "of the teacher"),
      Parameter("examples", .integer(.between(2, 1e6)), default: "256", "inputs drawn"), batch,
    ], summary: "a two-layer tanh network learns another's outputs"
  ) { arguments throws(SpecError) in
    let (inputs, hidden) = (arguments.integer("inputs"), arguments.integer("hidden"))
    let (n, batch) = (arguments.integer("examples"), arguments.integer("batch"))
    let steepness = arguments.number("steepness")
    try checkBatch("teacherStudent", batch, n, arguments)
    try checkSize(n, inputs, arguments)
    return TaskMaker {
      TeacherStudent(
        inputs: inputs, hidden: hidden, steepness: steepness, examples: n, batch: batch,
        instance: $0.instance)
    }
  }

  static let twoSpirals = Recipe(
    "twoSpirals",
    [
      Parameter("turns", .number(.between(0.1, 5)), default: "1", "windings"),
      Parameter(
        "hidden", .integer(.between(1, 1000)), default: "16", "units in each of two layers"),
      Parameter("examples", .integer(.between(2, 1e6)), default: "192", "points"), batch,
    ], summary: "a tanh network tells two spirals apart"
  ) { arguments throws(SpecError) in
    let (turns, hidden) = (arguments.number("turns"), arguments.integer("hidden"))
    let (n, batch) = (arguments.integer("examples"), arguments.integer("batch"))
    guard n % 2 == 0 else {
      throw arguments.error("'twoSpirals' needs an even number of examples, not \(n)")
    }
    try checkBatch("twoSpirals", batch, n, arguments)
    return TaskMaker {
      TwoSpirals(
        turns: turns, hidden: hidden, examples: n, batch: batch, instance: $0.instance)
    }
  }
}
