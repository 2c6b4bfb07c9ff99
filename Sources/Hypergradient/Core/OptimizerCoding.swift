extension Optimizer: Codable {
  private enum CodingKeys: String, CodingKey {
    case controller, objective, host, stepCount, stepCounts, learningRate, hasDirection, hasBest
    case directionAlignment, uncountedSteps, missedMetric
  }

  /// What the next step depends on; not the threads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(currentController, forKey: .controller)
    try container.encode(objective, forKey: .objective)
    try container.encode(host, forKey: .host)
    try container.encode(progress.stepCount, forKey: .stepCount)
    try container.encode(progress.stepCounts, forKey: .stepCounts)
    if progress.uncountedSteps > 0 {
      try container.encode(progress.uncountedSteps, forKey: .uncountedSteps)
    }
    try container.encodeIfPresent(progress.missedMetric.value, forKey: .missedMetric)
    try container.encode(CodedDouble(progress.learningRate), forKey: .learningRate)
    try container.encode(progress.hasDirection, forKey: .hasDirection)
    try container.encode(progress.hasBest, forKey: .hasBest)
    try container.encode(CodedDouble(progress.directionAlignment), forKey: .directionAlignment)
  }

  /// - Throws: `DecodingError` where a vector is not as long as the rule and the parameters ask, or a
  ///   count is none.
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    let controller = try state.value(.controller, as: Controller.self)
    let wanted = Wanted(controller)
    let host = try RuleState<Rule>(
      from: try state.container.superDecoder(forKey: .host), keepsDirection: wanted.direction,
      ownVectors: wanted.ownVectors)
    self.init(host, controller, try state.value(.objective), wanted)
    progress.stepCount = try state.count(.stepCount)
    progress.stepCounts = try state.value(.stepCounts)
    let others = progress.stepCounts
    try state.expect(
      others.skipped + others.retaken + others.restored <= progress.stepCount, .stepCount,
      "\(progress.stepCount) steps, of them \(others)")
    progress.uncountedSteps = try state.countOrNone(.uncountedSteps) ?? 0
    let refused = host.refusedSteps
    try state.expect(
      refused <= others.skipped
        && progress.uncountedSteps
          <= others.skipped - refused + others.retaken + others.restored,
      .stepCounts,
      "\(refused) steps refused and \(progress.uncountedSteps) not counted, of \(others)")
    try state.expect(
      Double(countedSteps) <= controller.requirements.lastStep, .stepCount,
      "the controller's schedule has ended")
    progress.missedMetric.value = try state.valueOrNone(.missedMetric)
    progress.learningRate = try state.number(.learningRate)
    progress.hasDirection = try state.value(.hasDirection)
    progress.hasBest = try state.value(.hasBest)
    try state.expect(
      (keepsDirection || !progress.hasDirection) && (keepsBest || !progress.hasBest),
      .hasDirection, "there is no vector for it")
    progress.directionAlignment = try state.value(.directionAlignment, as: CodedDouble.self).value
    for index in 0..<wanted.ownVectors {
      try state.expect(
        host.ownVector(index).allSatisfy(\.isFinite), .host,
        "a trace or a copy of parameters is not finite: the run was lost")
    }
  }
}
