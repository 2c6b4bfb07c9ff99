/// Everything that a text can name. A newcomer adds one line here.
public enum Catalogue {
  public static let rules: [Recipe<RulePair>] = [
    .sgd, .heavyBall, .nesterov, .adaGrad, .rmsProp, .adam, .clipByNorm, .weightDecay,
    .adaDelta, .centeredRMSProp, .amsGrad, .adamW, .nAdam, .rAdam, .adaMax, .adaBelief, .yogi,
    .lion,
    .deltaBarDelta, .rprop, .almeida, .idbd, .autostep,
  ]

  public static let ruleModifiers: [Recipe<RuleModifier>] = [
    .then, .penalized, .varying, .maximizing,
  ]

  public static let controllers: [Recipe<any LearningRateController>] = [
    .constant, .scheduled, .hypergradient, .hypergradientTower, .plateau,
    .polyak, .alig, .l4,
    .greedy, .boldDriver, .newBob, .gated,
    .torchPlateau, .kerasPlateau, .optaxPlateau, .fastaiPlateau, .transformersGreedy,
    .speechbrainNewBob,
    .traceAligned,
  ]

  public static let controllerModifiers: [Recipe<ControllerModifier>] = [
    .scaledController, .clamped, .warmedUp,
    .timesController,
    .guardedByTrace,
  ]

  /// Methods that are not a rule times a controller.
  public static let methods: [Recipe<MethodPair>] = [
    .dog, .dowg, .dAdaptSGD, .dAdaptAdam, .prodigy, .mechanic, .cocob, .scheduleFreeSGD,
    .scheduleFreeAdam, .momo, .adaptiveDescent, .barzilaiBorwein, .armijo,
    .multidimensionalBacktracking, .metaOptimize, .hdm, .osgm,
    .rtho, .marthe, .fds, .smd, .osgmBest,
    .ultimate,
    .byGroup,
    .startUp,
    .hierarchicalHypergradient,
    .independentAlignment,
  ]

  public static let schedules = ownSchedules + schedulesOfOtherLibraries

  public static let ownSchedules: [Recipe<any Schedule>] = [
    .constantSchedule, .stepDecay, .multiStep, .exponential, .geometric, .inverseTime,
    .inverseSquareRoot, .noam, .linear, .polynomial, .cosine, .flatCosine, .rex, .warmRestarts,
    .triangular, .triangular2, .expRange, .oneCycle, .oneCycleMomentum, .warmupStableDecay,
    .triStage, .piecewise, .table, .linearWarmup, .warmup,
  ]

  /// Under the names and with the boundaries of other libraries.
  public static let schedulesOfOtherLibraries: [Recipe<any Schedule>] = [
    .torchOneCycle, .torchOneCycleMomentum, .torchCosineAnnealing, .kerasExponentialDecay,
    .kerasInverseTimeDecay, .kerasPolynomialDecay, .kerasCosineDecay, .kerasWarmupCosineDecay,
    .kerasCosineDecayRestarts, .kerasPiecewiseConstantDecay, .optaxExponentialDecay,
    .optaxPolynomial, .optaxWarmupCosineDecay, .optaxWarmupExponentialDecay, .optaxCosineOneCycle,
    .optaxLinearOneCycle, .fastaiOneCycle, .fastaiFlatCosine, .transformersLinear,
    .transformersCosine,
  ]

  public static let scheduleModifiers: [Recipe<ScheduleModifier>] = [
    .followed, .scaledSchedule, .times, .warmedUpSchedule, .shifted, .clampedSchedule, .looped,
  ]
}

public typealias RuleModifier = @Sendable (RulePair) throws(SpecError) -> RulePair
public typealias ControllerModifier =
  @Sendable (any LearningRateController) throws(SpecError) -> any LearningRateController
public typealias ScheduleModifier = @Sendable (any Schedule) throws(SpecError) -> any Schedule
