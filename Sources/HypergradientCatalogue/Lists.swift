internal import Hypergradient
internal import HypergradientRecipes

// Everything that a text can name. A newcomer adds one line here.

func standardRules<S: ParameterScalar>(_: S.Type) -> [Recipe<RuleOnObjective<S>>] {
  [
    .of(GradientDescent<S>.self),
    .of(HeavyBall<S>.self),
    .of(Nesterov<S>.self),
    .of(AdaGrad<S>.self),
    .of(RMSProp<S>.self),
    .of(Adam<S>.self),
    .of(ClipByNorm<S>.self),
    .of(WeightDecay<S>.self),
    .of(AdaDelta<S>.self),
    .of(CenteredRMSProp<S>.self),
    .of(AMSGrad<S>.self),
    Recipe<AdamW<S>>.adamW().map { RuleOnObjective($0) },
    .of(NAdam<S>.self),
    .of(RAdam<S>.self),
    .of(AdaMax<S>.self),
    .of(AdaBelief<S>.self),
    .of(Yogi<S>.self),
    .of(Lion<S>.self),
    .of(DeltaBarDelta<S>.self),
    .of(Rprop<S>.self),
    .of(Almeida<S>.self),
    .of(IDBD<S>.self),
    .of(Autostep<S>.self),
    .of(Signum<S>.self),
    .of(ADOPT<S>.self),
    .of(AdEMAMix<S>.self),
    .of(MARS<S>.self),
    .of(AdamG<S>.self),
  ]
}

func standardRuleModifiers<S: ParameterScalar>(
  _: S.Type
) -> [Recipe<Modifier<RuleOnObjective<S>>>] {
  [.then(), .penalized(), .varying(), .maximizing(), .guarded(), .cautious()]
}

let standardControllers: [Recipe<any LearningRateController>] = [
  .of(ConstantRate.self), .scheduled, .hypergradient, .hypergradientTower, .plateau,
  .polyak, .alig, .l4, .ngn, .decSPS,
  .greedy, .boldDriver, .newBob, .gated,
  .torchPlateau, .kerasPlateau, .optaxPlateau, .fastaiPlateau, .transformersGreedy,
  .speechbrainNewBob,
  .traceAligned,
]

let standardControllerModifiers: [Recipe<Modifier<any LearningRateController>>] = [
  .scaledController, .clamped, .limitedGrowth, .frozen, .warmedUp, .timesController,
  .guardedByTrace,
]

/// Methods that are not a rule times a controller.
func standardMethods<S: ParameterScalar>(_: S.Type) -> [Recipe<any TrainingMethod<S>>] {
  [
    .dog(),
    .dowg(),
    .of(DAdaptedGradientDescent<S>.self),
    .of(DAdaptedAdam<S>.self),
    .of(Prodigy<S>.self),
    .of(DAdaptedLion<S>.self),
    .mechanic(),
    .trac(),
    .of(COCOB<S>.self),
    .scheduleFreeSGD(),
    .scheduleFreeAdam(),
    .scheduleFreeRAdam(),
    .of(ScheduleFreePlus<S>.self),
    .of(MoMo<S>.self),
    .of(MoMoAdam<S>.self),
    .of(NGNMomentum<S>.self),
    .of(AdaptiveDescent<S>.self),
    .of(AdaptiveDescent2<S>.self),
    .of(BarzilaiBorwein<S>.self),
    .armijo(),
    .of(PoNoS<S>.self),
    .salsa(),
    .cdat(),
    .gen(),
    .of(YellowFin<S>.self),
    .of(MultidimensionalBacktracking<S>.self),
    .metaOptimize(),
    .of(HDMBest<S>.self),
    .of(OSGM<S>.self),
    .rtho(),
    .marthe(),
    .fds(),
    .of(SMD<S>.self),
    .of(OSGMBest<S>.self),
    .hyperparameterTower(),
    .byGroup(),
    .startUp(),
    .hierarchicalHypergradient(),
    .independentAlignment(),
  ]
}

func standardMethodModifiers<S: ParameterScalar>(
  _: S.Type
) -> [Recipe<Modifier<any TrainingMethod<S>>>] {
  [.clampedMethod(), .limitedGrowthOfMethod(), .frozenMethod(), .averaged()]
}

// As the library's own generic lists, but of things that have recipes of their own.

extension Recipe {
  static func of<R: UpdateRule & HasRecipe>(_: R.Type) -> Recipe
  where Product == RuleOnObjective<R.Scalar> {
    R.recipe.map { RuleOnObjective($0) }
  }

  static func of<S: ParameterScalar, M: TrainingMethod<S> & HasRecipe>(_: M.Type) -> Recipe
  where Product == any TrainingMethod<S> {
    M.recipe.map { $0 }
  }
}

extension Recipe where Product == any LearningRateController {
  static func of<C: LearningRateController & HasRecipe>(_: C.Type) -> Recipe {
    C.recipe.map { $0 }
  }
}

extension Recipe where Product == any Schedule {
  static func of<S: Schedule & HasRecipe>(_: S.Type) -> Recipe { S.recipe.map { $0 } }
}
