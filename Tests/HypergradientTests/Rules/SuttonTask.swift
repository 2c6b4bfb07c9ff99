internal import Hypergradient
internal import PortableMath

/// The tracking task of Sutton (1992): 20 normal inputs, a target that is the sum of the first five
/// with signs ±1, and one of the five signs turned every 20 examples. No noise.
struct SuttonTask {
  static let inputCount = 20
  static let relevantCount = 5

  private var draw: RandomStream
  private var signs = [Double](repeating: 1, count: relevantCount)
  private var examples = 0
  private(set) var inputs = [Double](repeating: 0, count: inputCount)
  private(set) var target = 0.0

  init(seed: Int) { draw = RandomStream(RandomKey("tests.sutton", seed)) }

  mutating func next() {
    if examples > 0, examples % 20 == 0 { signs[draw.integer(below: Self.relevantCount)] *= -1 }
    examples += 1
    for i in 0..<Self.inputCount { inputs[i] = draw.normal() }
    target = 0
    for i in 0..<Self.relevantCount { target += signs[i] * inputs[i] }
  }
}

/// A linear learner on the task, by any rule at the learning rate 1.
struct SuttonLearner<Rule: UpdateRule<Double>> {
  var optimizer: Optimizer<Rule, ConstantRate>
  var weights = [Double](repeating: 0, count: SuttonTask.inputCount)
  private var gradient = [Double](repeating: 0, count: SuttonTask.inputCount)

  init(_ rule: Rule, rate: Double = 1) {
    optimizer = Optimizer(rule, ConstantRate(rate), parameterCount: SuttonTask.inputCount)
  }

  /// One example; returns δ².
  mutating func learn(_ task: SuttonTask) -> Double {
    var error = task.target
    for i in 0..<weights.count { error -= weights[i] * task.inputs[i] }
    for i in 0..<weights.count { gradient[i] = -error * task.inputs[i] }
    optimizer.step(&weights, gradient: gradient, loss: 0.5 * error * error)
    return error * error
  }
}
