internal import Datasets
internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// Classes that are mixtures of normal distributions, told apart by a softmax regression or by a
/// perceptron: f(θ) = (1/N) Σ −log softmax(network(xᵢ; θ))_yᵢ + (λ/2) ‖θ‖², by minibatches, as on
/// real data.
///
/// Each class has `components` centres, normal with variance `separation`²/2 in every feature, so that
/// two centres are `separation`·√d apart in root mean square. An example is a centre of its class plus
/// a normal vector of variance 1 in every feature, the vector's length multiplied with e^{`tails`·z}, z
/// standard normal. Feature j is then scaled by 10^(−`spread`·j/(d−1)). Classes and components are
/// equally frequent, up to one example; a share `labelNoise` of the labels is replaced by any class.
/// f* is bounded from below by 0, or, with λ > 0 and no hidden layer, by a bound that is as good as
/// the least value. As many examples more, drawn likewise, are held out.
///
/// It has by choice what real data have: classes that can be separated, so that the minimum is at
/// infinity and minibatch gradients near it have heavy tails; features of different scales; classes
/// that are no half-spaces. Difficulty grows with `spread`, `tails` and `components`.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `features` | 1…1000 | 10 | d |
/// | `classes` | 2…100 | 3 | classes |
/// | `components` | 1…100 | 1 | normal distributions of each class |
/// | `separation` | [0, 100] | 1 | of the centres, in standard deviations a feature |
/// | `spread` | [0, 6] | 0 | decades between the largest scale of a feature and the smallest |
/// | `tails` | [0, 3] | 0 | of the logarithm of an example's distance from its centre |
/// | `labelNoise` | [0, 1] | 0 | the share of labels that say nothing |
/// | `regularisation` | [0, 10] | 0 | λ |
/// | `hidden` | each 1…10⁵ | none | rectified units of each hidden layer |
/// | `examples` | 2…10⁵ | 256 | N; N·d is at most 2·10⁷ |
/// | `batch` | 1…N | 16 | examples a step; the last of an epoch may have fewer |
/// | `instance` | any | 1 | names data and start; the order by instance and seed |
public struct GaussianMixture: BenchmarkTask, WrappedTask {
  let base: DenseClassification<Double>

  public init(
    features: Int = 10, classes: Int = 3, components: Int = 1, separation: Double = 1,
    spread: Double = 0, tails: Double = 0, labelNoise: Double = 0, regularisation: Double = 0,
    hidden: [Int] = [], examples: Int = 256, batch: Int = 16, instance: Int = 1
  ) {
    Recipe.gaussianMixture.check(
      features, classes, components, separation, spread, tails, labelNoise, regularisation,
      hidden.map { Double($0) }, examples, batch)
    let name = "gaussianMixture"
    var stream = RandomStream(RandomKey(name + ".centres", instance))
    let centres = stream.normals(classes * components * features).map {
      $0 * separation * 0.5.squareRoot()
    }
    let scales = (0..<features).map {
      Portable.pow(10, -spread * Double($0) / Double(max(1, features - 1)))
    }
    func drawn(_ part: String) -> Dataset<Double> {
      var stream = RandomStream(RandomKey(name + part, instance))
      var values: [Double] = []
      var labels: [Int32] = []
      for example in 0..<examples {
        let label = example % classes
        let centre = label * components + example / classes % components
        let length = Portable.exp(tails * stream.normal())
        for (j, z) in stream.normals(features).enumerated() {
          values.append(scales[j] * (centres[centre * features + j] + length * z))
        }
        let isNoise = stream.uniform() < labelNoise
        let other = stream.integer(below: classes)
        labels.append(Int32(isNoise ? other : label))
      }
      return Dataset(
        name: name, features: values, labels: labels, featureCount: features, classCount: classes)
    }
    base = DenseClassification(
      data: drawn(".examples"), heldOut: drawn(".heldOut"), hidden: hidden, batch: batch,
      regularisation: regularisation, instance: instance)
  }
}

extension GaussianMixture {
  /// What is wrong with these sizes together.
  fileprivate static func fault(
    features: Int, classes: Int, components: Int, hidden: [Double], examples: Int, batch: Int
  ) -> String? {
    if let fault = Minibatches.fault(examples: examples, batch: batch) { return fault }
    let widths = [Double(features)] + hidden + [Double(classes)]
    let parameters = zip(widths, widths.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
    if parameters > 2e6 { return "layers of \(Int(parameters)) parameters are above 2e6" }
    if classes * components * features > 20_000_000 {
      return "\(classes * components) centres of \(features) features are above 2e7 numbers"
    }
    return Faults.size(examples: examples, features: features)
  }
}

private typealias Count = Parameter<TaskMaker, Int>
private typealias Number = Parameter<TaskMaker, Double>

extension Recipe where Product == TaskMaker {
  static let gaussianMixture = Recipe(
    "gaussianMixture",
    {
      (
        features: Int, classes: Int, components: Int, separation: Double, spread: Double,
        tails: Double, labelNoise: Double, lambda: Double, hidden: [Double], examples: Int,
        batch: Int
      ) in
      TaskMaker(isNetwork: !hidden.isEmpty) {
        GaussianMixture(
          features: features, classes: classes, components: components, separation: separation,
          spread: spread, tails: tails, labelNoise: labelNoise, regularisation: lambda,
          hidden: hidden.map { Int($0) }, examples: examples, batch: batch, instance: $0.instance)
      }
    },
    Count.count("features", in: .between(1, 1000), default: 10, "of an example"),
    Count.count("classes", in: .between(2, 100), default: 3, "equally frequent"),
    Count.count(
      "components", in: .between(1, 100), default: 1, "normal distributions of each class"),
    Number.number(
      "separation", in: .between(0, 100), default: 1, unit: "standard deviations a feature",
      "of the centres"),
    Number.number(
      "spread", in: .between(0, 6), default: 0, unit: "decades", "of the features' scales"),
    Number.number(
      "tails", in: .between(0, 3), default: 0,
      "standard deviation of the logarithm of an example's distance from its centre"),
    Number.number(
      "labelNoise", in: .between(0, 1), default: 0, "the share of labels that say nothing"),
    Number.number("regularisation", in: .between(0, 10), default: 0, "λ of (λ/2)‖θ‖²"),
    Parameter<TaskMaker, [Double]>.layers([]), Count.examples(256, "drawn"), Count.batch,
    unless: { features, classes, components, _, _, _, _, _, hidden, examples, batch in
      GaussianMixture.fault(
        features: features, classes: classes, components: components, hidden: hidden,
        examples: examples, batch: batch)
    },
    summary: "softmax regression or a perceptron on classes that are mixtures of normals",
    examples: [
      "gaussianMixture(features: 4, classes: 2, spread: 2, regularisation: 0.01, examples: 24, "
        + "batch: 8)",
      "gaussianMixture(features: 3, components: 2, separation: 2, tails: 1, labelNoise: 0.1, "
        + "hidden: [5, 4], examples: 24, batch: 8)",
    ],
    standard: { TaskMaker { GaussianMixture(instance: $0.instance) } })
}
