/// Everything that a text can name. A newcomer adds one line here.
public enum Catalogue {
  public static let rules: [Recipe<RulePair>] = [
    .sgd, .heavyBall, .nesterov, .adaGrad, .rmsProp, .adam, .clipByNorm, .weightDecay,
  ]

  public static let ruleModifiers: [Recipe<RuleModifier>] = [.then, .penalized]

  public static let controllers: [Recipe<any LearningRateController>] = [
    .constant, .scheduled, .hypergradient, .hypergradientTower, .plateau,
  ]

  public static let controllerModifiers: [Recipe<ControllerModifier>] = [
    .scaledController, .clamped, .warmedUp,
  ]

  /// Methods that are not a rule times a controller.
  public static let methods: [Recipe<MethodPair>] = [.armijo]

  public static let schedules: [Recipe<any Schedule>] = [
    .constantSchedule, .stepDecay, .multiStep, .exponential, .geometric, .inverseTime,
    .inverseSquareRoot, .linear, .polynomial, .cosine, .linearWarmup,
  ]

  public static let scheduleModifiers: [Recipe<ScheduleModifier>] = [.followed, .scaledSchedule]
}

public typealias RuleModifier = @Sendable (RulePair) throws(SpecError) -> RulePair
public typealias ControllerModifier =
  @Sendable (any LearningRateController) throws(SpecError) -> any LearningRateController
public typealias ScheduleModifier = @Sendable (any Schedule) throws(SpecError) -> any Schedule
