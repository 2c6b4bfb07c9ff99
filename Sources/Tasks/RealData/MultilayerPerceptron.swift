package import HypergradientRecipes
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

extension Recipe where Product == TaskMaker {
  static let mnistPerceptron = Recipe(
    "mnistPerceptron",
    { (hidden: [Double], batch: Int) in
      TaskMaker { context in
        let data = try context.store.mnist(
          context.path("mnistPerceptron", "the folder of IDX files"))
        return try DenseClassification.multilayerPerceptron(
          data: context.chosen(data.train), heldOut: data.test, hidden: hidden.map { Int($0) },
          batch: batch,
          instance: context.instance
        )
        .using(threads: context.threads)
      }
    },
    .layers([1000, 1000]), .dataBatch(128),
    summary: "a perceptron with rectified hidden layers on MNIST's IDX files")

  static let csvPerceptron = Recipe(
    "csvPerceptron",
    { (hidden: [Double], batch: Int) in
      TaskMaker { context in
        let data = try context.store.csv(
          context.path("csvPerceptron", "a CSV file"), labelColumn: context.labelColumn)
        return try DenseClassification.multilayerPerceptron(
          data: context.chosen(data.train), heldOut: data.heldOut, hidden: hidden.map { Int($0) },
          batch: batch,
          instance: context.instance
        )
        .using(threads: context.threads)
      }
    },
    .layers([64]), .dataBatch(32),
    summary: "a perceptron with rectified hidden layers on the standardised columns of a CSV file")
}
