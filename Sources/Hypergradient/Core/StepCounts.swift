/// The steps of a method that were no plain steps.
public struct StepCounts: Sendable, Codable, Equatable {
  /// Steps that left the parameters where they were: skipped at a controller's word, or because of a
  /// gradient that is not finite, and null steps, whose trial was worse.
  public var skipped: Int
  /// Steps that took the last one again with another rate.
  public var retaken: Int
  /// Returns to the best parameters.
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
}
