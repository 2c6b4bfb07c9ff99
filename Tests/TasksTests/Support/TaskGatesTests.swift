import Hypergradient
import Tasks
import Testing

/// Each deliberate fault must be caught by its gate.
struct TaskGatesTests {
  typealias Fault = Tampered<LeastSquares>

  private static let base = LeastSquares(
    dimension: 6, examples: 32, labelNoise: 1, batch: 8, instance: 1)

  @Test func soundTaskPasses() {
    #expect(TaskGates.failures(of: Fault(Self.base)) == [])
    #expect(TaskGates.failures(of: Fault(Self.base), effort: .quick) == [])
  }

  @Test(arguments: [
    Case("exact gradient at probe") { $0.tamperExactGradient = { $0[5] *= 1.01 } },
    Case("exact gradient at probe") { $0.tamperExactGradient = { $0[0] = .nan } },
    Case("seen gradient at probe") { $0.tamperSeenGradient = { $0[2] = -$0[2] } },
    Case("mean of seen gradients") {
      // Gradient and loss agree with each other, and are not those of the task.
      $0.tamperSeenGradient = { for i in $0.indices { $0[i] *= 1.02 } }
      $0.tamperSeenLoss = { $0 * 1.02 }
    },
    Case("not above the reference") { $0.start = $0.base.reference.minimiser! },
    Case("off its reference") {
      $0.reference = ReferenceValue(
        $0.reference.value - 1e-3, .certified, minimiser: $0.reference.minimiser)
    },
    Case("below the reference") {
      $0.reference = ReferenceValue(0.9 * $0.base.loss(at: $0.start), .lowerBound)
    },
    Case("gradient at the minimiser") {
      var minimiser = $0.reference.minimiser!
      minimiser[3] += 1e-7
      $0.reference = ReferenceValue($0.reference.value, .certified, minimiser: minimiser)
    },
    Case("has no minimiser") { $0.reference = ReferenceValue($0.reference.value, .exact) },
    Case("a method that does nothing") {
      // The loss falls by itself, as where noise or weight is annealed away.
      $0.tamperLoss = { loss, step in step < 400 ? loss : 0.4144 + 1e-4 }
    },
    Case("depend on the block") {
      $0.tamperDraws = { values, steps in values[0] += Double(steps.count) }
    },
    Case("not all finite") { $0.tamperDraws = { values, _ in values[1] = .infinity } },
    Case("same for two seeds") { $0.fixedSeed = 5 },
    Case("start has 5 elements") { $0.start.removeLast() },
    Case("start is not finite") { $0.start[1] = .nan },
    Case("minimiser has 1 elements") { $0.reference = ReferenceValue(0, .exact, minimiser: [0]) },
  ])
  func faultIsCaught(_ fault: Case) {
    var task = Fault(Self.base)
    fault.tamper(&task)
    let failures = TaskGates.failures(of: task)
    #expect(
      failures.contains { $0.contains(fault.words) }, "wanted \(fault.words), got \(failures)")
    #expect(failures.allSatisfy { !$0.contains("\n") })
  }

  struct Case: Sendable, CustomStringConvertible {
    let words: String
    let tamper: @Sendable (inout Fault) -> Void
    var description: String { words }

    init(_ words: String, _ tamper: @escaping @Sendable (inout Fault) -> Void) {
      self.words = words
      self.tamper = tamper
    }
  }
}

/// A task with faults put in.
struct Tampered<Base: BenchmarkTask>: BenchmarkTask where Base.Scalar == Double {
  let base: Base
  var start: [Double]
  var reference: ReferenceValue
  var tamperExactGradient: @Sendable (UnsafeMutableBufferPointer<Double>) -> Void = { _ in }
  var tamperSeenGradient: @Sendable (UnsafeMutableBufferPointer<Double>) -> Void = { _ in }
  var tamperSeenLoss: @Sendable (Double) -> Double = { $0 }
  var tamperLoss: @Sendable (Double, Int) -> Double = { loss, _ in loss }
  var tamperDraws: @Sendable (inout [Double], Range<Int>) -> Void = { _, _ in }
  var fixedSeed: Int?

  init(_ base: Base) {
    self.base = base
    start = base.start
    reference = base.reference
  }

  var dimension: Int { base.dimension }
  var stepsPerEpoch: Int? { base.stepsPerEpoch }
  var scratchCount: Int { base.scratchCount }

  func draws(seed: Int, steps: Range<Int>) -> Draws<Double> {
    let draws = base.draws(seed: fixedSeed ?? seed, steps: steps)
    var values = draws.values
    tamperDraws(&values, steps)
    return Draws(steps: steps, valuesPerStep: draws.valuesPerStep, values: values)
  }

  func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let loss = base.gradient(at: theta, step: step, draws: draws, into: gradient, scratch: scratch)
    tamperSeenGradient(UnsafeMutableBufferPointer(start: gradient, count: dimension))
    return tamperSeenLoss(loss)
  }

  func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    tamperLoss(base.loss(at: theta, step: step, scratch: scratch), step)
  }

  func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    base.exactGradient(at: theta, step: step, into: gradient, scratch: scratch)
    tamperExactGradient(UnsafeMutableBufferPointer(start: gradient, count: dimension))
  }
}
