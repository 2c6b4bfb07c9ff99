// %% [markdown]
// # From no idea to a trained model
//
// A small network, data, and no idea of the learning rate: find one, train with it, watch, stop,
// and resume from a file as if nothing had happened.
//
// Run it from the root of the package: `swift run FromNoIdeaToATrainedModel [PICTURE.svg]`.

// %%
internal import Foundation
internal import Hypergradient
internal import HypergradientTraining
internal import HypergradientTrainingFiles
internal import PortableMath
internal import Programs
internal import Reporting

let picture = pictureFile("results/notebooks/from-no-idea-to-a-trained-model.svg")

// %% [markdown]
// ## The data
//
// Points in the square [−2, 2]², of two classes: inside or outside the unit circle, with one label in
// twenty wrong. 400 to learn from, 400 held out. Random numbers are keyed by what is drawn.

// %%
struct Example {
  var x: [Double]
  /// 1 or −1.
  var label: Double
}
func examples(_ name: String, _ count: Int, wrong: Double) -> [Example] {
  (0..<count).map { index in
    var stream = RandomStream(RandomKey("notebook.circle.\(name)", index))
    let x = [4 * stream.uniform() - 2, 4 * stream.uniform() - 2]
    let inside: Double = x[0] * x[0] + x[1] * x[1] < 1.6 ? 1 : -1
    return Example(x: x, label: stream.uniform() < wrong ? -inside : inside)
  }
}
let learned = examples("learned", 400, wrong: 0.05)
let heldOut = examples("held out", 400, wrong: 0)

// %% [markdown]
// ## The network
//
// f(x) = w·tanh(V x + b) + c with 16 hidden units, 65 parameters; the loss of an example is
// log(1 + e^(−label·f(x))).

// %%
let hidden = 16
let parameterCount = 4 * hidden + 1
let start: [Double] = {
  var stream = RandomStream(RandomKey("notebook.circle.start"))
  return (0..<parameterCount).map { _ in 0.5 * stream.normal() }
}()

/// The loss of an example; adds the gradient's share, where it is asked for.
func loss(
  _ theta: UnsafeBufferPointer<Double>, _ example: Example, share: Double = 0,
  _ gradient: UnsafeMutableBufferPointer<Double>? = nil
) -> (loss: Double, isRight: Bool) {
  var output = theta[4 * hidden]
  var units = [Double](repeating: 0, count: hidden)
  for j in 0..<hidden {
    units[j] = Portable.tanh(
      theta[4 * j] * example.x[0] + theta[4 * j + 1] * example.x[1] + theta[4 * j + 2])
    output += theta[4 * j + 3] * units[j]
  }
  let margin = example.label * output
  // e^−|m| can't overflow.
  let small = Portable.exp(-abs(margin))
  if let gradient {
    let slope = -example.label * share * (margin >= 0 ? small / (1 + small) : 1 / (1 + small))
    gradient[4 * hidden] += slope
    for j in 0..<hidden {
      let inner = slope * theta[4 * j + 3] * (1 - units[j] * units[j])
      gradient[4 * j] += inner * example.x[0]
      gradient[4 * j + 1] += inner * example.x[1]
      gradient[4 * j + 2] += inner
      gradient[4 * j + 3] += slope * units[j]
    }
  }
  return (Portable.log1p(small) + max(0, -margin), margin > 0)
}

/// A batch of 20, in an order of its own each epoch.
let batchSize = 20
let batches = learned.count / batchSize
func batch(_ number: Int) -> [Example] {
  var order = Array(learned.indices)
  var stream = RandomStream(RandomKey("notebook.circle.order", number / batches))
  for i in order.indices.reversed().dropLast() {
    order.swapAt(i, Int(stream.uniform() * Double(i + 1)))
  }
  let first = number % batches * batchSize
  return order[first..<(first + batchSize)].map { learned[$0] }
}
func batchLoss(
  _ theta: UnsafeBufferPointer<Double>, _ number: Int,
  _ gradient: UnsafeMutableBufferPointer<Double>
) -> Double {
  gradient.update(repeating: 0)
  let share = 1 / Double(batchSize)
  return batch(number).reduce(0) { $0 + share * loss(theta, $1, share: share, gradient).loss }
}
func score(_ theta: UnsafeBufferPointer<Double>) -> ValidationScore {
  let all = heldOut.map { loss(theta, $0) }
  let count = Double(all.count)
  return ValidationScore(
    loss: all.reduce(0) { $0 + $1.loss } / count,
    accuracy: Double(all.count { $0.isRight }) / count)
}

// %% [markdown]
// The gradient is right: central differences agree in every coordinate.

// %%
var worst = 0.0
start.withUnsafeBufferPointer { theta in
  var gradient = [Double](repeating: 0, count: parameterCount)
  gradient.withUnsafeMutableBufferPointer { _ = batchLoss(theta, 0, $0) }
  for i in 0..<parameterCount {
    func at(_ change: Double) -> Double {
      var moved = start
      moved[i] += change
      return moved.withUnsafeBufferPointer { moved in
        batch(0).reduce(0) { $0 + loss(moved, $1).loss } / Double(batchSize)
      }
    }
    let difference = (at(1e-5) - at(-1e-5)) / 2e-5
    worst = max(worst, abs(difference - gradient[i]))
  }
}
print("gradient against differences: at most \(worst) apart")
precondition(worst < 1e-8)

