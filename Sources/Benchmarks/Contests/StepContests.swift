internal import Hypergradient

/// Single steps of the optimizers on contiguous Floats.
enum StepContests {
  enum Kind: String, CaseIterable, Sendable {
    case sgdHD = "SGD-HD"
    case adamHD = "Adam-HD"
    case adam = "Adam"
    case sgd = "SGD"

    /// The peer's name for it.
    var row: String { rawValue.lowercased() }
  }
  struct Size: Sendable {
    var count: Int
    var text: String
    static let all = [
      Size(count: 100, text: "10²"), Size(count: 1_000_000, text: "10⁶"),
      Size(count: 25_000_000, text: "2.5·10⁷"),
    ]
    /// Where the vectors leave every cache: there the floor is memory's speed.
    var isLarge: Bool { count > 10_000_000 }
  }

  static func all(_ setting: Setting) -> [Contest] {
    Kind.allCases.flatMap { kind in Size.all.map { contest(kind, $0, setting) } }
  }

  private static func contest(_ kind: Kind, _ size: Size, _ setting: Setting) -> Contest {
    // Threads are for vectors that one core takes long for.
    let counts = size.count < 10_000 ? [1] : setting.threads
    var peers: [Contender] = []
    if let library = setting.peers {
      peers.append(
        library.contender(
          peerName(kind), .init(.torch), row: "step", goal: goal(kind, size),
          [
            "kind": .text(kind.row), "n": .integer(size.count),
            "threads": .integer(setting.mostThreads),
          ]))
    }
    if size.isLarge {
      for threads in counts { peers += Floor.contenders(of: kind, count: size.count, threads) }
    }
    return Contest(
      "\(kind.rawValue) step, n = \(size.text)", part: "optimizer steps, Float",
      ours: counts.map { threads in
        Contender.ours(threads: threads) { operation(kind, size.count, threads) }
      }, peers: peers)
  }

  private static func peerName(_ kind: Kind) -> String {
    switch kind {
    case .sgdHD, .adamHD: "PyTorch, eager"
    case .adam: "PyTorch, fused"
    case .sgd: "PyTorch, foreach"
    }
  }

  private static func goal(_ kind: Kind, _ size: Size) -> Goal {
    switch (kind, size.count) {
    case (.sgdHD, 100): .timesAsFast(400)
    case (.sgdHD, 1_000_000): .timesAsFast(15)
    case (.sgdHD, _): .timesAsFast(4)
    case (.adamHD, 100): .timesAsFast(500)
    case (.adamHD, 1_000_000): .timesAsFast(14)
    case (.adamHD, _): .timesAsFast(8)
    default: .timesAsFast(1)
    }
  }

  /// Steps of one optimizer, as a trainer would take them.
  static func operation(_ kind: Kind, _ count: Int, _ threads: Int) -> (_ count: Int) -> Void {
    let hypergradient = HypergradientDescent(initial: 1e-3, hyperLearningRate: 1e-12)
    let constant = ConstantRate(1e-3)
    return switch kind {
    case .sgdHD: steps(GradientDescent<Float>(), hypergradient, count, threads)
    case .adamHD: steps(Adam<Float>(), hypergradient, count, threads)
    case .adam: steps(Adam<Float>(), constant, count, threads)
    case .sgd: steps(GradientDescent<Float>(), constant, count, threads)
    }
  }

  /// Rule and controller are known where this is compiled, as in a user's own module.
  private static func steps<Rule: UpdateRule<Float>, Controller: LearningRateController>(
    _ rule: Rule, _ controller: Controller, _ count: Int, _ threads: Int
  ) -> (_ count: Int) -> Void {
    if Rule.self == GradientDescent<Float>.self, Controller.self != ConstantRate.self,
      count > 10_000
    {
      let work = ExchangingWork(rule, controller, count, threads)
      return { work.run($0) }
    }
    let work = StepWork(rule, controller, count, threads)
    return { work.run($0) }
  }
}

/// Parameters, a gradient and an optimizer.
private final class StepWork<Rule: UpdateRule<Float>, Controller: LearningRateController> {
  private var optimizer: Optimizer<Rule, Controller>
  private var parameters: [Float]
  private let gradient: [Float]

  init(_ rule: Rule, _ controller: Controller, _ count: Int, _ threads: Int) {
    optimizer = Optimizer(rule, controller, parameterCount: count)
    optimizer.threads = threads
    parameters = Pattern.floats(count, scale: 1)
    gradient = Pattern.floats(count, scale: 1e-3)
  }

  func run(_ count: Int) {
    for _ in 0..<count { optimizer.step(&parameters, gradient: gradient) }
  }
}

/// The same of long vectors, where the gradient is written into memory that the optimizer may keep.
private final class ExchangingWork<Rule: UpdateRule<Float>, Controller: LearningRateController> {
  private var optimizer: Optimizer<Rule, Controller>
  private var parameters: [Float]
  private var gradient: GradientBuffer<Float>

  init(_ rule: Rule, _ controller: Controller, _ count: Int, _ threads: Int) {
    optimizer = Optimizer(rule, controller, parameterCount: count)
    optimizer.threads = threads
    parameters = Pattern.floats(count, scale: 1)
    gradient = GradientBuffer(count: count)
    // Both memories that change places hold a gradient.
    let numbers = Pattern.floats(count, scale: 1e-3)
    for _ in 0..<2 {
      gradient.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: numbers) }
      optimizer.step(&parameters, exchanging: &gradient)
    }
  }

  func run(_ count: Int) {
    for _ in 0..<count { optimizer.step(&parameters, exchanging: &gradient) }
  }
}
