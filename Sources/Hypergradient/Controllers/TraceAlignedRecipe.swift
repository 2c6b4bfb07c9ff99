package import HypergradientRecipes

private typealias Number = Parameter<any LearningRateController, Double>

extension Recipe where Product == any LearningRateController {
  package static let traceAligned = Recipe(
    "traceAligned",
    TraceAlignedRate.init(
      initial:steps:start:rampFactor:rampRetreat:opposition:rejectAbove:window:windowGrowth:
      shortestWindow:shorteningAbove:gain:setPoint:setPointDrop:coherentGrowth:coherence:
      lateGrowth:decayFrom:following:restoring:tolerance:restoreRetreat:),
    Number.number(
      "initial", in: .above(0), unit: "learning rate", "any guess; the ramp begins below it"),
    .count("steps", in: .between(1, 1e15), unit: "steps", "the horizon"),
    Number.number(
      "start", in: .above(0), default: 0.01, "the share of 'initial' where the ramp begins"),
    Number.number("rampFactor", in: .atLeast(1), default: 2, "the ramp's factor a step"),
    Number.number("rampRetreat", in: .atLeast(1), default: 4, "the divisor when it ends"),
    Number.number(
      "opposition", in: .between(0, 1), default: 0.2,
      "a cosine below minus this ends the ramp, or rejects a step"),
    Number.number(
      "rejectAbove", in: .atLeast(1), default: 4, unit: "mean norms",
      "the length of a gradient that rejects the step before it"),
    Number.number(
      "window", in: .atLeast(1), default: 25, unit: "steps", "the trace's least window"),
    Number.number(
      "windowGrowth", in: .atLeast(0), default: 0.5,
      "the window's share of the steps since the ramp"),
    Number.number(
      "shortestWindow", in: .atLeast(1), default: 5, unit: "steps",
      "the least window of coherent gradients"),
    Number.number(
      "shorteningAbove", in: .between(0, 1), default: 0.5,
      "the mean cosine above which the window shortens; 1 for never"),
    Number.number("gain", in: .atLeast(0), default: 1.5, "of the set point's part, a window"),
    Number.number("setPoint", in: .any, default: 0.8, "how greedy it begins"),
    Number.number("setPointDrop", in: .any, default: 1.2, "how far the set point falls"),
    Number.number(
      "coherentGrowth", in: .atLeast(0), default: 0.4,
      "the most that coherent gradients add to the rate's logarithm a step"),
    Number.number(
      "coherence", in: .from(0, below: 1), default: 0.3,
      "the cosine above which gradients are coherent"),
    .choice("lateGrowth", default: .coherent, "what may raise the rate in the second half"),
    Number.number(
      "decayFrom", in: .between(0, 1), default: 0.5,
      "the share of the steps after which the rate is annealed"),
    .choice("following", default: .trace, "what the gradient is compared with"),
    .choice("restoring", default: .best, "what is done when the loss has lost what it gained"),
    Number.number(
      "tolerance", in: .atLeast(0), default: 0.5, "the share of the gain that may be lost"),
    Number.number("restoreRetreat", in: .atLeast(1), default: 4, "the divisor when it is restored"),
    summary: "needs no tuning: a ramp, then the cosine of the gradient with a trace of directions",
    examples: [
      "traceAligned(initial: 0.1, steps: 80)",
      "traceAligned(initial: 3, steps: 1000000, restoring: .never)",
      "traceAligned(initial: 0.1, steps: 100, start: 0.5, rampFactor: 3, rampRetreat: 5, "
        + "opposition: 0.1, rejectAbove: 7, window: 20, windowGrowth: 0.25, shortestWindow: 4, "
        + "shorteningAbove: 0.75, gain: 2, setPoint: 0.25, setPointDrop: 1, coherentGrowth: 0.125, "
        + "coherence: 0.375, lateGrowth: .never, decayFrom: 0.625, following: .lastDirection, "
        + "tolerance: 0.875, restoreRetreat: 6)",
    ],
    standard: { TraceAlignedRate(initial: 0.1, steps: 80) })
}
