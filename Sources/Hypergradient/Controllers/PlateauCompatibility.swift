extension Plateau {
  /// Where another library's plateau departs from the contract of ``Plateau``, besides its
  /// ``Comparison``; the presets set it.
  public struct Compatibility: Sendable, Codable, Equatable {
    /// What follows an action that leaves the rate as it is.
    public enum IdleAction: String, Sendable, Codable, CaseIterable {
      /// The same as any other action: runs begin again, the cooldown starts.
      case startsOver
      /// Nothing: the run goes on, and the next bad observation tries again.
      case keepsCounting
    }

    /// A reduction's floor, where that is not the lower bound: a rate that begins below it may stay
    /// there.
    public let minimum: Double?
    /// A reduction by this much or less is not made.
    public let smallestChange: Double
    public let idleAction: IdleAction
    /// Whether the rate is rounded to Float whenever it is stored.
    public let isSinglePrecision: Bool

    init(
      minimum: Double? = nil, smallestChange: Double = 0, idleAction: IdleAction = .startsOver,
      isSinglePrecision: Bool = false
    ) {
      self.minimum = minimum
      self.smallestChange = smallestChange
      self.idleAction = idleAction
      self.isSinglePrecision = isSinglePrecision
    }

    /// The contract of ``Plateau``, without a departure.
    public static let contract = Compatibility()

    func stored(_ rate: Double) -> Double { isSinglePrecision ? Double(Float(rate)) : rate }
  }
}
