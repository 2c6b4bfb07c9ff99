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
/// | `inputs` | at least 1 | 10 | of the network |
/// | `hidden` | at least 1 | 32 | tanh units |
/// | `steepness` | [0.1, 10] | 1 | of the teacher's hidden units |
/// | `examples` | a multiple of `batch` | 256 | N |
/// | `batch` | 1…N | 16 | examples a step |
/// | `instance` | any | 1 | names data, teacher and start; the order by instance and seed |
///
/// > Source: D. Saad and S. A. Solla, On-line learning in soft committee machines (1995), with a
/// > finite set of examples and trained output weights.
public struct TeacherStudent: BenchmarkTask {
  public let start: [Double]
  public let reference: ReferenceValue
  private let problem: NetworkProblem

  public init(
    inputs: Int = 10, hidden: Int = 32, steepness: Double = 1, examples: Int = 256,
    batch: Int = 16, instance: Int = 1
  ) {
    precondition(
      steepness >= 0.1 && steepness <= 10, "steepness is \(steepness), not in [0.1, 10]")
    let name = "teacherStudent"
    let network = SmallNetwork(sizes: [inputs, hidden, 1])
    let teacher = Self.parameters(
      of: network, steepness: steepness, key: RandomKey(name + ".teacher", instance))
    var stream = RandomStream(RandomKey(name + ".features", instance))
    let features = stream.normals(examples * inputs)
    problem = NetworkProblem(
      network: network, loss: .squared, inputs: features,
      targets: network.outputs(teacher, rows: features, portion: batch),
      batches: Minibatches(
        examples: examples, batch: batch, name: name + ".order", instance: instance))
    reference = ReferenceValue(0, .exact, minimiser: teacher)
    start = Self.parameters(
      of: network, steepness: 1, key: RandomKey(name + ".start", instance))
  }

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

  public var dimension: Int { start.count }
  public var parameterGroups: [Range<Int>] { problem.network.parameterGroups }
  public var stepsPerEpoch: Int? { problem.batches.stepsPerEpoch }
  public var stepsPerBlock: Int { problem.stepsPerBlock }
  public var scratchCount: Int { problem.scratchCount }

  public func draws(seed: Int, steps: Range<Int>) -> Draws<Double> {
    problem.draws(seed: seed, steps: steps)
  }

  public func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    problem.gradient(at: theta, step: step, draws: draws, into: gradient, scratch: scratch)
  }

  public func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    problem.loss(at: theta, scratch: scratch)
  }

  public func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    problem.exactGradient(at: theta, into: gradient, scratch: scratch)
  }

  public var laneScratchCount: Int? { problem.laneScratchCount }

  public func laneGradient(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, losses: UnsafeMutablePointer<Double>?,
    scratch: UnsafeMutablePointer<Double>
  ) {
    problem.laneGradient(
      at: theta, lanes: lanes, step: step, draws: draws, into: gradient, losses: losses,
      scratch: scratch)
  }

  public func laneLosses(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int,
    into losses: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    problem.laneLosses(at: theta, lanes: lanes, into: losses, scratch: scratch)
  }
}
