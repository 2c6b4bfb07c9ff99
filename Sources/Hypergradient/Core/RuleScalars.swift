internal import HypergradientRecipes

/// A rule's scalar state: as many numbers as its ``RuleRequirements/scalars``.
public struct RuleScalars {
  @usableFromInline let numbers: UnsafeMutableBufferPointer<Double>

  @inlinable @inline(__always)
  public init(_ numbers: UnsafeMutableBufferPointer<Double>) { self.numbers = numbers }

  /// One of them; the program stops where the rule has declared fewer.
  @inlinable @inline(__always)
  public subscript(
    index: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> Double {
    get {
      expectDeclared("scalar", index, of: numbers.count, file: file, line: line)
      return numbers[index]
    }
    nonmutating set {
      expectDeclared("scalar", index, of: numbers.count, file: file, line: line)
      numbers[index] = newValue
    }
  }
}

/// Stops the program, with the place in the rule's source, where a rule reads a part of the state that
/// its ``UpdateRule/requirements`` do not declare: beyond them is no memory of its own.
@inlinable @inline(__always)
func expectDeclared(
  _ part: StaticString, _ index: Int, of count: Int, file: StaticString = #fileID,
  line: UInt = #line
) {
  if index < 0 || index >= count { stopForUndeclared(part, index, of: count, file, line) }
}

@usableFromInline
func stopForUndeclared(
  _ part: StaticString, _ index: Int, of count: Int, _ file: StaticString, _ line: UInt
) -> Never {
  stop(
    "the rule reads \(part) \(index) and declares \(count == 0 ? "none" : "\(count)"): see "
      + "'requirements'", file: file, line: line)
}
