/// What a step must know of all parameters, where they lie in several places: tensors of a model, or
/// the memories of several machines.
///
/// Every number is a sum over elements, so that those of the parts are added, in any way that gives
/// all parts the same bits, and each part decides by itself from the total:
///
///     all = Σ_p sums_p
///     η_t = controller(all)        in each part, the same
///     θ_p ← θ_p − η_t · u_p
///
/// A sum that nobody needs is zero. Most controllers need the first three and the loss alone: four
/// scalars a step.
///
/// > Important: Sums of squares carry norms from 10⁻¹⁴⁴ to 10¹⁵⁴; an ``Optimizer`` on one vector has no
/// > such limit.
public struct StepSums: Sendable, Equatable {
  /// Σ u_{t−1}·g_t.
  public var alignment = 0.0
  /// Σ g_t².
  public var gradientSquare = 0.0
  /// Σ u_{t−1}².
  public var previousDirectionSquare = 0.0
  /// Σ u_{t−1}·g_{t−1}.
  public var previousDirectionAlignment = 0.0
  /// Σ T_{t−1}·g_t.
  public var traceAlignment = 0.0
  /// Σ T_{t−1}².
  public var traceSquare = 0.0
  /// Σ ∇f², for a rule that clips by the norm under a penalty.
  public var plainGradientSquare = 0.0
  /// Σ u_t·g_t, of a controller that looks at the new direction.
  public var directionAlignment = 0.0
  /// Σ u_t².
  public var directionSquare = 0.0

  public init() {}

  public static func + (a: StepSums, b: StepSums) -> StepSums {
    var sum = a
    sum.alignment += b.alignment
    sum.gradientSquare += b.gradientSquare
    sum.previousDirectionSquare += b.previousDirectionSquare
    sum.previousDirectionAlignment += b.previousDirectionAlignment
    sum.traceAlignment += b.traceAlignment
    sum.traceSquare += b.traceSquare
    sum.plainGradientSquare += b.plainGradientSquare
    sum.directionAlignment += b.directionAlignment
    sum.directionSquare += b.directionSquare
    return sum
  }

  /// Whether all are finite.
  var isFinite: Bool {
    (alignment + gradientSquare + previousDirectionSquare + previousDirectionAlignment).isFinite
      && (traceAlignment + traceSquare + plainGradientSquare).isFinite
      && (directionAlignment + directionSquare).isFinite
  }
}

/// Why a step can't be taken.
public enum StepFault: Sendable, Equatable, CustomStringConvertible {
  /// A number that the trainer is to pass.
  case missing(StepSignals.Signal)
  /// A schedule that ends with an error has no value there.
  case ended(String)
  /// A number that no trainer passes.
  case value(StepSignals.Signal, Double)

  public var description: String {
    switch self {
    case .missing(let signal): "the step needs '\(signal)', which was not passed"
    case .ended(let message): message
    case .value(let signal, let x): "'\(signal)' is \(x), not a number of at least 0"
    }
  }
}
