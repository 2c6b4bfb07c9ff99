internal import Hypergradient
internal import Tasks

/// One kind of noise, on the noisy quadratic of 100 dimensions.
struct Cell: Sendable {
  let noiseVariance: Double
  let correlation: Double
  let steps: Int

  var name: String { "σ² \(noiseVariance), ρ \(correlation), T \(steps)" }

  static let all = [
    Cell(noiseVariance: 1, correlation: 0, steps: 1000),
    Cell(noiseVariance: 0.01, correlation: 0, steps: 3000),
    Cell(noiseVariance: 0.01, correlation: 0.5, steps: 3000),
    Cell(noiseVariance: 0.01, correlation: 0.9, steps: 3000),
    Cell(noiseVariance: 0.01, correlation: -0.5, steps: 3000),
    Cell(noiseVariance: 1, correlation: 0.9, steps: 1000),
    Cell(noiseVariance: 1, correlation: -0.5, steps: 1000),
  ]

  /// E f after the best constant rate; of twice the steps, for what two gradients a step cost.
  func bestConstant(times factor: Int = 1) -> (scale: Double, loss: Double) {
    theory.best(ConstantSchedule(1), steps: factor * steps)
  }

  /// E f after the best multiple of a cosine.
  var bestCosine: (scale: Double, loss: Double) {
    theory.best(CosineSchedule(from: 1, to: 0, over: Double(steps)), steps: steps)
  }

  private var theory: NoisyQuadraticTheory {
    .inverse(noiseVariance: noiseVariance, correlation: correlation)
  }

  func task(instance: Int) -> CorrelatedQuadratic {
    CorrelatedQuadratic(
      noiseVariance: noiseVariance, correlation: correlation, instance: instance)
  }
}
