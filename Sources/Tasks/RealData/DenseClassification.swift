internal import HypergradientRecipes
public import Datasets
public import Hypergradient

/// A network of dense layers that learns classes from examples, by minibatches.
///
///     f(θ) = (1/N) Σ −log softmax(network(xᵢ; θ))_yᵢ + (λ/2) ‖θ‖²
///
/// Without hidden layers it is multinomial logistic regression, which is convex. Every epoch deals
/// the examples in the order of a keyed permutation (data's name, instance, seed; epoch), the last
/// batch smaller where the batch does not divide N. θ₀ is uniform on ±1/√inputs, layer by layer, and
/// named by the instance. The held-out loss has no penalty. The reference is the lower bound 0; with a
/// penalty and without hidden layers, one that is as good as the least value (``SoftmaxNewton``).
public struct DenseClassification<Scalar: ParameterScalar>: BenchmarkTask, DenseTask {
  var base: DenseFit<Scalar>

  /// - Parameters:
  ///   - heldOut: examples for the score; `nil` for none.
  ///   - hidden: units of each hidden layer, from the input on.
  ///   - batch: examples a step; all, if there are fewer.
  ///   - regularisation: λ, at least 0.
  ///   - reference: where it is known already; `nil` to compute it.
  ///   - instance: names the start and, with the seed, the order.
  /// - Precondition: `data` has at least one example and two classes; `heldOut` has its features
  ///   and classes.
  init(
    data: Dataset<Scalar>, heldOut: Dataset<Scalar>?, hidden: [Int], batch: Int,
    regularisation: Double = 0, reference: ReferenceValue? = nil, instance: Int
  ) {
    require(data.classCount >= 2, "the data have fewer than two classes")
    base = DenseFit(
      data: data, heldOut: heldOut, hidden: hidden, activation: .rectifier, batch: batch,
      regularisation: regularisation,
      reference: reference
        ?? (regularisation > 0 && hidden.isEmpty
          ? SoftmaxNewton(data, regularisation: regularisation).reference()
          : ReferenceValue(0, .lowerBound)),
      instance: instance)
  }

  public var data: Dataset<Scalar> { base.data }
  public var heldOut: Dataset<Scalar>? { base.heldOut }
  /// λ.
  public var regularisation: Double { base.regularisation }
  /// How many threads at most share out what is large; no bit depends on it.
  public var threads: Int {
    get { base.threads }
    set { base.threads = newValue }
  }
}
