internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// The smallest adversarial pair: data at one point c, a generator that puts all at θ, and a linear
/// discriminator D(x) = ψ·x.
///
///     the generator lowers      log(1 − σ(ψ·θ))
///     the discriminator lowers  −log σ(ψ·c) − log(1 − σ(ψ·θ)) + ½γ‖ψ‖²
///
/// Parameters are θ, then ψ. The one equilibrium is θ = c, ψ = 0, and the score ½‖θ − c‖² + ½‖ψ‖².
/// Without the penalty γ, which is that of the gradient on real data, simultaneous steps turn
/// around the equilibrium and never come closer, whatever their rate; with it they converge for small
/// rates. c is standard normal; the start is (c, 0) plus standard normal numbers. Difficulty grows
/// as `penalty` falls.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `dimension` | 1…1000 | 2 | of c, of θ and of ψ |
/// | `penalty` | [0, 10] | 0.5 | γ |
/// | `precision` | double, single | double | of parameters and field; in a text |
/// | `instance` | any | 1 | names c and start |
///
/// > Source: L. Mescheder, A. Geiger and S. Nowozin, Which training methods for GANs do actually
/// > converge? (2018), with c away from the origin, and more dimensions than one.
public struct DiracGAN: DeterministicGame {
  public let start: [Double]
  public let penalty: Double
  /// (c, 0).
  public let equilibrium: [Double]

  public init(dimension: Int = 2, penalty: Double = 0.5, instance: Int = 1) {
    Recipe.diracGAN.check(dimension, penalty, Precision.double)
    self.penalty = penalty
    var data = RandomStream(RandomKey("diracGAN.data", instance))
    let equilibrium = data.normals(dimension) + [Double](repeating: 0, count: dimension)
    var stream = RandomStream(RandomKey("diracGAN.start", instance))
    start = equilibrium.map { $0 + stream.normal() }
    self.equilibrium = equilibrium
  }

  public var players: [Range<Int>] {
    let n = equilibrium.count / 2
    return [0..<n, n..<(2 * n)]
  }
  public var scratchCount: Int { 0 }

  /// ψ·θ and ψ·c.
  private func outputs(_ theta: UnsafePointer<Double>) -> (fake: Double, real: Double) {
    let n = equilibrium.count / 2
    var (fake, real) = (0.0, 0.0)
    for i in 0..<n {
      fake += theta[n + i] * theta[i]
      real += theta[n + i] * equilibrium[i]
    }
    return (fake, real)
  }

  func field(
    at theta: UnsafePointer<Double>, into field: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let n = equilibrium.count / 2
    let (fake, real) = outputs(theta)
    let believed = Sigmoid.value(fake)
    let doubted = Sigmoid.value(-real)
    for i in 0..<n {
      let psi = theta[n + i]
      field[n + i] = (believed * theta[i] - doubted * equilibrium[i]) + penalty * psi
      field[i] = -believed * psi
    }
  }

  public func loss(
    ofPlayer player: Int, at theta: UnsafePointer<Double>, step: Int,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let (fake, real) = outputs(theta)
    if player == 0 { return -Sigmoid.integral(fake) }
    var square = 0.0
    for i in players[1] { square += theta[i] * theta[i] }
    return Sigmoid.integral(-real) + Sigmoid.integral(fake) + penalty / 2 * square
  }
}

extension Recipe where Product == TaskMaker {
  static let diracGAN = Recipe(
    "diracGAN",
    { (dimension: Int, penalty: Double, kind: Precision) in
      TaskMaker {
        kind.task(DiracGAN(dimension: dimension, penalty: penalty, instance: $0.instance))
      }
    },
    .count("dimension", in: .between(1, 1000), default: 2, "of the data"),
    .number("penalty", in: .between(0, 10), default: 0.5, "on the discriminator's slope"),
    .precision,
    summary: "a game: a generator of one point against a linear discriminator",
    examples: ["diracGAN(dimension: 3)"],
    standard: { TaskMaker { DiracGAN(instance: $0.instance) } })
}
