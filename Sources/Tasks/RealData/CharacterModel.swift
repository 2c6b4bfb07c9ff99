package import Datasets
internal import Hypergradient
internal import HypergradientRecipes
internal import Kernels
internal import PortableMath
internal import Vectors

/// A recurrent network that reads a text and says, after each character, which one follows:
/// f(θ) = mean over windows and places of −log softmax(V h_t + c)_{x_{t+1}}, by minibatches of windows.
///
/// The user's text is cut into windows of `length` + 1 characters that share their ends; the last
/// fifth of them is held out. Characters are Unicode scalars: the 63 most frequent, those equally
/// frequent by their number, and one for all others. h_t = tanh(W x_t + U h_{t−1} + b) over the
/// characters as unit vectors; parameters are W, U, b, V, c. The start has W of standard deviation
/// 1/√characters, U a rotation times 0.9, V of 1/√units, b = c = 0. f* is bounded from below by 0.
package struct CharacterModel: ExampleTask {
  package let start: [Double]
  let order: ExampleOrder
  private let layer: RecurrentLayer
  /// The classes of the text's characters.
  private let text: [Int32]
  private let classes: Int
  /// The windows that are learned from.
  private let learned: [Int32]
  private let heldOut: Range<Int>

  /// The most classes of characters.
  private static var mostClasses: Int { 64 }

  /// - Parameters:
  ///   - characters: how much of the text is used.
  ///   - choose: which of so many windows are learned from; `nil` for all.
  /// - Throws: where the text has fewer than ten windows, or one character alone.
  package init(
    text scalars: [UInt32], file: String, length: Int, hidden: Int, characters: Int, batch: Int,
    instance: Int, choose: (Int) throws(DataError) -> [Int]? = { _ in nil }
  ) throws(DataError) {
    let used = scalars.prefix(characters)
    guard used.count > 10 * length else {
      throw DataError(
        file,
        "expected more than \(10 * length) characters, ten windows of \(length), found \(used.count)"
      )
    }
    var counts: [UInt32: Int] = [:]
    for scalar in used { counts[scalar, default: 0] += 1 }
    let ranked = counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map(\.key)
    guard ranked.count >= 2 else {
      throw DataError(file, "expected a text of at least two characters, found only one, repeated")
    }
    classes = min(Self.mostClasses, ranked.count)
    var classOf: [UInt32: Int32] = [:]
    for (rank, scalar) in ranked.enumerated() {
      classOf[scalar] = Int32(min(rank, Self.mostClasses - 1))
    }
    text = used.map { classOf[$0]! }
    let windows = (used.count - 1) / length
    let train = windows - windows / 5
    heldOut = train..<windows
    learned = (try choose(train) ?? Array(0..<train)).map { Int32($0) }
    layer = RecurrentLayer(inputs: classes, units: hidden, steps: length)
    let name = "characterModel"
    order = ExampleOrder(
      examples: learned.count, batch: min(batch, learned.count), name: name + ".order",
      instance: instance)
    var output = RandomStream(RandomKey(name + ".output", instance))
    start =
      layer.start(name, instance: instance, memory: 0.9)
      + output.normals(classes * hidden).map { $0 / Double(hidden).squareRoot() }
      + [Double](repeating: 0, count: classes)
  }

  package var dimension: Int { layer.parameterCount + classes * (layer.units + 1) }
  package var parameterGroups: [Range<Int>] {
    let end = layer.parameterCount
    let middle = end + classes * layer.units
    return layer.parameterGroups + [end..<middle, middle..<dimension]
  }
  package var reference: ReferenceValue { ReferenceValue(0, .lowerBound) }
  package var scratchCount: Int {
    order.batches.batch * layer.steps * (2 * classes + 2 * layer.units)
  }

  /// Reads windows: their logits, steps × windows × classes, and the classes that follow.
  private func read(
    _ theta: UnsafePointer<Double>, windows chosen: UnsafePointer<Int32>, count: Int,
    scratch: UnsafeMutablePointer<Double>
  ) -> (logits: UnsafeMutablePointer<Double>, labels: [Int32]) {
    let (units, steps) = (layer.units, layer.steps)
    let sequence = scratch
    let states = sequence + steps * classes * count
    let logits = states + 2 * steps * units * count
    var labels = [Int32](repeating: 0, count: steps * count)
    sequence.update(repeating: 0, count: steps * classes * count)
    for slot in 0..<count {
      let first = Int(chosen[slot]) * steps
      for t in 0..<steps {
        sequence[(t * classes + Int(text[first + t])) * count + slot] = 1
        labels[t * count + slot] = text[first + t + 1]
      }
    }
    layer.forward(theta, sequence: sequence, columns: count, states: states)
    let weights = theta + layer.parameterCount
    let offsets = weights + classes * units
    for row in 0..<(steps * count) {
      (logits + row * classes).update(from: offsets, count: classes)
    }
    for t in 0..<steps {
      hg_matmul_f64(
        true, true, count, classes, units, states + t * units * count, count, weights, units,
        logits + t * count * classes, classes, true)
    }
    return (logits, labels)
  }

  package func evaluate(
    _ theta: UnsafePointer<Double>, examples: UnsafePointer<Int32>, count: Int,
    per divisor: Double, into gradient: UnsafeMutablePointer<Double>?, adding: Bool,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let (units, steps) = (layer.units, layer.steps)
    let chosen = (0..<count).map { learned[Int(examples[$0])] }
    let (logits, labels) = read(theta, windows: chosen, count: count, scratch: scratch)
    let sum = hg_cross_entropy_f64(logits, labels, steps * count, classes) / Double(steps)
    guard let gradient else { return sum }
    hg_cross_entropy_derivative_f64(
      logits, labels, steps * count, classes, 1 / (divisor * Double(steps)))
    if !adding { gradient.update(repeating: 0, count: dimension) }
    let states = scratch + steps * classes * count
    let errors = states + steps * units * count
    let weights = theta + layer.parameterCount
    let slope = gradient + layer.parameterCount
    let offsets = slope + classes * units
    for row in 0..<(steps * count) {
      for k in 0..<classes { offsets[k] += logits[row * classes + k] }
    }
    for t in 0..<steps {
      let here = logits + t * count * classes
      hg_matmul_f64(
        true, true, classes, units, count, here, classes, states + t * units * count, count, slope,
        units, true)
      hg_matmul_f64(
        true, true, units, count, classes, weights, units, here, classes,
        errors + t * units * count, count, false)
    }
    layer.backward(
      theta, sequence: scratch, columns: count, states: states, errors: errors,
      addingTo: gradient)
    return sum
  }

  /// Of the windows held out; the accuracy is that of the next character.
  package func heldOutScore(
    at theta: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> HeldOutScore? {
    var (loss, right) = (0.0, 0)
    for first in stride(from: heldOut.lowerBound, to: heldOut.upperBound, by: order.batches.batch) {
      let count = min(order.batches.batch, heldOut.upperBound - first)
      let chosen = (first..<first + count).map { Int32($0) }
      let (logits, labels) = read(theta, windows: chosen, count: count, scratch: scratch)
      right += RowOperations.countRight(
        logits, labels: labels, rows: labels.count, width: classes)
      loss += hg_cross_entropy_f64(logits, labels, labels.count, classes)
    }
    let places = Double(heldOut.count * layer.steps)
    return HeldOutScore(loss: loss / places, accuracy: Double(right) / places)
  }
}

extension Recipe where Product == TaskMaker {
  static let characterModel = Recipe(
    "characterModel",
    { (length: Int, hidden: Int, characters: Int, batch: Int, kind: Precision) in
      TaskMaker(isNetwork: true) { context in
        let source = try context.source("characterModel", "a text")
        return kind.task(
          try CharacterModel(
            text: try context.store.characters(source), file: source.path, length: length,
            hidden: hidden, characters: characters, batch: batch, instance: context.instance
          ) { count throws(DataError) in
            try context.rows("characterModel", count)
          })
      }
    },
    .count("length", in: .between(2, 1000), default: 16, "characters of a window"),
    .units(32, "tanh units"),
    .count("characters", in: .between(21, 1e7), default: 10_000, "of the text, from its beginning"),
    .dataBatch(16), .precision,
    summary: "a recurrent network says which character of a text follows",
    examples: ["characterModel(length: 4, hidden: 3, characters: 241, batch: 8)"])
}
