package import HypergradientRecipes

private typealias Number = Parameter<any LearningRateController, Double>

extension Recipe where Product == any LearningRateController {
  package static let traceAligned = Recipe(
    "traceAligned",
    TraceAlignedRate.init(
      initial:steps:start:opposition:rejectAbove:rejectSpread:mostCut:window:windowGrowth:setPoint:
      coherence:lengthening:noiseRetreat:decayFrom:following:restoring:tolerance:restoreRetreat:),
    Number.number(
      "initial", in: .above(0), unit: "learning rate", "any guess; the rate begins below it"),
    .count("steps", in: .between(1, 1e15), unit: "steps", "the horizon"),
    Number.number(
      "start", in: .above(0), default: 0.01, "the share of 'initial' that is begun with"),
    Number.number(
      "opposition", in: .between(0, 1), default: 0.2,
      "a cosine below minus this may reject a step"),
    Number.number(
      "rejectAbove", in: .atLeast(1), default: 4, unit: "mean norms",
      "the length of a gradient that may reject the step before it"),
    Number.number(
      "rejectSpread", in: .atLeast(0), default: 2, unit: "standard deviations",
      "by which the logarithm of that length is to be above its mean"),
    Number.number(
      "mostCut", in: .atLeast(0), default: 3.4,
      "how far rejections take the rate's logarithm under its mean, by less as the window grows"),
    Number.number(
      "window", in: .atLeast(1), default: 25, unit: "steps", "the trace's least window"),
    Number.number(
      "windowGrowth", in: .atLeast(0), default: 0.5, "the window's share of the steps so far"),
    Number.number(
      "setPoint", in: .any, default: 0.5, "how greedy it begins, and how cautious it ends"),
    Number.number(
      "coherence", in: .between(0, 1), default: 0.1,
      "the cosine above which gradients are coherent, and the rate grows"),
    Number.number(
      "lengthening", in: .between(0, 1), default: 1,
      "the share that the rate gives back of what directions become longer"),
    Number.number(
      "noiseRetreat", in: .atLeast(1), default: 2,
      "the divisor, once, when losses do not change as gradients foretell"),
    Number.number(
      "decayFrom", in: .between(0, 1), default: 0.5,
      "the share of the steps after which the rate is annealed"),
    .choice("following", default: .trace, "what the gradient is compared with"),
    .choice("restoring", default: .best, "what is done when the loss has lost what it gained"),
    Number.number(
      "tolerance", in: .atLeast(0), default: 0.5, "the share of the gain that may be lost"),
    Number.number("restoreRetreat", in: .atLeast(1), default: 4, "the divisor when it is restored"),
    summary: "needs no tuning: the cosine of the gradient with a trace of directions",
    examples: [
      "traceAligned(initial: 0.1, steps: 80)",
      "traceAligned(initial: 3, steps: 1000000, restoring: .never)",
      "traceAligned(initial: 0.1, steps: 100, start: 0.5, opposition: 0.1, rejectAbove: 7, "
        + "rejectSpread: 1, mostCut: 1, window: 20, windowGrowth: 0.25, setPoint: 0.25, "
        + "coherence: 0.375, lengthening: 0.5, noiseRetreat: 3, decayFrom: 0.625, "
        + "following: .lastDirection, tolerance: 0.875, restoreRetreat: 6)",
    ],
    standard: { TraceAlignedRate(initial: 0.1, steps: 80) })
}
