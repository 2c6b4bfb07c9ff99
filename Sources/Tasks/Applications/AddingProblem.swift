internal import HypergradientRecipes
public import Hypergradient
internal import Kernels
internal import PortableMath
internal import Vectors

/// The adding problem: a recurrent network reads a sequence of numbers, two of which are marked, and
/// says their sum at the end; f(θ) = 1/(2N) Σ (vᵀh_T + c − yᵢ)², by minibatches.
///
/// Numbers are uniform in [0, 1]; one mark stands in the first half of the sequence, one in the
/// second. h_t = tanh(W x_t + U h_{t−1} + b) with x_t the number and its mark; parameters are W, U, b,
/// v, c. The start has W of standard deviation 1/√2, U a rotation times 0.9, v of 1/√units, b = c = 0.
/// f* is bounded from below by 0. Who says 1, whatever the sequence, has f ≈ 1/12, so that a gap
/// well below that at ½ (1 + 1/6) tells whether anything was remembered.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `length` | 2…1000 | 10 | T, numbers of a sequence |
/// | `hidden` | 1…1000 | 16 | tanh units |
/// | `examples` | 2…10⁶ | 256 | N; N·`length` is at most 10⁷ |
/// | `batch` | 1…min(N, 10⁵) | 16 | examples a step |
/// | `precision` | double, single | double | of parameters and gradients; in a text |
/// | `instance` | any | 1 | names sequences and start; the order by instance and seed |
///
/// > Source: S. Hochreiter and J. Schmidhuber, Long short-term memory (1997), experiment 4, with a
/// > plain recurrent network, numbers in [0, 1] and a finite set of sequences.
public struct AddingProblem: ExampleTask {
  public let start: [Double]
  let order: ExampleOrder
  private let layer: RecurrentLayer
  /// Examples × (numbers, then marks, then the sum).
  private let rows: [Double]

  public init(
    length: Int = 10, hidden: Int = 16, examples: Int = 256, batch: Int = 16, instance: Int = 1
  ) {
    Recipe.addingProblem.check(length, hidden, examples, batch, Precision.double)
    let name = "addingProblem"
    layer = RecurrentLayer(inputs: 2, units: hidden, steps: length)
    var stream = RandomStream(RandomKey(name + ".sequences", instance))
    var rows: [Double] = []
    rows.reserveCapacity(examples * (2 * length + 1))
    for _ in 0..<examples {
      let numbers = (0..<length).map { _ in stream.uniform() }
      let first = stream.integer(below: length / 2)
      let second = length / 2 + stream.integer(below: length - length / 2)
      rows += numbers + (0..<length).map { $0 == first || $0 == second ? 1 : 0 }
      rows.append(numbers[first] + numbers[second])
    }
    self.rows = rows
    order = ExampleOrder(
      examples: examples, batch: batch, name: name + ".order", instance: instance)
    var output = RandomStream(RandomKey(name + ".output", instance))
    start =
      layer.start(name, instance: instance, memory: 0.9)
      + output.normals(hidden).map { $0 / Double(hidden).squareRoot() } + [0]
  }

  public var dimension: Int { layer.parameterCount + layer.units + 1 }
  public var parameterGroups: [Range<Int>] {
    let end = layer.parameterCount
    return layer.parameterGroups + [end..<end + layer.units, (dimension - 1)..<dimension]
  }
  public var reference: ReferenceValue { ReferenceValue(0, .lowerBound) }
  public var scratchCount: Int {
    order.batches.batch * (layer.steps * (2 + 2 * layer.units) + 1)
  }

  func evaluate(
    _ theta: UnsafePointer<Double>, examples: UnsafePointer<Int32>, count: Int,
    per divisor: Double, into gradient: UnsafeMutablePointer<Double>?, adding: Bool,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let (units, steps) = (layer.units, layer.steps)
    let width = 2 * steps + 1
    let sequence = scratch
    let states = sequence + steps * 2 * count
    let errors = states + steps * units * count
    let outputs = errors + steps * units * count
    for slot in 0..<count {
      let row = Int(examples[slot]) * width
      for t in 0..<steps {
        sequence[2 * t * count + slot] = rows[row + t]
        sequence[(2 * t + 1) * count + slot] = rows[row + steps + t]
      }
    }
    layer.forward(theta, sequence: sequence, columns: count, states: states)
    let last = (steps - 1) * units * count
    let readout = theta + layer.parameterCount
    for slot in 0..<count {
      outputs[slot] = readout[units] - rows[Int(examples[slot]) * width + 2 * steps]
    }
    hg_matmul_f64(
      false, false, 1, count, units, readout, units, states + last, count, outputs, count, true)
    let sum = 0.5 * BlockSums.dot(outputs, outputs, count: count)
    guard let gradient else { return sum }
    if !adding { gradient.update(repeating: 0, count: dimension) }
    let share = 1 / divisor
    for slot in 0..<count { outputs[slot] *= share }
    errors.update(repeating: 0, count: last)
    hg_matmul_f64(
      false, false, units, count, 1, readout, 1, outputs, count, errors + last, count, false)
    let slope = gradient + layer.parameterCount
    hg_matmul_f64(
      false, true, 1, units, count, outputs, count, states + last, count, slope, units, true)
    slope[units] += BlockSums.sum(outputs, count: count)
    layer.backward(
      theta, sequence: sequence, columns: count, states: states, errors: errors,
      addingTo: gradient)
    return sum
  }
}

extension Recipe where Product == TaskMaker {
  static let addingProblem = Recipe(
    "addingProblem",
    { (length: Int, hidden: Int, examples: Int, batch: Int, kind: Precision) in
      TaskMaker(isNetwork: true) {
        kind.task(
          AddingProblem(
            length: length, hidden: hidden, examples: examples, batch: batch,
            instance: $0.instance))
      }
    },
    .count("length", in: .between(2, 1000), default: 10, "numbers of a sequence"),
    .units(16, "tanh units"), .examples(256, "sequences drawn"), .batch, .precision,
    unless: { length, _, examples, batch, _ in
      Minibatches.fault(examples: examples, batch: batch)
        ?? Faults.size(examples: examples, features: 2 * length)
    },
    summary: "a recurrent network adds the two marked numbers of a sequence",
    examples: ["addingProblem(length: 5, hidden: 5, examples: 32, batch: 8)"],
    standard: { TaskMaker { AddingProblem(instance: $0.instance) } })
}
