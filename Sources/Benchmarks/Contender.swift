/// Who does a piece of work, and is measured at it: one of ours, or a peer.
public struct Contender: Sendable {
  /// One repeat: works for about `least` seconds, and returns the seconds that one operation took.
  public typealias Repeat = (_ least: Double) throws -> Double

  public struct Facts: Sendable, Equatable {
    /// Name and version of the library.
    public var title: String
    /// What else it says of itself, such as the processor whose kernels it took.
    public var detail: String?
    /// Seconds that it counts apart, such as those of compiling.
    public var preparation: Double?
    public init(title: String, detail: String? = nil, preparation: Double? = nil) {
      self.title = title
      self.detail = detail
      self.preparation = preparation
    }
  }

  /// A peer's name; ours are told apart by their threads.
  public var name: String
  /// Threads; `nil` for a peer that is compared with ours whatever theirs.
  public var threads: Int?
  /// Of several contenders with one name and so many threads the fastest counts, and this says which
  /// it was.
  public var variant: String?
  /// For a peer: what ours are held against beside it.
  public var goal: Goal?
  /// What is known of a peer once it was measured.
  public var facts: (@Sendable () -> Facts)?
  /// Sets the work up; released when the contest is over.
  public var prepare: @Sendable () throws -> Repeat

  public init(
    _ name: String, threads: Int? = nil, variant: String? = nil, goal: Goal? = nil,
    facts: (@Sendable () -> Facts)? = nil, prepare: @escaping @Sendable () throws -> Repeat
  ) {
    self.name = name
    self.threads = threads
    self.variant = variant
    self.goal = goal
    self.facts = facts
    self.prepare = prepare
  }

  /// One of ours: `prepare` returns a function that does the operation so many times.
  public static func ours(
    threads: Int, prepare: @escaping @Sendable () throws -> (_ count: Int) throws -> Void
  ) -> Contender {
    Contender("ours", threads: threads) { Stopwatch.repeating(try prepare()) }
  }

  /// A peer in this process; see ``ours(threads:prepare:)``.
  public static func native(
    _ name: String, threads: Int? = nil, variant: String? = nil, goal: Goal? = nil,
    prepare: @escaping @Sendable () throws -> (_ count: Int) throws -> Void
  ) -> Contender {
    Contender(name, threads: threads, variant: variant, goal: goal) {
      Stopwatch.repeating(try prepare())
    }
  }
}

/// One piece of work and those who do it, measured in turns in one run.
public struct Contest: Sendable {
  /// What is done, such as `SGD-HD step, n = 100`: one row of the table for each of ours and each
  /// peer.
  public var name: String
  /// The part of the table that it belongs to.
  public var part: String
  public var ours: [Contender]
  public var peers: [Contender]
  /// Whether a peer without a number of threads is held against every number of our threads, or
  /// only against the largest.
  public var judgesEveryThreadCount: Bool
  /// What a reader has to know of it.
  public var remark: String?

  public init(
    _ name: String, part: String, ours: [Contender], peers: [Contender],
    judgesEveryThreadCount: Bool = false, remark: String? = nil
  ) {
    self.name = name
    self.part = part
    self.ours = ours
    self.peers = peers
    self.judgesEveryThreadCount = judgesEveryThreadCount
    self.remark = remark
  }
}
