internal import Hypergradient
internal import PortableMath
internal import Testing

/// Steps and sums by kernels against their definition in Swift, bit for bit.
@Suite(.serialized) struct KernelLawTests {
  @Test func sumsAreTheirDefinition() {
    func check<Scalar: ParameterScalar>(_: Scalar.Type, _ count: Int, _ values: KernelValues) {
      let u: [Scalar] = values.draw(count, "u")
      let g: [Scalar] = values.draw(count, "g")
      let theta: [Scalar] = values.draw(count, "theta")
      for penalty in [0, 0.3] {
        for bits in UInt32(1)...7 {
          let wanted = VectorKernels.Wanted(rawValue: bits)
          let expected = Reductions.sums(
            wanted, u, g, penalty: Scalar(penalty), theta, count: count)
          theta.withUnsafeBufferPointer { theta in
            for threads in count > 16_384 ? [1, 2] : [1] {
              let sums = VectorKernels.sums(
                wanted, kind: VectorKernels.kind(of: Scalar.self), count: count, direction: u,
                gradient: g, parameters: penalty == 0 ? nil : UnsafeRawPointer(theta.baseAddress),
                penalty: penalty, threads: threads)
              #expect(
                haveSameBits(sums.alignment, expected.alignment)
                  && haveSameBits(sums.gradientSquare, expected.gradientSquare)
                  && haveSameBits(sums.directionSquare, expected.directionSquare),
                "\(Scalar.self), \(count) elements, wanted \(bits): \(sums) for \(expected)")
            }
          }
        }
      }
    }
    onEverySet {
      for count in 0...100 {
        check(Float.self, count, KernelValues.allCases[count % 3])
        check(Double.self, count, KernelValues.allCases[(count + 1) % 3])
      }
    }
    for count in [16_383, 16_384, 16_385, 40_000] {
      check(Float.self, count, .ordinary)
      check(Double.self, count, .ordinary)
    }
  }

  /// A change of one element anywhere is seen: the law above compares something.
  @Test func sumsSeeEveryElement() {
    let count = 16_384 + 37
    let ones = [Float](repeating: 1, count: count)
    for i in [0, 15, 16, 16_383, 16_384, count - 1] {
      var u = ones
      u[i] = 2
      let sums = VectorKernels.sums(
        .alignment, kind: 4, count: count, direction: u, gradient: ones, parameters: nil,
        penalty: 0, threads: 1)
      #expect(sums.alignment == Double(count + 1))
    }
  }

  @Test(arguments: LawFixtures.rules) func stepsAreTheirDefinition(_ text: String) throws {
    let pair = try TextReader(text).readRule()
    onEverySet {
      for count in 0...100 {
        let watch = Watch.allCases[count % 3]
        let values = (0...1).map { KernelValues.allCases[(count / 3 + $0) % 3] }
        compare(pair.float, pair.objective, watch, count, values[0])
        compare(pair.double, pair.objective, watch, count, values[1])
      }
    }
  }

  @Test(arguments: [
    "sgd", "adam", "adam.then(weightDecay(0.05))",
    "clipByNorm(0.7).then(heavyBall).penalized(by: 0.1)",
  ])
  func longStepsAreTheirDefinition(_ text: String) throws {
    let pair = try TextReader(text).readRule()
    for (count, watch) in [
      (16_383, Watch.nothing), (16_384, .last), (16_385, .next), (33_001, .nothing),
    ] {
      compare(pair.float, pair.objective, watch, count, .ordinary, steps: 2)
    }
    compare(pair.double, pair.objective, .last, 16_385, .ordinary, steps: 2)
  }

  /// Any number of threads, the same bits.
  @Test(arguments: [
    "sgd", "adam", "adam.then(weightDecay(0.05))", "clipByNorm(0.7).penalized(by: 0.1)", "amsgrad",
    "idbd", "autostep",
  ])
  func threadsChangeNoBit(_ text: String) throws {
    func check<R: UpdateRule>(_ rule: R, _ objective: Objective) {
      let count = 70_001
      let start: [R.Scalar] = KernelValues.ordinary.draw(count, "start")
      let gradients: [[R.Scalar]] = (0..<2).map {
        KernelValues.ordinary.draw(count, "gradient \($0)")
      }
      for watch in Watch.allCases {
        var ends: [[R.Scalar]] = []
        var seen: [[Double]] = []
        for threads in [1, 2, 3] {
          var optimizer = Optimizer(
            rule, Watcher(watch), on: objective, parameterCount: count)
          optimizer.threads = threads
          var theta = start
          for gradient in gradients { optimizer.step(&theta, gradient: gradient, loss: 0.7) }
          ends.append(theta)
          seen.append(optimizer.controller.seen)
        }
        #expect(ends[1] == ends[0] && ends[2] == ends[0] && ends[0] != start)
        #expect(seen[1] == seen[0] && seen[2] == seen[0])
      }
    }
    let pair = try TextReader(text).readRule()
    check(pair.float, pair.objective)
  }

  /// An optimizer's steps against the definition's.
  private func compare<R: UpdateRule>(
    _ rule: R, _ objective: Objective, _ watch: Watch, _ count: Int, _ values: KernelValues,
    steps: Int = 3
  ) {
    // A guard refuses what is not finite, which GuardedTests hold to its definition.
    if rule.requirements.facts.contains(.guarded), values != .ordinary { return }
    var theta: [R.Scalar] = KernelValues.ordinary.draw(count, "start")
    var reference = ReferenceOptimizer(rule, objective, rate: Watcher.rate, theta)
    var optimizer = Optimizer(rule, Watcher(watch), on: objective, parameterCount: count)
    for step in 0..<steps {
      let gradient: [R.Scalar] = values.draw(count, "gradient \(step)")
      let loss = 0.5 + Double(step)
      optimizer.step(&theta, gradient: gradient, loss: loss)
      let seen = reference.step(gradient, watch, loss: loss)
      #expect(
        zip(optimizer.controller.seen.suffix(seen.count), seen).allSatisfy { haveSameBits($0, $1) },
        "\(R.self), \(watch), \(count), \(values): \(optimizer.controller.seen), \(seen)")
      let wrong = zip(theta, reference.theta).enumerated().first { !haveSameBits($1.0, $1.1) }
      #expect(wrong == nil, "\(R.self), \(watch), \(count) elements, \(values), step \(step)")
    }
  }
}

