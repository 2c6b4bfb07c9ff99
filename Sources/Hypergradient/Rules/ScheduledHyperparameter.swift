public import HypergradientRecipes

/// A rule with one hyperparameter that is a function of the step:
///
/// ```swift
/// let cycled = HeavyBall<Float>().varying(\.momentum, by: .oneCycleMomentum(over: 1000))
/// let falling = Adam<Float>().varying(\.beta1, by: .linear(from: 0.95, to: 0.85, over: 300))
/// ```
///
/// The schedule counts the steps that the rule has taken, from 0; several hyperparameters vary one
/// after another, `.varying(…).varying(…)`. The value is kept beside the rule's scalars, and the rule
/// of a step is a copy on the stack: nothing is allocated and no vector is added. Where θ moves along
/// the same direction, the alignment is that of the rule with the value of that step.
public struct ScheduledHyperparameter<Base: AdjustableRule, S: Schedule>: UpdateRule {
  public typealias Scalar = Base.Scalar

  public var base: Base
  public let hyperparameter: Hyperparameter<Base>
  public let schedule: S

  /// - Precondition: the rule has the hyperparameter, and at every step the schedule's value is in
  ///   its domain.
  public init(
    _ base: Base, _ hyperparameter: WritableKeyPath<Base, Double>, by schedule: S
  ) {
    self.init(base, Base.hyperparameter(hyperparameter), by: schedule)
  }

  init(_ base: Base, _ hyperparameter: Hyperparameter<Base>, by schedule: S) {
    self.base = base
    self.hyperparameter = hyperparameter
    self.schedule = schedule
  }

  /// This step's value comes before the base's scalars.
  public var requirements: RuleRequirements {
    RuleRequirements(scalars: [base[keyPath: hyperparameter.path]]) + base.requirements
  }

  public func fault(atStep step: Int) -> String? {
    if Double(step) > schedule.lastStep {
      return "the schedule of '\(hyperparameter.label)' ends at step \(short(schedule.lastStep))"
    }
    let value = schedule(step)
    return hyperparameter.domain.contains(value)
      ? base.fault(atStep: step)
      : "'\(hyperparameter.label)' is \(short(value)) at step \(step), not "
        + hyperparameter.domain.description
  }

  public func begin(_ step: RuleStep) {
    let value = schedule(step.index)
    require(
      hyperparameter.domain.contains(value),
      "\(hyperparameter.label) is \(value) at step \(step.index), not "
        + hyperparameter.domain.description)
    step.scalars[0] = value
    rule(of: step).begin(step.following(scalars: 1))
  }

  public func survey(_ strip: Strip<Scalar>, _ step: RuleStep) {
    rule(of: step).survey(strip, step.following(scalars: 1))
  }

  public func acceleratedSurvey(_ strip: Strip<Scalar>, _ step: RuleStep) -> Bool {
    rule(of: step).acceleratedSurvey(strip, step.following(scalars: 1))
  }

  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    rule(of: step).direction(strip, step.following(scalars: 1))
  }

  public func accelerated(
    _ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?
  ) -> Bool {
    rule(of: step).accelerated(strip, step.following(scalars: 1), moving: moving)
  }

  @inline(__always)
  private func rule(of step: RuleStep) -> Base {
    var rule = base
    rule[keyPath: hyperparameter.path] = step.scalars[0]
    return rule
  }
}

extension ScheduledHyperparameter: Equatable where Base: Equatable, S: Equatable {}

extension ScheduledHyperparameter: AdjustableRule {
  public static var hyperparameters: [Hyperparameter<Self>] {
    let base: WritableKeyPath<Self, Base> = \.base
    return Base.hyperparameters.map {
      Hyperparameter($0.label, base.appending(path: $0.path), $0.domain)
    }
  }
}

