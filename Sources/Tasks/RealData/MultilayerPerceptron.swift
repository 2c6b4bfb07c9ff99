public import Datasets

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
  /// | `hidden` | each at least 1 | 1000, 1000 | units of each hidden layer |
  /// | `batch` | at least 1 | 128 | examples a step; the last of an epoch may have fewer |
  /// | `instance` | any | 1 | names the start and, with the seed, the order |
  ///
  /// - Precondition: `data` has at least one example and two classes; `heldOut` has its features
  ///   and classes.
  public static func multilayerPerceptron(
    data: Dataset<Scalar>, heldOut: Dataset<Scalar>? = nil, hidden: [Int] = [1000, 1000],
    batch: Int = 128, instance: Int = 1
  ) -> DenseClassification {
    DenseClassification(
      data: data, heldOut: heldOut, hidden: hidden, batch: batch, instance: instance)
  }
}
