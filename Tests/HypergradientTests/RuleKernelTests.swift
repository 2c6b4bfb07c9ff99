internal import Foundation
internal import Hypergradient
internal import PortableMath
internal import Testing

/// Every rule's kernel against its `direction` and `survey` in Swift, bit for bit, from states of any
/// kind.
@Suite(.serialized) struct RuleKernelTests {
  /// With every way of keeping and moving, from states that no run would reach, too; with lengths
  /// around those of a vector, of a block of exponentials and of a strip.
  @Test(arguments: LawFixtures.rules) func kernelsAreTheirDefinition(_ text: String) throws {
    let float = try LawFixtures.rule(text, Float.self).rule
    let double = try LawFixtures.rule(text, Double.self).rule
    onEverySet {
      for count in Array(0...40) + [127, 128, 255, 256, 257, 383, 513] {
        let values = KernelValues.allCases[count % 3]
        compare(float, count, values)
        compare(double, count, values)
        if count > 40 { compare(float, count, .wild) }
      }
      compare(float, 4097, .ordinary)
      compare(float, 4096, .wild)
      compare(double, 4095, .extreme)
    }
  }

  /// A survey is cut into parts, which lie side by side in a kernel.
  @Test(arguments: [
    "autostep(initialRate: 4, metaRate: 0.1)", "autostep(metaRate: 3)",
    "autostep(initialRate: 2).then(weightDecay(0.1))",
  ])
  func surveysAreTheirDefinition(_ text: String) throws {
    let float = try LawFixtures.rule(text, Float.self).rule
    let double = try LawFixtures.rule(text, Double.self).rule
    onEverySet {
      for (count, values) in [
        (8193, KernelValues.ordinary), (16_383, .extreme), (16_384, .wild), (36_865, .ordinary),
      ] {
        compare(float, count, values)
        compare(double, count, values)
      }
    }
    #expect(hasKernel(float) && hasKernel(double))
  }

  /// No kernel is without a rule of the catalogue: the law above reaches them all.
  @Test func everyKernelIsARules() throws {
    func numbers<R: UpdateRule>(_ rule: R) -> [Int] {
      var scalars = rule.requirements.scalars
      return scalars.withUnsafeMutableBufferPointer { scalars in
        (0..<10).compactMap { index in
          let step = RuleStep(
            index: index, gradientNorm: 1, loss: 1, scalars: RuleScalars(scalars))
          rule.begin(step)
          return rule.kernel(step)?.number
        }
      }
    }
    let used = try LawFixtures.rules.map { numbers(try LawFixtures.rule($0, Float.self).rule) }
    #expect(Set(used.joined()) == Set(0..<RuleKernel.count))
  }

  /// A control: the comparison sees another constant.
  @Test func anotherConstantIsSeen() {
    var plain = RuleSide(Lion<Float>(beta1: 0.9, beta2: 0.99), 33, .ordinary)
    var fused = RuleSide(Lion<Float>(beta1: 0.9, beta2: 0.98), 33, .ordinary)
    let gradient: [Float] = KernelValues.ordinary.draw(40, "gradient")
    plain.stepPlainly(0, gradient, .none)
    let isDone = fused.step(0, gradient, .none)
    #expect(isDone)
    #expect(fused.firstDifference(from: plain, .none)?.hasPrefix("state[0]") == true)
  }

  private func hasKernel<R: UpdateRule>(_ rule: R) -> Bool {
    RuleSide(rule, 8, .ordinary).hasKernel
  }

  private func compare<R: UpdateRule>(_ rule: R, _ count: Int, _ values: KernelValues) {
    var plain = RuleSide(rule, count, values)
    guard plain.hasKernel else { return }
    var fused = plain
    for step in 0..<3 {
      let gradient: [R.Scalar] = values.draw(count + 7, "gradient \(step)")
      let move = RuleSide<R>.Move.allCases[(step + count) % 3]
      plain.stepPlainly(step, gradient, move)
      let isDone = fused.step(step, gradient, move)
      #expect(isDone)
      if let place = fused.firstDifference(from: plain, move) {
        Issue.record(
          """
          \(R.self), \(VectorKernels.instructionSet), \(count) elements, \(values), step \(step), \
          \(move): \(place)
          """)
        return
      }
    }
  }
}

/// What one way of taking steps reads and writes: vectors seven elements longer than a step, which
/// stay as they are.
private struct RuleSide<R: UpdateRule> {
  enum Move: CaseIterable { case none, moving, keeping }
  typealias Scalar = R.Scalar

