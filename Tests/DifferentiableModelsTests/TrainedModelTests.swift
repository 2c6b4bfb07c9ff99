import DifferentiableModels
import Hypergradient
import HypergradientCatalogue
import PortableMath
import Testing
import _Differentiation

/// Models that the compiler differentiates, trained by texts.
struct TrainedModelTests {
  /// A sigmoid of basic operations.
  @differentiable(reverse)
  static func squash(_ x: Double) -> Double { x / (1 + x * x).squareRoot() }

  struct Perceptron: Differentiable {
    var hidden: [Double]
    var biases: [Double]
    var out: [Double]
    var last = 0.0

    init(units: Int) {
      var stream = RandomStream(RandomKey("perceptron.start", units))
      hidden = (0..<(2 * units)).map { _ in stream.normal() }
      biases = (0..<units).map { _ in stream.normal() }
      out = (0..<units).map { _ in 0.3 * stream.normal() }
    }

    @differentiable(reverse)
    func callAsFunction(_ x: Double, _ y: Double) -> Double {
      var sum = last
      for i in 0..<withoutDerivative(at: out.count) {
        sum = sum + out[i] * squash(hidden[2 * i] * x + hidden[2 * i + 1] * y + biases[i])
      }
      return sum
    }
  }

  /// XOR, which no linear model has.
  @Test(arguments: [
    "adam + constant(3e-2)",
    "adam + hypergradient(initial: 1e-3, hyperLearningRate: 0.02, form: .multiplicative)",
    "nesterov + hypergradient(initial: 1e-2, hyperLearningRate: 1e-4)",
  ])
  func perceptronLearnsXOR(_ text: String) throws {
    let cases: [(Double, Double, Double)] = [(-1, -1, -1), (-1, 1, 1), (1, -1, 1), (1, 1, -1)]
    var model = Perceptron(units: 6)
    var optimizer = try AnyOptimizer<Double>(
      text, parameterCount: parameterCount(of: model, as: Double.self))
    #expect(optimizer.parameterCount == 25)
    @differentiable(reverse)
    func loss(_ model: Perceptron) -> Double {
      var sum = 0.0
      for i in 0..<4 {
        let error = model(cases[i].0, cases[i].1) - cases[i].2
        sum = sum + error * error / 4
      }
      return sum
    }
    for _ in 0..<600 {
      let (value, gradient) = valueWithGradient(at: model) { loss($0) }
      optimizer.update(&model, along: gradient, loss: value)
    }
    #expect(loss(model) < 0.05)
    #expect(cases.allSatisfy { (model($0.0, $0.1) > 0) == ($0.2 > 0) })
  }

  /// h ← squash(a h + b x + c), y = d h.
  struct Cell: Differentiable {
    var own = 0.1
    var input = 0.5
    var bias = 0.0
    var out = 1.0

    @differentiable(reverse)
    func callAsFunction(_ inputs: [Double]) -> Double {
      var state = 0.0
      for i in 0..<withoutDerivative(at: inputs.count) {
        state = squash(own * state + input * inputs[i] + bias)
      }
      return out * state
    }
  }

  /// A mean of the sequence that forgets by halves, which the cell is to find: a = 1/2.
  @Test func recurrentCellLearnsToRemember() throws {
    var stream = RandomStream(RandomKey("cell.sequences", 1))
    let sequences = (0..<16).map { _ in (0..<4).map { _ in stream.uniform() - 0.5 } }
    let targets = sequences.map { $0.reduce(0) { ($0 + $1) / 2 } }
    var cell = Cell()
    var optimizer = try AnyOptimizer<Double>(
      "adam + hypergradient(initial: 1e-2, hyperLearningRate: 0.02, form: .multiplicative)",
      parameterCount: parameterCount(of: cell, as: Double.self))
    @differentiable(reverse)
    func loss(_ cell: Cell) -> Double {
      var sum = 0.0
      for i in 0..<withoutDerivative(at: sequences.count) {
        let error = cell(sequences[i]) - targets[i]
        sum = sum + error * error / 16
      }
      return sum
    }
    let before = loss(cell)
    for _ in 0..<400 {
      let (value, gradient) = valueWithGradient(at: cell) { loss($0) }
      optimizer.update(&cell, along: gradient, loss: value)
    }
    #expect(loss(cell) < 0.05 * before)
    #expect((cell.own - 0.5).magnitude < 0.2)
  }
}

@differentiable(reverse)
private func squash(_ x: Double) -> Double { TrainedModelTests.squash(x) }
