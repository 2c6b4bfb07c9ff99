internal import HypergradientRecipes
internal import Hypergradient

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
    func wrong(_ key: String, _ expected: String) -> ChildFault {
      ChildFault(
        "answered \(ChildFault.shown(bytes)), "
          + (line[key] == nil
            ? "without '\(key)', \(expected)" : "where '\(key)' is not \(expected)"))
    }
    for (key, _) in line.values where !Self.keys.contains(key) {
      throw ChildFault("answered \(unknownName(key, kind: "key of a hello", among: Self.keys))")
    }
    func flag(_ key: String, _ standard: Bool) throws(ChildFault) -> Bool {
      switch line[key] {
      case nil, .some(.none): return standard
      case .flag(let flag)?: return flag
      default: throw wrong(key, "true or false")
      }
    }
    func count(_ key: String, _ range: ClosedRange<Int>) throws(ChildFault) -> Int? {
      switch line[key] {
      case nil, .some(.none): return nil
      case .number(let x)?:
        guard let count = Int(exactly: x), range.contains(count) else { fallthrough }
        return count
      default: throw wrong(key, "a whole number in \(range.lowerBound)...\(range.upperBound)")
      }
    }
    guard let version = try count("version", 1...1_000_000) else {
      throw wrong("version", "which is \(Self.version)")
    }
    guard version == Self.version else {
      throw ChildFault("speaks version \(version) of the protocol, not \(Self.version)")
    }
    guard let dimension = try count("dimension", 1...100_000_000) else {
      throw wrong("dimension", "the number of parameters")
    }
    var format = WireFormat.float64
    switch line["numbers"] {
    case nil, .some(.none): break
    case .text(let word)?:
      guard let known = WireFormat(rawValue: String(decoding: word, as: UTF8.self)) else {
        fallthrough
      }
      format = known
    default:
      throw wrong(
        "numbers",
        "one of " + WireFormat.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
    }
    self.format = format
    func point(_ key: String) throws(ChildFault) -> [Double]? {
      guard let value = line[key], value != .none else { return nil }
      guard let numbers = format.numbers(value) else { throw wrong(key, format.expected) }
      guard numbers.count == dimension else {
        throw ChildFault("answered '\(key)' of \(numbers.count) numbers, not \(dimension)")
      }
      if let place = numbers.firstIndex(where: { !$0.isFinite }) {
        throw ChildFault("answered '\(key)' whose element \(place) is \(numbers[place])")
      }
      return numbers
    }
    guard let start = try point("start") else { throw wrong("start", format.expected) }
    self.start = start
    isDeterministic = try flag("deterministic", false)
    isRepeatable = try flag("repeatable", true)
    hasScores = try flag("scores", false)
    stepsPerEpoch = try count("stepsPerEpoch", 1...1_000_000_000)
    var least = 0.0
    switch line["reference"] {
    case nil, .some(.none): break
    case .number(let x)?:
      guard x.isFinite else { fallthrough }
      least = x
    default: throw wrong("reference", "a finite number, a lower bound of the exact loss")
    }
    let minimiser = try point("minimiser")
    if minimiser != nil, line["reference"] == nil {
      throw wrong("reference", "the exact loss at 'minimiser'")
    }
    reference = ReferenceValue(
      least, minimiser == nil ? .lowerBound : .exact, minimiser: minimiser)
    switch line["groups"] {
    case nil, .some(.none): groups = [dimension]
    case .numbers(let sizes)?:
      let counts = sizes.compactMap { Int(exactly: $0) }.filter { (1...dimension).contains($0) }
      guard counts.count == sizes.count, counts.reduce(0, +) == dimension else { fallthrough }
      groups = counts
    default: throw wrong("groups", "a list of whole numbers whose sum is \(dimension)")
    }
  }
}
