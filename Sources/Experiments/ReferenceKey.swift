internal import Hypergradient
public import HypergradientCatalogue
public import Records
internal import Tasks

extension Suite {
  /// What the references of a task and rule stand for, in one word: a digest of the task's text and the
  /// rule's, with their defaults written out, the length of a run and its evaluations, the seeds, the
  /// grid, the data, and the way of the computation.
  ///
  /// - Parameter dataHash: of the user's data; `nil` without any.
  /// - Throws: ``SpecError`` for a text that names nothing.
  public func referenceKey(
    task: String, rule: String, dataHash: String?, names: Names = .standard
  ) throws(SpecError) -> String {
    let grid = calibrationGrid
    var facts = [
      "task \(try Self.spelled(task: task, names.tasks))",
      "rule \(try Self.spelled(rule: rule, names.catalogue))",
      steps.map { "steps \($0)" } ?? "epochs \(epochs ?? 0)",
      "evaluations \(evaluations)",
      "seeds \(calibrationSeeds.sorted())",
      "grid \(grid.low) \(grid.high) \(grid.count)",
      "data \(dataHash ?? "none")",
    ]
    if judgedLoss != .training { facts.append("judged by \(judgedLoss.rawValue)") }
    if let command = ExternalCommand.command(ofTask: task) {
      facts.append("files \(ExternalCommand.line(ExternalCommand.digests(of: command)))")
    }
    return Calibration.version + "-" + Digest.sha256(facts.joined(separator: "\n")).prefix(16)
  }

  /// The dense grid of fixed rates.
  var calibrationGrid: StartingRates {
    referenceGrid ?? StartingRates(low: -8, high: 3, count: 177)
  }

  private static func spelled(
    task text: String, _ recipes: [Recipe<TaskMaker>]
  ) throws(SpecError) -> String {
    var vocabulary = Vocabulary()
    vocabulary[TaskMaker.self] = Lexicon("task", recipes)
    let node = try SpecText(text, variables: ["steps"]).single("a task")
    return SpecReader(text, vocabulary: vocabulary).spelledOut(node, as: TaskMaker.self)
  }

  private static func spelled(
    rule text: String, _ catalogue: Catalogue
  ) throws(SpecError) -> String {
    let node = try SpecText(text).single("a rule")
    return SpecReader(text, vocabulary: catalogue.vocabulary)
      .spelledOut(node, as: RuleOnObjective<Double>.self)
  }
}
