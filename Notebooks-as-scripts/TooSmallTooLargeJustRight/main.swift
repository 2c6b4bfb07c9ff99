// %% [markdown]
// # Too small, too large, just right
//
// Which learning rate? First what theory says of a function where it says everything, then what
// noise changes and why rates decay, then two ways to find a rate without theory: a range test and
// a search from coarse to fine.
//
// Run it from the root of the package: `swift run TooSmallTooLargeJustRight [PICTURE.svg]`.

// %%
internal import Hypergradient
internal import HypergradientTraining
internal import PortableMath
internal import Programs
internal import Reporting

let picture = pictureFile("results/notebooks/too-small-too-large-just-right.svg")

// %% [markdown]
// ## The function
//
// f(x) = ½(x₁² + 10·x₂²) from (10, 1). Gradient descent multiplies coordinate i by 1 − αλᵢ a step:
// it converges where α < 2/λ₂ = 0.2, and fastest at α = 2/(λ₁ + λ₂) = 2/11, where both factors are
// 9/11 in size.

// %%
let curvatures = [1.0, 10]
let start = [10.0, 1]
func loss(_ x: [Double]) -> Double {
  0.5 * (curvatures[0] * x[0] * x[0] + curvatures[1] * x[1] * x[1])
}
func power(_ base: Double, _ exponent: Int) -> Double {
  (0..<exponent).reduce(1) { product, _ in product * base }
}

// %% [markdown]
// ## Three fixed rates
//
// 0.002 is too small, 0.21 too large, 2/11 just right. What the runs end with is what the factors
// say, to rounding.

// %%
func descend(_ control: some LearningRateController, steps: Int) -> [Double] {
  var optimizer = Optimizer(GradientDescent<Double>(), control, parameterCount: 2)
  var x = start
  return (0..<steps).map { _ in
    optimizer.step(&x, gradient: [curvatures[0] * x[0], curvatures[1] * x[1]])
    return loss(x)
  }
}
let steps = 60
let rates: [(name: String, rate: Double)] = [
  ("too small, 0.002", 0.002), ("just right, 2/11", 2 / 11.0), ("too large, 0.21", 0.21),
]
let fixed = rates.map { descend(ConstantRate($0.rate), steps: steps) }
for (index, (name, rate)) in rates.enumerated() {
  let exact = loss([0, 1].map { start[$0] * power(1 - rate * curvatures[$0], steps) })
  precondition(abs(fixed[index][steps - 1] - exact) <= 1e-10 * exact, "theory says \(exact)")
  print("\(name): f after \(steps) steps is \(fixed[index][steps - 1])")
}
precondition(fixed[1][steps - 1] < fixed[0][steps - 1] && fixed[2][steps - 1] > loss(start))

// %% [markdown]
// ## With noise
//
// Now each gradient has an error, normal with deviation σ = 1 in each coordinate. A fixed rate then
// no longer ends in the minimum: the mean of f settles at
//
//     ½ Σ α σ² / (2 − αλᵢ),
//
// so that half the rate costs half the error and twice the time. Hence decay: large steps first,
// small ones later.

// %%
let horizon = 1000
func noisy(_ seed: Int, _ step: Int, _ x: UnsafeBufferPointer<Double>) -> [Double] {
  var stream = RandomStream(RandomKey("notebook.noise", seed, step))
  return [0, 1].map { curvatures[$0] * x[$0] + stream.normal() }
}
/// f after each step, the mean over seeds.
func meanLosses<C: LearningRateController>(_ control: C, seeds: Int = 30) -> [Double] {
  var mean = [Double](repeating: 0, count: horizon)
  for seed in 1...seeds {
    var optimizer = Optimizer(GradientDescent<Double>(), control, parameterCount: 2)
    var x = start
    for step in 0..<horizon {
      let gradient = x.withUnsafeBufferPointer { noisy(seed, step, $0) }
      optimizer.step(&x, gradient: gradient)
      mean[step] += loss(x) / Double(seeds)
    }
  }
  return mean
}
func settled(_ rate: Double) -> Double {
  curvatures.reduce(0) { $0 + 0.5 * rate / (2 - rate * $1) }
}
for rate in [0.1, 0.05] {
  let losses = meanLosses(ConstantRate(rate))
  let mean = losses.suffix(500).reduce(0, +) / 500
  print("fixed at \(rate): f settles at \(mean), theory says \(settled(rate))")
  precondition(abs(mean - settled(rate)) < 0.05 * settled(rate), "it settles elsewhere")
}

// %% [markdown]
// Decays, each from 0.1 in 1000 steps; the mean of f over 30 seeds at the end.

