public import HypergradientRecipes

/// Every task of the package that a text can name. A newcomer adds one line here.
public enum TaskList {
  public static let all: [Recipe<TaskMaker>] = [
    .ellipsoid, .powerLaw, .noisyQuadratic, .leastSquares, .logistic, .rosenbrock,
    .curvatureShift, .teacherStudent, .twoSpirals, .mnistLogistic, .mnistPerceptron,
    .libsvmLogistic, .libsvmSVM, .csvLogistic, .csvPerceptron, .csvRegression,
    .correlatedQuadratic, .linearAutoencoder, .systemIdentification, .linearQuadraticRegulator,
    .chainPolicy, .diracGAN, .mixtureGAN, .sparseParity, .motifPictures, .addingProblem,
    .mnistConvolution, .characterModel, .gaussianMixture,
  ]

  /// The task that a text describes: a function from the context to the instance.
  ///
  /// - Parameters:
  ///   - variables: values of the names that stand for numbers.
  ///   - recipes: what a text may name.
  public static func read(
    _ text: String, variables: [String: Double] = [:], among recipes: [Recipe<TaskMaker>] = all
  ) throws(SpecError) -> TaskMaker {
    var vocabulary = Vocabulary()
    vocabulary[TaskMaker.self] = Lexicon("task", recipes)
    let node = try SpecText(text, variables: Set(variables.keys)).single("a task")
    return try SpecReader(text, variables: variables, vocabulary: vocabulary).read(node)
  }
}
