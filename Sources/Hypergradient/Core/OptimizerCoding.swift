extension Optimizer: Codable {
  private enum CodingKeys: String, CodingKey {
    case controller, objective, host, stepCount, stepCounts, learningRate, hasDirection, hasBest
    case directionAlignment
  }

  /// What the next step depends on; not the threads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(currentController, forKey: .controller)
    try container.encode(objective, forKey: .objective)
    try container.encode(host, forKey: .host)
    try container.encode(progress.stepCount, forKey: .stepCount)
    try container.encode(progress.stepCounts, forKey: .stepCounts)
    try container.encode(CodedDouble(progress.learningRate), forKey: .learningRate)
    try container.encode(progress.hasDirection, forKey: .hasDirection)
    try container.encode(progress.hasBest, forKey: .hasBest)
    try container.encode(CodedDouble(progress.directionAlignment), forKey: .directionAlignment)
  }

  /// - Throws: `DecodingError` where a vector is not as long as the rule and the parameters ask, or a
  ///   count is none.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func fail(_ key: CodingKeys, _ message: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: message)
    }
    let controller = try container.decode(Controller.self, forKey: .controller)
    let wanted = Wanted(controller)
    let host = try RuleState<Rule>(
      from: try container.superDecoder(forKey: .host), keepsDirection: wanted.direction,
      ownVectors: wanted.ownVectors)
    self.init(host, controller, try container.decode(Objective.self, forKey: .objective), wanted)
    progress.stepCount = try container.decode(Int.self, forKey: .stepCount)
    progress.stepCounts = try container.decode(StepCounts.self, forKey: .stepCounts)
    let others = progress.stepCounts
    guard 0...RuleState<Rule>.most ~= progress.stepCount,
      others.skipped >= 0, others.retaken >= 0, others.restored >= 0,
      others.skipped <= progress.stepCount, others.retaken <= progress.stepCount,
      others.restored <= progress.stepCount
    else { throw fail(.stepCount, "\(progress.stepCount) steps, of them \(others)") }
    progress.learningRate = try container.decode(CodedDouble.self, forKey: .learningRate).value
    guard progress.learningRate.isFinite else {
      throw fail(.learningRate, "the rate is \(progress.learningRate)")
    }
    progress.hasDirection = try container.decode(Bool.self, forKey: .hasDirection)
    progress.hasBest = try container.decode(Bool.self, forKey: .hasBest)
    guard keepsDirection || !progress.hasDirection, keepsBest || !progress.hasBest else {
      throw fail(.hasDirection, "there is no vector for it")
    }
    progress.directionAlignment =
      try container.decode(CodedDouble.self, forKey: .directionAlignment).value
  }
}
