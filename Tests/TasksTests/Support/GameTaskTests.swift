import Hypergradient
import Tasks
import Testing

/// What the gates say of games.
struct GameTaskTests {
  @Test func soundGamePasses() {
    #expect(TaskGates.failures(of: Tampered(field: { _ in })) == [])
  }

  @Test(arguments: [0, 1]) func faultOfAPlayerIsCaught(_ player: Int) {
    let failures = TaskGates.failures(of: Tampered { $0[player == 0 ? 1 : 3] *= 1.01 })
    #expect(failures.contains { $0.contains("field of player \(player)") }, "\(failures)")
    #expect(!failures.contains { $0.contains("field of player \(1 - player)") }, "\(failures)")
  }

  @Test func wrongEquilibriumIsCaught() {
    let failures = TaskGates.failures(of: Tampered(shift: 1e-3) { _ in })
    #expect(failures.contains { $0.contains("gradient at the minimiser") }, "\(failures)")
  }

  /// The field is no gradient: its Jacobian is not symmetric, so that no one loss would pass.
  @Test(arguments: syntheticTasks.filter { $0.make(1) is any GameTask<Double> })
  func fieldIsNoGradient(_ task: SyntheticTask) throws {
    let game = try #require(task.make(1) as? any GameTask<Double>)
    let width = 1e-5
    let jacobian = game.start.indices.map { i in
      var (above, below) = (game.start, game.start)
      above[i] += width
      below[i] -= width
      return zip(game.exactGradient(at: above), game.exactGradient(at: below)).map {
        ($0 - $1) / (2 * width)
      }
    }
    let skew = game.start.indices.flatMap { i in
      game.start.indices.map { (jacobian[i][$0] - jacobian[$0][i]).magnitude }
    }
    #expect(skew.max()! > 0.01)
    #expect(game.players.first?.lowerBound == 0 && game.players.last?.upperBound == game.dimension)
  }

  /// A game of two players with a fault in its field, or its equilibrium.
  struct Tampered: GameTask {
    let base = DiracGAN(dimension: 2, instance: 3)
    var shift = 0.0
    var field: @Sendable (UnsafeMutablePointer<Double>) -> Void

    init(shift: Double = 0, field: @escaping @Sendable (UnsafeMutablePointer<Double>) -> Void) {
      self.shift = shift
      self.field = field
    }

    var dimension: Int { base.dimension }
    var start: [Double] { base.start }
    var players: [Range<Int>] { base.players }
    var isDeterministic: Bool { true }
    var reference: ReferenceValue {
      ReferenceValue(0, .exact, minimiser: base.equilibrium.map { $0 + shift })
    }
    var scratchCount: Int { 0 }
    func draws(seed: Int, steps: Range<Int>) -> Draws<Double> { Draws(steps: steps) }

    func gradient(
      at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
      into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
    ) -> Double {
      exactGradient(at: theta, step: step, into: gradient, scratch: scratch)
      return loss(at: theta, step: step, scratch: scratch)
    }

    func loss(
      at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
    ) -> Double {
      (0..<dimension).reduce(0) {
        let offset = theta[$1] - base.equilibrium[$1] - shift
        return $0 + offset * offset / 2
      }
    }

    func exactGradient(
      at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
      scratch: UnsafeMutablePointer<Double>
    ) {
      base.exactGradient(at: theta, step: step, into: gradient, scratch: scratch)
      field(gradient)
    }

    func loss(
      ofPlayer player: Int, at theta: UnsafePointer<Double>, step: Int,
      scratch: UnsafeMutablePointer<Double>
    ) -> Double {
      base.loss(ofPlayer: player, at: theta, step: step, scratch: scratch)
    }
  }
}
