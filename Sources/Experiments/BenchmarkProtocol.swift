internal import Records

extension Suite {
  /// The rules by which the numbers of this suite are made.
  ///
  /// - Parameter toldMetric: the methods that are told a validation metric.
  func benchmarkProtocol(toldMetric: [String]) -> [String] {
    [
      "loss is the exact, noiseless one, evaluated at log-spaced steps off the clock"
        + (judgedLoss == .heldOut ? "; here that of held-out examples, with f* = 0" : ""),
      "a method sees minibatch losses and gradients only"
        + (toldMetric.isEmpty
          ? ""
          : ", but for \(toldMetric.joined(separator: ", ")), told the "
            + "\((validationMetric ?? .loss).rawValue) on held-out examples once an epoch, at no charge")
        + "; all methods see the same noise",
      "T counts gradient evaluations; a loss alone costs 1/3, a Hessian-vector product 2",
      "gap = (f - f*)/(f0 - f*)",
      "target: the gap that the rule's reference rate, fixed, has reached by T/2 on the same seed and "
        + "keeps, the median of it and of its neighbours an eighth of a decade away, not below 1e-8"
        + (hasGivenReferences ? "; where the suite gives a target, that one, on every seed" : ""),
      "reference rate: \(referenceSentence)",
      "common target: the largest of the rules' targets on the reference seeds",
      "robustness: share of (starting rate, seed) at or below the target throughout the last 5 % of T",
      "diverged: not finite, or final loss above the first, or past 1e8 times the starting distance",
      "best-tuned: the starting rate is chosen on tuning seeds, the result reported on others",
    ]
  }
}
