extension Optimizer: Codable {
  private enum CodingKeys: String, CodingKey {
    case rule, controller, parameterCount, stepCount, skippedSteps, retakenSteps, learningRate
    case scalars, state, direction, trace, best, restoredSteps, directionAlignment
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
    if keepsTrace {
      try container.encode(Array(vector(at: layout.traceOffset)), forKey: .trace)
    }
    if needs.containsPreviousDirectionAlignment {
      try container.encode(CodedDouble(progress.directionAlignment), forKey: .directionAlignment)
    }
    if progress.restoredSteps > 0 {
      try container.encode(progress.restoredSteps, forKey: .restoredSteps)
    }
    if progress.hasBest {
      try container.encode(Array(vector(at: layout.bestOffset)), forKey: .best)
    }
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
    if keepsTrace, let trace = try container.decodeIfPresent([Scalar].self, forKey: .trace) {
      try fill(vector(at: layout.traceOffset), trace[...], .trace)
    }
    progress.directionAlignment =
      try container.decodeIfPresent(CodedDouble.self, forKey: .directionAlignment)?.value ?? 0
    progress.restoredSteps =
      try container.decodeIfPresent(Int.self, forKey: .restoredSteps) ?? 0
    if keepsBest, let best = try container.decodeIfPresent([Scalar].self, forKey: .best) {
      try fill(vector(at: layout.bestOffset), best[...], .best)
      progress.hasBest = true
    }
  }

  private var directionVector: UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(
      start: memory.elements(at: layout.directionOffset, of: Scalar.self),
      count: layout.directionCount)
  }
}
