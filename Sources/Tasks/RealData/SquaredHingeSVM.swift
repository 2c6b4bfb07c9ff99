internal import HypergradientRecipes
public import Datasets
internal import Hypergradient

extension MarginClassification {
  /// A linear support vector machine with the squared hinge: φ(m) = ½ max(0, 1 − m)².
  ///
  /// | parameter | range | default | meaning |
  /// |---|---|---|---|
  /// | `regularisation` | (0, 10⁶] | 1/N | λ |
  /// | `batch` | 1…10⁶ | 32 | examples a step, the last of an epoch may have fewer; `nil`: all |
  /// | `instance` | any | 1 | names the start and, with the seed, the order |
  ///
  /// - Precondition: `data` has at least one example; `heldOut` has its features.
  public static func squaredHingeSVM(
    data: SparseDataset, heldOut: SparseDataset? = nil, regularisation: Double? = nil,
    batch: Int? = 32, instance: Int = 1
  ) -> MarginClassification {
    MarginClassification(
      .squaredHinge, data: data, heldOut: heldOut, regularisation: regularisation, batch: batch,
      instance: instance)
  }
}

extension Recipe where Product == TaskMaker {
  static let libsvmSVM = libsvm(
    "libsvmSVM", .squaredHinge,
    summary: "squared-hinge support vector machine on a LIBSVM file of two classes",
    example: "libsvmSVM")
}
