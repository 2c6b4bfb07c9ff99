extension StepSignals {
  /// Passes what a controller needs of the gradient that it sees, of u_{t−1} and of the trace.
  ///
  /// - Parameters:
  ///   - judges: whether alignments are with this gradient; else they are zero.
  ///   - direction: u_{t−1}; `nil` where there is none, and all that is of it or the trace is zero.
  ///   - slope: ⟨u_{t−1}, g_{t−1}⟩.
  mutating func pass<Scalar: ParameterScalar>(
    _ needs: Needs, gradient g: UnsafePointer<Scalar>, judges: Bool = true,
    direction: UnsafePointer<Scalar>?, trace: [Scalar], slope: Double, count: Int
  ) {
    func passAlignment(_ signal: Signal, of vector: UnsafePointer<Scalar>?, cosine: Int) {
      guard let vector, judges else {
        self[signal] = 0
        return
      }
      let product = VectorLoops.dot(vector, g, count: count)
      self[signal] = product
      exactCosines[cosine] = VectorLoops.cosine(vector, g, count: count, product: product)
    }
    func norm(_ vector: UnsafePointer<Scalar>?) -> Double {
      vector.map { VectorLoops.norm($0, count: count) } ?? 0
    }
    if needs.contains(.gradientNorm) { self[.gradientNorm] = norm(g) }
    if needs.contains(.alignment) { passAlignment(.alignment, of: direction, cosine: 0) }
    if needs.contains(.previousDirectionNorm) { self[.previousDirectionNorm] = norm(direction) }
    if needs.contains(.previousDirectionAlignment) {
      self[.previousDirectionAlignment] = direction == nil ? 0 : slope
    }
    trace.withUnsafeBufferPointer {
      let trace = direction == nil ? nil : $0.baseAddress
      if needs.contains(.traceAlignment) { passAlignment(.traceAlignment, of: trace, cosine: 1) }
      if needs.contains(.traceNorm) { self[.traceNorm] = norm(trace) }
    }
  }
}
