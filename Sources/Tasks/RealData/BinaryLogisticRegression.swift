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
  static let libsvmLogistic = libsvm(
    "libsvmLogistic", .logistic,
    summary: "ℓ2-regularised logistic regression on a LIBSVM file of two classes",
    example: "libsvmLogistic(regularisation: 0.01, batch: 9)")
}
