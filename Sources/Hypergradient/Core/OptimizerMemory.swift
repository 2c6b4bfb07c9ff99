/// The vectors and scalars that an optimizer keeps, in one piece: its layout, and the memory.
///
///     scalars | state vectors, `stride` elements apart | direction | trace | best parameters
///
/// Each part begins at a multiple of 64 bytes.
@usableFromInline struct OptimizerLayout: Sendable {
  @usableFromInline let scalarCount: Int
  @usableFromInline let stateVectorCount: Int
  /// Elements from one state vector to the next.
  @usableFromInline let stride: Int
  /// Elements of the direction: as many as parameters where it is kept, else a strip of scratch.
  @usableFromInline let directionCount: Int
  /// Where the state and the direction begin, in bytes.
  @usableFromInline let stateOffset: Int
  @usableFromInline let directionOffset: Int
  /// Where the trace and the best parameters begin, in bytes; no place is taken where they are not
  /// kept.
  @usableFromInline let traceOffset: Int
  @usableFromInline let bestOffset: Int
  @usableFromInline let byteCount: Int

  init<Scalar>(
    of _: Scalar.Type, scalars: Int, stateVectors: Int, parameterCount: Int, keepsDirection: Bool,
    keepsTrace: Bool, keepsBest: Bool
  ) {
    func rounded(_ count: Int, to unit: Int) -> Int { (count + unit - 1) / unit * unit }
    let size = MemoryLayout<Scalar>.stride
    scalarCount = scalars
    stateVectorCount = stateVectors
    stride = rounded(parameterCount * size, to: 64) / size
    let isThreaded = parameterCount >= VectorKernels.threadedLength
    directionCount =
      keepsDirection
      ? parameterCount
      : min(parameterCount, isThreaded ? VectorKernels.threadedLength : stripLength)
    stateOffset = rounded(scalars * MemoryLayout<Double>.stride, to: 64)
    directionOffset = stateOffset + stateVectors * stride * size
    traceOffset = directionOffset + rounded(directionCount * size, to: 64)
    bestOffset = traceOffset + (keepsTrace ? stride * size : 0)
    byteCount = bestOffset + (keepsBest ? stride * size : 0)
  }
}

/// Bytes of a large page.
private let largePage = 1 << 21

/// Memory of plain numbers; an optimizer copies it before it writes, if another one shares it.
@usableFromInline final class OptimizerMemory: @unchecked Sendable {
  @usableFromInline let base: UnsafeMutableRawPointer
  private let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    base = .allocate(
      byteCount: max(64, byteCount),
      alignment: byteCount >= 2 * largePage ? largePage : 64)
    VectorKernels.adviseLargePages(base, byteCount: byteCount)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  deinit { base.deallocate() }

  @usableFromInline func copy() -> OptimizerMemory {
    let copy = OptimizerMemory(byteCount: byteCount)
    copy.base.copyMemory(from: base, byteCount: byteCount)
    return copy
  }

  @inlinable @inline(__always) func scalars() -> UnsafeMutablePointer<Double> {
    base.assumingMemoryBound(to: Double.self)
  }

  @inlinable @inline(__always) func elements<Scalar>(
    at offset: Int, of _: Scalar.Type
  ) -> UnsafeMutablePointer<Scalar> {
    (base + offset).assumingMemoryBound(to: Scalar.self)
  }
}
