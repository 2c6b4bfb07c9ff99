// %% [markdown]
// # Hypergradient descent on a quadratic
//
// Gradient descent needs a learning rate α. Hypergradient descent learns it: α is one more
// parameter, and the loss has a derivative in it. After the step θ_t = θ_{t−1} − α_t·u_t, with
// u_t = ∇f(θ_{t−1}) for gradient descent,
//
//     ∂f(θ_t)/∂α_t = −⟨∇f(θ_t), u_t⟩,
//
// so one inner product, the *alignment* of this gradient with the last direction, says which way α
// should move: up while gradients go on pointing the same way, down once they turn back.
//
// Run it from the root of the package: `swift run HypergradientOnAQuadratic [PICTURE.svg]`.

// %%
internal import Hypergradient
internal import PortableMath
internal import Programs
internal import Reporting

let picture = pictureFile("results/notebooks/hypergradient-on-a-quadratic.svg")

// %% [markdown]
// ## The function
//
// f(x) = ½(x₁² + 10·x₂²) from (10, 1). Gradient descent converges for a fixed α below 2/10; the
// rate 10⁻³ with which all methods start is 180 times smaller than the best, 2/(1 + 10).

// %%
let curvatures = [1.0, 10]
let start = [10.0, 1]
let initialRate = 1e-3
let stepCount = 200

func loss(_ x: [Double]) -> Double {
  0.5 * (curvatures[0] * x[0] * x[0] + curvatures[1] * x[1] * x[1])
}
func gradient(_ x: [Double]) -> [Double] { [curvatures[0] * x[0], curvatures[1] * x[1]] }
func dot(_ a: [Double], _ b: [Double]) -> Double { a[0] * b[0] + a[1] * b[1] }

// %% [markdown]
// ## By hand, beside the library
//
// The additive form is gradient descent on α: α_t = α_{t−1} − β·h_t with h_t = −⟨g_t, u_{t−1}⟩.
// Below it is written out; next to it the library's controller is given the same alignment, and
// the library's optimizer the same gradient. All three agree in every bit.

// %%
let beta = 3e-4
var x = start
var alpha = initialRate
var u = [0.0, 0]

var controller = HypergradientDescent(initial: initialRate, hyperLearningRate: beta)
var optimizer = Optimizer(
  GradientDescent<Double>(), HypergradientDescent(initial: initialRate, hyperLearningRate: beta),
  parameterCount: 2)
var xOfOptimizer = start

var additive: [(loss: Double, rate: Double)] = []
print("step  gradient              alignment    α          loss")
for t in 0..<stepCount {
  let g = gradient(x)
  let alignment = dot(u, g)  // Zero at the first step: u is.
  let h = -alignment
  alpha = alpha - beta * h
  x = [x[0] - alpha * g[0], x[1] - alpha * g[1]]
  u = g

  let rate = controller.learningRate(for: StepSignals(step: t, alignment: alignment))
  optimizer.step(&xOfOptimizer, gradient: gradient(xOfOptimizer))
  precondition(rate == alpha && optimizer.learningRate == alpha, "the rates differ at step \(t)")
  precondition(xOfOptimizer == x, "the parameters differ at step \(t)")

  additive.append((loss(x), alpha))
  if t < 5 || (t + 1) % 50 == 0 {
    print(t + 1, g, alignment, alpha, loss(x), separator: "  ")
  }
}

// %% [markdown]
// ## The multiplicative form
//
// The additive step β·h depends on the units of f and of α. The multiplicative form divides by the
// norms, so that only the cosine of the angle between the two vectors is left:
//
//     α_t = α_{t−1}·(1 + β·cos(g_t, u_{t−1})),
//
// which changes α by at most a share β a step. With f given in units 1024 times smaller, so that
// its gradient is 1024 times larger, the multiplicative form with α₀/1024 takes the same steps, and
// the additive form does so only with β/1024³. A power of two costs no rounding: the bits agree.

// %%
func train(
  _ control: some LearningRateController, unit: Double = 1
) -> [(loss: Double, rate: Double)] {
  var optimizer = Optimizer(GradientDescent<Double>(), control, parameterCount: 2)
  var x = start
  return (0..<stepCount).map { _ in
    optimizer.step(&x, gradient: gradient(x).map { unit * $0 })
    return (loss(x), unit * optimizer.learningRate)
  }
}
func multiplicative(_ initial: Double) -> some LearningRateController {
  HypergradientDescent(initial: initial, hyperLearningRate: 0.05, form: .multiplicative)
}

