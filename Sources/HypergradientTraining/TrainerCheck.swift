internal import Hypergradient
public import HypergradientRecipes

extension Trainer {
  /// Looks whether training can go on to a step, before anything is done. What a frozen group would need
  /// is asked once it moves.
  ///
  /// - Throws: ``Refusal`` where a controller or a callback needs epochs or a metric that the problem
  ///   does not have, a controller watches one that goes the other way, a schedule ends before, some
  ///   groups climb and others descend on what the best is judged by, or the problem is of another shape.
  public func check(toStep last: Int) throws(Refusal) {
    if let fault = fault(counted(last)) { throw Refusal(fault) }
  }

  /// As many steps as can be counted in batches and thirds of gradients.
  func counted(_ last: Int) -> Int {
    min(max(last, 0), max(1, (1 << 53) / options.accumulation))
  }

  private func fault(_ last: Int) -> String? {
    let shape = oracle.shape
    if let fault = shape.fault(of: ProblemShape(problem)) { return fault }
    if shape.batchesPerEpoch == nil, callbacks.contains(where: \.needsEpochs) {
      return "a callback counts epochs, and the problem has none"
    }
    if options.metric == .accuracy, !shape.hasValidation {
      return "the metric is an accuracy, and the problem has no validation"
    }
    let moving = groups.filter { !$0.isFrozen }
    if options.metric == .loss, options.comparesScores,
      Set(moving.map(\.optimizer.objective.maximizes)).count > 1
    {
      return "some groups climb and others descend: no loss is the best for both"
    }
    let all =
      moving.map {
        (
          "group '\($0.name)'", $0.optimizer.controller.requirements, $0.optimizer.stepCount,
          $0.optimizer.objective.maximizes
        )
      }
      + (method.map {
        [("the method", $0.controllerRequirements, progress.step, $0.maximizes)]
      } ?? [])
    for (name, requirements, taken, climbs) in all {
      if requirements.signals.contains(.epoch), shape.batchesPerEpoch == nil {
        return "the controller of \(name) counts epochs, and the problem has none"
      }
      if requirements.signals.contains(.metric), !shape.hasValidation {
        return "the controller of \(name) watches a validation metric, and the problem has none"
      }
      if let fault = requirements.fault(
        watching: options.metric.rawValue, toward: options.metric.direction(climbing: climbs))
      {
        return "the controller of \(name) \(fault)"
      }
      if Double(taken + last - progress.step - 1) > requirements.lastStep {
        return "the schedule of \(name) ends before the \(last) steps of the training"
      }
      if let epoch = epoch(at: max(0, last - 1)), epoch.rounded(.down) > requirements.lastEpoch {
        return "the schedule of \(name) ends before the training's last epoch"
      }
    }
    return nil
  }
}
