extension Optimizer: Codable {
  private enum CodingKeys: String, CodingKey {
    case rule, controller, parameterCount, stepCount, skippedSteps, retakenSteps, learningRate
    case scalars, state, direction
  }

  /// What the next step depends on; not the threads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rule, forKey: .rule)
    try container.encode(currentController, forKey: .controller)
    try container.encode(parameterCount, forKey: .parameterCount)
    try container.encode(progress.stepCount, forKey: .stepCount)
    try container.encode(progress.skippedSteps, forKey: .skippedSteps)
    try container.encode(progress.retakenSteps, forKey: .retakenSteps)
    try container.encode(progress.learningRate, forKey: .learningRate)
    try container.encode(
      Array(UnsafeBufferPointer(start: memory.scalars(), count: layout.scalarCount)),
      forKey: .scalars)
    try container.encode(
      (0..<layout.stateVectorCount).flatMap { stateVector($0) }, forKey: .state)
    if progress.hasDirection { try container.encode(Array(directionVector), forKey: .direction) }
  }

  /// - Throws: `DecodingError` where a vector is not as long as the rule and the parameters ask.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let count = try container.decode(Int.self, forKey: .parameterCount)
    guard count >= 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: .parameterCount, in: container, debugDescription: "\(count) is not a count")
    }
    self.init(
      try container.decode(Rule.self, forKey: .rule),
      try container.decode(Controller.self, forKey: .controller), parameterCount: count)
    progress.stepCount = try container.decode(Int.self, forKey: .stepCount)
    progress.skippedSteps = try container.decode(Int.self, forKey: .skippedSteps)
    progress.retakenSteps = try container.decode(Int.self, forKey: .retakenSteps)
    progress.learningRate = try container.decode(Double.self, forKey: .learningRate)
    func fill<Element: Decodable>(
      _ target: UnsafeMutableBufferPointer<Element>, _ values: ArraySlice<Element>,
      _ key: CodingKeys
    ) throws {
      guard values.count == target.count else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container,
          debugDescription: "\(values.count) numbers where there must be \(target.count)")
      }
      _ = target.update(fromContentsOf: values)
    }
    try fill(
      UnsafeMutableBufferPointer(start: memory.scalars(), count: layout.scalarCount),
      try container.decode([Double].self, forKey: .scalars)[...], .scalars)
    let state = try container.decode([Scalar].self, forKey: .state)
    for index in 0..<layout.stateVectorCount {
      try fill(stateVector(index), state.dropFirst(index * count).prefix(count), .state)
    }
    if keepsDirection,
      let direction = try container.decodeIfPresent([Scalar].self, forKey: .direction)
    {
      try fill(directionVector, direction[...], .direction)
      progress.hasDirection = true
    }
  }

  private var directionVector: UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(
      start: memory.elements(at: layout.directionOffset, of: Scalar.self),
      count: layout.directionCount)
  }
}