  let rule: R
  let count: Int
  var theta: [Scalar]
  var state: [Scalar]
  var scalars: [Double]
  var u: [Scalar]
  private var stride: Int { count + 7 }
  private static var rate: Double { 0.3 }

  init(_ rule: R, _ count: Int, _ values: KernelValues) {
    self.rule = rule
    self.count = count
    let length = count + 7
    theta = KernelValues.ordinary.draw(length, "start")
    state = rule.requirements.stateVectors.enumerated().flatMap { index, first in
      // Squares, rates and means: half of the state vectors are drawn without a sign.
      let (first, drawn) = (Scalar(first), values.draw(length, "state \(index)") as [Scalar])
      return drawn.map { first != 0 ? first * ($0 + 1) : index % 2 == 1 ? $0.magnitude : $0 }
    }
    state.append(0)
    scalars = rule.requirements.scalars
    u = [Scalar](repeating: 3, count: length)
  }

  /// Whether a faster way does all of a step.
  var hasKernel: Bool {
    var copy = self
    return copy.step(0, [Scalar](repeating: 1, count: stride), .none)
  }

  /// The definition, part after part.
  mutating func stepPlainly(_ index: Int, _ gradient: [Scalar], _ move: Move) {
    let (rule, stride, count) = (rule, stride, count)
    take(index, gradient) { strip, step, theta in
      if rule.requirements.facts.contains(.survey) {
        for start in Swift.stride(from: 0, to: count, by: 4096) {
          let part = Strip(
            count: min(4096, count - start), gradient: strip.gradient + start,
            parameters: strip.parameters + start, direction: strip.direction + start,
            state: strip.state(0) + start, stride: stride,
            stateVectors: rule.requirements.stateVectors.count)
          rule.survey(part, step)
        }
      }
      rule.direction(strip, step)
      if move != .none {
        let rate = Scalar.nearest(to: Self.rate)
        for i in 0..<count { theta[i] = theta[i] - rate * strip.direction[i] }
      }
      return true
    }
  }

  /// Returns whether all of it had a kernel.
  mutating func step(_ index: Int, _ gradient: [Scalar], _ move: Move) -> Bool {
    let rule = rule
    return take(index, gradient) { strip, step, theta in
      if rule.requirements.facts.contains(.survey), !rule.acceleratedSurvey(strip, step) {
        return false
      }
      return rule.accelerated(
        strip, step,
        moving: move == .none
          ? nil
          : StripMove(parameters: theta, rate: Self.rate, keepsDirection: move == .keeping))
    }
  }

  /// Compares all elements, those beyond the step's, too; u where it is kept.
  func firstDifference(from other: RuleSide, _ move: Move) -> String? {
    func difference<T: BinaryFloatingPoint>(_ name: String, _ a: [T], _ b: [T]) -> String? {
      // Equal bytes are the common case.
      if a.withUnsafeBytes({ a in
        b.withUnsafeBytes { memcmp(a.baseAddress!, $0.baseAddress!, a.count) == 0 }
      }) {
        return nil
      }
      return zip(a, b).enumerated().first { !haveSameBits($1.0, $1.1) }
        .map { "\(name)[\($0)] is \($1.0), not \($1.1)" }
    }
    return difference("θ", theta, other.theta) ?? difference("state", state, other.state)
      ?? difference("scalar", scalars, other.scalars)
      ?? (move == .moving ? nil : difference("u", u, other.u))
  }

  @discardableResult
  private mutating func take(
    _ index: Int, _ gradient: [Scalar],
    _ body: (Strip<Scalar>, RuleStep, UnsafeMutablePointer<Scalar>) -> Bool
  ) -> Bool {
    let (rule, stride, count) = (rule, stride, count)
    return scalars.withUnsafeMutableBufferPointer { scalars in
      state.withUnsafeMutableBufferPointer { state in
        u.withUnsafeMutableBufferPointer { u in
          theta.withUnsafeMutableBufferPointer { theta in
            gradient.withUnsafeBufferPointer { gradient in
              let step = RuleStep(
                index: index, gradientNorm: 0.9, loss: 0.5 + Double(index % 2),
                scalars: RuleScalars(scalars))
              let strip = Strip(
                count: count, gradient: gradient.baseAddress!,
                parameters: UnsafePointer(theta.baseAddress!), direction: u.baseAddress!,
                state: state.baseAddress!, stride: stride,
                stateVectors: rule.requirements.stateVectors.count)
              rule.begin(step)
              return body(strip, step, theta.baseAddress!)
            }
          }
        }
      }
    }
  }
}
