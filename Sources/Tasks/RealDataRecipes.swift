internal import Datasets
internal import Hypergradient

// The recipes of the tasks on real data: the data come from the command's --data.

private let batch = Parameter(
  "batch", .integer(.between(1, 1e6)), default: "128", "examples a step")
private let regularisation = Parameter(
  "regularisation", .number(.above(0)), default: "none", "λ of (λ/2)‖w‖²; default 1/N")
private let layers = Parameter(
  "hidden", .list(.between(1, 1e5)), default: "[1000, 1000]", "ReLU units of each hidden layer")

extension Recipe where Product == TaskMaker {
  static let mnistLogistic = Recipe(
    "mnistLogistic", [batch],
    summary: "multinomial logistic regression on the IDX files of --data FOLDER"
  ) { arguments in
    let batch = arguments.integer("batch")
    return TaskMaker { context in
      let data = try DataCache.mnist(
        try context.dataPath("mnistLogistic", "the MNIST files' folder"))
      return DenseClassification.softmaxRegression(
        data: data.train, heldOut: data.test, batch: batch, instance: context.instance)
    }
  }

  static let mnistPerceptron = Recipe(
    "mnistPerceptron", [layers, batch],
    summary: "a ReLU perceptron on the IDX files of --data FOLDER"
  ) { arguments in
    let (hidden, batch) = (arguments.list("hidden").map { Int($0) }, arguments.integer("batch"))
    return TaskMaker { context in
      let data = try DataCache.mnist(
        try context.dataPath("mnistPerceptron", "the MNIST files' folder"))
      return DenseClassification.multilayerPerceptron(
        data: data.train, heldOut: data.test, hidden: hidden, batch: batch,
        instance: context.instance)
    }
  }

  static let libsvmLogistic = Recipe(
    "libsvmLogistic",
    [
      regularisation,
      Parameter("batch", .integer(.between(1, 1e6)), default: "32", "examples a step"),
    ],
    summary: "binary logistic regression on the LIBSVM text of --data FILE"
  ) { arguments in
    let (lambda, batch) = (arguments.optionalNumber("regularisation"), arguments.integer("batch"))
    return TaskMaker { context in
      let data = try DataCache.libsvm(try context.dataPath("libsvmLogistic", "a LIBSVM text file"))
      return MarginClassification.binaryLogisticRegression(
        data: data.train, heldOut: data.heldOut, regularisation: lambda, batch: batch,
        instance: context.instance)
    }
  }

  static let libsvmSVM = Recipe(
    "libsvmSVM",
    [
      regularisation,
      Parameter("batch", .integer(.between(1, 1e6)), default: "32", "examples a step"),
    ],
    summary: "squared-hinge support vector machine on the LIBSVM text of --data FILE"
  ) { arguments in
    let (lambda, batch) = (arguments.optionalNumber("regularisation"), arguments.integer("batch"))
    return TaskMaker { context in
      let data = try DataCache.libsvm(try context.dataPath("libsvmSVM", "a LIBSVM text file"))
      return MarginClassification.squaredHingeSVM(
        data: data.train, heldOut: data.heldOut, regularisation: lambda, batch: batch,
        instance: context.instance)
    }
  }

  static let csvLogistic = Recipe(
    "csvLogistic",
    [Parameter("batch", .integer(.between(1, 1e6)), default: "32", "examples a step")],
    summary: "multinomial logistic regression on the CSV of --data FILE, its last column the class"
  ) { arguments in
    let batch = arguments.integer("batch")
    return TaskMaker { context in
      let data = try DataCache.csv(try context.dataPath("csvLogistic", "a CSV file"))
      return DenseClassification.softmaxRegression(
        data: data.train, heldOut: data.heldOut, batch: batch, instance: context.instance)
    }
  }

  static let csvPerceptron = Recipe(
    "csvPerceptron",
    [
      Parameter(
        "hidden", .list(.between(1, 1e5)), default: "[64]", "ReLU units of each hidden layer"),
      Parameter("batch", .integer(.between(1, 1e6)), default: "32", "examples a step"),
    ], summary: "a ReLU perceptron on the CSV of --data FILE, its last column the class"
  ) { arguments in
    let (hidden, batch) = (arguments.list("hidden").map { Int($0) }, arguments.integer("batch"))
    return TaskMaker { context in
      let data = try DataCache.csv(try context.dataPath("csvPerceptron", "a CSV file"))
      return DenseClassification.multilayerPerceptron(
        data: data.train, heldOut: data.heldOut, hidden: hidden, batch: batch,
        instance: context.instance)
    }
  }
}

extension TaskContext {
  fileprivate func dataPath(_ task: String, _ expected: String) throws -> String {
    guard let data else { throw MissingData("the task '\(task)' needs --data, \(expected)") }
    return data
  }
}

/// A task on real data without its data.
public struct MissingData: Error, Sendable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
