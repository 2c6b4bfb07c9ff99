internal import Datasets
internal import Hypergradient

/// An optimizer that is given recorded gradients.
struct ReplayedMethod {
  let gradients: NumericTable
  let start: [Double]
  let names: [String]
  let log: NumericTable?

  /// - Throws: an error that names the file and line: not one line of parameters, another number of
  ///   gradients than of parameters, an empty field, another number of lines in the log.
  init(gradients: NumericTable, initial: NumericTable, log: NumericTable?) throws {
    guard initial.rows.count == 1 else {
      throw DataError(
        initial.file, line: initial.rows[1].line,
        "expected one line of parameters, found \(initial.rows.count)")
    }
    guard gradients.columnCount == initial.columnCount else {
      throw DataError(
        gradients.file, line: gradients.rows[0].line,
        "expected \(initial.columnCount) fields, one for each parameter of \(initial.file), "
          + "found \(gradients.columnCount)")
    }
    if let log, log.rows.count != gradients.rows.count {
      throw DataError(
        log.file,
        "expected a line for each of the \(gradients.rows.count) gradients, found "
          + "\(log.rows.count)")
    }
    start = try Self.full(initial.rows[0], of: initial.file)
    names =
      initial.names.isEmpty ? start.indices.map { "parameter\($0)" } : initial.names
    self.gradients = gradients
    self.log = log
  }

  /// Step, learning rate and the parameters after the step.
  func csv(_ text: String, _ precision: Replay.Precision) throws -> String {
    let steps = Double(gradients.rows.count)
    let method = try SpecReader(text, variables: ["steps": steps]).method()
    return switch precision {
    case .float: try csv(method.rule.rule(for: Float.self), method.controller)
    case .double: try csv(method.rule.rule(for: Double.self), method.controller)
    }
  }

  private func csv<Scalar: ParameterScalar>(
    _ rule: any UpdateRule<Scalar>, _ controller: any LearningRateController
  ) throws -> String {
    func open<R: UpdateRule<Scalar>, C: LearningRateController>(
      _ rule: R, _ controller: C
    ) throws -> String {
      try csv(Optimizer(rule, controller, parameterCount: start.count))
    }
    return try open(rule, controller)
  }

  private func csv<R: UpdateRule, C: LearningRateController>(
    _ optimizer: Optimizer<R, C>
  ) throws -> String {
    // What the optimizer can't compute from gradients must be in the log.
    var needs = optimizer.controller.needs.intersection([.loss, .metric, .epoch])
    if optimizer.rule.needs.contains(.loss) { needs.insert(.loss) }
    var signals: ReplayedSignals?
    if let log {
      signals = try ReplayedSignals(log, needed: needs, by: "the method")
    } else if let name = ReplayedSignals.columns.first(where: { needs.contains($0.need) })?.name {
      throw DataError(
        gradients.file, "the method needs the signal '\(name)': give a log of it by --input")
    }
    var optimizer = optimizer
    var theta = start.map { R.Scalar.nearest(to: $0) }
    var lines = (["step", "learningRate"] + names).joined(separator: ",") + "\n"
    for (index, row) in gradients.rows.enumerated() {
      let gradient = try Self.full(row, of: gradients.file).map { R.Scalar.nearest(to: $0) }
      let signal = try signals?.signals(index)
      optimizer.step(
        &theta, gradient: gradient, loss: needs.contains(.loss) ? signal?.loss : nil,
        metric: signal?.metric, epoch: needs.contains(.epoch) ? signal?.epoch : nil)
      lines += "\(index),\(optimizer.learningRate)"
      for value in theta { lines += ",\(value)" }
      lines += "\n"
    }
    return lines
  }

  private static func full(_ row: NumericTable.Row, of file: String) throws -> [Double] {
    try row.values.enumerated().map { column, value in
      guard let value else {
        throw DataError(file, line: row.line, "field \(column + 1) is empty, not a number")
      }
      return value
    }
  }
}
