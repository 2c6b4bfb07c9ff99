public import Hypergradient

/// Every task that a text can name. A newcomer adds one line here.
public enum TaskList {
  public static let all: [Recipe<TaskMaker>] = [
    .ellipsoid, .powerLaw, .noisyQuadratic, .leastSquares, .logistic, .rosenbrock,
    .curvatureShift, .teacherStudent, .twoSpirals, .mnistLogistic, .mnistPerceptron,
    .libsvmLogistic, .libsvmSVM, .csvLogistic, .csvPerceptron,
    .correlatedQuadratic,
  ]
}
