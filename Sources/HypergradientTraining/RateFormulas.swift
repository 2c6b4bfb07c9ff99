internal import PortableMath

/// Other libraries' ways to read a rate off a curve, exactly as they are there: functions of rates
/// and losses, which know nothing of noise. All rates are positive and ascending, all losses finite.
public enum RateFormulas {
  /// The rate with the least d loss / d ln rate, by central differences of second order, one-sided at
  /// the ends (`numpy.gradient(losses, numpy.log(rates))`), the first of equal ones.
  ///
  /// > Source: pytorch-lr-finder's suggestion, whose gradient by index is this one where rates are
  /// > spaced exponentially. fastai's `steep` takes the difference to the next loss: its place is the
  /// > same or one before or after.
  public static func steepest(_ rates: [Double], _ losses: [Double]) -> Double {
    rates[steepestIndex(rates, losses)]
  }

  static func steepestIndex(_ rates: [Double], _ losses: [Double]) -> Int {
    leastIndex(gradient(losses, over: rates.map { Portable.log($0) }))
  }

  /// The middle of the longest valley: from the start of the longest decreasing subsequence to its
  /// end in three sections, half a section into the second.
  ///
  /// > Source: fastai, `valley` in fastai/callback/schedule.py.
  ///
  /// - Complexity: O(n²).
  public static func valley(_ rates: [Double], _ losses: [Double]) -> Double {
    var (start, end) = (0, 0)
    var lengths = losses.map { _ in 1 }
    for i in losses.indices {
      for j in 0..<i {
        if losses[i] < losses[j], lengths[i] < lengths[j] + 1 { lengths[i] = lengths[j] + 1 }
        if lengths[end] < lengths[i] {
          end = i
          start = end - lengths[end]
        }
      }
    }
    let section = Double(end - start) / 3
    // As Python's lists have it, −1 is the last one.
    let place = start + Int(section) + Int(section / 2)
    return rates[place < 0 ? place + rates.count : place]
  }

  /// A tenth of the rate with the least loss, the first of equal ones.
  ///
  /// > Source: fastai, `minimum`.
  public static func minimumOverTen(_ rates: [Double], _ losses: [Double]) -> Double {
    rates[leastIndex(losses)] / 10
  }

  /// The low end of an interval that slides from the last rates down while the slopes at its ends,
  /// by index, differ by more than the threshold.
  ///
  /// > Source: fastai, `slide`, with its defaults.
  ///
  /// - Returns: `nil` where it does not slide at all, for which fastai returns the low end of the
  ///   last interval.
  public static func slide(
    _ rates: [Double], _ losses: [Double], interval: Int = 15, threshold: Double = 0.005
  ) -> Double? {
    let slopes = gradient(losses, over: losses.indices.map { Double($0) })
    var right = losses.count - 1
    var rate: Double?
    while right - interval >= 0, (slopes[right] - slopes[right - interval]).magnitude > threshold {
      rate = rates[right - interval]
      right -= 1
    }
    return rate
  }

  /// `numpy.gradient(values, x)`; zeros for fewer than two values.
  static func gradient(_ f: [Double], over x: [Double]) -> [Double] {
    let n = f.count
    guard n >= 2 else { return f.map { _ in 0 } }
    return f.indices.map { i in
      if i == 0 { return (f[1] - f[0]) / (x[1] - x[0]) }
      if i == n - 1 { return (f[n - 1] - f[n - 2]) / (x[n - 1] - x[n - 2]) }
      let (before, after) = (x[i] - x[i - 1], x[i + 1] - x[i])
      return
        (before * before * f[i + 1] + (after * after - before * before) * f[i]
        - after * after * f[i - 1]) / (before * after * (before + after))
    }
  }

  static func leastIndex(_ values: [Double]) -> Int {
    var least = 0
    for (i, value) in values.enumerated() where value < values[least] { least = i }
    return least
  }

  /// Three significant digits.
  static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    let exponent = (Portable.log(value.magnitude) / Portable.log(10)).rounded(.down)
    // Beyond 10^±300 the power itself would overflow.
    guard exponent.magnitude < 300 else { return "\(value)" }
    let unit = Portable.pow(10, (exponent - 2).magnitude)
    let rounded =
      exponent >= 2 ? (value / unit).rounded() * unit : (value * unit).rounded() / unit
    return "\(rounded)"
  }
}
