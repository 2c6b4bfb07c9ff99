import Hypergradient
import HypergradientRecipes
import Tasks
import Testing

struct SyntheticRecipesTests {
  private func task(_ text: String, instance: Int = 1) throws -> any BenchmarkTask {
    let maker = try TaskList.read(text)
    return try maker.make(TaskContext(instance: instance, horizon: 1000))
  }

  /// A text without arguments makes what the initialiser makes without arguments.
  @Test(arguments: TaskList.all.filter { !needsData($0) }.map(\.name))
  func defaultsAreTheInitialisers(_ text: String) throws {
    let recipe = try #require(TaskList.all.first { $0.name == text })
    let standard = try #require(recipe.standard, "\(text) says nothing of Swift's own")
    let expected = try #require(
      try standard().make(TaskContext(instance: 1, horizon: 1000)) as? any BenchmarkTask<Double>)
    let made = try #require(try task(text) as? any BenchmarkTask<Double>)
    #expect(made.start == expected.start)
    #expect(made.reference == expected.reference)
    #expect(made.stepsPerEpoch == expected.stepsPerEpoch)
    let draws = made.draws(seed: 1, steps: 0..<2)
    #expect(draws.values == expected.draws(seed: 1, steps: 0..<2).values)
    #expect(
      made.exactGradient(at: made.start, step: 700)
        == expected.exactGradient(at: made.start, step: 700))
  }

  /// What is a network is said by the text alone, without any data.
  @Test(arguments: [
    ("teacherStudent", true), ("mnistPerceptron", true), ("csvPerceptron", true),
    ("mnistConvolution", true), ("characterModel", true), ("gaussianMixture(hidden: [4])", true),
    ("gaussianMixture", false), ("mnistLogistic", false), ("linearAutoencoder", false),
    ("logistic", false), ("mixtureGAN", false), ("csvRegression", false),
    ("csvRegression(hidden: [4])", true),
  ]) func networksAreKnownByTheirTexts(_ text: String, _ isNetwork: Bool) throws {
    #expect(try TaskList.read(text).isNetwork == isNetwork)
  }

  /// The ends of every range make sound tasks.
  @Test(arguments: [
    "ellipsoid(dimension: 2, condition: 1)", "ellipsoid(dimension: 10, condition: 1e10)",
    "powerLaw(dimension: 2, exponent: 0.01)", "powerLaw(dimension: 10, exponent: 5)",
    "noisyQuadratic(dimension: 2, noiseVariance: 0)",
    "noisyQuadratic(dimension: 10, noiseVariance: 1e6)",
    "correlatedQuadratic(dimension: 2, noiseVariance: 0, correlation: 0.999)",
    "correlatedQuadratic(dimension: 10, noiseVariance: 1e6, correlation: -0.999)",
    "leastSquares(dimension: 2, examples: 4, condition: 1, batch: 1)",
    "leastSquares(dimension: 10, examples: 20, condition: 1e6, labelNoise: 1e3, batch: 20)",
    "logistic(dimension: 2, examples: 2, condition: 1, regularisation: 1e-8, batch: 1)",
    "logistic(dimension: 10, examples: 20, condition: 1e6, regularisation: 10, batch: 20)",
    "logistic(dimension: 10, examples: 5, condition: 1e6, regularisation: 1e-8, batch: 2)",
    "rosenbrock(dimension: 2, coefficient: 1)", "rosenbrock(dimension: 10, coefficient: 1e6)",
    "curvatureShift(dimension: 5, factor: 0.02)", "curvatureShift(dimension: 5, factor: 1e6)",
    "teacherStudent(inputs: 1, hidden: 1, steepness: 0.1, examples: 2, batch: 1)",
    "teacherStudent(inputs: 2, hidden: 3, steepness: 10, examples: 8, batch: 8)",
    "twoSpirals(turns: 0.1, hidden: 1, examples: 2, batch: 1)",
    "twoSpirals(turns: 5, hidden: 3, examples: 8, batch: 8)",
    "teacherStudent(inputs: 2, hidden: 3, examples: 8, batch: 8, precision: .single)",
    "teacherStudent(inputs: 4, hidden: 6, examples: 64, batch: 16, precision: .single)",
    "twoSpirals(hidden: 6, examples: 64, batch: 16, precision: .single)",
    "linearAutoencoder(inputs: 2, code: 1, condition: 1, examples: 4, batch: 1)",
    "linearAutoencoder(inputs: 8, code: 7, condition: 1e6, examples: 9, batch: 9)",
    "systemIdentification(states: 1, controls: 1, memory: 0.1, noise: 0.001, length: 8, batch: 1)",
    "systemIdentification(states: 5, controls: 3, memory: 0.99, noise: 1e3, length: 50, batch: 50)",
    "linearQuadraticRegulator(states: 1, controls: 1, memory: 0.1, effort: 0.001, batch: 1)",
    "linearQuadraticRegulator(states: 6, controls: 6, memory: 0.99, effort: 1e3)",
    "linearQuadraticRegulator(states: 2, controls: 5, memory: 0.5)",
    "chainPolicy(states: 2, discount: 0, lure: 0, batch: 1)",
    "chainPolicy(states: 8, discount: 0.99, lure: 1)", "diracGAN(dimension: 1, penalty: 0)",
    "diracGAN(dimension: 20, penalty: 10)", "mixtureGAN(components: 1, penalty: 0)",
    "mixtureGAN(components: 4, penalty: 10)",
    "sparseParity(bits: 2, hidden: 1, examples: 16, batch: 1)",
    "sparseParity(bits: 6, relevant: 6, hidden: 3, examples: 8, batch: 8)",
    "motifPictures(side: 4, classes: 2, noise: 10, filters: 1, examples: 2, batch: 1)",
    "motifPictures(side: 5, classes: 9, noise: 0, filters: 2, examples: 10, batch: 4)",
    "addingProblem(length: 2, hidden: 1, examples: 2, batch: 1)",
    "addingProblem(length: 30, hidden: 2, examples: 8, batch: 8)",
  ])
  func endsOfRangesPassTheGates(_ text: String) throws {
    let made = try task(text)
    #expect(TaskGates.failures(of: made) == [])
  }

  @Test(arguments: [
    "ellipsoid(dimension: 1)", "ellipsoid(dimension: 2001)", "ellipsoid(condition: 0.5)",
    "powerLaw(exponent: 0)", "noisyQuadratic(noiseVariance: -1)",
    "correlatedQuadratic(correlation: 1)", "correlatedQuadratic(correlation: -0.9999)",
    "leastSquares(dimension: 300)", "leastSquares(batch: 513)", "leastSquares(examples: 1e6)",
    "logistic(regularisation: 0)", "logistic(batch: 1000)", "logistic(examples: 1e6)",
    "rosenbrock(coefficient: 0)", "curvatureShift(factor: 0.01)", "teacherStudent(batch: 17)",
    "teacherStudent(steepness: 0)", "teacherStudent(examples: 1e6, inputs: 1000)",
    "twoSpirals(examples: 191)", "twoSpirals(batch: 7)", "twoSpirals(turns: 9)", "ellipse",
    "linearAutoencoder(inputs: 4)", "linearAutoencoder(batch: 257)",
    "systemIdentification(length: 31)", "systemIdentification(memory: 1)",
    "systemIdentification(noise: 0)", "linearQuadraticRegulator(effort: 0)",
    "linearQuadraticRegulator(memory: 1)", "chainPolicy(states: 1)", "chainPolicy(discount: 1)",
    "diracGAN(penalty: -1)", "mixtureGAN(components: 0)", "sparseParity(relevant: 11)",
    "sparseParity(batch: 17)", "motifPictures(side: 3)", "motifPictures(classes: 10)",
    "motifPictures(side: 64, examples: 1e5)", "addingProblem(length: 1)",
    "addingProblem(length: 1000, examples: 1e6)", "diracGAN(precision: .half)",
  ])
  func outOfRangeIsAnErrorOfOneLine(_ text: String) {
    #expect {
      _ = try task(text)
    } throws: { error in
      !"\(error)".isEmpty && !"\(error)".contains("\n")
    }
  }
}