/// The same bits, or both not a number.
func haveSameBits<Scalar: BinaryFloatingPoint>(_ a: Scalar, _ b: Scalar) -> Bool {
  a == b ? a.sign == b.sign : a.isNaN && b.isNaN
}

/// Runs on every instruction set of this processor, and then on the one before.
func onEverySet(_ body: () throws -> Void) rethrows {
  let before = VectorKernels.instructionSet
  var compared = 0
  for set in ["plain", "avx2", "avx512", "neon"] where VectorKernels.use(instructionSet: set) {
    try body()
    compared += 1
  }
  #expect(VectorKernels.use(instructionSet: before) && compared > 0)
}

/// What vectors are made of.
enum KernelValues: CaseIterable {
  case ordinary
  /// Subnormal numbers, zeros of both signs, and numbers whose squares overflow.
  case extreme
  /// Infinities and NaN here and there.
  case wild

  func draw<Scalar: ParameterScalar>(_ count: Int, _ name: String) -> [Scalar] {
    var draw = RandomStream(RandomKey("tests.kernels.\(name)"))
    return (0..<count).map { _ in
      let x = Scalar(2 * draw.uniform() - 1)
      switch (self, draw.integer(below: 8)) {
      case (.extreme, 0): return Scalar.leastNonzeroMagnitude * Scalar(draw.integer(below: 99))
      case (.extreme, 1): return x < 0 ? -0.0 : 0
      case (.extreme, 2): return x * Scalar.greatestFiniteMagnitude
      case (.extreme, 3): return x * Scalar.leastNormalMagnitude
      case (.wild, 0): return x < 0 ? -.infinity : .infinity
      case (.wild, 1) where draw.integer(below: 4) == 0: return .nan
      default: return x
      }
    }
  }
}

/// What a controller looks at.
private enum Watch: String, Codable, CaseIterable {
  case nothing, last, next
}

/// A fixed rate, and a memory of all signals.
private struct Watcher: LearningRateController {
  static let rate = 0.05
  let watch: Watch
  var seen: [Double] = []

  init(_ watch: Watch) { self.watch = watch }

  var learningRate: Double { Self.rate }

