internal import HypergradientRecipes
public import Datasets
internal import Hypergradient

extension DenseClassification {
  /// Multinomial logistic regression: one layer from features to classes.
  ///
  ///     f(θ) = (1/N) Σ −log softmax(W xᵢ + b)_yᵢ
  ///
  /// Convex; ``MNIST`` has 784 features and 10 classes, hence 7850 parameters.
  ///
  /// | parameter | range | default | meaning |
  /// |---|---|---|---|
  /// | `batch` | 1…10⁶ | 128 | examples a step; the last of an epoch may have fewer |
  /// | `regularisation` | at least 0 | 0 | λ of (λ/2) ‖θ‖²; for CSV files 1/N if left out |
  /// | `instance` | any | 1 | names the start and, with the seed, the order |
  ///
  /// - Precondition: `data` has at least one example and two classes; `heldOut` has its features
  ///   and classes.
  public static func softmaxRegression(
    data: Dataset<Scalar>, heldOut: Dataset<Scalar>? = nil, batch: Int = 128,
    regularisation: Double = 0,
    instance: Int = 1
  ) -> DenseClassification {
    DenseClassification(
      data: data, heldOut: heldOut, hidden: [], batch: batch, regularisation: regularisation,
      instance: instance)
  }
}

extension Recipe where Product == TaskMaker {
  static let mnistLogistic = Recipe(
    "mnistLogistic",
    { (examples: Int?, batch: Int) in
      TaskMaker { context in
        let data = try context.store.mnist(
          context.source("mnistLogistic", "the folder of IDX files"))
        return try DenseClassification.softmaxRegression(
          data: context.chosen(data.train.first(examples)), heldOut: data.test, batch: batch,
          instance: context.instance
        )
        .using(threads: context.threads)
      }
    },
    .firstExamples, .dataBatch(128),
    summary: "multinomial logistic regression on MNIST's IDX files",
    examples: ["mnistLogistic(batch: 8)", "mnistLogistic(examples: 30, batch: 8)"])

  static let csvLogistic = Recipe(
    "csvLogistic",
    { (batch: Int, lambda: Double?) in
      TaskMaker { context in
        let source = try context.source("csvLogistic", "a CSV file")
        let data = try context.store.csv(source)
        let chosen = try context.chosen(data.train)
        let regularisation = lambda ?? 1 / Double(chosen.count)
        return DenseClassification(
          data: chosen, heldOut: data.heldOut, hidden: [], batch: batch,
          regularisation: regularisation,
          reference: try regularisation > 0
            ? context.store.leastLoss(
              "csvLogistic", of: source, examples: chosen.count, regularisation: regularisation
            ) { SoftmaxNewton(chosen, regularisation: regularisation).reference() } : nil,
          instance: context.instance
        )
        .using(threads: context.threads)
      }
    },
    .dataBatch(32), .csvRegularisation,
    summary:
      "ℓ2-regularised multinomial logistic regression on the standardised columns of a CSV file",
    examples: ["csvLogistic(batch: 7)", "csvLogistic(regularisation: 0)"])
}
