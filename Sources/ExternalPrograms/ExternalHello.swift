internal import Hypergradient
internal import Tasks

/// What a program says of its task when it is first asked; see Documentation/External.md.
struct ExternalHello: Equatable {
  /// Of the protocol.
  static let version = 1

  /// θ₀; as many as there are parameters.
  let start: [Double]
  let format: WireFormat
  /// Whether the loss and the gradient depend on the point alone.
  let isDeterministic: Bool
  /// Whether the same question always gets the same bits.
  let isRepeatable: Bool
  let stepsPerEpoch: Int?
  let reference: ReferenceValue
  let hasScores: Bool
  /// The sizes of the parameters' parts; one part where it says none.
  let groups: [Int]

  var dimension: Int { start.count }

  private static let keys = [
    "version", "dimension", "start", "numbers", "deterministic", "repeatable", "stepsPerEpoch",
    "reference", "minimiser", "scores", "groups",
  ]

  /// - Throws: ``ChildFault`` that says what is missing or wrong.
  init(_ bytes: [UInt8]) throws(ChildFault) {
    let line = try AnswerLine(bytes).orItsError()
    try line.checkKeys(Self.keys, of: "a hello")
    try line.checkVersion(Self.version)
    guard let dimension = try line.count("dimension", in: 1...100_000_000) else {
      throw line.wrong("dimension", "the number of parameters")
    }
    let format = try line.wireFormat()
    self.format = format
    func point(_ key: String) throws(ChildFault) -> [Double]? {
      guard let value = line[key], value != .none else { return nil }
      guard let numbers = format.numbers(value) else { throw line.wrong(key, format.expected) }
      guard numbers.count == dimension else {
        throw ChildFault("answered '\(key)' of \(numbers.count) numbers, not \(dimension)")
      }
      if let place = numbers.firstIndex(where: { !$0.isFinite }) {
        throw ChildFault("answered '\(key)' whose element \(place) is \(numbers[place])")
      }
      return numbers
    }
    guard let start = try point("start") else { throw line.wrong("start", format.expected) }
    self.start = start
    isDeterministic = try line.flag("deterministic", default: false)
    isRepeatable = try line.flag("repeatable", default: true)
    hasScores = try line.flag("scores", default: false)
    stepsPerEpoch = try line.count("stepsPerEpoch", in: 1...1_000_000_000)
    var least = 0.0
    switch line["reference"] {
    case nil, .some(.none): break
    case .number(let x)?:
      guard x.isFinite else { fallthrough }
      least = x
    default: throw line.wrong("reference", "a finite number, a lower bound of the exact loss")
    }
    let minimiser = try point("minimiser")
    if minimiser != nil, line["reference"] == nil {
      throw line.wrong("reference", "the exact loss at 'minimiser'")
    }
    reference = ReferenceValue(
      least, minimiser == nil ? .lowerBound : .exact, minimiser: minimiser)
    switch line["groups"] {
    case nil, .some(.none): groups = [dimension]
    case .numbers(let sizes)?:
      let counts = sizes.compactMap { Int(exactly: $0) }.filter { (1...dimension).contains($0) }
      guard counts.count == sizes.count, counts.reduce(0, +) == dimension else { fallthrough }
      groups = counts
    default: throw line.wrong("groups", "a list of whole numbers whose sum is \(dimension)")
    }
  }
}
