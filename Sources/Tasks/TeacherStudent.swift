internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// A two-layer tanh network learns a network of its own shape from examples:
/// f(θ) = 1/(2N) Σ (student(xᵢ) − teacher(xᵢ))², by minibatches.
///
/// Inputs xᵢ are standard normal. The teacher's hidden units have weights of standard deviation
/// `steepness`/√inputs and biases of 0.5, its output weights 1/√hidden; the student begins the same
/// way with steepness 1. The teacher itself reaches f* = 0, which is exact. Difficulty grows with
/// `steepness`.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `inputs` | 1…1000 | 10 | of the network |
/// | `hidden` | 1…1000 | 32 | tanh units |
/// | `steepness` | [0.1, 10] | 1 | of the teacher's hidden units |
/// | `examples` | a multiple of `batch`, 2…10⁶ | 256 | N; N·`inputs` is at most 2·10⁷ |
/// | `batch` | 1…min(N, 10⁵) | 16 | examples a step |
/// | `precision` | double, single | double | of all numbers (``SingleNetwork``); in a text |
/// | `instance` | any | 1 | names data, teacher and start; the order by instance and seed |
///
/// > Source: D. Saad and S. A. Solla, On-line learning in soft committee machines (1995), with a
/// > finite set of examples and trained output weights.
public struct TeacherStudent: LaneTask, DerivedTask {
  let base: NetworkProblem<Double>

  public init(
    inputs: Int = 10, hidden: Int = 32, steepness: Double = 1, examples: Int = 256,
    batch: Int = 16, instance: Int = 1
  ) {
    Recipe.teacherStudent.check(inputs, hidden, steepness, examples, batch, Precision.double)
    let name = "teacherStudent"
    let network = SmallNetwork(sizes: [inputs, hidden, 1])
    let teacher = Self.parameters(
      of: network, steepness: steepness, key: RandomKey(name + ".teacher", instance))
    var stream = RandomStream(RandomKey(name + ".features", instance))
    let features = stream.normals(examples * inputs)
    base = NetworkProblem(
      network: network, loss: .squared, inputs: features,
      targets: network.outputs(teacher, rows: features, portion: batch),
      batches: Minibatches(
        examples: examples, batch: batch, name: name + ".order", instance: instance),
      start: Self.parameters(
        of: network, steepness: 1, key: RandomKey(name + ".start", instance)),
      reference: ReferenceValue(0, .exact, minimiser: teacher))
  }

  /// The same in Float.
  public var single: SingleNetwork { SingleNetwork(base) }

  private static func parameters(
    of network: SmallNetwork, steepness: Double, key: RandomKey
  ) -> [Double] {
    let (inputs, hidden) = (network.sizes[0], network.sizes[1])
    var stream = RandomStream(key)
    let first = stream.normals(inputs * hidden).map {
      $0 * steepness / Double(inputs).squareRoot()
    }
    let biases = stream.normals(hidden).map { $0 * 0.5 }
    let second = stream.normals(hidden).map { $0 / Double(hidden).squareRoot() }
    return first + biases + second + [0]
  }
}

extension TeacherStudent {
  /// What is wrong with these sizes together.
  fileprivate static func fault(inputs: Int, examples: Int, batch: Int) -> String? {
    NetworkProblem<Double>.fault(examples: examples, batch: batch)
      ?? Faults.size(examples: examples, features: inputs)
  }
}

extension Recipe where Product == TaskMaker {
  static let teacherStudent = Recipe(
    "teacherStudent",
    {
      (
        inputs: Int, hidden: Int, steepness: Double, examples: Int, batch: Int, kind: Precision
      ) in
      TaskMaker(isNetwork: true) {
        kind.network(
          TeacherStudent(
            inputs: inputs, hidden: hidden, steepness: steepness, examples: examples,
            batch: batch, instance: $0.instance))
      }
    },
    .count("inputs", in: .between(1, 1000), default: 10, "inputs"), .units(32, "tanh units"),
    .number("steepness", in: .between(0.1, 10), default: 1, "of the teacher"),
    .examples(256, "inputs drawn"), .batch, .precision,
    unless: { inputs, _, _, examples, batch, _ in
      TeacherStudent.fault(inputs: inputs, examples: examples, batch: batch)
    },
    summary: "a two-layer tanh network learns another's outputs",
    examples: ["teacherStudent(inputs: 3, hidden: 4, examples: 32, batch: 8)"],
    standard: { TaskMaker { TeacherStudent(instance: $0.instance) } })
}
