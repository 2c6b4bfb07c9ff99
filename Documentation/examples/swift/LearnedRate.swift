// A learning rate learned online for an optimizer of MLX-Swift: copy this file into your package, which
// depends on MLX and on Hypergradient.
//
//     let optimizer = LearnedRate(
//       SGD(learningRate: 1e-3), \.learningRate,
//       HypergradientDescent(initial: 1e-3, hyperLearningRate: 1e-6))
//     …
//     optimizer.update(model: model, gradients: gradients)

// By name: both packages have an Optimizer, an SGD and an Adam.
public import protocol Hypergradient.LearningRateController
public import struct Hypergradient.StepSignals

#if canImport(MLXOptimizers)
  public import MLX
  public import MLXNN
  public import MLXOptimizers
#endif

/// Wraps an optimizer whose step is θ_t = θ_{t−1} − η_t · u_t, with u_t free of η: SGD and Adam without
/// momentum that holds η, and without weight decay of its own. It recovers u from what the parameters moved,
///
///     u_{t−1} = (θ_{t−2} − θ_{t−1}) / η_{t−1},
///
/// hands ⟨u_{t−1}, g_t⟩ and the norms that the controller reads to it, and sets the base's rate before
/// each update.
///
/// Inside `compile`, a learning rate is a constant of the trace: call ``update(model:gradients:)`` outside,
/// and compile the loss and its gradient alone.
public final class LearnedRate<Base: Optimizer>: Optimizer {
  public let base: Base
  public private(set) var controller: any LearningRateController
  private let rate: ReferenceWritableKeyPath<Base, Float>
  /// θ before the last update, by the parameters' names, and the rate of that update.
  private var before: [(String, MLXArray)] = []
  private var appliedRate = 0.0
  private var stepCount = 0

  public init(
    _ base: Base, _ rate: ReferenceWritableKeyPath<Base, Float>,
    _ controller: any LearningRateController
  ) {
    let known: StepSignals.Needs = [.alignment, .gradientNorm, .previousDirectionNorm]
    precondition(
      controller.requirements.signals.isSubset(of: known) && controller.requirements.alwaysSteps,
      "the controller asks for more than can be recovered from parameters and gradients")
    self.base = base
    self.rate = rate
    self.controller = controller
  }

  public func update(model: Module, gradients: ModuleParameters) {
    let here = model.parameters().flattened()
    let slopes = Dictionary(uniqueKeysWithValues: gradients.flattened())
    let needs = controller.requirements.signals
    var signals = StepSignals(step: stepCount)
    if needs.contains(.gradientNorm) {
      signals[.gradientNorm] = slopes.values.reduce(0) { $0 + dot($1, $1) }.squareRoot()
    }
    if needs.contains(.alignment) || needs.contains(.previousDirectionNorm) {
      var (alignment, square) = (0.0, 0.0)
      if appliedRate != 0 {
        for ((name, old), (_, new)) in zip(before, here) {
          guard let slope = slopes[name] else { continue }
          let moved = old - new
          alignment += dot(moved, slope) / appliedRate
          square += dot(moved, moved) / (appliedRate * appliedRate)
        }
      }
      signals[.alignment] = alignment
      signals[.previousDirectionNorm] = square.squareRoot()
    }
    _ = controller.decide(signals)
    // What the base applies, in its own precision.
    base[keyPath: rate] = Float(controller.learningRate)
    appliedRate = Double(base[keyPath: rate])
    before = here
    base.update(model: model, gradients: gradients)
    stepCount += 1
  }

  /// The base's state, and θ before the last update.
  public func innerState() -> [MLXArray] { base.innerState() + before.map { $0.1 } }

  private func dot(_ a: MLXArray, _ b: MLXArray) -> Double {
    Double((a * b).sum().item(Float.self))
  }
}
