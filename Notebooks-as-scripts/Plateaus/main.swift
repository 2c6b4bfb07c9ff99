// %% [markdown]
// # Plateaus: reduce, increase, both
//
// A plateau controller watches a metric and changes the rate when the metric stops improving, or
// keeps improving. What reducing does, what increasing does, why one wants both where the function
// changes, what a noisy metric does to it, and how it is stopped and resumed.
//
// Run it from the root of the package: `swift run Plateaus [PICTURE.svg]`.

// %%
internal import Foundation
internal import Hypergradient
internal import PortableMath
internal import Programs
internal import Reporting

let picture = pictureFile("results/notebooks/plateaus.svg")

// %% [markdown]
// ## By hand
//
// Patience 3, a half: the third bad observation in a row halves the rate. An improvement by less
// than the margin, here none, is a bad observation.

// %%
var byHand = Plateau(initial: 1, reduce: .by(0.5, after: 3), comparing: .absolute(0))
var seen: [Double] = []
for x in [5, 4, 4, 4, 4, 3, 3, 3, 3] as [Double] {
  byHand.observe(x)
  seen.append(byHand.learningRate)
}
print("observed 5 4 4 4 4 3 3 3 3, rates \(seen)")
precondition(seen == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25])

// %% [markdown]
// ## A function that changes
//
// f(x) = ½λx² with a noisy gradient, λ·x + ξ, and λ = 10 for 600 steps, then 0.1 for 600, then 10
// again with the minimum moved by 3. In the middle a rate a hundred times larger is right; at the
// end it would diverge.

// %%
let steps = 1800
func curvature(_ step: Int) -> Double { step / 600 == 1 ? 0.1 : 10 }
func minimum(_ step: Int) -> Double { step < 600 ? 0 : step < 1200 ? 30 : 3 }
func loss(_ x: Double, _ step: Int) -> Double {
  let away = x - minimum(step)
  return 0.5 * curvature(step) * away * away
}
struct Trace {
  var losses: [Double] = []
  var rates: [Double] = []
  /// The mean over all steps.
  var mean: Double { losses.reduce(0, +) / Double(losses.count) }
}
/// Trains with the loss as metric, seen with noise of a deviation.
func train<C: LearningRateController>(
  _ control: C, for steps: Int = steps, metricNoise: Double = 0, seed: Int = 1
) -> Trace {
  var optimizer = Optimizer(GradientDescent<Double>(), control, parameterCount: 1)
  var x = [5.0]
  var trace = Trace()
  for step in 0..<steps {
    var stream = RandomStream(RandomKey("notebook.plateaus", seed, step))
    let (error, metricError) = (stream.normal(), stream.normal())
    let gradient = curvature(step) * (x[0] - minimum(step)) + 0.1 * error
    optimizer.step(
      &x, gradient: [gradient], loss: loss(x[0], step) + metricNoise * metricError)
    trace.losses.append(loss(x[0], step))
    trace.rates.append(optimizer.learningRate)
  }
  return trace
}
let bounds = 1e-5...0.15
let reduce = Plateau(
  initial: 0.1, reduce: .by(0.5, after: 5), within: bounds, watching: .loss(averagedOver: 10))
let increase = Plateau(
  initial: 1e-3, increase: .by(1.5, after: 2), within: bounds, watching: .loss(averagedOver: 10))
// One that goes both ways compares with an average of the past, not with the best, which may be of
// another stretch.
let both = Plateau(
  initial: 0.1, reduce: .by(0.5, after: 3), increase: .by(1.5, after: 4), within: bounds,
  comparing: .relative(0), against: .average(keeping: 0.8), watching: .loss(averagedOver: 5))
let traces: [(name: String, trace: Trace)] = [
  ("fixed at 0.1", train(ConstantRate(0.1))), ("reduce", train(reduce)),
  ("increase", train(increase)), ("both", train(both)),
]
for (name, trace) in traces {
  print(
    "\(name): mean loss \(trace.mean); rate after 600, 1200, 1800 steps: "
      + [599, 1199, 1799].map { "\(trace.rates[$0])" }.joined(separator: ", "))
}
precondition(traces[1].trace.rates[599] < 0.1, "reduce has reduced on the first stretch")
precondition(
  zip(traces[1].trace.rates, traces[1].trace.rates.dropFirst()).allSatisfy(>=),
  "reduce alone never goes up")
precondition(
  zip(traces[2].trace.rates, traces[2].trace.rates.dropFirst()).allSatisfy(<=),
  "increase alone never goes down")
precondition(
  zip(traces[3].trace.rates, traces[3].trace.rates.dropFirst()).contains(where: <)
    && zip(traces[3].trace.rates, traces[3].trace.rates.dropFirst()).contains(where: >),
  "both goes both ways")
precondition(traces.allSatisfy { $0.trace.rates.allSatisfy { bounds.contains($0) } })

// %% [markdown]
// ## A noisy metric
//
// Noise is taken for a lack of progress, or for progress. Observations that average more losses see
// less of it. Below, how often each reduces before anything has changed, in the first 100 steps,
// while the loss falls; a count of how many of 200 seeds reduce there at all.

// %%
for (name, averaged) in [("every loss", 1), ("a mean of 10", 10)] {
  let plateau = Plateau(
    initial: 0.01, reduce: .by(0.5, after: 5), within: bounds,
    watching: .loss(averagedOver: averaged))
  let reduced = (1...200).count { seed in
    train(plateau, for: 100, metricNoise: 5, seed: seed).rates[99] < 0.01
  }
  print("noise 5, \(name): \(reduced) of 200 seeds reduce within 100 steps")
}

// %% [markdown]
// ## Stopping and resuming
//
// A controller is a value, and `Codable`: what it has counted is in its checkpoint, so that training
// goes on as if it had never stopped, wherever that is.

// %%
var stream = RandomStream(RandomKey("notebook.plateaus.resuming"))
let observations = (0..<500).map { Portable.exp(-Double($0) / 100) + 0.05 * stream.normal() }
var neverStopped = both
var stopped = both
for x in observations {
  neverStopped.observe(x)
  stopped = try JSONDecoder().decode(Plateau.self, from: JSONEncoder().encode(stopped))
  stopped.observe(x)
  precondition(stopped == neverStopped, "the resumed one differs")
}
print("resumed before each of \(observations.count) observations: the same rates, to the bit")

// %% [markdown]
// ## The picture

// %%
func means(of losses: [Double]) -> [(x: Double, y: Double)] {
  var means: [(x: Double, y: Double)] = []
  for from in stride(from: 0, to: losses.count, by: 10) {
    let sum: Double = losses[from..<(from + 10)].reduce(0, +)
    means.append((Double(from), sum / 10))
  }
  return means
}
let chart = LineChart(
  [
    .init(
      "loss, means of 10 steps", x: "step", y: "f [1]", isLogarithmic: true,
      lines: traces.map { .init($0.name, means(of: $0.trace.losses)) }),
    .init(
      "learning rate", x: "step", y: "α [1]", isLogarithmic: true,
      lines: traces.map { .init($0.name, $0.trace.rates) },
      guides: [("2/λ at the ends", 0.2)]),
  ], columns: 2)
publishPicture(
  chart.figure(
    name: "plateaus", title: "Plateaus",
    caption:
      "Loss and learning rate of a fixed rate and of three plateaus on a function whose curvature "
      + "and minimum change at steps 600 and 1200.",
    provenance: "Notebooks-as-scripts/Plateaus"
  ).svg, to: picture)
