/// A rule with one hyperparameter that is a function of the step:
///
///     HeavyBall<Float>().varying(.momentum, by: .oneCycleMomentum(over: 1000))
///     Adam<Float>().varying(.beta1, by: .linear(from: 0.95, to: 0.85, over: 300))
///
/// The schedule counts the steps that the rule has taken, from 0; several hyperparameters vary one
/// after another, `.varying(…).varying(…)`. The value is kept beside the rule's scalars, and the rule
/// of a step is a copy on the stack: nothing is allocated and no vector is added. Where θ moves along
/// the same direction, the alignment is that of the rule with the value of that step.
///
/// A term of the objective (`penalized(by:)`) does not vary: its gradient would belong to another
/// function from step to step.
public struct ScheduledHyperparameter<Base: AdjustableRule, S: Schedule>: UpdateRule {
  public typealias Scalar = Base.Scalar

  public var base: Base
  public let hyperparameter: Base.Hyperparameter
  public let schedule: S

  /// - Precondition: at every step the schedule's value is in the hyperparameter's domain.
  public init(_ base: Base, _ hyperparameter: Base.Hyperparameter, by schedule: S) {
    self.base = base
    self.hyperparameter = hyperparameter
    self.schedule = schedule
  }

  public var stateVectorCount: Int { base.stateVectorCount }
  /// This step's value, and the base's scalars.
  public var initialScalars: [Double] { [base[hyperparameter]] + base.initialScalars }
  public var scalarCount: Int { 1 + base.scalarCount }
  public var needs: RuleNeeds { base.needs }
  public var penalty: Double { base.penalty }
  @inlinable public var maximizes: Bool { base.maximizes }
  public func initialValue(ofStateVector index: Int) -> Scalar {
    base.initialValue(ofStateVector: index)
  }

  public func begin(_ step: RuleStep) {
    let value = schedule(step.index)
    precondition(
      Base.domain(of: hyperparameter).contains(value),
      "\(hyperparameter.rawValue) is \(value) at step \(step.index), not "
        + Base.domain(of: hyperparameter).description)
    step.scalars[0] = value
    rule(of: step).begin(step.advanced(by: 1))
  }

  public func survey(_ strip: Strip<Scalar>, _ step: RuleStep) {
    rule(of: step).survey(strip, step.advanced(by: 1))
  }

  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    rule(of: step).direction(strip, step.advanced(by: 1))
  }

  public func accelerated(
    _ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?
  ) -> Bool {
    rule(of: step).accelerated(strip, step.advanced(by: 1), moving: moving)
  }

  @inline(__always)
  private func rule(of step: RuleStep) -> Base {
    var rule = base
    rule[hyperparameter] = step.scalars[0]
    return rule
  }
}

extension ScheduledHyperparameter: Equatable where Base: Equatable, S: Equatable {}

extension ScheduledHyperparameter: AdjustableRule {
  public typealias Hyperparameter = Base.Hyperparameter

  public static func domain(of hyperparameter: Hyperparameter) -> Domain {
    Base.domain(of: hyperparameter)
  }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { base[hyperparameter] }
    set { base[hyperparameter] = newValue }
  }
}

extension AdjustableRule {
  /// This rule with a hyperparameter that is a function of the step.
  public func varying<S: Schedule>(
    _ hyperparameter: Hyperparameter, by schedule: S
  ) -> ScheduledHyperparameter<Self, S> {
    ScheduledHyperparameter(self, hyperparameter, by: schedule)
  }
}

extension Recipe where Product == RuleModifier {
  static let varying = Recipe(
    "varying",
    [
      Parameter("_", .choice(names), "the hyperparameter, one of the rule's"),
      Parameter("by", .schedule, "its value as a function of the rule's steps"),
    ], summary: "a hyperparameter that is a function of the step: momentum, beta1, …"
  ) { arguments throws(SpecError) in
    try arguments.checkLength("by")
    // A function, since Swift 6.3 crashes on a closure that throws an error of its own type here.
    @Sendable func varied(_ rule: RulePair) throws(SpecError) -> RulePair {
      try vary(rule, arguments)
    }
    return varied
  }

  /// The names that a rule of the catalogue has.
  private static var names: [String] {
    [
      "momentum", "dampening", "beta1", "beta2", "decay", "epsilon", "coefficient", "maximum",
      "increase", "decrease", "metaRate",
    ]
  }
}

extension Arguments {
  /// The steps at which a text's schedule is looked at: those of the run, where it is known.
  fileprivate var runLength: Int { Int(min(reader.variables["steps"] ?? 1000, 100_000)) }
}

private func vary(_ rule: RulePair, _ arguments: Arguments) throws(SpecError) -> RulePair {
  let (name, schedule) = (arguments.choice("_"), arguments.schedule("by"))
  if let fault = faultOfVarying(rule.double, name, schedule, steps: arguments.runLength) {
    throw arguments.error(fault)
  }
  return RulePair(vary(rule.float, name, schedule), vary(rule.double, name, schedule))
}

/// Why a rule's hyperparameter can't follow a schedule; `nil` where it can.
private func faultOfVarying<Scalar>(
  _ rule: any UpdateRule<Scalar>, _ name: String, _ schedule: any Schedule, steps: Int
) -> String? {
  let noHyperparameter = "this rule has no hyperparameter that can vary"
  guard let rule = rule as? any AdjustableRule else { return noHyperparameter }
  func open<R: AdjustableRule, S: Schedule>(_ rule: R, _ schedule: S) -> String? {
    if R.Hyperparameter.allCases.isEmpty { return noHyperparameter }
    guard let hyperparameter = R.Hyperparameter(rawValue: name) else {
      let names = R.Hyperparameter.allCases.map(\.rawValue).joined(separator: ", ")
      return "this rule has no hyperparameter '\(name)'; it has \(names)"
    }
    let domain = R.domain(of: hyperparameter)
    for step in 0..<max(steps, 1) where Double(step) <= schedule.lastStep {
      let value = schedule(step)
      if !domain.contains(value) {
        return "'\(name)' is to be \(domain.description), and is \(short(value)) at step \(step)"
      }
    }
    return nil
  }
  return open(rule, schedule)
}

private func vary<Scalar>(
  _ rule: any UpdateRule<Scalar>, _ name: String, _ schedule: any Schedule
) -> any UpdateRule<Scalar> {
  func open<R: AdjustableRule, S: Schedule>(_ rule: R, _ schedule: S) -> any UpdateRule {
    guard let hyperparameter = R.Hyperparameter(rawValue: name) else {
      preconditionFailure("'\(name)' was checked")
    }
    return rule.varying(hyperparameter, by: schedule)
  }
  guard let rule = rule as? any AdjustableRule,
    let varying = open(rule, schedule) as? any UpdateRule<Scalar>
  else { preconditionFailure("the rule was checked") }
  return varying
}
