internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// Optimizers that are led from outside.
@Suite struct FollowerTests {
  private static let count = 9

  /// v ← μv + g, θ ← θ − ηv, or the same with the rate inside the velocity.
  private struct Momentum {
    var velocity = [Double](repeating: 0, count: count)
    let isInside: Bool

    mutating func step(_ theta: inout [Double], _ g: [Double], _ rate: Double) {
      for i in theta.indices {
        velocity[i] = 0.9 * velocity[i] + (isInside ? rate * g[i] : g[i])
        theta[i] -= isInside ? velocity[i] : rate * velocity[i]
      }
    }
  }

  private static func fault(
    _ make: @escaping () -> (inout [Double], [Double], Double) -> Void
  ) -> String? {
    var step = make()
    return ForeignOptimizer.fault(count: count, tolerance: 1e-9) { number, theta, g, rate in
      if number == 0 { step = make() }
      step(&theta, g, rate)
      return true
    }
  }

  @Test func aVelocityWithTheRateIsRefused() throws {
    func momentum(_ isInside: Bool) -> String? {
      Self.fault {
        var momentum = Momentum(isInside: isInside)
        return { momentum.step(&$0, $1, $2) }
      }
    }
    #expect(momentum(false) == nil)
    let fault = try #require(momentum(true))
    #expect(fault.contains("velocity contains the rate"))
  }