// %%
let decays: [(name: String, losses: [Double])] = [
  ("fixed", meanLosses(ConstantRate(0.1))),
  (
    "step decay, ½ every 200",
    meanLosses(Scheduled(StepDecaySchedule(from: 0.1, every: 200, factor: 0.5)))
  ),
  ("exponential, rate 0.005", meanLosses(Scheduled(ExponentialSchedule(from: 0.1, rate: 0.005)))),
  ("1/t, rate 0.05", meanLosses(Scheduled(InverseTimeSchedule(from: 0.1, rate: 0.05)))),
  (
    "polynomial, power 2",
    meanLosses(Scheduled(PolynomialSchedule(from: 0.1, over: 1000, power: 2)))
  ),
  ("cosine", meanLosses(Scheduled(CosineSchedule(from: 0.1, over: 1000)))),
]
for (name, losses) in decays { print("\(name): \(losses[horizon - 1])") }
for (name, losses) in decays.dropFirst() {
  precondition(losses[horizon - 1] < decays[0].losses[horizon - 1], "\(name) does not help")
}

// %% [markdown]
// ## A range test
//
// One step at each of 120 rates, from small to large, and the loss after it. On this function
// `largest` is at least the last tested rate below 2/λ₂ and at most 12.6/λ₂, see
// Documentation/FindLearningRate.md.

// %%
let oracle = FunctionOracle<Double>(parameterCount: 2, isDeterministic: true) { x, gradient, _ in
  for i in 0..<2 { gradient[i] = curvatures[i] * x[i] }
  return loss(Array(x))
}
let test = try RateRangeTest(from: 1e-4, to: 10, count: 120)
let curve = test.curve(of: GradientDescent<Double>(), at: start, on: oracle)
for (kind, outcome) in curve.suggestions { print("range test, \(kind): \(outcome)") }
let largest = curve.suggestion(.largest).rate!
precondition(largest > 0.2 / 1.11 && largest < 1.26 * 1.11, "the range test suggests \(largest)")

// %% [markdown]
// ## A search
//
// The range test sees the start alone. A search compares whole runs: powers of ten first, then
// finer around the best; a rate that diverges or lags is dropped after an eighth, a quarter or half
// of the steps, and the survivors go on from where they were.

// %%
struct Run {
  var optimizer: Optimizer<GradientDescent<Double>, ConstantRate>
  var x = start
}
var runs: [String: Run] = [:]
let search = try RateSearch(lowest: -5, highest: 0, seeds: [1, 2, 3, 4, 5])
let found = search.run(steps: horizon) { orders in
  orders.map { order in
    let key = "\(order.rate) \(order.seed)"
    var run =
      runs[key]
      ?? Run(
        optimizer: Optimizer(
          GradientDescent<Double>(), ConstantRate(order.rate), parameterCount: 2))
    for step in order.from..<order.to {
      let gradient = run.x.withUnsafeBufferPointer { noisy(order.seed, step, $0) }
      run.optimizer.step(&run.x, gradient: gradient)
    }
    runs[key] = run
    return .init(
      initialLoss: loss(start), loss: loss(run.x), gradients: order.to - order.from)
  }
}
for entry in found.entries.sorted(by: { $0.rate < $1.rate }) {
  print("search: rate 10^\(entry.exponent) \(entry.fate), f \(entry.rungs.last?.loss ?? .nan)")
}
print("search: the best is \(found.best!); it ended since: \(found.ending)")
print("search: \(found.gradients) gradients, where the whole grid costs \(found.gridGradients)")
precondition(found.best! > 1e-3 && found.best! < 0.2 && found.gradients < found.gridGradients)

// %% [markdown]
// ## The picture

// %%
let chart = LineChart(
  [
    .init(
      "three fixed rates", x: "step", y: "f [1]", isLogarithmic: true,
      lines: zip(rates, fixed).map { .init($0.name, $1) }),
    .init(
      "decays under noise", x: "step", y: "mean of f [1]", isLogarithmic: true,
      lines: decays.map { .init($0.name, $0.losses) }, guides: [("settled at 0.1", settled(0.1))]),
    .init(
      "range test", x: "rate", y: "f after a step [1]", isLogarithmic: true, isLogarithmicInX: true,
      lines: [.init("loss", Array(zip(curve.rates, curve.losses)))],
      marks: [("largest", largest), ("2/λ₂", 0.2)]),
    .init(
      "search", x: "rate", y: "f at the end of a run [1]", isLogarithmic: true,
      isLogarithmicInX: true,
      lines: [
        .init(
          "mean of five seeds",
          found.entries.filter(\.isFinished).sorted { $0.rate < $1.rate }.map {
            ($0.rate, $0.rungs.last!.loss)
          })
      ], marks: [("best", found.best!)]),
  ], columns: 2)
publishPicture(
  chart.figure(
    name: "too-small-too-large-just-right", title: "Too small, too large, just right",
    caption:
      "Three fixed rates on f(x) = ½(x₁² + 10·x₂²), decays under noise, a range test and a search.",
    provenance: "Notebooks-as-scripts/TooSmallTooLargeJustRight"
  ).svg, to: picture)
