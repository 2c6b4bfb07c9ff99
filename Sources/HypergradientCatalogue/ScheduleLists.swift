internal import Hypergradient
internal import HypergradientRecipes

// The schedules that a text can name. A newcomer adds one line here.

let ownSchedules: [Recipe<any Schedule>] = [
  .of(ConstantSchedule.self), .of(StepDecaySchedule.self), .of(MultiStepSchedule.self),
  .of(ExponentialSchedule.self), .of(GeometricSchedule.self), .of(InverseTimeSchedule.self),
  .of(InverseSquareRootSchedule.self), .of(NoamSchedule.self), .of(LinearSchedule.self),
  .of(PolynomialSchedule.self), .of(CosineSchedule.self), .of(FlatCosineSchedule.self),
  .of(RexSchedule.self), .of(WarmRestartsSchedule.self), .triangular, .triangular2, .expRange,
  .of(OneCycleSchedule.self), .oneCycleMomentum, .of(WarmupStableDecaySchedule.self),
  .of(TriStageSchedule.self), .of(PiecewiseSchedule.self), .of(TableSchedule.self),
  .of(LinearWarmupSchedule.self), .of(WarmupSchedule.self),
  .of(UntunedWarmupSchedule.self), .of(PowerLawSchedule.self),
]

/// Under the names and with the boundaries of other libraries.
let schedulesOfOtherLibraries: [Recipe<any Schedule>] = [
  .torchOneCycle, .torchOneCycleMomentum, .torchCosineAnnealing, .kerasExponentialDecay,
  .kerasInverseTimeDecay, .kerasPolynomialDecay, .kerasCosineDecay, .kerasWarmupCosineDecay,
  .kerasCosineDecayRestarts, .kerasPiecewiseConstantDecay, .optaxExponentialDecay,
  .optaxPolynomial, .optaxWarmupCosineDecay, .optaxWarmupExponentialDecay, .optaxCosineOneCycle,
  .optaxLinearOneCycle, .fastaiOneCycle, .fastaiFlatCosine, .transformersLinear,
  .transformersCosine,
]

let standardScheduleModifiers: [Recipe<Modifier<any Schedule>>] = [
  .followed, .scaledSchedule, .times, .warmedUpSchedule, .shifted, .clampedSchedule, .looped,
]