  @Test func aStepOutOfProportionIsRefused() throws {
    let fault = try #require(
      Self.fault { { theta, g, rate in for i in theta.indices { theta[i] -= rate * rate * g[i] } } }
    )
    #expect(fault.contains("not proportional"))
    // A trust ratio: the step's length is the rate's own, whatever the gradient's.
    #expect(
      Self.fault {
        { theta, g, rate in
          for i in theta.indices { theta[i] -= min(rate, 0.05) * g[i] }
        }
      } != nil)
    #expect(ForeignOptimizer.fault(count: 2) { _, _, _, _ in false } == "it gave up at step 0")
  }

  /// Every rule of the catalogue whose rate stands outside passes the trial.
  @Test(arguments: LawFixtures.rules) func rulesOfTheCataloguePass(_ rule: String) throws {
    let made = try LawFixtures.rule(rule)
    guard made.objective == .plain else { return }
    var optimizer = AnyOptimizer(made.rule, ConstantRate(1), parameterCount: Self.count)
    let fault = ForeignOptimizer.fault(count: Self.count, tolerance: 1e-9) {
      number, theta, g, rate in
      if number == 0 {
        optimizer = AnyOptimizer(made.rule, ConstantRate(rate), parameterCount: Self.count)
      }
      optimizer.controller(as: ConstantRate.self) { $0 = ConstantRate(rate) }
      optimizer.step(&theta, gradient: g, loss: 1)
      return true
    }
    #expect(fault == nil)
  }

  /// Led from outside, momentum has the rates of the optimizer that is led from inside.
  @Test(arguments: LawFixtures.controllers) func itIsTheOptimizer(_ text: String) throws {
    let controller = try LawFixtures.controller(text)
    guard Follower<Double>.fault(of: controller) == nil else { return }
    var inside = AnyOptimizer(
      HeavyBall<Double>(momentum: 0.9), controller, parameterCount: Self.count)
    var follower = Follower<Double>(controller, parameterCount: Self.count)
    var momentum = Momentum(isInside: false)
    var theta: [Double] = LawFixtures.start(Self.count)
    var led = theta
    for step in 0..<15 {
      let loss = LawFixtures.objective(theta, penalty: 0)
      guard loss < 1e6 else { break }
      let decision = inside.step(
        &theta, gradient: LawFixtures.gradient(theta), loss: loss, metric: loss, epoch: 0)
      let g: [Double] = LawFixtures.gradient(led)
      let rate = led.withUnsafeBufferPointer { led in
        g.withUnsafeBufferPointer {
          follower.rate(
            at: led, gradient: $0, loss: LawFixtures.objective(Array(led), penalty: 0),
            passing: .some(LawFixtures.objective(Array(led), penalty: 0)), epoch: 0)
        }
      }
      guard case .step(let expected) = decision else {
        #expect(rate == nil, "step \(step)")
        continue
      }
      let eta = try #require(rate, "step \(step)")
      // After a rate of zero the one inside still has its direction.
      guard expected != 0 else { break }
      #expect(abs(eta - expected) <= 1e-7 * abs(expected), "step \(step): \(eta), \(expected)")
      momentum.step(&led, g, eta)
      led.withUnsafeBufferPointer { follower.moved(to: $0) }
    }
  }

  /// A rate that is asked for and not used, as by a trainer whose scaled gradients overflowed: the next
  /// alignment is zero, and no gradient is taken for a direction.
  @Test func aStepThatIsNotTaken() {
    let controller = HypergradientDescent(initial: 0.01, hyperLearningRate: 1e-3)
    var follower = Follower<Double>(controller, parameterCount: 2)
    var theta = [4.0, -2.0]
    func rate() -> Double? {
      let g = theta
      return theta.withUnsafeBufferPointer { x in
        g.withUnsafeBufferPointer { follower.rate(at: x, gradient: $0) }
      }
    }
    func step() -> Double? {
      guard let eta = rate() else { return nil }
      for i in theta.indices { theta[i] -= eta * theta[i] }
      theta.withUnsafeBufferPointer { follower.moved(to: $0) }
      return eta
    }
    let first = [step(), step()]
    #expect(first[0] == 0.01 && first[1]! > 0.02)
    let asked = rate()
    #expect(asked! > first[1]!)
    #expect(step() == asked)
    #expect(step()! > asked!)
  }

  /// A coded state, taken over by another follower, goes on with the same rates.
  @Test(arguments: LawFixtures.controllers) func aCodedStateGoesOn(_ text: String) throws {
    let controller = try LawFixtures.controller(text)
    guard Follower<Double>.fault(of: controller) == nil else { return }
    var follower = Follower<Double>(controller, parameterCount: Self.count)
    /// Steps of gradient descent; `nil` for one that is not taken.
    func go(
      _ follower: inout Follower<Double>, _ theta: inout [Double], _ count: Int
    ) -> [Double?] {
      (0..<count).map { _ in
        let loss = LawFixtures.objective(theta, penalty: 0)
        let g: [Double] = LawFixtures.gradient(theta)
        let rate = theta.withUnsafeBufferPointer { theta in
          g.withUnsafeBufferPointer {
            follower.rate(at: theta, gradient: $0, loss: loss, passing: .some(loss), epoch: 0)
          }
        }
        guard let rate else { return nil }
        for i in theta.indices { theta[i] -= rate * g[i] }
        theta.withUnsafeBufferPointer { follower.moved(to: $0) }
        return rate
      }
    }
    var theta: [Double] = LawFixtures.start(Self.count)
    _ = go(&follower, &theta, 4)
    guard theta.allSatisfy({ $0.isFinite }) else { return }
    let bytes = try JSONEncoder().encode(follower)
    let state = try JSONDecoder().decode(Decoded.self, from: bytes)
    var other = Follower<Double>(controller, parameterCount: Self.count)
    try other.takeState(from: state.decoder)
    let again = try JSONEncoder().encode(other)
    #expect(again.count == bytes.count)
    var elsewhere = theta
    #expect(go(&follower, &theta, 6) == go(&other, &elsewhere, 6))
    #expect(theta.map(\.bitPattern) == elsewhere.map(\.bitPattern))
    var short = Follower<Double>(controller, parameterCount: Self.count - 1)
    if follower.learningRate != 0 {
      #expect(throws: DecodingError.self) { try short.takeState(from: state.decoder) }
    }
  }

  private struct Decoded: Decodable {
    let decoder: any Decoder
    init(from decoder: any Decoder) { self.decoder = decoder }
  }

  @Test func whatMayTakeBackIsRefused() throws {
    for text in ["traceAligned(initial: 0.1, steps: 80)", "boldDriver(initial: 0.1)", "l4()"] {
      #expect(Follower<Float>.fault(of: try LawFixtures.controller(text)) != nil, "\(text)")
    }
  }

  /// At a rate of zero nothing can be recovered, and the next alignment is zero.
  @Test func aRateOfZero() {
    var follower = Follower<Double>(
      HypergradientDescent(initial: 0, hyperLearningRate: 0.5), parameterCount: 1)
    for _ in 0..<3 {
      let rate = withUnsafePointer(to: 1.0) { x in
        follower.rate(
          at: UnsafeBufferPointer(start: x, count: 1),
          gradient: UnsafeBufferPointer(start: x, count: 1))
      }
      #expect(rate == 0)
      withUnsafePointer(to: 1.0) { follower.moved(to: UnsafeBufferPointer(start: $0, count: 1)) }
    }
  }
}