let multiplied = train(multiplicative(initialRate))
let multipliedInUnits = train(multiplicative(initialRate / 1024), unit: 1024)
precondition(multiplied.map(\.rate) == multipliedInUnits.map(\.rate), "a unit mattered")

let additiveInUnits = train(
  HypergradientDescent(
    initial: initialRate / 1024, hyperLearningRate: beta / (1024 * 1024 * 1024)), unit: 1024)
precondition(additive.map(\.rate) == additiveInUnits.map(\.rate), "the units of β are α²/f")

let fixed = train(ConstantRate(initialRate))
for (name, run) in [("fixed", fixed), ("additive", additive), ("multiplicative", multiplied)] {
  print("\(name): loss \(run.last!.loss) and α \(run.last!.rate) after \(stepCount) steps")
}

// %% [markdown]
// ## An exact fact
//
// On f(x) = λx²/2 in one dimension the cosine is 1 or −1, and q = λα is all that matters: a step
// multiplies x by 1 − q, so that gradients keep their sign while q < 1, and then
//
//     q′ = (1 + β)·q  where q < 1,      q′ = (1 − β)·q  where q > 1.
//
// From q₀ below, q enters the band [1 − β, 1 + β] after ⌈log((1 − β)/q₀)/log(1 + β)⌉ updates and
// never leaves it; inside, each step makes |x| smaller by a factor of at least 1/β.

// %%
let q0 = 0.002
let b = 0.05
let predicted = Int((Portable.log((1 - b) / q0) / Portable.log(1 + b)).rounded(.up))

var line = Optimizer(
  GradientDescent<Double>(),
  HypergradientDescent(initial: q0, hyperLearningRate: b, form: .multiplicative),
  parameterCount: 1)
var position = [1.0]
var q: [Double] = []
var entered: Int?
// The first step has no gradient before it, and updates nothing: update k is at step k.
for update in 0..<180 {
  let before = position[0]
  line.step(&position, gradient: position)
  q.append(line.learningRate)
  if q[update] >= 1 - b && q[update] <= 1 + b {
    entered = entered ?? update
    // The product 1 − q is rounded once more than the equation says.
    precondition(abs(position[0]) <= b * abs(before) * (1 + 1e-12), "x shrinks by β in the band")
  } else {
    precondition(entered == nil, "q left the band at update \(update)")
  }
}
precondition(predicted == 127 && entered == predicted, "the band was entered at \(entered ?? -1)")
print("q entered [\(1 - b), \(1 + b)] after \(predicted) updates, as predicted, and stayed")

// %% [markdown]
// ## The picture
//
// Left: the additive form finds a rate that works within a few steps, since the gradients are
// large there, and then hardly moves, since they are small. The multiplicative form takes steps of
// the same relative size everywhere: it comes later, overshoots 2/10 on the flat direction while the
// steep one is at rest, pays for it with a spike, and turns back.

// %%
let chart = LineChart(
  [
    .init(
      "loss", x: "step", y: "f [1]", isLogarithmic: true,
      lines: [
        .init("fixed α", fixed.map(\.loss)), .init("additive, β = 3·10⁻⁴", additive.map(\.loss)),
        .init("multiplicative, β = 0.05", multiplied.map(\.loss)),
      ]),
    .init(
      "learning rate", x: "step", y: "α [1]", isLogarithmic: true,
      lines: [
        .init("fixed α", fixed.map(\.rate)), .init("additive, β = 3·10⁻⁴", additive.map(\.rate)),
        .init("multiplicative, β = 0.05", multiplied.map(\.rate)),
      ], guides: [("2/λ of the steep direction", 0.2)]),
    .init(
      "one dimension: q = λα", x: "update", y: "q [1]",
      lines: [.init("multiplicative, β = 0.05", q)],
      guides: [("1 − β", 1 - b), ("1 + β", 1 + b)]),
  ], columns: 3)
let figure = chart.figure(
  name: "hypergradient-on-a-quadratic", title: "Hypergradient descent on a quadratic",
  caption:
    "Loss and learning rate on f(x) = ½(x₁² + 10·x₂²) for three ways to set α, and q = λα of "
    + "the multiplicative form in one dimension with its band.",
  provenance: "Notebooks-as-scripts/HypergradientOnAQuadratic")
publishPicture(figure.svg, to: picture)