extension AdjustableRule {
  /// This rule with a hyperparameter that is a function of the step.
  public func varying<S: Schedule>(
    _ hyperparameter: WritableKeyPath<Self, Double>, by schedule: S
  ) -> ScheduledHyperparameter<Self, S> {
    ScheduledHyperparameter(self, hyperparameter, by: schedule)
  }
}

extension Recipe {
  /// `heavyBall.varying(.momentum, by: oneCycleMomentum(over: steps))`.
  package static func varying<S: ParameterScalar>() -> Recipe
  where Product == Modifier<RuleOnObjective<S>> {
    Recipe(
      "varying",
      { (name: SpecName, schedule: Varying) in
        Modifier(refusing: { rule in
          vary(rule.rule, name.word, schedule).map { RuleOnObjective($0, on: rule.objective) }
        })
      },
      .name("_", "the hyperparameter, one of the rule's"),
      .varying("by", "its value as a function of the rule's steps"),
      refusing: { reader, _, schedule in reader.fault(ofLength: schedule.schedule) },
      summary: "a hyperparameter that is a function of the step: momentum, beta1, …",
      examples: [
        "heavyBall.varying(.momentum, by: oneCycleMomentum(over: 8))",
        "adam.varying(.beta1, by: linear(from: 0.95, to: 0.7, over: 6)).then(weightDecay(0.05))",
        "idbd(initialRate: 2).varying(.metaRate, by: linear(from: 0.5, to: 0.1, over: 9))",
      ])
  }
}

/// A schedule, and the steps at which it is looked at: those of the run, where it is known.
private struct Varying: Sendable {
  let schedule: any Schedule
  let steps: Int
}

extension Parameter where Value == Varying {
  fileprivate static func varying(_ label: String, _ summary: String) -> Parameter {
    Parameter(
      label, nil,
      .refined("schedule") { reader, schedule in
        .success(
          Varying(
            schedule: schedule, steps: Int(min(max(reader.variables["steps"] ?? 1000, 1), 100_000)))
        )
      }, default: nil, summary)
  }
}

/// The rule with a hyperparameter that follows a schedule, or why it can't.
private func vary<S>(
  _ rule: any UpdateRule<S>, _ name: String, _ varying: Varying
) -> Result<any UpdateRule<S>, Refusal> {
  let none = Refusal("this rule has no hyperparameter that can vary")
  func open<R: AdjustableRule, T: Schedule>(
    _ rule: R, _ schedule: T
  ) -> Result<any UpdateRule, Refusal> {
    let known = R.hyperparameters
    if known.isEmpty { return .failure(none) }
    guard let hyperparameter = known.first(where: { $0.label == name }) else {
      let names = known.map(\.label)
      let hint =
        nearestName(to: name, among: names).map { "did you mean '\($0)'?" }
        ?? "it has \(names.joined(separator: ", "))"
      return .failure(Refusal("this rule has no hyperparameter '\(name)'; \(hint)"))
    }
    let domain = hyperparameter.domain
    for step in 0..<varying.steps where Double(step) <= schedule.lastStep {
      let value = schedule(step)
      if !domain.contains(value) {
        return .failure(
          Refusal(
            "'\(name)' is to be \(domain.description), and is \(short(value)) at step \(step)"))
      }
    }
    return .success(ScheduledHyperparameter(rule, hyperparameter, by: schedule))
  }
  guard let rule = rule as? any AdjustableRule else { return .failure(none) }
  return open(rule, varying.schedule).map { varying in
    guard let varying = varying as? any UpdateRule<S> else {
      stop("a rule that varies is one of the same numbers")
    }
    return varying
  }
}

extension ScheduledHyperparameter {
  private enum CodingKeys: CodingKey { case base, hyperparameter, schedule }

  /// - Throws: `DecodingError`, too, where one of the first values is outside the domain.
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    hyperparameter = try state.value(.hyperparameter)
    schedule = try state.value(.schedule)
    for step in 0..<1000 where Double(step) <= schedule.lastStep {
      if let fault = fault(atStep: step) { throw state.fail(.schedule, fault) }
    }
  }
}
