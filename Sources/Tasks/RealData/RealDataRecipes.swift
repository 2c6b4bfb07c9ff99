internal import Datasets
internal import Hypergradient

// The recipes of the tasks on real data; files and folders come from the context.

private let regularisation = Parameter(
  "regularisation", .number(.excluding(0, through: 1e6)), default: "none",
  "λ of (λ/2)‖θ‖²; 1/N if left out")

private func hidden(_ standard: String) -> Parameter {
  Parameter(
    "hidden", .list(.between(1, 1e5)), default: standard, "rectified units of each hidden layer")
}

private func batch(_ standard: String) -> Parameter {
  Parameter(
    "batch", .integer(.between(1, 1e6)), default: standard,
    "examples a step; all, if there are fewer")
}

extension TaskContext {
  /// The user's file or folder.
  fileprivate func path(_ task: String, _ what: String) throws(DataError) -> String {
    guard let data else { throw DataError(task, "needs \(what): --data names it") }
    return data
  }
}

extension Arguments {
  /// The widths of hidden layers.
  fileprivate var hiddenLayers: [Int] { list("hidden").map { Int($0) } }
}

extension Recipe where Product == TaskMaker {
  static let mnistLogistic = Recipe(
    "mnistLogistic", [batch("128")], summary: "multinomial logistic regression on MNIST's IDX files"
  ) { arguments throws(SpecError) in
    let batch = arguments.integer("batch")
    return TaskMaker { context in
      let data = try context.store.mnist(context.path("mnistLogistic", "the folder of IDX files"))
      return DenseClassification.softmaxRegression(
        data: data.train, heldOut: data.test, batch: batch, instance: context.instance
      )
      .using(threads: context.threads)
    }
  }

  static let mnistPerceptron = Recipe(
    "mnistPerceptron", [hidden("[1000, 1000]"), batch("128")],
    summary: "a perceptron with rectified hidden layers on MNIST's IDX files"
  ) { arguments throws(SpecError) in
    let (hidden, batch) = (arguments.hiddenLayers, arguments.integer("batch"))
    return TaskMaker { context in
      let data = try context.store.mnist(context.path("mnistPerceptron", "the folder of IDX files"))
      return DenseClassification.multilayerPerceptron(
        data: data.train, heldOut: data.test, hidden: hidden, batch: batch,
        instance: context.instance
      )
      .using(threads: context.threads)
    }
  }

  static let libsvmLogistic = Recipe(
    "libsvmLogistic", [regularisation, batch("32")],
    summary: "ℓ2-regularised logistic regression on a LIBSVM file of two classes"
  ) { arguments throws(SpecError) in
    let lambda = arguments.optionalNumber("regularisation")
    let batch = arguments.integer("batch")
    return TaskMaker { context in
      let data = try context.store.libsvm(context.path("libsvmLogistic", "a LIBSVM file"))
      return MarginClassification.binaryLogisticRegression(
        data: data.train, heldOut: data.heldOut, regularisation: lambda, batch: batch,
        instance: context.instance)
    }
  }

  static let libsvmSVM = Recipe(
    "libsvmSVM", [regularisation, batch("32")],
    summary: "squared-hinge support vector machine on a LIBSVM file of two classes"
  ) { arguments throws(SpecError) in
    let lambda = arguments.optionalNumber("regularisation")
    let batch = arguments.integer("batch")
    return TaskMaker { context in
      let data = try context.store.libsvm(context.path("libsvmSVM", "a LIBSVM file"))
      return MarginClassification.squaredHingeSVM(
        data: data.train, heldOut: data.heldOut, regularisation: lambda, batch: batch,
        instance: context.instance)
    }
  }

  static let csvLogistic = Recipe(
    "csvLogistic", [batch("32")],
    summary: "multinomial logistic regression on the standardised columns of a CSV file"
  ) { arguments throws(SpecError) in
    let batch = arguments.integer("batch")
    return TaskMaker { context in
      let data = try context.store.csv(
        context.path("csvLogistic", "a CSV file"), labelColumn: context.labelColumn)
      return DenseClassification.softmaxRegression(
        data: data.train, heldOut: data.heldOut, batch: batch, instance: context.instance
      )
      .using(threads: context.threads)
    }
  }

  static let csvPerceptron = Recipe(
    "csvPerceptron", [hidden("[64]"), batch("32")],
    summary: "a perceptron with rectified hidden layers on the standardised columns of a CSV file"
  ) { arguments throws(SpecError) in
    let (hidden, batch) = (arguments.hiddenLayers, arguments.integer("batch"))
    return TaskMaker { context in
      let data = try context.store.csv(
        context.path("csvPerceptron", "a CSV file"), labelColumn: context.labelColumn)
      return DenseClassification.multilayerPerceptron(
        data: data.train, heldOut: data.heldOut, hidden: hidden, batch: batch,
        instance: context.instance
      )
      .using(threads: context.threads)
    }
  }
}
