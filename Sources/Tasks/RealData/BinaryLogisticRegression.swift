internal import HypergradientRecipes
public import Datasets
internal import Hypergradient

extension MarginClassification {
  /// ℓ2-regularised logistic regression of two classes: φ(m) = log(1 + e⁻ᵐ).
  ///
  /// | parameter | range | default | meaning |
  /// |---|---|---|---|
  /// | `regularisation` | (0, 10⁶] | 1/N | λ |
  /// | `batch` | 1…10⁶ | 32 | examples a step, the last of an epoch may have fewer; `nil`: all |
  /// | `instance` | any | 1 | names the start and, with the seed, the order |
  ///
  /// - Precondition: `data` has at least one example; `heldOut` has its features.
  public static func binaryLogisticRegression(
    data: SparseDataset, heldOut: SparseDataset? = nil, regularisation: Double? = nil,
    batch: Int? = 32, instance: Int = 1
  ) -> MarginClassification {
    MarginClassification(
      .logistic, data: data, heldOut: heldOut, regularisation: regularisation, batch: batch,
      instance: instance)
  }
}

extension Recipe where Product == TaskMaker {
  static let libsvmLogistic = Recipe(
    "libsvmLogistic",
    { (lambda: Double?, batch: Int) in
      TaskMaker { context in
        let data = try context.store.libsvm(context.source("libsvmLogistic", "a LIBSVM file"))
        return try MarginClassification.binaryLogisticRegression(
          data: context.chosen(data.train), heldOut: data.heldOut, regularisation: lambda,
          batch: batch,
          instance: context.instance)
      }
    },
    .dataRegularisation, .dataBatch(32),
    summary: "ℓ2-regularised logistic regression on a LIBSVM file of two classes",
    examples: ["libsvmLogistic(regularisation: 0.01, batch: 9)"])
}
