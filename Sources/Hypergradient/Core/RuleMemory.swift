/// The vectors and scalars that a rule's host keeps, in one piece: its layout, and the memory.
///
///     scalars | state vectors, `stride` elements apart | direction | the host's own vectors
///
/// Each part begins at a multiple of 64 bytes.
@usableFromInline struct RuleLayout: Sendable {
  /// Elements of a vector.
  @usableFromInline let count: Int
  @usableFromInline let scalarCount: Int
  @usableFromInline let stateVectorCount: Int
  /// Elements from one state vector to the next.
  @usableFromInline let stride: Int
  /// Elements of the direction: as many as a vector has where it is kept, else a strip of scratch.
  @usableFromInline let directionCount: Int
  /// Where the state and the direction begin, in bytes.
  @usableFromInline let stateOffset: Int
  @usableFromInline let directionOffset: Int
  @usableFromInline let ownOffset: Int
  @usableFromInline let ownVectorCount: Int
  @usableFromInline let byteCount: Int

  /// - Parameters:
  ///   - scratch: elements of the direction where it is not kept.
  ///   - ownVectors: vectors of the host's own.
  init<Scalar>(
    of _: Scalar.Type, _ requirements: RuleRequirements, count: Int, keepsDirection: Bool,
    scratch: Int, ownVectors: Int
  ) {
    func rounded(_ count: Int, to unit: Int) -> Int { (count + unit - 1) / unit * unit }
    let size = MemoryLayout<Scalar>.stride
    self.count = count
    scalarCount = requirements.scalars.count
    stateVectorCount = requirements.stateVectors.count
    ownVectorCount = ownVectors
    stride = rounded(count * size, to: 64) / size
    directionCount = keepsDirection ? count : min(count, scratch)
    stateOffset = rounded(scalarCount * MemoryLayout<Double>.stride, to: 64)
    directionOffset = stateOffset + stateVectorCount * stride * size
    ownOffset = directionOffset + rounded(directionCount * size, to: 64)
    byteCount = ownOffset + ownVectors * stride * size
  }
}

/// Bytes of a large page.
private let largePage = 1 << 21

/// Memory of plain numbers; a host copies it before it writes, if another one shares it.
@usableFromInline final class RuleMemory: @unchecked Sendable {
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

  @usableFromInline func copy() -> RuleMemory {
    let copy = RuleMemory(byteCount: byteCount)
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
