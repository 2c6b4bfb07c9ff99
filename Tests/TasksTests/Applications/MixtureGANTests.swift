import Hypergradient
import Tasks
import Testing

struct MixtureGANTests {
  @Test(arguments: [1, 2, 3, 5], [1, 2])
  func fieldVanishesAtTheEquilibrium(_ components: Int, _ instance: Int) {
    let task = MixtureGAN(components: components, instance: instance)
    #expect(task.exactGradient(at: task.equilibrium).allSatisfy { $0 == 0 })
    // The generator's payoff is counted from there; the discriminator's is 2 log 2.
    #expect(task.loss(ofPlayer: 0, at: task.equilibrium) == 0)
    let even = 2 * 0.6931471805599453
    // The grid holds all but what lies beyond eight standard deviations.
    #expect((task.loss(ofPlayer: 1, at: task.equilibrium) - even).magnitude < 1e-9)
  }

  /// Against a discriminator that does not tell, no generator gains; against the honest mixture, none
  /// of small weights gains.
  @Test(arguments: [1, 2, 3]) func neitherPlayerGainsAlone(_ instance: Int) {
    let task = MixtureGAN(instance: instance)
    for (player, part) in task.players.enumerated() {
      let best = task.loss(ofPlayer: player, at: task.equilibrium)
      for place in part {
        for step in [-0.5, -0.01, 0.01, 0.5] {
          var moved = task.equilibrium
          moved[place] += step
          let loss = task.loss(ofPlayer: player, at: moved)
          #expect(player == 0 ? loss.magnitude < 1e-12 : loss > best)
        }
      }
    }
  }

  @Test(arguments: [1, 2, 3]) func stepsConverge(_ instance: Int) {
    let task = MixtureGAN(components: 2, instance: instance)
    #expect(task.loss(at: task.descended(rate: 1, steps: 4000)) < 1e-6 * task.loss(at: task.start))
  }
}
