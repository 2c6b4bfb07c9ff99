internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// The parity of a few among many bits, learned by a tanh network of one hidden layer:
/// f(θ) = (1/N) Σ log(1 + exp(−yᵢ network(xᵢ))), yᵢ the product of the first `relevant` bits, by
/// minibatches.
///
/// Bits are ±1 with equal chances. No single bit, and no fewer bits than all the relevant ones, tell
/// anything of the label, so that the loss stays long where it began before it falls. The start has
/// hidden weights of standard deviation 1.5/√bits, biases of ½ and output weights of 1/√hidden. f*
/// is bounded from below by 0, which no parameters reach.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `bits` | 2…1000 | 10 | inputs |
/// | `relevant` | 2…`bits` | 2 | bits of the parity |
/// | `hidden` | 1…1000 | 32 | tanh units |
/// | `examples` | a multiple of `batch`, 2…10⁶ | 256 | N; N·`bits` is at most 2·10⁷ |
/// | `batch` | 1…min(N, 10⁵) | 16 | examples a step |
/// | `precision` | double, single | double | of parameters and gradients; in a text |
/// | `instance` | any | 1 | names bits and start; the order is named by instance and seed |
///
/// > Source: B. Barak et al., Hidden progress in deep learning: SGD learns parities near the
/// > computational limit (2022), with tanh units, and a finite set of examples.
public struct SparseParity: LaneTask, DerivedTask {
  let base: NetworkProblem<Double>

  public init(
    bits: Int = 10, relevant: Int = 2, hidden: Int = 32, examples: Int = 256, batch: Int = 16,
    instance: Int = 1
  ) {
    Recipe.sparseParity.check(bits, relevant, hidden, examples, batch, Precision.double)
    let name = "sparseParity"
    var coins = RandomStream(RandomKey(name + ".bits", instance))
    let inputs = (0..<(examples * bits)).map { _ in coins.uniform() < 0.5 ? -1.0 : 1.0 }
    let targets = (0..<examples).map { example in
      (0..<relevant).reduce(1.0) { $0 * inputs[example * bits + $1] }
    }
    var stream = RandomStream(RandomKey(name + ".start", instance))
    let first = stream.normals(bits * hidden).map { $0 * 1.5 / Double(bits).squareRoot() }
    let biases = stream.normals(hidden).map { $0 * 0.5 }
    let second = stream.normals(hidden).map { $0 / Double(hidden).squareRoot() }
    base = NetworkProblem(
      network: SmallNetwork(sizes: [bits, hidden, 1]), loss: .logistic, inputs: inputs,
      targets: targets,
      batches: Minibatches(
        examples: examples, batch: batch, name: name + ".order", instance: instance),
      start: first + biases + second + [0], reference: ReferenceValue(0, .lowerBound))
  }
}

extension Recipe where Product == TaskMaker {
  static let sparseParity = Recipe(
    "sparseParity",
    { (bits: Int, relevant: Int, hidden: Int, examples: Int, batch: Int, kind: Precision) in
      TaskMaker(isNetwork: true) {
        kind.task(
          SparseParity(
            bits: bits, relevant: relevant, hidden: hidden, examples: examples, batch: batch,
            instance: $0.instance))
      }
    },
    .count("bits", in: .between(2, 1000), default: 10, "inputs"),
    .count("relevant", in: .between(2, 1000), default: 2, "bits of the parity"),
    .units(32, "tanh units"), .examples(256, "drawn"), .batch, .precision,
    unless: { bits, relevant, _, examples, batch, _ in
      if relevant > bits { return "\(relevant) relevant bits are more than \(bits) bits" }
      return NetworkProblem<Double>.fault(examples: examples, batch: batch)
        ?? Faults.size(examples: examples, features: bits)
    },
    summary: "a tanh network learns the parity of a few bits among many",
    examples: ["sparseParity(bits: 5, hidden: 8, examples: 32, batch: 8)"],
    standard: { TaskMaker { SparseParity(instance: $0.instance) } })
}
