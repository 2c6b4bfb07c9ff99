extension RuleState: Codable {
  private enum CodingKeys: String, CodingKey {
    case rule, parameterCount, stepCount, keepsDirection, scalars, state, direction, vectors
    case refusedSteps
  }

  /// What the next direction depends on; not the threads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rule, forKey: .rule)
    try container.encode(count, forKey: .parameterCount)
    try container.encode(stepCount, forKey: .stepCount)
    try container.encode(keepsDirection, forKey: .keepsDirection)
    try container.encode(
      (0..<layout.scalarCount).map { CodedDouble(memory.scalars()[$0]) }, forKey: .scalars)
    try container.encode(
      (0..<layout.stateVectorCount).flatMap { coded(stateVector($0)) }, forKey: .state)
    if facts.contains(.guarded) { try container.encode(refusedSteps, forKey: .refusedSteps) }
    if keepsDirection {
      try container.encode(
        coded(UnsafeMutableBufferPointer(start: u, count: count)), forKey: .direction)
    }
    if layout.ownVectorCount > 0 {
      try container.encode(
        (0..<layout.ownVectorCount).flatMap { coded(ownVector($0)) }, forKey: .vectors)
    }
  }

  private func coded(_ vector: UnsafeMutableBufferPointer<Scalar>) -> [CodedDouble] {
    vector.map { CodedDouble(Double($0)) }
  }

  public init(from decoder: any Decoder) throws {
    try self.init(from: decoder, ownVectors: 0)
  }

  /// - Parameters:
  ///   - keepsDirection: what the owner asks for; as it was coded where it asks for nothing.
  ///   - ownVectors: vectors that the owner keeps.
  /// - Throws: `DecodingError` where a count is none, or a vector is not as long as the rule and the
  ///   parameters ask; before anything of that length is made.
  init(from decoder: any Decoder, keepsDirection: Bool? = nil, ownVectors: Int) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func fail(_ key: CodingKeys, _ message: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: message)
    }
    let rule = try container.decode(Rule.self, forKey: .rule)
    let requirements = rule.requirements
    let count = try container.decode(Int.self, forKey: .parameterCount)
    let taken = try container.decode(Int.self, forKey: .stepCount)
    let keeps = try container.decode(Bool.self, forKey: .keepsDirection)
    guard count >= 0, count <= CheckpointLimits.parameters else {
      throw fail(.parameterCount, "\(count) parameters")
    }
    guard taken >= 0, taken <= CheckpointLimits.steps else {
      throw fail(.stepCount, "\(taken) steps")
    }
    if let fault = rule.fault(atStep: taken) { throw fail(.stepCount, fault) }
    guard keepsDirection ?? keeps == keeps else {
      throw fail(.keepsDirection, "the direction is \(keeps ? "" : "not ")kept")
    }
    func vectors(_ key: CodingKeys, _ number: Int) throws -> [Scalar] {
      let (wanted, overflow) = count.multipliedReportingOverflow(by: number)
      let values = try container.decode([CodedDouble].self, forKey: key)
      guard !overflow, values.count == wanted else {
        throw fail(key, "\(values.count) numbers where there must be \(number) times \(count)")
      }
      return values.map { Scalar.nearest(to: $0.value) }
    }
    let scalars = try container.decode([CodedDouble].self, forKey: .scalars)
    guard scalars.count == requirements.scalars.count else {
      throw fail(
        .scalars, "\(scalars.count) numbers where there must be \(requirements.scalars.count)")
    }
    let state = try vectors(.state, requirements.stateVectors.count)
    for vector in requirements.nonNegative {
      guard !state[(vector * count)..<((vector + 1) * count)].contains(where: { $0 < 0 }) else {
        throw fail(.state, "state vector \(vector) is negative, which no sum of squares is")
      }
    }
    let direction = keeps ? try vectors(.direction, 1) : []
    let own = ownVectors > 0 ? try vectors(.vectors, ownVectors) : []

    self.init(rule, count: count, keepsDirection: keeps, ownVectors: ownVectors)
    steps = taken
    if facts.contains(.guarded) {
      refusedSteps = try container.decode(Int.self, forKey: .refusedSteps)
      guard 0...CheckpointLimits.steps ~= refusedSteps else {
        throw fail(.refusedSteps, "\(refusedSteps) steps")
      }
    }
    for (index, scalar) in scalars.enumerated() { memory.scalars()[index] = scalar.value }
    for index in 0..<layout.stateVectorCount {
      _ = stateVector(index).update(fromContentsOf: state[(index * count)..<((index + 1) * count)])
    }
    if keeps { u.update(from: direction, count: count) }
    for index in 0..<ownVectors {
      _ = ownVector(index).update(fromContentsOf: own[(index * count)..<((index + 1) * count)])
    }
    guard direction.allSatisfy(\.isFinite) else {
      throw fail(.direction, "the direction is not finite: the run was lost")
    }
    guard goesOn() else {
      throw fail(.state, "the next direction would not be finite: the run was lost")
    }
  }

  /// Whether the state gives directions that are finite, found by trying gradients of ones and of
  /// small numbers on a copy: what it may hold is the rule's own affair, infinities included.
  private func goesOn() -> Bool {
    // Without a vector of that length there is no state, and nothing that bounds the count.
    guard count > 0, layout.stateVectorCount > 0 || keepsDirection else { return true }
    let theta = UnsafeMutablePointer<Scalar>.allocate(capacity: 3 * count)
    defer { theta.deallocate() }
    theta.initialize(repeating: 0, count: 3 * count)
    let (g, made) = (theta + count, theta + 2 * count)
    for size in [1, 0x1p-50] {
      var copy = self
      g.update(repeating: Scalar.nearest(to: size), count: count)
      made.update(repeating: 0, count: count)
      copy.write(
        made, g, of: .plain, facts, gradientNorm: size * Double(count).squareRoot(), loss: size,
        thenStepBy: 1)
      if copy.refusedSteps != refusedSteps { return false }
      for i in 0..<count where !made[i].isFinite { return false }
    }
    return true
  }
}
