public import HypergradientRecipes

/// Reads what a value keeps between steps from its coded form, each thing checked as it is read, so
/// that a checkpoint from elsewhere can't bring about what no run could: vectors of other lengths,
/// numbers outside their ranges, counts that overflow.
///
/// ```swift
/// struct Sums: Encodable {
///   let rate: Double
///   var origin, sum: [Float]
/// }
///
/// extension Sums: Decodable {
///   init(from decoder: any Decoder) throws {
///     let state = try StateReader(decoder, keyedBy: CodingKeys.self)
///     rate = try state.number(.rate, in: .above(0))
///     origin = try state.vector(.origin)
///     sum = try state.vector(.sum, count: origin.count)
///   }
/// }
/// ```
///
/// What a recipe says of the arguments, ``StateReader/check(_:)`` takes from `fault(of:)`.
/// Every read throws a `DecodingError` with the path. What a type can't check by itself, such as the
/// length of the parameters, its `step` does: ``TrainingMethod/expectCount(_:_:)``.
public struct StateReader<Key: CodingKey> {
  let container: KeyedDecodingContainer<Key>

  public init(_ decoder: any Decoder, keyedBy _: Key.Type) throws {
    container = try decoder.container(keyedBy: Key.self)
  }

  // MARK: Numbers

  /// A number in a domain; none is NaN or infinite.
  public func number(_ key: Key, in domain: Domain = .any) throws -> Double {
    let x = try container.decode(CodedDouble.self, forKey: key).value
    try expect(domain.contains(x), key, "\(x) is not \(domain.description)")
    return x
  }

  /// The same, or nothing.
  public func numberOrNone(_ key: Key, in domain: Domain = .any) throws -> Double? {
    try isThere(key) ? number(key, in: domain) : nil
  }

  /// A count that no run goes beyond, so that one more never overflows.
  public func count(
    _ key: Key, from least: Int = 0, through most: Int = CheckpointLimits.steps
  ) throws -> Int {
    let n = try container.decode(Int.self, forKey: key)
    try expect(n >= least && n <= most, key, "\(n) is not a count in \(least)...\(most)")
    return n
  }

  /// The same, or nothing.
  func countOrNone(_ key: Key, from least: Int = 0) throws -> Int? {
    try isThere(key) ? count(key, from: least) : nil
  }

  /// Numbers in a domain, as many as are asked for; where there is none, finite or not.
  public func numbers(_ key: Key, count: Int? = nil, in domain: Domain? = .any) throws -> [Double] {
    let list = try container.decode([CodedDouble].self, forKey: key).map(\.value)
    try expectLength(list.count, count, key)
    guard let domain else { return list }
    for (i, x) in list.enumerated() {
      try expect(domain.contains(x), key, "number \(i) is \(x), not \(domain.description)")
    }
    return list
  }

  // MARK: Vectors

  /// A vector of finite numbers, as long as is asked for.
  ///
  /// - Parameter domain: what its numbers may be.
  public func vector<Scalar: ParameterScalar>(
    _ key: Key, count: Int? = nil, in domain: Domain = .any
  ) throws -> [Scalar] {
    let vector = try container.decode([Scalar].self, forKey: key)
    try expectLength(vector.count, count, key)
    if let i = vector.firstIndex(where: { !domain.contains(Double($0)) }) {
      throw fail(key, "number \(i) is \(vector[i]), not \(domain.description)")
    }
    return vector
  }

  /// Sums of squares: at least 0, or infinite where a square had overflowed, which stops its coordinate
  /// and no more.
  func squares<Scalar: ParameterScalar>(_ key: Key, count: Int? = nil) throws -> [Scalar] {
    try numbers(key, count: count, in: nil).enumerated().map { i, x in
      try expect(x >= 0, key, "number \(i) is \(x), not at least 0")
      return Scalar.nearest(to: x)
    }
  }

  /// Parts that cover so many parameters in order; none before a method is begun.
  func groups(_ key: Key, covering count: Int) throws -> [Range<Int>] {
    let groups = try container.decode([Range<Int>].self, forKey: key)
    try expect(
      groups.cover(count) || (count == 0 && groups.isEmpty), key,
      "the groups do not cover \(count) parameters in order")
    return groups
  }

  // MARK: Others

  /// What checks itself.
  public func value<Value: Decodable>(_ key: Key, as _: Value.Type = Value.self) throws -> Value {
    try container.decode(Value.self, forKey: key)
  }

  /// The same, or nothing.
  public func valueOrNone<Value: Decodable>(_ key: Key, as _: Value.Type = Value.self) throws
    -> Value?
  {
    try container.decodeIfPresent(Value.self, forKey: key)
  }

  private func isThere(_ key: Key) throws -> Bool {
    guard container.contains(key) else { return false }
    return try !container.decodeNil(forKey: key)
  }

  // MARK: Faults

  /// Throws, with the path of the key, where a condition does not hold.
  public func expect(
    _ condition: Bool, _ key: Key, _ message: @autoclosure () -> String
  ) throws {
    if !condition { throw fail(key, message()) }
  }

  /// Throws what is wrong with several things together, such as a recipe's
  /// ``Recipe/fault(of:)``.
  public func check(_ fault: String?) throws {
    guard let fault else { return }
    throw DecodingError.dataCorrupted(
      .init(codingPath: container.codingPath, debugDescription: fault))
  }

  func fail(_ key: Key, _ message: String) -> DecodingError {
    .dataCorruptedError(forKey: key, in: container, debugDescription: message)
  }

  private func expectLength(_ length: Int, _ count: Int?, _ key: Key) throws {
    guard let count else { return }
    try expect(length == count, key, "\(length) numbers where there must be \(count)")
  }
}

/// Numbers beyond any that a run reaches.
@usableFromInline enum CheckpointLimits {
  @usableFromInline static var steps: Int { 1 << 48 }
  static var parameters: Int { 1 << 40 }
}

extension Array<Range<Int>> {
  /// Whether they are 0..<count in parts, in order.
  func cover(_ count: Int) -> Bool {
    var end = 0
    for group in self {
      if group.lowerBound != end { return false }
      end = group.upperBound
    }
    return !isEmpty && end == count
  }
}

extension TrainingMethod {
  /// Stops the program where the parameters are not as many as the method was begun for: beyond them
  /// is no memory of its own.
  public func expectCount(_ parameters: UnsafeMutableBufferPointer<Scalar>, _ count: Int) {
    require(
      parameters.count == count,
      "the method was begun for \(count) parameters, and was given \(parameters.count)")
  }
}

/// Numbers are coded as they are, and as the texts of ``CodedDouble`` where JSON has no number for
/// them; what has been decoded, and has gone on from there, can be encoded.
extension KeyedEncodingContainer {
  mutating func encode<Scalar: ParameterScalar>(_ vector: [Scalar], forKey key: Key) throws {
    if vector.allSatisfy(\.isFinite) {
      var list = nestedUnkeyedContainer(forKey: key)
      for x in vector { try list.encode(x) }
    } else {
      try encode(vector.map { CodedDouble(Double($0)) }, forKey: key)
    }
  }

  mutating func encode(_ x: Double, forKey key: Key) throws {
    try encode(CodedDouble(x), forKey: key)
  }
}
