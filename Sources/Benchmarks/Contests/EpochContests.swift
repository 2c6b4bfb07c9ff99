internal import Datasets
internal import Foundation
internal import Hypergradient
internal import Synchronization
internal import Tasks

/// Epochs of the two models of MNIST, minibatches gathered anew in each, as `hypergrad train` does
/// it.
enum EpochContests {
  enum Kind: String, CaseIterable, Sendable {
    case sgd = "SGD"
    case sgdHD = "SGD-HD"
    case adamHD = "Adam-HD"
    var row: String { rawValue.lowercased() }
  }
  private static let hidden = [1000, 1000]

  static func all(_ setting: Setting) -> [Contest] {
    let examples = Examples(folder: setting.data)
    let source = setting.data == nil ? "random data of MNIST's shape" : "MNIST"
    return [
      contest(.sgd, [], examples, setting, goal: 2, source),
      contest(.sgdHD, hidden, examples, setting, goal: 1.5, source),
      contest(.adamHD, hidden, examples, setting, goal: 1.5, source),
    ]
  }

  private static func contest(
    _ kind: Kind, _ hidden: [Int], _ examples: Examples, _ setting: Setting, goal: Double,
    _ source: String
  ) -> Contest {
    let model =
      hidden.isEmpty
      ? "logistic regression"
      : "784-" + hidden.map { "\($0)-" }.joined() + "10 perceptron"
    let rate = kind == .adamHD ? 1e-4 : 0.01
    return Contest(
      "MNIST \(model), one epoch, \(kind.rawValue)", part: "epochs, Float, batches of 128",
      ours: setting.ours { threads in
        let task = DenseClassification.multilayerPerceptron(
          data: try examples.load(), hidden: hidden, batch: 128)
        return operation(task, kind, rate: rate, threads: threads)
      },
      peers: setting.peers.map { library in
        [
          library.contender(
            "PyTorch", .init(.torch), row: "epoch", goal: .timesAsFast(goal),
            [
              "kind": .text(kind.row),
              "hidden": .text(hidden.map(String.init).joined(separator: ",")),
              "alpha": .number(rate), "beta": .number(1e-9),
              "threads": .integer(setting.mostThreads), "data": .text(setting.data ?? ""),
            ])
        ]
      } ?? [], remark: source)
  }

  private static func operation(
    _ task: DenseClassification<Float>, _ kind: Kind, rate: Double, threads: Int
  ) -> (_ count: Int) -> Void {
    let learned = HypergradientDescent(initial: rate, hyperLearningRate: 1e-9)
    switch kind {
    case .sgd: return epochs(task, GradientDescent<Float>(), ConstantRate(rate), threads)
    case .sgdHD: return epochs(task, GradientDescent<Float>(), learned, threads)
    case .adamHD: return epochs(task, Adam<Float>(), learned, threads)
    }
  }

  private static func epochs<Rule: UpdateRule<Float>, Controller: LearningRateController>(
    _ task: DenseClassification<Float>, _ rule: Rule, _ controller: Controller, _ threads: Int
  ) -> (_ count: Int) -> Void {
    var task = task
    task.threads = threads
    let trainer = EpochWork(task, rule, controller, threads)
    return { count in
      for _ in 0..<count { trainer.runEpoch() }
    }
  }

  /// The training examples, read or made once for all contests.
  private final class Examples: Sendable {
    private let folder: String?
    private let loaded = Mutex<Dataset<Float>?>(nil)
    init(folder: String?) { self.folder = folder }

    func load() throws -> Dataset<Float> {
      try loaded.withLock { loaded in
        if let loaded { return loaded }
        let made = try folder.map { try MNIST.load(directory: $0).train } ?? Self.standIn
        loaded = made
        return made
      }
    }

    /// As many examples, pixels and classes; the numbers do not matter to the time.
    private static var standIn: Dataset<Float> {
      let (count, pixels) = (60_000, 784)
      return Dataset(
        name: "mnist", features: Pattern.floats(count * pixels, scale: 2),
        labels: (0..<count).map { Int32(($0 * 7) % 10) },
        featureCount: pixels, classCount: 10)
    }
  }
}

/// A trainer that goes on from epoch to epoch.
private final class EpochWork<Rule: UpdateRule<Float>, Controller: LearningRateController> {
  private let task: DenseClassification<Float>
  private var optimizer: Optimizer<Rule, Controller>
  private var parameters: [Float]
  /// What the optimizer may keep: hypergradient descent then copies no gradient.
  private var gradient: GradientBuffer<Float>
  private var scratch: [Float]
  private var step = 0

  init(
    _ task: DenseClassification<Float>, _ rule: Rule, _ controller: Controller, _ threads: Int
  ) {
    self.task = task
    optimizer = Optimizer(rule, controller, parameterCount: task.dimension)
    optimizer.threads = threads
    parameters = task.start
    gradient = GradientBuffer(count: task.dimension)
    scratch = [Float](repeating: 0, count: task.scratchCount)
  }

  func runEpoch() {
    let end = step + (task.stepsPerEpoch ?? 1)
    while step < end {
      let block = step..<min(end, step + task.stepsPerBlock)
      let draws = task.draws(seed: 1, steps: block)
      for step in block {
        let loss = gradient.withUnsafeMutableBufferPointer {
          task.gradient(
            at: parameters, step: step, draws: draws, into: $0.baseAddress!, scratch: &scratch)
        }
        optimizer.step(&parameters, exchanging: &gradient, loss: loss)
      }
      step = block.upperBound
    }
  }
}
