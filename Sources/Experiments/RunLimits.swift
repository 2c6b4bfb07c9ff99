internal import Records

/// How long a run may be, so that its clock, three times its steps, and its evaluations can be counted.
public enum RunLimits {
  public static let steps = 1...Suite.mostSteps
  public static let epochs = 1...Suite.mostSteps
  /// A run keeps a number for each.
  public static let evaluations = 2...Suite.mostEvaluations

  /// Why a number can't be; `nil` where it can.
  public static func fault(_ name: String, _ value: Int, _ limits: ClosedRange<Int>) -> String? {
    if value < limits.lowerBound { return "\(name) is \(value), not at least \(limits.lowerBound)" }
    return value > limits.upperBound
      ? "\(name) is \(value), not in \(limits.lowerBound)...\(limits.upperBound)" : nil
  }
}
