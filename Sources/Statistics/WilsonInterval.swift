/// Wilson's score interval for a fraction of independent trials.
///
/// With z = Φ⁻¹(1/2 + confidence/2), the interval holds every p with |p̂ − p| ≤ z·√(p(1−p)/n). No
/// trials give [0, 1].
///
/// > Edwin B. Wilson. *Probable inference, the law of succession, and statistical inference*.
/// > Journal of the American Statistical Association 22(158), 1927.
public func wilsonInterval(
  successes: Int, trials: Int, confidence: Double = 0.95
) -> Interval {
  precondition(successes >= 0 && successes <= trials, "\(successes) of \(trials)")
  precondition(confidence > 0 && confidence < 1, "confidence lies between 0 and 1")
  guard trials > 0 else { return Interval(0, 1) }
  let n = Double(trials)
  let p = Double(successes) / n
  let z = normalQuantile(0.5 + confidence / 2)
  let z2 = z * z
  let centre = (p + z2 / (2 * n)) / (1 + z2 / n)
  let half = z / (1 + z2 / n) * (p * (1 - p) / n + z2 / (4 * n * n)).squareRoot()
  return Interval(
    successes == 0 ? 0 : max(0, centre - half), successes == trials ? 1 : min(1, centre + half))
}
