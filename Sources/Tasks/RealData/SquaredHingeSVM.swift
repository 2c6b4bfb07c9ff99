public import Datasets

extension MarginClassification {
  /// A linear support vector machine with the squared hinge: φ(m) = ½ max(0, 1 − m)².
  ///
  /// | parameter | range | default | meaning |
  /// |---|---|---|---|
  /// | `regularisation` | above 0 | 1/N | λ |
  /// | `batch` | at least 1 | 32 | examples a step, the last of an epoch may have fewer; `nil`: all |
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
