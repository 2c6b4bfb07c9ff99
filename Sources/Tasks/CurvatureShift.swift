internal import HypergradientRecipes
public import Hypergradient

/// An ellipsoid quadratic whose curvature changes abruptly: H before step T/2, c·H from then on.
/// No schedule that is fixed beforehand can know; deterministic.
///
/// Eigenvalues of H are evenly spaced in their logarithm from 1 to κ; Haar rotation, minimiser and
/// start as in ``EllipsoidQuadratic``, by instance. f* = 0 is exact, before and after. The loss and
/// its gradient are scaled together, so the gap jumps by c at the shift. With c > 1, rates that were
/// stable may diverge; with c < 1, they are too small. Difficulty grows with |log c|.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `dimension` | 2…2000 | 100 | parameters |
/// | `condition` | [1, 10¹⁰] | 100 | κ, largest over smallest eigenvalue |
/// | `factor` | [0.02, 10⁶] | 10 | c |
/// | `horizon` | at least 1 | 1000 | T, steps of a run |
/// | `instance` | any | 1 | names x*, Q and the start |
public struct CurvatureShift: LaneTask, DerivedTask {
  public let factor: Double
  public let horizon: Int
  let base: RotatedQuadratic

  public init(
    dimension: Int = 100, condition: Double = 100, factor: Double = 10, horizon: Int = 1000,
    instance: Int = 1
  ) {
    Recipe.curvatureShift.check(dimension, condition, factor)
    require(horizon >= 1, "horizon is \(horizon), not at least 1")
    self.factor = factor
    self.horizon = horizon
    var quadratic = RotatedQuadratic(
      eigenvalues: RotatedQuadratic.logSpaced(count: dimension, condition: condition),
      name: "curvatureShift", instance: instance)
    quadratic.shift = (horizon / 2, factor)
    base = quadratic
  }

  /// The first step that sees c·H.
  public var shiftStep: Int { horizon / 2 }
}

extension Recipe where Product == TaskMaker {
  static let curvatureShift = Recipe(
    "curvatureShift",
    { (dimension: Int, condition: Double, factor: Double) in
      TaskMaker {
        CurvatureShift(
          dimension: dimension, condition: condition, factor: factor,
          horizon: $0.horizon ?? 1000, instance: $0.instance)
      }
    },
    .dimension, .condition(100, "κ before the shift"),
    .number("factor", in: .between(0.02, 1e6), default: 10, "c of H → cH at T/2"),
    summary: "a quadratic whose curvature is multiplied at T/2",
    examples: ["curvatureShift(dimension: 10, condition: 10, factor: 0.5)"],
    standard: {
      TaskMaker { CurvatureShift(horizon: $0.horizon ?? 1000, instance: $0.instance) }
    })
}
