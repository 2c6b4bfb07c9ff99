internal import Hypergradient
internal import PortableMath
package import Records
internal import Tasks

extension BenchmarkTask {
  /// Gaps are parts of the way from the loss at the start down to the reference.
  ///
  /// - Throws: ``ExperimentError`` where there is no way down, or the program that answers has failed;
  ///   what is not finite is left to others.
  func checkGap(named name: String) throws {
    let scratch = UnsafeMutablePointer<Scalar>.allocate(capacity: max(1, scratchCount))
    scratch.initialize(repeating: 0, count: max(1, scratchCount))
    defer { scratch.deallocate() }
    let loss = start.withUnsafeBufferPointer {
      self.loss(at: $0.baseAddress!, step: 0, scratch: scratch)
    }
    try checkForFailure()
    try TaskGap.check(loss, reference.value, named: name)
  }
}

package enum TaskGap {
  /// - Throws: ``ExperimentError`` where the loss at the start is not above the reference.
  package static func check(
    _ loss: Double, _ reference: Double, named name: String
  ) throws(ExperimentError) {
    guard loss.isFinite, reference.isFinite, !(loss > reference) else { return }
    throw ExperimentError(
      "task '\(name)' has no gap: its loss at the start, \(loss.spelled), is not above its reference, "
        + "\(reference.spelled), the least that there is")
  }
}
