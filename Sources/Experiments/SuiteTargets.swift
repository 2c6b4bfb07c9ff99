internal import Records

extension SuiteFile {
  /// What is wrong with references and targets. One that was computed was refused then, if it is too
  /// great, and is none of these where the suite was changed since: it is computed anew.
  static func targetFaults(in suite: Suite) -> [SuiteFault] {
    let greatest = Calibration.greatestTarget(judgedBy: suite.judgedLoss)
    var found: [SuiteFault] = []
    for (index, task) in suite.tasks.enumerated() {
      func check(_ target: Double, _ name: String, at place: SuiteFault.Place...) {
        guard target > greatest, target.isFinite else { return }
        found.append(
          SuiteFault(
            ["tasks", .item(index)] + place,
            "\(name) task '\(shown(task.name))' is \(target), not at most \(greatest): a run that "
              + "has hardly begun would get there"))
      }
      for (rule, reference) in task.references.sorted(by: { $0.key < $1.key }) {
        if ![reference.rate, reference.target].allSatisfy({ $0 > 0 && $0.isFinite }) {
          found.append(
            SuiteFault(
              ["tasks", .item(index), "references", .key(rule)],
              "task '\(task.name)' has a reference with a rate or target that is not above 0"))
        }
        if !reference.isFromCalibration {
          check(
            reference.target, "the 'target' of rule '\(shown(rule))' on", at: "references",
            .key(rule))
        }
      }
      if !(task.commonTarget > 0 && task.commonTarget.isFinite) {
        found.append(
          SuiteFault(
            ["tasks", .item(index), "commonTarget"],
            "the 'commonTarget' of task '\(shown(task.name))' is \(task.commonTarget), not a number "
              + "above 0"))
      }
      if task.commonTarget != Suite.SuiteTask.commonTarget(of: task.references) {
        check(task.commonTarget, "the 'commonTarget' of", at: "commonTarget")
      }
    }
    return found
  }
}

extension Suite.Reference {
  /// Whether its key says what it was computed for; else somebody chose it.
  fileprivate var isFromCalibration: Bool { key.map { $0 != Self.given } ?? false }
}
