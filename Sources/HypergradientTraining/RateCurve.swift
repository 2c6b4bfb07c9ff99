internal import HypergradientRecipes

/// The curve of a range test: rates, the loss after the step at each, and its averages.
///
/// Two averages are kept. ``average`` is the usual one, exponential and divided by its weight, so
/// that it has no bias towards zero,
///
///     a_i = Σ_{j≤i} β^{i−j} L_j / Σ_{j≤i} β^{i−j}
///
/// It sees no loss before it is there, and so its minimum lies about 1/(1 − β) rates late. The rule
/// that ends a test reads it. ``smoothed`` takes the same weights to either side,
///
///     s_i = Σ_j β^{|i−j|} L_j / Σ_j β^{|i−j|}
///
/// and has no lag; suggestions are made of it. Both begin with L₀, the loss before the first step.
///
/// The noise σ of one loss is taken from the second differences d of the first third of the losses
/// (at least 8), where rates are small and what changes is noise: σ² = mean d² / 6. It is 0 where the
/// loss depends on the parameters alone. Unless β is given, that of ``average`` is 0.9, or 0
/// without noise, and that of ``smoothed`` the least of 0, 0.5, 0.7, 0.8, 0.9 and 0.95 that leaves an
/// eighth of the fall or less to noise, hence 0 where there is none; the fall is then that of 0.8, 0.9
/// or 0.95, whichever is the clearest.
///
/// A test ends where a loss is not finite, and, once the noise is known, where
///
///     a_i − min a > 2·(L₀ − min a) + 6σ + r
///
/// r = 64 u·|L₀| being what rounding may do, u the scalar's unit. Losses may be zero, negative or of
/// any size, and a constant that is added to all changes nothing. Losses above that limit are taken
/// as the limit by ``smoothed``, so that a blow-up does not leak into the rates before it.
public struct RateCurve: Sendable, Equatable {
  /// Scores on data that no gradient sees.
  public struct HeldOut: Sendable, Equatable, Codable {
    public var loss: Double
    /// In [0, 1]; `nil` where there is no such thing.
    public var accuracy: Double?
    public init(loss: Double, accuracy: Double?) {
      self.loss = loss
      self.accuracy = accuracy
    }
  }

  /// Why there is no further rate.
  public enum End: String, Sendable, Codable, CaseIterable {
    /// The largest rate was reached.
    case largestRate
    /// The loss rose beyond the limit.
    case diverged
    /// The loss was NaN or infinite.
    case notFinite
  }

  /// L₀, before the first step.
  public let initialLoss: Double
  /// Those with a finite loss after them.
  public private(set) var rates: [Double] = []
  /// After the step at each rate.
  public private(set) var losses: [Double] = []
  /// a_i.
  public private(set) var average: [Double] = []
  /// Before the first step; `nil` where none is measured.
  public let initialHeldOut: HeldOut?
  /// After the step at each rate; empty where none is measured.
  public private(set) var heldOut: [HeldOut] = []
  /// `nil` while more rates may come.
  public private(set) var end: End?
  /// The rate whose step made the loss NaN or infinite, if one did.
  public private(set) var failedRate: Double?
  /// Gradients paid: one more than there are rates.
  public private(set) var gradients = 1
  /// σ; NaN before it is known.
  public private(set) var noise = Double.nan

  /// Rates that the test has in all.
  let planned: Int
  let givenSmoothing: Double?
  let isNoiseless: Bool
  /// r.
  let rounding: Double
  private var watch: Watch

