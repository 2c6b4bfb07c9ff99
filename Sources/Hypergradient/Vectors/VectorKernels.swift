internal import Kernels

/// The way to the kernels, for Float and Double. What they compute, bit for bit, is defined by
/// ``Reductions``, ``Elementwise`` and the rules' `direction`.
///
/// Nothing here is generic, so that code specialised in another module reaches the kernels, too.
@usableFromInline package enum VectorKernels {
  /// The types of elements that have kernels; 0 for any other.
  @inlinable @inline(__always)
  package static func kind<Scalar>(of _: Scalar.Type) -> Int {
    Scalar.self == Float.self ? 4 : Scalar.self == Double.self ? 8 : 0
  }

  /// Vectors at least this long are shared out to threads: for shorter ones it does not pay.
  @inlinable @inline(__always)
  package static var threadedLength: Int { 1 << 16 }

  /// The instruction set in use.
  package static var instructionSet: String { String(cString: hg_isa_name()) }

  /// Takes the set of that name, for tests; false where the processor lacks it.
  package static func use(instructionSet name: String) -> Bool { hg_use_isa(name) }

  /// Asks for large pages, where there is such a thing.
  static func adviseLargePages(_ base: UnsafeMutableRawPointer, byteCount: Int) {
    hg_advise_large_pages(base, byteCount)
  }

  /// Which sums are wanted.
  @usableFromInline package struct Wanted: OptionSet {
    @usableFromInline package let rawValue: UInt32
    @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }
    @inlinable package static var alignment: Wanted { Wanted(rawValue: 1) }
    @inlinable package static var gradientSquare: Wanted { Wanted(rawValue: 2) }
    @inlinable package static var directionSquare: Wanted { Wanted(rawValue: 4) }
  }

  /// Σ u·g, Σ g² and Σ u²; zero where not wanted.
  @usableFromInline package struct Sums {
    @usableFromInline package var alignment = 0.0
    @usableFromInline package var gradientSquare = 0.0
    @usableFromInline package var directionSquare = 0.0
    @inlinable package init() {}
  }

  /// The wanted sums in one pass, of g + penalty·θ in place of g where θ is given.
  @usableFromInline package static func sums(
    _ wanted: Wanted, kind: Int, count: Int, direction u: UnsafeRawPointer?,
    gradient g: UnsafeRawPointer?, parameters theta: UnsafeRawPointer?, penalty: Double,
    threads: Int
  ) -> Sums {
    var sums = Sums()
    withUnsafeMutablePointer(to: &sums) {
      $0.withMemoryRebound(to: Double.self, capacity: 3) {
        hg_sum_products(
          kind == 4 ? HG_F32 : HG_F64, wanted.rawValue, count, u, g, theta, penalty,
          Int32(threads), $0)
      }
    }
    return sums
  }

  /// u of `count` elements, written where `direction` is given; θ −= rate·u where `moved` is.
  ///
  /// - Parameters:
  ///   - state: the first state vector.
  ///   - stride: elements from one state vector to the next.
  @usableFromInline package static func take(
    _ kernel: RuleKernel, kind: Int, count: Int, gradient: UnsafeRawPointer,
    parameters: UnsafeRawPointer, direction: UnsafeMutableRawPointer?,
    moved: UnsafeMutableRawPointer?, state: UnsafeMutableRawPointer?, stride: Int, rate: Double,
    threads: Int
  ) {
    withUnsafePointer(to: kernel.constants) {
      $0.withMemoryRebound(to: Double.self, capacity: 8) {
        var step = hg_step(
          count: count, gradient: gradient, parameters: parameters, direction: direction,
          moved: moved, state: state, stride: stride, rate: rate, constants: $0)
        hg_take_step(kind == 4 ? HG_F32 : HG_F64, kernel.rule, &step, Int32(threads))
      }
    }
  }

  /// A survey by its kernel, over parts of ``stripLength`` elements; returns the sum of its terms.
  static func take(
    survey: hg_survey, kind: Int, count: Int, gradient: UnsafeRawPointer,
    state: UnsafeMutableRawPointer, stride: Int, constants: SIMD8<Double>
  ) -> Double {
    withUnsafePointer(to: constants) {
      $0.withMemoryRebound(to: Double.self, capacity: 8) {
        var step = hg_step(
          count: count, gradient: gradient, parameters: nil, direction: nil, moved: nil,
          state: state, stride: stride, rate: 0, constants: $0)
        return hg_take_survey(kind == 4 ? HG_F32 : HG_F64, survey, &step, stripLength)
      }
    }
  }
}
