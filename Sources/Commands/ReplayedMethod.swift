internal import Datasets
internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath

/// An optimizer, or another training method, that is given recorded gradients.
struct ReplayedMethod {
  let gradients: NumericTable
  /// For each parameter its column of the gradients.
  private let order: [Int]
  let start: [Double]
  let names: [String]
  let log: NumericTable?

  /// - Throws: an error that names the file and line: not one line of parameters, another number of
  ///   gradients than of parameters, other names of columns, an empty field, another number of lines in
  ///   the log.
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
    order = try Self.order(of: gradients, as: initial)
    start = try Self.full(initial.rows[0], of: initial.file)
    names =
      initial.names.isEmpty ? start.indices.map { "parameter\($0)" } : initial.names
    self.gradients = gradients
    self.log = log
  }

  /// Step, learning rate and the parameters after the step, and the distance that a method estimates.
  ///
  /// - Throws: ``SpecError``, and an error that says what the method asks for beyond the records.
  func replayed(
    _ text: String, _ precision: Replay.Precision, _ catalogue: Catalogue
  ) throws -> Replayed {
    let steps = Double(gradients.rows.count)
    func replayed<Scalar: ParameterScalar>(_: Scalar.Type) throws -> Replayed {
      switch try catalogue.method(text, for: Scalar.self, variables: ["steps": steps]) {
      case .pair(let rule, let controller): try self.replayed(rule, controller)
      case .method(let method): try self.replayed(method)
      }
    }
    var result =
      switch precision {
      case .float: try replayed(Float.self)
      case .double: try replayed(Double.self)
      }
    result.curves = result.curves.map {
      ReplayPicture.Curve(text: text, steps: $0.steps, rates: $0.rates)
    }
    return result
  }

  private func replayed<Scalar: ParameterScalar>(
    _ rule: RuleOnObjective<Scalar>, _ controller: any LearningRateController
  ) throws -> Replayed {
    func open<R: UpdateRule<Scalar>, C: LearningRateController>(
      _ update: R, _ controller: C
    ) throws -> Replayed {
      try replayed(Optimizer(update, controller, on: rule.objective, parameterCount: start.count))
    }
    return try open(rule.rule, controller)
  }

  private func replayed<R: UpdateRule, C: LearningRateController>(
    _ optimizer: Optimizer<R, C>
  ) throws -> Replayed {
    // What the optimizer can't compute from gradients must be in the log.
    var requirements = optimizer.controller.requirements
    var needs = requirements.signals.intersection([.loss, .metric, .epoch])
    if optimizer.rule.requirements.facts.contains(.loss) { needs.insert(.loss) }
    // Its clock counts the lines, whatever their step column says: a schedule's end was looked at
    // when the text was read.
    requirements = requirements.with(signals: needs)
    requirements.lastStep = .infinity
    var signals: ReplayedSignals?
    if let log {
      signals = try ReplayedSignals(log, requirements, by: "the method")
    } else if !needs.isEmpty {
      throw missing(needs)
    }
    var optimizer = optimizer
    return try lines { index, theta, gradient in
      let signal = try signals?.signals(index)
      optimizer.step(
        &theta, gradient: gradient, loss: needs.contains(.loss) ? signal?.loss : nil,
        metric: signal.flatMap { $0.metric }, epoch: needs.contains(.epoch) ? signal?.epoch : nil)
      return (optimizer.learningRate, nil)
    }
  }

  private func replayed<M: TrainingMethod>(_ method: M) throws -> Replayed {
    let unknown = method.controllerRequirements.signals.intersection([.metric, .epoch])
    if let name = unknown.signals.first {
      throw DataError(
        gradients.file,
        "the method has a controller that reads the signal '\(name)': a method that is not "
          + "'rule + controller' is replayed from gradients and losses alone")
    }
    if let log {
      let signals = try ReplayedSignals(
        log, ControllerRequirements(signals: [.loss]), by: "the method")
      let losses = try log.rows.indices.map { try signals.signals($0).loss }
      return try replayed(method) { losses[$0] }
    }
    // A method does not say whether it reads the losses: it does if they make a difference.
    let without = Result { try replayed(method) { _ in .nan } }
    let result = try replayed(method) { _ in 1 }
    guard try without.get().csv == result.csv else { throw missing([.loss]) }
    return result
  }

  private func replayed<M: TrainingMethod>(
    _ made: M, loss: (Int) -> Double
  ) throws -> Replayed {
    var method = made
    var isBegun = false
    return try lines { (index, theta: inout [M.Scalar], gradient) in
      if !isBegun { method.begin(at: theta) }
      isBegun = true
      var oracle = RecordedOracle(gradient: gradient, loss: loss(index))
      method.step(&theta, &oracle)
      if let failure = method.program?.failure { throw failure }
      if let question = oracle.unanswered {
        throw DataError(
          gradients.file, line: gradients.rows[index].line,
          "the method asks for \(question): it can't be replayed from one recorded gradient a step")
      }
      return (method.learningRate, method.distanceEstimate)
    }
  }

  /// The lines of the result; `step` takes a step and returns its learning rate, and the distance that
  /// the method estimates.
  private func lines<Scalar: ParameterScalar>(
    _ step: (_ index: Int, _ theta: inout [Scalar], _ gradient: [Scalar]) throws -> (
      rate: Double, distance: Double?
    )
  ) throws -> Replayed {
    var theta = start.map { Scalar.nearest(to: $0) }
    var (lines, rates, hasDistance) = ("", [Double](), false)
    for (index, row) in gradients.rows.enumerated() {
      let values = try Self.full(row, of: gradients.file)
      let gradient = order.map { Scalar.nearest(to: values[$0]) }
      let (rate, distance) = try step(index, &theta, gradient)
      rates.append(rate)
      lines += "\(index),\(rate.spelled)"
      for value in theta { lines += ",\(Self.spelled(value))" }
      if let distance {
        lines += ",\(distance.spelled)"
        hasDistance = true
      }
      lines += "\n"
    }
    let head = ["step", "learningRate"] + names + (hasDistance ? ["distance"] : [])
    return Replayed(
      csv: head.joined(separator: ",") + "\n" + lines,
      curves: [ReplayPicture.Curve(text: "", steps: Array(rates.indices), rates: rates)])
  }

  /// Columns of the same names belong together, in whatever order they stand; where a file has no names,
  /// by their places.
  private static func order(
    of gradients: NumericTable, as initial: NumericTable
  ) throws -> [Int] {
    guard !gradients.names.isEmpty, !initial.names.isEmpty else {
      return Array(0..<initial.columnCount)
    }
    return try initial.names.map { name in
      guard let place = gradients.names.firstIndex(of: name) else {
        throw DataError(
          gradients.file, line: 1,
          "no column is named '\(name)', a parameter of \(initial.file); there are "
            + gradients.names.map { "'\($0)'" }.joined(separator: ", "))
      }
      return place
    }
  }

  private static func spelled(_ value: some ParameterScalar) -> String {
    value.isNaN ? "nan" : "\(value)"
  }

  private func missing(_ signals: StepSignals.Needs) -> DataError {
    let names = signals.signals.map { "'\($0)'" }.joined(separator: ", ")
    let isOne = signals.signals.count == 1
    return DataError(
      gradients.file,
      "the method needs the signal\(isOne ? "" : "s") \(names): give a log of "
        + "\(isOne ? "it" : "them") by --input")
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
