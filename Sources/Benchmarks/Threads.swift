internal import Hypergradient
internal import Tasks

extension Optimizer {
  /// Takes so many threads from now on, where vectors are long enough.
  mutating func useThreads(_ count: Int) {}
}

extension DenseClassification {
  /// The task with so many threads for its matrix products.
  func usingThreads(_ count: Int) -> DenseClassification { self }
}
