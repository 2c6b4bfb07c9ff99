internal import Hypergradient

/// One configuration run from a start.
public struct Run: Sendable {
  /// Loss and largest element of the gradient at each iteration, from the start on.
  public let losses: [Double]
  public let largestGradients: [Double]
  /// Iterations until the largest element of the gradient is below the tolerance, or `most`.
  public let iterations: Int

  public init(
    _ problem: Problem, _ reference: Reference, _ configuration: Reference.Configuration,
    from start: [Double], most: Int = 1000, tolerance: Double = 1e-4
  ) {
    var method = HDMBest<Double>(
      curvature: reference.curvature, scaling: .diagonal,
      scalingRate: configuration.lrmul / reference.curvature,
      momentumRate: configuration.betalr)
    var oracle = FunctionOracle<Double>(
      parameterCount: problem.dimension, isDeterministic: true
    ) { point, gradient, _ in
      problem.evaluate(point.baseAddress!, into: gradient.baseAddress!)
    }
    var w = start
    var gradient = [Double](repeating: 0, count: problem.dimension)
    method.begin(at: w)
    var (losses, largest): ([Double], [Double]) = ([], [])
    method.train(&w, on: &oracle, steps: 0..<most) { _, w, _ in
      losses.append(problem.evaluate(w, into: &gradient))
      largest.append(gradient.reduce(0) { max($0, $1.magnitude) })
      return largest.last! >= tolerance
    }
    self.losses = losses
    largestGradients = largest
    iterations = losses.count
  }
}
