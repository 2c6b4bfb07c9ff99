/// The expected running time to a target: all evaluations that were spent, over the number of runs
/// that got there. Restarting a method until it succeeds costs this much on average.
///
/// A run that never reached the target (`nil`) counts with the whole `budget`, however early it
/// stopped, so that diverging at once is not cheap. Infinite if no run succeeded; `nil` for no runs.
///
/// > Nikolaus Hansen, Anne Auger, Raymond Ros, Olaf Mersmann, Tea Tušar, Dimo Brockhoff. *COCO: a
/// > platform for comparing continuous optimizers in a black-box setting*. Optimization Methods
/// > and Software 36(1), 2021.
public func expectedRunningTime(evaluationsToTarget: [Int?], budget: Int) -> Double? {
  guard !evaluationsToTarget.isEmpty else { return nil }
  var spent = 0
  var successes = 0
  for evaluations in evaluationsToTarget {
    spent += evaluations ?? budget
    if evaluations != nil { successes += 1 }
  }
  return successes == 0 ? .infinity : Double(spent) / Double(successes)
}
