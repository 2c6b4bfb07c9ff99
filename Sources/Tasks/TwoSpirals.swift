internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// Two interleaved spirals told apart by a tanh network of two hidden layers:
/// f(θ) = (1/N) Σ log(1 + exp(−yᵢ network(xᵢ))), by minibatches.
///
/// Each class has N/2 points at radii evenly spaced in (0, 2], winding `turns` times around the
/// origin, one class the other's mirror image through it; the instance turns both by an angle and
/// draws the start: hidden weights of standard deviation 1.5/√(inputs of the layer), biases of 0.5,
/// output weights of 1/√hidden.
/// f* is bounded from below by 0, which no parameters reach. Difficulty grows with `turns`.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `turns` | [0.1, 5] | 1 | windings of each spiral |
/// | `hidden` | 1…1000 | 16 | tanh units in each of two layers |
/// | `examples` | an even multiple of `batch`, 2…10⁶ | 192 | N |
/// | `batch` | 1…min(N, 10⁵) | 16 | examples a step |
/// | `precision` | double, single | double | of all numbers (``SingleNetwork``); in a text |
/// | `instance` | any | 1 | names angle and start; the order is named by instance and seed |
///
/// > Source: K. J. Lang and M. J. Witbrock, Learning to tell two spirals apart (1988), with three
/// > turns and 194 points.
public struct TwoSpirals: LaneTask, DerivedTask {
  let base: NetworkProblem<Double>

  public init(
    turns: Double = 1, hidden: Int = 16, examples: Int = 192, batch: Int = 16, instance: Int = 1
  ) {
    Recipe.twoSpirals.check(turns, hidden, examples, batch, Precision.double)
    let name = "twoSpirals"
    let pi = Double.pi
    var rotation = RandomStream(RandomKey(name + ".angle", instance))
    let angle = 2 * pi * rotation.uniform()
    var inputs: [Double] = []
    var targets: [Double] = []
    for i in 0..<(examples / 2) {
      let along = Double(i + 1) / Double(examples / 2)
      let phase = angle + 2 * pi * turns * along
      let (x, y) = (2 * along * Portable.cos(phase), 2 * along * Portable.sin(phase))
      inputs += [x, y, -x, -y]
      targets += [1, -1]
    }
    var stream = RandomStream(RandomKey(name + ".start", instance))
    let first = stream.normals(2 * hidden).map { $0 * 1.5 / Double(2).squareRoot() }
    let firstBiases = stream.normals(hidden).map { $0 * 0.5 }
    let second = stream.normals(hidden * hidden).map { $0 * 1.5 / Double(hidden).squareRoot() }
    let secondBiases = stream.normals(hidden).map { $0 * 0.5 }
    let third = stream.normals(hidden).map { $0 / Double(hidden).squareRoot() }
    base = NetworkProblem(
      network: SmallNetwork(sizes: [2, hidden, hidden, 1]), loss: .logistic, inputs: inputs,
      targets: targets,
      batches: Minibatches(
        examples: examples, batch: batch, name: name + ".order", instance: instance),
      start: first + firstBiases + second + secondBiases + third + [0],
      reference: ReferenceValue(0, .lowerBound))
  }

  /// The same in Float.
  public var single: SingleNetwork { SingleNetwork(base) }
}

extension TwoSpirals {
  /// What is wrong with these sizes together.
  fileprivate static func fault(examples: Int, batch: Int) -> String? {
    if examples % 2 != 0 { return "\(examples) examples do not make two equal classes" }
    return NetworkProblem<Double>.fault(examples: examples, batch: batch)
  }
}

extension Recipe where Product == TaskMaker {
  static let twoSpirals = Recipe(
    "twoSpirals",
    { (turns: Double, hidden: Int, examples: Int, batch: Int, kind: Precision) in
      TaskMaker(isNetwork: true) {
        kind.network(
          TwoSpirals(
            turns: turns, hidden: hidden, examples: examples, batch: batch,
            instance: $0.instance))
      }
    },
    .number("turns", in: .between(0.1, 5), default: 1, "windings"),
    .units(16, "units in each of two layers"), .examples(192, "points"), .batch, .precision,
    unless: { _, _, examples, batch, _ in TwoSpirals.fault(examples: examples, batch: batch) },
    summary: "a tanh network tells two spirals apart",
    examples: ["twoSpirals(turns: 0.5, hidden: 4, examples: 32, batch: 8)"],
    standard: { TaskMaker { TwoSpirals(instance: $0.instance) } })
}
