internal import HypergradientRecipes
public import Datasets
internal import Hypergradient

extension DenseClassification {
  /// Dense layers with rectifiers between them.
  ///
  ///     f(θ) = (1/N) Σ −log softmax(W₃ max(0, W₂ max(0, W₁ xᵢ + b₁) + b₂) + b₃)_yᵢ
  ///
  /// > Baydin, Cornish, Martínez Rubio, Schmidt, Wood. Online learning rate adaptation with
  /// > hypergradient descent, 2018: 784-1000-1000-10 on MNIST, batches of 128.
  ///
  /// | parameter | range | default | meaning |
  /// |---|---|---|---|
  /// | `hidden` | each 1…10⁵ | 1000, 1000 | units of each hidden layer |
  /// | `batch` | 1…10⁶ | 128 | examples a step; the last of an epoch may have fewer |
  /// | `regularisation` | at least 0 | 0 | λ of (λ/2) ‖θ‖²; for CSV files 1/N if left out |
  /// | `instance` | any | 1 | names the start and, with the seed, the order |
  ///
  /// - Precondition: `data` has at least one example and two classes; `heldOut` has its features
  ///   and classes.
  public static func multilayerPerceptron(
    data: Dataset<Scalar>, heldOut: Dataset<Scalar>? = nil, hidden: [Int] = [1000, 1000],
    batch: Int = 128, regularisation: Double = 0,
    instance: Int = 1
  ) -> DenseClassification {
    DenseClassification(
      data: data, heldOut: heldOut, hidden: hidden, batch: batch,
      regularisation: regularisation, instance: instance)
  }
}

extension Recipe where Product == TaskMaker {
  static let mnistPerceptron = Recipe(
    "mnistPerceptron",
    { (hidden: [Double], examples: Int?, batch: Int) in
      TaskMaker(isNetwork: !hidden.isEmpty) { context in
        let data = try context.store.mnist(
          context.source("mnistPerceptron", "the folder of IDX files"))
        try checkSize(data.train, hidden, "mnistPerceptron")
        return try DenseClassification.multilayerPerceptron(
          data: context.chosen(data.train.first(examples)), heldOut: data.test,
          hidden: hidden.map { Int($0) },
          batch: batch,
          instance: context.instance
        )
        .using(threads: context.threads)
      }
    },
    .layers([1000, 1000]), .firstExamples, .dataBatch(128),
    summary: "a perceptron with rectified hidden layers on MNIST's IDX files",
    examples: [
      "mnistPerceptron(hidden: [5, 4], batch: 8)",
      "mnistPerceptron(hidden: [5], examples: 30, batch: 8)",
    ])

  static let csvPerceptron = Recipe(
    "csvPerceptron",
    { (hidden: [Double], batch: Int, lambda: Double?) in
      TaskMaker(isNetwork: !hidden.isEmpty) { context in
        let data = try context.store.csv(
          context.source("csvPerceptron", "a CSV file"))
        try checkSize(data.train, hidden, "csvPerceptron")
        let chosen = try context.chosen(data.train)
        return DenseClassification.multilayerPerceptron(
          data: chosen, heldOut: data.heldOut, hidden: hidden.map { Int($0) }, batch: batch,
          regularisation: lambda ?? 1 / Double(chosen.count), instance: context.instance
        )
        .using(threads: context.threads)
      }
    },
    .layers([64]), .dataBatch(32), .csvRegularisation,
    summary: "a perceptron with rectified hidden layers on the standardised columns of a CSV file",
    examples: ["csvPerceptron(hidden: [6])", "csvPerceptron(regularisation: 0.01)"])
}

/// The parameters of a network on a user's data.
private let mostParameters = 1 << 26

/// - Throws: where a network is larger than memory is likely to be.
func checkSize(
  _ data: Dataset<Float>, _ hidden: [Double], _ task: String
) throws(DataError) {
  let widths = [Double(data.featureCount)] + hidden + [Double(data.classCount)]
  let count = zip(widths, widths.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
  guard count <= Double(mostParameters) else {
    throw DataError(
      task, "expected at most \(mostParameters) parameters, found layers that have \(Int(count))")
  }
}
