package import Hypergradient

/// What becomes of an answer of a program that is not finite, at finite parameters.
public enum NonFiniteAnswers: String, Sendable, CaseIterable, Codable {
  /// It ends the command, unless the parameters are so far away that the run has diverged: more than
  /// a thousand times max(1, ‖θ₀‖) from θ₀.
  case refused
  /// The run has diverged.
  case diverged

  package func allows<Scalar: ParameterScalar>(
    at point: UnsafeBufferPointer<Scalar>, from start: [Scalar]
  ) -> Bool {
    if self == .diverged { return true }
    var (moved, size) = (0.0, 0.0)
    for i in start.indices {
      let (here, first) = (Double(point[i]), Double(start[i]))
      moved += (here - first) * (here - first)
      size += first * first
    }
    return moved.squareRoot() > 1000 * max(1, size.squareRoot())
  }

  /// What a message says beside such an answer.
  package static var remedy: String {
    " at finite parameters: 'nonFinite: .diverged' lets the run end as diverged"
  }
}
