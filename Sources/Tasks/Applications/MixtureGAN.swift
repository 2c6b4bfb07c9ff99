internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// An adversarial pair on a line: the data are a mixture of normal components, the generator another
/// of as many, whose means it moves, and the discriminator D(x) = Σ w_j φ_j(x) is linear in bumps.
///
///     the generator lowers      E_g (log(1 − σ(D(x))) + log 2)
///     the discriminator lowers  −E_d log σ(D(x)) − E_g log(1 − σ(D(x))) + ½γ‖w‖²
///
/// Both expectations are sums over one grid, spaced by ⅛ and reaching 4 beyond the outer means, so
/// that they are exact functions of the parameters: no sample is drawn. Components have standard
/// deviation ½ and equal weights; the data's means are 1.5 apart and moved by 0.1 times standard
/// normal numbers. The bumps φ_j(x) = exp(−2(x − c_j)²) have centres evenly spaced over the means
/// and 1 beyond them, two more than twice the components, and one. Parameters are the generator's
/// means, then w. An equilibrium is where the means are the data's and w = 0, and the score half the
/// squared distance to it; it attracts small steps where γ > 0. The start has means off by up to ½
/// and w of standard deviation ½.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `components` | 1…20 | 3 | of the data, and of the generator |
/// | `penalty` | [0, 10] | 0.1 | γ |
/// | `precision` | double, single | double | of parameters and field; in a text |
/// | `instance` | any | 1 | names means and start |
///
/// > Source: the game is that of I. Goodfellow et al., Generative adversarial nets (2014), with
/// > expectations in place of samples.
public struct MixtureGAN: DeterministicGame {
  public let start: [Double]
  public let penalty: Double
  /// The data's means, then zeros.
  public let equilibrium: [Double]
  /// Components of each mixture.
  public let components: Int
  private let grid: [Double]
  /// The data's share at each point of the grid.
  private let data: [Double]
  /// Grid points × bumps.
  private let bumps: [Double]

  private static var spacing: Double { 0.125 }

  public init(components: Int = 3, penalty: Double = 0.1, instance: Int = 1) {
    Recipe.mixtureGAN.check(components, penalty, Precision.double)
    self.components = components
    self.penalty = penalty
    var data = RandomStream(RandomKey("mixtureGAN.data", instance))
    let middle = Double(components - 1) / 2
    let means = (0..<components).map { 1.5 * (Double($0) - middle) + 0.1 * data.normal() }
    let reach = 1.5 * middle + 4.5
    let half = Int((reach / Self.spacing).rounded(.up))
    let grid = (-half...half).map { Double($0) * Self.spacing }
    self.grid = grid
    self.data = grid.map { x in
      means.reduce(0) { $0 + Self.share(x, mean: $1, of: components) }
    }
    let count = 2 * components + 1
    let outer = 1.5 * middle + 1
    let centres = (0..<count).map { outer * (2 * Double($0) / Double(count - 1) - 1) }
    bumps = grid.flatMap { x in centres.map { Portable.exp(-2 * (x - $0) * (x - $0)) } }
    equilibrium = means + [Double](repeating: 0, count: count)
    var stream = RandomStream(RandomKey("mixtureGAN.start", instance))
    start =
      means.map { $0 + stream.uniform() - 0.5 } + stream.normals(count).map { 0.5 * $0 }
  }

  /// What one component puts on a point of the grid.
  private static func share(_ x: Double, mean: Double, of components: Int) -> Double {
    // 1/√(2π)
    let height = 0.3989422804014327
    let z = 2 * (x - mean)
    return 2 * height * spacing / Double(components) * Portable.exp(-0.5 * z * z)
  }

  public var players: [Range<Int>] { [0..<components, components..<equilibrium.count] }
  public var scratchCount: Int { components }

  /// Hands on, for each point of the grid, its number, the data's share and the generator's, and the
  /// discriminator's output. Each component's share is in `shares`.
  private func forEachPoint(
    _ theta: UnsafePointer<Double>, _ shares: UnsafeMutablePointer<Double>,
    _ body: (_ point: Int, _ real: Double, _ fake: Double, _ output: Double) -> Void
  ) {
    let count = equilibrium.count - components
    for point in 0..<grid.count {
      var fake = 0.0
      for j in 0..<components {
        shares[j] = Self.share(grid[point], mean: theta[j], of: components)
        fake += shares[j]
      }
      var output = 0.0
      for j in 0..<count { output += theta[components + j] * bumps[point * count + j] }
      body(point, data[point], fake, output)
    }
  }

  func field(
    at theta: UnsafePointer<Double>, into field: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let count = equilibrium.count - components
    let even = Sigmoid.integral(0)
    for j in 0..<components { field[j] = 0 }
    for j in components..<equilibrium.count { field[j] = penalty * theta[j] }
    forEachPoint(theta, scratch) { point, real, fake, output in
      let payoff = Sigmoid.integral(output) - even
      for j in 0..<components {
        field[j] -= scratch[j] * 4 * (grid[point] - theta[j]) * payoff
      }
      let pull = fake * Sigmoid.value(output) - real * Sigmoid.value(-output)
      for j in 0..<count { field[components + j] += pull * bumps[point * count + j] }
    }
  }

  public func loss(
    ofPlayer player: Int, at theta: UnsafePointer<Double>, step: Int,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let even = Sigmoid.integral(0)
    var sum = 0.0
    forEachPoint(theta, scratch) { _, real, fake, output in
      if player == 0 {
        sum -= fake * (Sigmoid.integral(output) - even)
      } else {
        sum += real * Sigmoid.integral(-output) + fake * Sigmoid.integral(output)
      }
    }
    if player == 1 {
      for j in components..<equilibrium.count { sum += penalty / 2 * theta[j] * theta[j] }
    }
    return sum
  }
}

extension Recipe where Product == TaskMaker {
  static let mixtureGAN = Recipe(
    "mixtureGAN",
    { (components: Int, penalty: Double, kind: Precision) in
      TaskMaker {
        kind.task(MixtureGAN(components: components, penalty: penalty, instance: $0.instance))
      }
    },
    .count("components", in: .between(1, 20), default: 3, "of each mixture"),
    .number("penalty", in: .between(0, 10), default: 0.1, "on the discriminator's weights"),
    .precision,
    summary: "a game: a mixture of normal components against a discriminator of bumps",
    examples: ["mixtureGAN(components: 2)"],
    standard: { TaskMaker { MixtureGAN(instance: $0.instance) } })
}
