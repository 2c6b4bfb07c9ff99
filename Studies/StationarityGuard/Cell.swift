internal import Hypergradient
internal import Tasks

/// One kind of noise, on the noisy quadratic of 100 dimensions.
public struct Cell: Sendable {
  public let noiseVariance: Double
  public let correlation: Double
  public let steps: Int

  public init(noiseVariance: Double, correlation: Double, steps: Int) {
    self.noiseVariance = noiseVariance
    self.correlation = correlation
    self.steps = steps
  }

  var name: String { "σ² \(noiseVariance), ρ \(correlation), T \(steps)" }

  public static let all = [
    Cell(noiseVariance: 1, correlation: 0, steps: 1000),
    Cell(noiseVariance: 0.01, correlation: 0, steps: 3000),
    Cell(noiseVariance: 0.01, correlation: 0.5, steps: 3000),
    Cell(noiseVariance: 0.01, correlation: 0.9, steps: 3000),
    Cell(noiseVariance: 0.01, correlation: -0.5, steps: 3000),
    Cell(noiseVariance: 1, correlation: 0.9, steps: 1000),
    Cell(noiseVariance: 1, correlation: -0.5, steps: 1000),
  ]

  /// E f after the best constant rate; of twice the steps, for what two gradients a step cost.
  public func bestConstant(times factor: Int = 1) -> (scale: Double, loss: Double) {
    theory.best(ConstantSchedule(1), steps: factor * steps)
  }

  /// E f after the best multiple of a cosine.
  public var bestCosine: (scale: Double, loss: Double) {
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
