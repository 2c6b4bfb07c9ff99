public import Datasets

extension DenseClassification {
  /// Multinomial logistic regression: one layer from features to classes.
  ///
  ///     f(θ) = (1/N) Σ −log softmax(W xᵢ + b)_yᵢ
  ///
  /// Convex; ``MNIST`` has 784 features and 10 classes, hence 7850 parameters.
  ///
  /// | parameter | range | default | meaning |
  /// |---|---|---|---|
  /// | `batch` | at least 1 | 128 | examples a step; the last of an epoch may have fewer |
  /// | `instance` | any | 1 | names the start and, with the seed, the order |
  ///
  /// - Precondition: `data` has at least one example and two classes; `heldOut` has its features
  ///   and classes.
  public static func softmaxRegression(
    data: Dataset<Scalar>, heldOut: Dataset<Scalar>? = nil, batch: Int = 128, instance: Int = 1
  ) -> DenseClassification {
    DenseClassification(
      data: data, heldOut: heldOut, hidden: [], batch: batch, instance: instance)
  }
}