  var requirements: ControllerRequirements {
    let signals: StepSignals.Needs =
      switch watch {
      case .nothing: []
      case .last: [.alignment, .gradientNorm, .previousDirectionNorm]
      case .next: [.directionAlignment, .directionNorm]
      }
    return ControllerRequirements(signals: signals)
  }

  mutating func decide(_ signals: StepSignals) -> StepDecision {
    switch watch {
    case .nothing: break
    case .last:
      seen += [signals.alignment, signals.gradientNorm, signals.previousDirectionNorm]
    case .next: seen += [signals.directionAlignment, signals.directionNorm]
    }
    return .step(Self.rate)
  }
}

/// A step as it is defined: whole vectors, one after another, no kernels.
private struct ReferenceOptimizer<R: UpdateRule> {
  typealias Scalar = R.Scalar
  let rule: R
  let objective: Objective
  let rate: Double
  var theta: [Scalar]
  private var state: [Scalar]
  private var scalars: [Double]
  private var u: [Scalar]
  private var index = 0

  init(_ rule: R, _ objective: Objective, rate: Double, _ theta: [Scalar]) {
    self.rule = rule
    self.objective = objective
    self.rate = rate
    self.theta = theta
    scalars = rule.requirements.scalars
    u = [Scalar](repeating: 0, count: theta.count)
    state = rule.requirements.stateVectors.flatMap {
      [Scalar](repeating: Scalar.nearest(to: $0), count: theta.count)
    }
    state.append(0)
  }

  /// Returns what a controller sees.
  mutating func step(_ gradient: [Scalar], _ watch: Watch, loss: Double) -> [Double] {
    let count = theta.count
    guard count > 0 else { return watch == .nothing ? [] : watch == .last ? [0, 0, 0] : [0, 0] }
    let penalty = Scalar(objective.penalty)
    // Scaled where squares overflow or vanish.
    func root(_ square: Double, _ x: (Int) -> Double) -> Double {
      Norms.root(square, count: count, x)
    }
    let norm = root(Reductions.dot(gradient, gradient, count: count)) { Double(gradient[$0]) }
    let gradient = objective.maximizes ? gradient.map { -$0 } : gradient
    let (before, point) = (u, theta)
    func seenGradient(_ i: Int) -> Double {
      Double(penalty == 0 ? gradient[i] : gradient[i] + penalty * point[i])
    }
    var seen: [Double] = []
    if watch == .last {
      let sums = Reductions.sums(
        [.alignment, .gradientSquare, .directionSquare], u, gradient, penalty: penalty, theta,
        count: count)
      let alignment = Norms.product(
        sums.alignment, count: count, { Double(before[$0]) }, seenGradient)
      seen = [
        index == 0 ? 0 : alignment, root(sums.gradientSquare, seenGradient),
        index == 0 ? 0 : root(sums.directionSquare) { Double(before[$0]) },
      ]
    }
    var g = gradient
    if penalty != 0 { Elementwise.addPenalty(&g, gradient, penalty, theta, count) }
    let (rule, objective, index) = (rule, objective, index)
    scalars.withUnsafeMutableBufferPointer { scalars in
      state.withUnsafeMutableBufferPointer { state in
        u.withUnsafeMutableBufferPointer { u in
          theta.withUnsafeBufferPointer { theta in
            g.withUnsafeBufferPointer { g in
              let step = RuleStep(
                index: index,
                gradientNorm: rule.requirements.facts.contains(.gradientNorm) ? norm : .nan,
                loss: objective.maximizes ? -loss : loss, scalars: RuleScalars(scalars))
              let strip = Strip(
                count: count, gradient: g.baseAddress!, parameters: theta.baseAddress!,
                direction: u.baseAddress!, state: state.baseAddress!, stride: count,
                stateVectors: rule.requirements.stateVectors.count)
              rule.begin(step)
              // One part, as long as there are fewer than a strip's elements.
              if rule.requirements.facts.contains(.survey) { rule.survey(strip, step) }
              rule.direction(strip, step)
            }
          }
        }
      }
    }
    if watch == .next {
      let sums = Reductions.sums(
        [.alignment, .directionSquare], u, gradient, penalty: penalty, theta, count: count)
      let made = u
      seen = [
        Norms.product(sums.alignment, count: count, { Double(made[$0]) }, seenGradient),
        root(sums.directionSquare) { Double(made[$0]) },
      ]
    }
    Elementwise.subtract(&theta, Scalar(rate), u, count)
    self.index += 1
    return seen
  }
}