// %% [markdown]
// ## Find a rate
//
// A step of Adam at each of 100 rates from 10⁻⁵ to 10, on one batch after the other.

// %%
nonisolated(unsafe) var rangeStep = 0
let oracle = FunctionOracle<Double>(parameterCount: parameterCount) { theta, gradient, _ in
  batchLoss(theta, rangeStep, gradient)
}
let curve = try RateRangeTest(from: 1e-5, to: 10, count: 100).curve(
  of: Adam<Double>(), at: start, on: oracle, beginStep: { step, _ in rangeStep = step })
for (kind, outcome) in curve.suggestions { print("range test, \(kind): \(outcome)") }
guard let rate = curve.suggestion(.smallest).rate else {
  fatalError("the range test suggests nothing: \(curve.suggestion(.smallest))")
}
print("train with \(rate), a quarter of the largest that still improves")

// %% [markdown]
// ## Train, watch
//
// Forty epochs of Adam under a cosine, with the held-out score after each; what the trainer remembers
// is its history.

// %%
let epochs = 40
let problem = FunctionProblem<Double>(
  parameterCount: parameterCount, batchesPerEpoch: batches, gradient: batchLoss, validation: score)
@MainActor func trainer() throws -> Trainer<FunctionProblem<Double>> {
  try Trainer(
    problem, from: start,
    with: AnyOptimizer(
      Adam<Double>(), Scheduled(CosineSchedule(from: rate, over: Double(epochs * batches))),
      parameterCount: parameterCount))
}
var neverStopped = try trainer()
try neverStopped.run(toEpoch: epochs)
for row in neverStopped.history where Int(row.epoch!) % 10 == 0 {
  print(
    "epoch \(Int(row.epoch!)): loss \(row.loss), held out \(row.validation!.loss), "
      + "accuracy \(row.validation!.accuracy!), rate \(row.learningRates[0])")
}
let accuracy = neverStopped.history.last!.validation!.accuracy!
precondition(accuracy > 0.9, "the network has learned nothing: \(accuracy)")

// %% [markdown]
// ## Stop, resume
//
// Another training stops in the middle of its eleventh epoch and is written to a file; a new one,
// made in the same way, takes the file and goes on. Both end with the same bits. A file that was cut
// off is refused.

// %%
let file = NSTemporaryDirectory() + "from-no-idea-\(UUID().uuidString).checkpoint"
var stopped = try trainer()
try stopped.run(toStep: 10 * batches + 7)
try TrainingCheckpoint.write(stopped, to: file)

var resumed = try trainer()
try TrainingCheckpoint.restore(&resumed, from: file)
try resumed.run(toEpoch: epochs)
precondition(resumed.parameters == neverStopped.parameters, "other bits")
print("resumed after \(stopped.step) steps: the same parameters, to the bit")

let whole = try Data(contentsOf: URL(fileURLWithPath: file))
try whole.dropLast(100).write(to: URL(fileURLWithPath: file))
do {
  try TrainingCheckpoint.restore(&resumed, from: file)
  fatalError("a file that is cut off was taken")
} catch {
  let words = "\(error)".split(separator: ": ").dropFirst().joined(separator: ": ")
  print("a file that is cut off: \(words)")
}
try FileManager.default.removeItem(atPath: file)

// %% [markdown]
// ## Without finding a rate
//
// The same training from rates a thousand times too small and too large, fixed, and under
// `TraceAlignedRate`, which looks for the rate itself.

// %%
@MainActor func final(_ control: some LearningRateController) throws -> ValidationScore {
  var trainer = try Trainer(
    problem, from: start,
    with: AnyOptimizer(Adam<Double>(), control, parameterCount: parameterCount))
  try trainer.run(toEpoch: epochs)
  return trainer.history.last!.validation!
}
for factor in [1e-3, 1, 1e3] {
  let fixed = try final(ConstantRate(factor * rate))
  let found = try final(TraceAlignedRate(initial: factor * rate, steps: epochs * batches))
  print(
    "from \(factor) × that rate: fixed, accuracy \(fixed.accuracy!); traceAligned, "
      + "accuracy \(found.accuracy!)")
}

// %% [markdown]
// ## The picture

// %%
@MainActor func line(_ label: String, _ value: (TrainingRow) -> Double) -> LineChart.Line {
  .init(label, neverStopped.history.map { ($0.epoch!, value($0)) })
}
let chart = LineChart(
  [
    .init(
      "range test", x: "rate", y: "loss [1]", isLogarithmicInX: true,
      lines: [.init("loss after a step", Array(zip(curve.rates, curve.losses)))],
      marks: [("trained with", rate)]),
    .init(
      "loss", x: "epoch", y: "loss [1]", isLogarithmic: true,
      lines: [line("learned", \.loss), line("held out") { $0.validation!.loss }]),
    .init(
      "accuracy", x: "epoch", y: "held-out accuracy [1]",
      lines: [line("held out") { $0.validation!.accuracy! }]),
    .init(
      "learning rate", x: "epoch", y: "rate [1]", lines: [line("rate") { $0.learningRates[0] }]),
  ], columns: 2)
publishPicture(
  chart.figure(
    name: "from-no-idea-to-a-trained-model", title: "From no idea to a trained model",
    caption:
      "A range test of Adam on a network of 65 parameters, and the training with the rate that it "
      + "suggests, under a cosine.",
    provenance: "Notebooks-as-scripts/FromNoIdeaToATrainedModel"
  ).svg, to: picture)
