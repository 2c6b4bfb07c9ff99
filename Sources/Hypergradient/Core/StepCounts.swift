/// The steps of a method that were no plain steps.
public struct StepCounts: Sendable, Codable, Equatable {
  /// Steps that left the parameters where they were: skipped at a controller's word, or because of a
  /// gradient or loss that is not finite, and null steps: a trial was worse, or no rate would have
  /// lowered the loss.
  public var skipped: Int
  /// Steps that took the last one again with another rate, and discarded their gradient.
  public var retaken: Int
  /// Returns to parameters that were kept, such as the best.
  public var restored: Int

  @inlinable public init(skipped: Int = 0, retaken: Int = 0, restored: Int = 0) {
    self.skipped = skipped
    self.retaken = retaken
    self.restored = restored
  }

  public static func + (a: StepCounts, b: StepCounts) -> StepCounts {
    StepCounts(
      skipped: a.skipped + b.skipped, retaken: a.retaken + b.retaken,
      restored: a.restored + b.restored)
  }

  /// One more that left the parameters where they were.
  mutating func skip() { skipped += 1 }
}

extension StepCounts {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    skipped = try state.count(.skipped)
    retaken = try state.count(.retaken)
    restored = try state.count(.restored)
  }
}
