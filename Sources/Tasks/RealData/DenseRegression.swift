internal import HypergradientRecipes
public import Datasets
public import Hypergradient
internal import Vectors

/// A network of dense layers, with tanh between them, that learns a number from examples, by
/// minibatches.
///
///     f(θ) = 1/(2N) Σ (network(xᵢ; θ) − yᵢ)² + (λ/2) ‖θ‖²
///
/// Without hidden layers it is linear least squares. Order of the examples and start are those of
/// ``DenseClassification``. The held-out loss is half the mean square, without a penalty; there is no
/// accuracy. Without hidden layers the reference is the least value (``leastValue(of:regularisation:)``),
/// with them the lower bound 0.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `hidden` | each 1…10⁵ | none | tanh units of each hidden layer |
/// | `batch` | 1…10⁶ | 32 | examples a step; the last of an epoch may have fewer |
/// | `regularisation` | at least 0 | 0 | λ of (λ/2) ‖θ‖²; for CSV files 1/N if left out |
/// | `instance` | any | 1 | names the start and, with the seed, the order |
///
/// Of a CSV file the numbers to learn are standardised as its features are, less their mean over their
/// deviation in the examples to learn from: f(θ₀) is of the order of ½, which is what their mean alone
/// comes to, and a loss ℓ is 2·ℓ·deviation² as a mean square in their own unit.
public struct DenseRegression<Scalar: ParameterScalar>: BenchmarkTask, DenseTask {
  var base: DenseFit<Scalar>

  public var data: Dataset<Scalar> { base.data }
  public var heldOut: Dataset<Scalar>? { base.heldOut }
  /// λ.
  public var regularisation: Double { base.regularisation }

  /// - Parameter reference: where it is known already; `nil` to compute it.
  /// - Precondition: `data` has at least one example, and `targets`; `heldOut` too, and its features.
  public init(
    data: Dataset<Scalar>, heldOut: Dataset<Scalar>? = nil, hidden: [Int] = [], batch: Int = 32,
    regularisation: Double = 0, reference: ReferenceValue? = nil, instance: Int = 1
  ) {
    require(!data.targets.isEmpty, "the data have no numbers to learn")
    base = DenseFit(
      data: data, heldOut: heldOut, hidden: hidden, activation: .tanh, batch: batch,
      regularisation: regularisation,
      reference: reference
        ?? (hidden.isEmpty
          ? Self.leastValue(of: data, regularisation: regularisation)
          : ReferenceValue(0, .lowerBound)),
      instance: instance)
  }

  /// The least value without hidden layers, by conjugate gradients from θ = 0, begun anew from what
  /// rounding leaves of the gradient.
  ///
  /// With a penalty f(θ) − f* ≤ ‖∇f(θ)‖²/(2λ) certifies it, or gives a lower bound where the work
  /// does not suffice. Without one it counts as found where the gradient is 10⁻¹⁰ of that at θ = 0,
  /// and the bound is 0 elsewhere.
  ///
  /// - Parameter work: products of a feature and a parameter, at most.
  static func leastValue(
    of data: Dataset<Scalar>, regularisation: Double, work: Double = 1e10
  ) -> ReferenceValue {
    func fit(_ targets: [Double]) -> DenseFit<Double> {
      DenseFit(
        data: Dataset(
          name: data.name, features: data.features.map { Double($0) }, targets: targets,
          featureCount: data.featureCount),
        heldOut: nil, hidden: [], activation: .tanh, batch: data.count,
        regularisation: regularisation, reference: ReferenceValue(0, .lowerBound), instance: 1)
    }
    let task = fit(data.targets.map { Double($0) })
    // Its gradient at a vector is the Hessian times it.
    let quadratic = fit([Double](repeating: 0, count: data.count))
    func square(_ vector: [Double]) -> Double {
      BlockSums.dot(vector, vector, count: vector.count)
    }
    let pass = 2 * Double(data.count) * Double(task.dimension)
    var left = work
    var theta = [Double](repeating: 0, count: task.dimension)
    var gradient = task.exactGradient(at: theta)
    let first = square(gradient)
    for _ in 0..<10 where square(gradient) > 0 && left > 0 {
      let direction = ConjugateGradients.solve(
        gradient, share: 1e-26, most: 50 * task.dimension, while: { left > 0 }
      ) {
        left -= pass
        return quadratic.exactGradient(at: $0)
      }
      let next = zip(theta, direction).map { $0 - $1 }
      let then = task.exactGradient(at: next)
      // At the limit of rounding a solution no longer shortens the gradient.
      guard square(then) < square(gradient) else { break }
      (theta, gradient) = (next, then)
    }
    let value = task.loss(at: theta)
    let excess = regularisation > 0 ? square(gradient) / (2 * regularisation) : .infinity
    let isFound = regularisation > 0 ? excess <= 1e-12 * value : square(gradient) <= 1e-20 * first
    return isFound
      ? ReferenceValue(value, .certified, minimiser: theta)
      : ReferenceValue(bound: value - excess, reached: value)
  }
}

extension Recipe where Product == TaskMaker {
  static let csvRegression = Recipe(
    "csvRegression",
    { (hidden: [Double], batch: Int, lambda: Double?) in
      TaskMaker(isNetwork: !hidden.isEmpty) { context in
        let source = try context.source("csvRegression", "a CSV file")
        let data = try context.store.csv(source, learning: .numbers)
        try checkSize(data.train, hidden, "csvRegression")
        let chosen = try context.chosen(data.train)
        let regularisation = lambda ?? 1 / Double(chosen.count)
        return DenseRegression(
          data: chosen, heldOut: data.heldOut, hidden: hidden.map { Int($0) }, batch: batch,
          regularisation: regularisation,
          reference: try hidden.isEmpty
            ? context.store.leastLoss(
              "csvRegression", of: source, examples: chosen.count, regularisation: regularisation
            ) { DenseRegression.leastValue(of: chosen, regularisation: regularisation) } : nil,
          instance: context.instance
        )
        .using(threads: context.threads)
      }
    },
    .layers([], "tanh"), .dataBatch(32), .csvRegularisation,
    summary: "ℓ2-regularised least squares, linear or by tanh layers, on the columns of a CSV file",
    examples: [
      "csvRegression(batch: 7)", "csvRegression(hidden: [6])", "csvRegression(regularisation: 0)",
    ])
}
