import DifferentiableModels
import Hypergradient
import HypergradientCatalogue
import PortableMath
import Testing
import _Differentiation

struct Layer<Number: ParameterScalar & Differentiable>: Differentiable
where Number.TangentVector == Number {
  var weights: [Number]
  @noDerivative var name = "a layer"
  @noDerivative var activation: @Sendable (Number) -> Number = { $0 }
  var bias: Number
  @noDerivative let rows = 3
}

struct Stack: Differentiable {
  var scale: Double
  var layers: [Layer<Double>]
  @noDerivative var steps = 0
  var last: Layer<Double>
  var unused: [Double] = [7, 8]
}

/// A model's numbers in a row, and its steps.
struct ModelUpdateTests {
  static let stack = Stack(
    scale: 2,
    layers: [Layer(weights: [1, 2, 3], bias: 4), Layer(weights: [5], bias: 6)],
    last: Layer(weights: [], bias: 9))

  @Test func numbersStandInTheOrderOfTheProperties() {
    var stack = Self.stack
    #expect(parameters(of: stack, as: Double.self) == [2, 1, 2, 3, 4, 5, 6, 9, 7, 8])
    #expect(parameterCount(of: stack, as: Double.self) == 10)
    write((0..<10).map { Double(-$0) }, into: &stack)
    #expect(parameters(of: stack, as: Double.self) == (0..<10).map { Double(-$0) })
    #expect(stack.layers[0].weights == [-1, -2, -3] && stack.layers[1].bias == -6)
    #expect(stack.last.name == "a layer" && stack.steps == 0)
    #expect(parameters(of: [[1.0, 2], [], [3]], as: Double.self) == [1, 2, 3])
    #expect(parameters(of: Float(3), as: Float.self) == [3])
  }

  /// A gradient by the compiler against the loss's own differences, also where an array took no part.
  @Test func gradientIsThatOfTheLoss() {
    let stack = Self.stack
    let gradient = gradient(at: stack) { Self.loss($0) }
    let row = elements(of: gradient, for: stack, as: Double.self)
    let point = parameters(of: stack, as: Double.self)
    #expect(row.count == 10 && row.suffix(2) == [0, 0])
    for i in point.indices {
      var (above, below) = (stack, stack)
      var moved = point
      moved[i] = point[i] + 1e-5
      write(moved, into: &above)
      moved[i] = point[i] - 1e-5
      write(moved, into: &below)
      let slope = (Self.loss(above) - Self.loss(below)) / 2e-5
      #expect((slope - row[i]).magnitude < 1e-6 * max(1, slope.magnitude), "element \(i)")
    }
    // The zero tangent vector has no elements at all.
    #expect(
      elements(of: Stack.TangentVector.zero, for: stack, as: Double.self)
        == [Double](repeating: 0, count: 10))
  }

  @differentiable(reverse)
  static func loss(_ stack: Stack) -> Double {
    let first = stack.layers[0]
    let second = stack.layers[1]
    let inner = first.weights[0] * 0.5 + first.weights[1] * stack.scale + first.bias
    return inner * inner * 0.1 + second.weights[0] * second.bias * stack.last.bias
      + first.weights[2] * first.weights[2]
  }

  static let texts = [
    "sgd + constant(1e-3)", "adamw(weightDecay: 0.01) + constant(1e-2)",
    "nesterov + hypergradient(initial: 1e-3, hyperLearningRate: 1e-7)",
    "adam + hypergradient(initial: 1e-2, hyperLearningRate: 0.01, form: .multiplicative)",
  ]

  /// A model's steps are those of its numbers in a row, bit for bit.
  @Test(arguments: texts) func stepsAreThoseOfTheRow(_ text: String) throws {
    var stack = Self.stack
    var row = parameters(of: stack, as: Double.self)
    var ofModel = try AnyOptimizer<Double>(text, parameterCount: row.count)
    var ofRow = ofModel
    for _ in 0..<20 {
      let (loss, gradient) = valueWithGradient(at: stack) { Self.loss($0) }
      let flat = elements(of: gradient, for: stack, as: Double.self)
      let one = ofModel.update(&stack, along: gradient, loss: loss)
      let other = ofRow.step(&row, gradient: flat, loss: loss)
      #expect(parameters(of: stack, as: Double.self) == row)
      #expect(one == other && ofModel.learningRate == ofRow.learningRate)
    }
    #expect(row != parameters(of: Self.stack, as: Double.self))
  }

  /// u = g for plain descent: one step by hand.
  @Test func oneStepByHand() {
    struct Line: Differentiable {
      var slope: Float
      var heights: [Float]
    }
    var line = Line(slope: 1, heights: [2, 3])
    var optimizer = Optimizer(GradientDescent<Float>(), ConstantRate(0.5), for: line)
    let gradient = gradient(at: line) { $0.slope * 4 + $0.heights[1] * $0.heights[1] }
    optimizer.update(&line, along: gradient)
    #expect(line.slope == -1 && line.heights == [2, 0])
    #expect(optimizer.parameterCount == 3)
  }

  /// A sparse gradient's step is that of the zeros written out, of every rule.
  @Test(arguments: Catalogue.standard.double.rules.flatMap(\.texts))
  func sparseStepsAreDenseOnes(_ rule: String) throws {
    let text = rule.contains(" + ") ? rule : "\(rule) + constant(1e-2)"
    guard var sparse = try? AnyOptimizer<Double>(text, parameterCount: 50) else { return }
    var dense = sparse
    var stream = RandomStream(RandomKey("sparse.steps", 1))
    var (a, b) = ((0..<50).map { Double($0) / 7 }, (0..<50).map { Double($0) / 7 })
    for step in 0..<10 {
      let indices = (0..<5).map { _ in Int(stream.nextUInt64() % 50) }
      let values = indices.map { _ in stream.normal() }
      var gradient = [Double](repeating: 0, count: 50)
      for (index, value) in zip(indices, values) { gradient[index] += value }
      let loss = 1 / Double(step + 1)
      sparse.step(&a, indices: indices, values: values, loss: loss)
      dense.step(&b, gradient: gradient, loss: loss)
      #expect(a.map(\.bitPattern) == b.map(\.bitPattern))
    }
  }
}
