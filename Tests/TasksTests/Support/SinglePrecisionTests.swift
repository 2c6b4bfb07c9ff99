import Hypergradient
import HypergradientRecipes
import Tasks
import Testing

struct SinglePrecisionTests {
  /// Texts of every task whose precision may be chosen, but of those that are networks in Float
  /// throughout (`SingleNetworkTests`).
  static let texts = TaskList.all.filter { recipe in
    !needsData(recipe) && recipe.parameters.contains { $0.label == "precision" }
  }.map { String($0.texts[0].dropLast()) + ", precision: .single)" }
    .filter { !(try! make($0) is SingleNetwork) }

  private static func make(_ text: String) throws -> any BenchmarkTask {
    try TaskList.read(text).make(TaskContext(instance: 1, horizon: 1000))
  }

  @Test(arguments: texts) func passesTheGates(_ text: String) throws {
    let task = try #require(try Self.make(text) as? any BenchmarkTask<Float>)
    #expect(TaskGates.failures(of: task, horizon: 100) == [])
    let wide = try #require(
      try Self.make(text.replacing(".single", with: ".double")) as? any BenchmarkTask<Double>)
    #expect(task.start == wide.start.map { Float($0) })
    #expect(task.parameterGroups == wide.parameterGroups)
    #expect(task.stepsPerEpoch == wide.stepsPerEpoch && task.reference == wide.reference)
    #expect((task is any GameTask<Float>) == (wide is any GameTask<Double>))
    // Each gradient is the wide one at the same place, rounded once.
    let point = task.start.map { Double($0) }
    #expect(
      task.exactGradient(at: task.start) == wide.exactGradient(at: point).map { Float($0) })
    #expect(task.loss(at: task.start) == wide.loss(at: point))
  }

  @Test func thereAreSuchTasks() { #expect(Self.texts.count >= 7) }

  /// Draws of numbers are rounded to Float, then used as they are.
  @Test func drawsAreRounded() throws {
    let wide = LinearQuadraticRegulator(instance: 2)
    let task = SinglePrecision(wide)
    let draws = task.draws(seed: 1, steps: 3..<6)
    #expect(draws.values == wide.draws(seed: 1, steps: 3..<6).values.map { Float($0) })
    for step in 3..<6 {
      let first = (step - 3) * draws.valuesPerStep
      let values = draws.values[first..<first + draws.valuesPerStep].map { Double($0) }
      let there = Draws(
        steps: step..<(step + 1), valuesPerStep: draws.valuesPerStep, values: values)
      let expected = wide.gradient(at: task.start.map { Double($0) }, step: step, draws: there)
      let seen = task.gradient(at: task.start, step: step, draws: draws)
      #expect(seen.loss == expected.loss)
      #expect(seen.gradient == expected.gradient.map { Float($0) })
    }
  }
}
