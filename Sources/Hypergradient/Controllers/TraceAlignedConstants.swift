extension TraceAlignedRate {
  /// The numbers of ``TraceAlignedRate``, none of which needs tuning; each can be set so that its part
  /// is switched off, which is how the ablations are made.
  public struct Constants: Sendable, Codable, Equatable {
    /// The share of α₀ at which the ramp begins; above 0.
    public var start = 0.01
    /// What the ramp multiplies the rate with at every step; at least 1.
    public var rampFactor = 2.0
    /// What the rate is divided by when the ramp ends; at least 1.
    public var rampRetreat = 4.0
    /// c below minus this ends the ramp, or, with a large gradient, rejects a step; in [0, 1].
    public var opposition = 0.2
    /// A gradient longer than this times the mean may reject the step before it; at least 1.
    public var rejectAbove = 4.0
    /// The shortest window of noisy gradients, in steps; at least 1.
    public var window = 25.0
    /// The window's share of the steps since the ramp; 0: a fixed window.
    public var windowGrowth = 0.5
    /// The shortest window of coherent gradients, in steps; at least 1.
    public var shortestWindow = 5.0
    /// c̄ above which the window shortens; 1: never; in [0, 1].
    public var shorteningAbove = 0.5
    /// Of the set point's part, per window; at least 0.
    public var gain = 1.5
    /// Added to the normalised alignment at the beginning: how greedy it is.
    public var setPoint = 0.8
    /// By how much the set point falls until the end.
    public var setPointDrop = 1.2
    /// The most that coherent gradients add to b a step; 0: nothing; at least 0.
    public var coherentGrowth = 0.4
    /// q above which gradients are coherent; in [0, 1).
    public var coherence = 0.3
    /// Whether coherent gradients may raise the rate past half of the steps.
    public var lateGrowth = LateGrowth.coherent
    /// The share of the steps after which the rate is annealed; 1: never before the end; in [0, 1].
    public var decayFrom = 0.5
    /// What L is the cosine with.
    public var following = Followed.trace
    /// What the loss guard does.
    public var restoring = Restoring.best
    /// The share of what was gained that may be lost; at least 0.
    public var tolerance = 0.5
    /// What the rate is divided by when the best parameters are restored; at least 1.
    public var restoreRetreat = 4.0

    public init() {}

    /// - Precondition: the numbers are in their ranges.
    func check() {
      for (name, value, range) in ranges {
        precondition(range.contains(value), "\(name) is \(value), not in \(range)")
      }
    }

    private var ranges: [(String, Double, ClosedRange<Double>)] {
      let (tiny, huge) = (Double.leastNonzeroMagnitude, Double.greatestFiniteMagnitude)
      return [
        ("start", start, tiny...huge), ("rampFactor", rampFactor, 1...huge),
        ("rampRetreat", rampRetreat, 1...huge), ("opposition", opposition, 0...1),
        ("rejectAbove", rejectAbove, 1...huge), ("window", window, 1...huge),
        ("windowGrowth", windowGrowth, 0...huge), ("shortestWindow", shortestWindow, 1...huge),
        ("shorteningAbove", shorteningAbove, 0...1), ("gain", gain, 0...huge),
        ("setPoint", setPoint, -huge...huge), ("setPointDrop", setPointDrop, -huge...huge),
        ("coherentGrowth", coherentGrowth, 0...huge), ("coherence", coherence, 0...(1.0.nextDown)),
        ("decayFrom", decayFrom, 0...1), ("tolerance", tolerance, 0...huge),
        ("restoreRetreat", restoreRetreat, 1...huge),
      ]
    }
  }

  /// When coherent gradients may raise the rate past half of the steps.
  public enum LateGrowth: String, Sendable, Codable, CaseIterable {
    case coherent
    case never
  }

  /// What the gradient is compared with.
  public enum Followed: String, Sendable, Codable, CaseIterable {
    /// The trace of the directions.
    case trace
    /// u_{t−1}: L = c.
    case lastDirection
  }

  /// What happens when the gain is lost.
  public enum Restoring: String, Sendable, Codable, CaseIterable {
    /// The best parameters are restored; they are one vector more.
    case best
    /// Nothing: the loss is not looked at.
    case never
  }
}
