extension Follower: Encodable {
  private enum CodingKeys: String, CodingKey {
    case controller, stepCount, learningRate, hasDirection, slope, direction, trace
  }

  /// What the next step depends on.
  ///
  /// - Throws: `EncodingError` between ``rate(at:gradient:loss:passing:epoch:)`` and ``moved(to:)``.
  public func encode(to encoder: any Encoder) throws {
    guard !isWaiting else {
      throw EncodingError.invalidValue(
        self,
        .init(
          codingPath: encoder.codingPath,
          debugDescription: "the optimizer has been given a rate and has not moved"))
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(controller, forKey: .controller)
    try container.encode(stepCount, forKey: .stepCount)
    try container.encode(CodedDouble(learningRate), forKey: .learningRate)
    try container.encode(hasDirection, forKey: .hasDirection)
    try container.encode(CodedDouble(slope), forKey: .slope)
    try container.encode(hasDirection ? direction : [], forKey: .direction)
    try container.encode(hasDirection ? trace : [], forKey: .trace)
  }

  /// Takes over the state that was encoded of a follower of the same controller and as many parameters.
  ///
  /// - Throws: `DecodingError` where it is of another; nothing has changed then.
  public mutating func takeState(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    func read<C: LearningRateController>(_: C) throws -> any LearningRateController {
      try state.value(.controller, as: C.self)
    }
    let controller = try read(controller)
    let stepCount = try state.count(.stepCount)
    let learningRate = try state.number(.learningRate)
    let hasDirection = try state.value(.hasDirection, as: Bool.self)
    let slope = try state.value(.slope, as: CodedDouble.self).value
    let direction: [Scalar] = try state.vector(
      .direction, count: hasDirection ? parameterCount : 0)
    let trace: [Scalar] = try state.vector(.trace, count: hasDirection ? self.trace.count : 0)
    self.controller = controller
    self.stepCount = stepCount
    (lastRate, self.hasDirection, self.slope) = (learningRate, hasDirection, slope)
    if hasDirection { (self.direction, self.trace) = (direction, trace) }
    isWaiting = false
  }
}
