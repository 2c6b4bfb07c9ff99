import Foundation
import Hypergradient
import PortableMath
import Testing

/// A step that exchanges memory has the bits of the common one.
struct GradientBufferTests {
  /// Long enough to be exchanged, and too short.
  @Test(arguments: [70_001, 1000, 0])
  func stepsAreTheCommonOnes(count: Int) throws {
    let constant = ConstantRate(0.1)
    for form in HypergradientForm.allCases {
      let learned = HypergradientDescent(initial: 0.1, hyperLearningRate: 1e-5, form: form)
      compare(GradientDescent<Float>(), learned, count)
      compare(GradientDescent<Double>(), learned, count)
      compare(Adam<Float>(), learned, count)
      compare(GradientDescent<Float>(), learned, on: .penalized(by: 0.1), count)
    }
    compare(GradientDescent<Float>(), constant, count)
  }

  private func compare<Rule: UpdateRule, Controller: LearningRateController>(
    _ rule: Rule, _ controller: Controller, on objective: Objective = .plain, _ count: Int
  ) {
    var common = Optimizer(rule, controller, on: objective, parameterCount: count)
    var exchanging = common
    exchanging.threads = 2
    var (a, b) = (Self.start(count, Rule.Scalar.self), Self.start(count, Rule.Scalar.self))
    var memory = GradientBuffer<Rule.Scalar>(count: count)
    for step in 0..<6 {
      let gradient = a.map { $0 / Rule.Scalar(step + 1) }
      common.step(&a, gradient: gradient)
      if step == 3 {
        // One that does not exchange, among them.
        exchanging.step(&b, gradient: gradient)
      } else {
        memory.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: gradient) }
        exchanging.step(&b, exchanging: &memory)
      }
      #expect(a == b && common.learningRate == exchanging.learningRate, "step \(step)")
    }
    #expect(exchanging.stepCount == common.stepCount)
    #expect(exchanging.memoryVectors == common.memoryVectors)
  }

  /// A copy keeps its direction while the other one gives its away.
  @Test func copiesAreApart() {
    let count = 70_000
    var first = Optimizer(
      GradientDescent<Float>(), HypergradientDescent(initial: 0.1, hyperLearningRate: 1e-5),
      parameterCount: count)
    var theta = Self.start(count, Float.self)
    var memory = GradientBuffer<Float>(count: count)
    func step(
      _ optimizer:
        inout Optimizer<
          GradientDescent<Float>, HypergradientDescent<GradientDescent<Double>, ConstantRate>
        >, _ theta: inout [Float], _ memory: inout GradientBuffer<Float>
    ) {
      memory.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: theta) }
      optimizer.step(&theta, exchanging: &memory)
    }
    step(&first, &theta, &memory)
    var (second, other) = (first, theta)
    var spare = GradientBuffer<Float>(count: count)
    step(&first, &theta, &memory)
    // What the copy shared is not written by the next gradient.
    memory.withUnsafeMutableBufferPointer { $0.update(repeating: .nan) }
    step(&second, &other, &spare)
    #expect(theta == other && first.learningRate == second.learningRate)
  }

  /// A checkpoint after an exchange goes on with the same bits.
  @Test func isCoded() throws {
    let count = 66_000
    var optimizer = Optimizer(
      GradientDescent<Double>(), HypergradientDescent(initial: 0.1, hyperLearningRate: 1e-5),
      parameterCount: count)
    var theta = Self.start(count, Double.self)
    var memory = GradientBuffer<Double>(count: count)
    memory.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: theta) }
    optimizer.step(&theta, exchanging: &memory)
    var (read, other) = (
      try JSONDecoder().decode(type(of: optimizer), from: JSONEncoder().encode(optimizer)), theta
    )
    optimizer.step(&theta, gradient: theta)
    read.step(&other, gradient: other)
    #expect(theta == other && read.learningRate == optimizer.learningRate)
  }

  private static func start<Scalar: ParameterScalar>(_ count: Int, _: Scalar.Type) -> [Scalar] {
    var stream = RandomStream(RandomKey("tests.gradientBuffer", count))
    return (0..<count).map { _ in Scalar(stream.normal()) }
  }
}