  /// An empty curve, to which rates are added one by one.
  ///
  /// - Parameters:
  ///   - planned: rates that are to come, on which it depends when the noise is measured.
  ///   - isNoiseless: that the loss depends on the parameters alone.
  ///   - smoothing: β of both averages, in [0, 1); `nil` to choose it from the noise.
  ///   - unit: the unit of rounding of what computes the losses.
  public init(
    initialLoss: Double, planned: Int, isNoiseless: Bool = false, smoothing: Double? = nil,
    unit: Double = Double.ulpOfOne, heldOut: HeldOut? = nil
  ) {
    self.initialLoss = initialLoss
    self.planned = planned
    self.isNoiseless = isNoiseless
    givenSmoothing = smoothing
    initialHeldOut = heldOut
    rounding = 64 * unit * initialLoss.magnitude
    watch = Watch(beta: smoothing ?? (isNoiseless ? 0 : 0.9), initialLoss)
    if !initialLoss.isFinite { end = .notFinite }
  }

  /// A curve of recorded losses, up to where it ends.
  ///
  /// - Precondition: as many losses as rates.
  public init(
    initialLoss: Double, rates: [Double], losses: [Double], isNoiseless: Bool = false,
    smoothing: Double? = nil
  ) {
    require(rates.count == losses.count, "a loss for each rate, and no more")
    self.init(
      initialLoss: initialLoss, planned: rates.count, isNoiseless: isNoiseless,
      smoothing: smoothing)
    for (rate, loss) in zip(rates, losses) where end == nil { add(rate: rate, loss: loss) }
    finish()
  }

  /// Adds the loss after the step at a rate.
  ///
  /// - Precondition: ``end`` is `nil`.
  public mutating func add(rate: Double, loss: Double, heldOut score: HeldOut? = nil) {
    require(end == nil, "the curve has ended")
    gradients += 1
    guard loss.isFinite else {
      failedRate = rate
      return end = .notFinite
    }
    rates.append(rate)
    losses.append(loss)
    if let score { heldOut.append(score) }
    average.append(watch.add(loss))
    if losses.count == Self.calmCount(of: planned) { measureNoise() }
    // While the noise is NaN, this is never so.
    if watch.last - watch.least > limit - watch.least { end = .diverged }
  }

  /// No further rate comes.
  public mutating func finish() {
    if noise.isNaN { measureNoise() }
    if end == nil { end = .largestRate }
  }

  /// What the average is not to rise above: min a + 2·(L₀ − min a) + 6σ + r; NaN before σ is known.
  public var limit: Double {
    watch.least + 2 * (initialLoss - watch.least) + 6 * noise + rounding
  }

  /// Losses, after L₀, that the noise is taken from.
  static func calmCount(of planned: Int) -> Int { max(8, planned / 3) }

  private mutating func measureNoise() {
    guard !isNoiseless else { return noise = 0 }
    let calm = [initialLoss] + losses.prefix(Self.calmCount(of: planned))
    noise = calm.count < 3 ? 0 : Self.noise(of: calm)
  }

  /// σ of one loss, from second differences: σ² = mean (L_{i−1} − 2L_i + L_{i+1})² / 6, which a
  /// straight line does not enter.
  static func noise(of losses: [Double]) -> Double {
    let largest = losses.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0, largest.isFinite else { return 0 }
    // Squares of losses of any size are numbers: a power of two takes nothing from them.
    let unit = Double(sign: .plus, exponent: max(largest.exponent, -1000), significand: 1)
    var sum = 0.0
    for i in 1..<(losses.count - 1) {
      let d = losses[i - 1] / unit - 2 * (losses[i] / unit) + losses[i + 1] / unit
      sum += d * d
    }
    return (sum / (6 * Double(losses.count - 2))).squareRoot() * unit
  }

  /// The average that the end is decided by.
  private struct Watch: Equatable {
    let beta: Double
    var sum: Double
    var weight = 1.0
    var least: Double
    var last: Double

    init(beta: Double, _ first: Double) {
      self.beta = beta
      (sum, least, last) = (first, first, first)
    }

    mutating func add(_ loss: Double) -> Double {
      sum = beta * sum + loss
      weight = beta * weight + 1
      last = sum / weight
      least = min(least, last)
      return last
    }
  }
}
