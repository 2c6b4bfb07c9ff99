internal import HypergradientRecipes
public import Hypergradient

/// f(θ) = ½ (θ−x*)ᵀ QᵀΛQ (θ−x*): a rotated ellipsoid, deterministic.
///
/// The eigenvalues Λ are evenly spaced in their logarithm from 1 to κ; the Haar rotation Q, the
/// minimiser x* and the start x* + n, both n and x* standard normal, come from the instance.
/// f* = 0 is exact. Difficulty grows with `condition`.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `dimension` | 2…2000 | 100 | parameters |
/// | `condition` | [1, 10¹⁰] | 1000 | κ, largest over smallest eigenvalue |
/// | `instance` | any | 1 | names x*, Q and the start |
///
/// > Source: the rotated ellipsoid of N. Hansen et al., Real-parameter black-box optimization
/// > benchmarking 2009: noiseless functions definitions, f10, without its oscillations and from
/// > eigenvalue 1.
public struct EllipsoidQuadratic: LaneTask, DerivedTask {
  let base: RotatedQuadratic

  public init(dimension: Int = 100, condition: Double = 1e3, instance: Int = 1) {
    Recipe.ellipsoid.check(dimension, condition)
    base = RotatedQuadratic(
      eigenvalues: RotatedQuadratic.logSpaced(count: dimension, condition: condition),
      name: "ellipsoid", instance: instance)
  }
}

extension Recipe where Product == TaskMaker {
  static let ellipsoid = Recipe(
    "ellipsoid",
    { (dimension: Int, condition: Double) in
      TaskMaker {
        EllipsoidQuadratic(dimension: dimension, condition: condition, instance: $0.instance)
      }
    },
    .dimension, .condition(1e3, "κ"),
    summary: "rotated ellipsoid quadratic, eigenvalues from 1 to κ",
    examples: ["ellipsoid(dimension: 10, condition: 100)"],
    standard: { TaskMaker { EllipsoidQuadratic(instance: $0.instance) } })
}
