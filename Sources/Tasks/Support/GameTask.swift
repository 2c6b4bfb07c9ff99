internal import HypergradientRecipes
internal import Hypergradient

/// A game: each player has parameters of its own and lowers a loss of its own, so that the field
/// which training follows is not the gradient of one function.
///
/// What the other functions of a task mean here:
/// - ``BenchmarkTask/loss(at:step:scratch:)`` is half the squared distance to the equilibrium, the
///   score, which nobody's gradient descends; the seen loss is the same, without noise.
/// - ``BenchmarkTask/gradient(at:step:draws:into:scratch:)`` and
///   ``BenchmarkTask/exactGradient(at:step:into:scratch:)`` are the field: for each player's
///   parameters the gradient of that player's loss, the other players at rest.
/// - ``BenchmarkTask/reference`` is 0 at the equilibrium, where the field vanishes.
///
/// Gates compare the field with differences of each player's loss. A game is reported apart from
/// losses that are minimised: a method that looks at the loss, such as a line search, looks at
/// what no player could know.
public protocol GameTask<Scalar>: BenchmarkTask {
  /// Each player's parameters; they cover all of them in order.
  var players: [Range<Int>] { get }

  /// What a player lowers.
  func loss(
    ofPlayer player: Int, at theta: UnsafePointer<Scalar>, step: Int,
    scratch: UnsafeMutablePointer<Scalar>
  ) -> Double
}

extension GameTask {
  public var parameterGroups: [Range<Int>] { players }

  /// What a player lowers at `theta`.
  public func loss(ofPlayer player: Int, at theta: [Scalar], step: Int = 0) -> Double {
    require(
      theta.count == dimension, "\(theta.count) parameters for a task of \(dimension)")
    return withUnsafeTemporaryAllocation(of: Scalar.self, capacity: max(1, scratchCount)) {
      $0.initialize(repeating: .nan)
      return loss(ofPlayer: player, at: theta, step: step, scratch: $0.baseAddress!)
    }
  }
}

/// The forms of a game without noise: one field, one score.
protocol DeterministicGame: GameTask where Scalar == Double {
  /// Parameters where the field vanishes.
  var equilibrium: [Double] { get }

  /// Writes the field.
  func field(
    at theta: UnsafePointer<Double>, into field: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>)
}

extension DeterministicGame {
  public var dimension: Int { equilibrium.count }
  public var isDeterministic: Bool { true }
  public var reference: ReferenceValue { ReferenceValue(0, .exact, minimiser: equilibrium) }

  public func draws(seed: Int, steps: Range<Int>) -> Draws<Double> { Draws(steps: steps) }

  public func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    field(at: theta, into: gradient, scratch: scratch)
    return loss(at: theta, step: step, scratch: scratch)
  }

  /// ½ ‖θ − θ*‖².
  public func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    var sum = 0.0
    for i in 0..<dimension {
      let offset = theta[i] - equilibrium[i]
      sum += offset * offset
    }
    return sum / 2
  }

  public func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    field(at: theta, into: gradient, scratch: scratch)
  }
}
