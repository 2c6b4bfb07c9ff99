/// One row of the table: ours at one number of threads beside one peer.
public struct Outcome: Sendable, Equatable {
  public struct Peer: Sendable, Equatable {
    public var name: String
    /// Its library's name and version, where it has one.
    public var version: String?
    /// Which of several forms was the fastest.
    public var variant: String?
    public var spread: Spread
    public var goal: Goal?
    /// Seconds before the first operation that the peer itself counts apart, such as compiling.
    public var preparation: Double?

    public init(
      name: String, version: String? = nil, variant: String? = nil, spread: Spread,
      goal: Goal? = nil, preparation: Double? = nil
    ) {
      self.name = name
      self.version = version
      self.variant = variant
      self.spread = spread
      self.goal = goal
      self.preparation = preparation
    }
  }

  public var part: String
  public var contest: String
  public var threads: Int
  public var ours: Spread
  public var peer: Peer?
  public var remark: String?

  public init(
    part: String, contest: String, threads: Int, ours: Spread, peer: Peer? = nil,
    remark: String? = nil
  ) {
    self.part = part
    self.contest = contest
    self.threads = threads
    self.ours = ours
    self.peer = peer
    self.remark = remark
  }

  /// Of the medians: the peer's time over ours, or ours over the floor's.
  public var ratio: Double? {
    guard let peer else { return nil }
    return (peer.goal ?? .timesAsFast(1)).ratio(
      ours: ours.median, peer: peer.spread.median)
  }

  /// Whether the goal is met; `nil` where there is none.
  public var isMet: Bool? {
    guard let peer, let goal = peer.goal else { return nil }
    return goal.isMet(ours: ours.median, peer: peer.spread.median)
  }
}
