internal import Kernels

/// The products of Float and of Double under one name, so that a task is written once and its
/// gradient can be checked in Double.
package enum ScalarKernels {
  /// A row-major matrix, or the transpose of one.
  package struct Matrix<Scalar> {
    let elements: UnsafePointer<Scalar>
    /// Elements from one row in memory to the next.
    let stride: Int
    let isTransposed: Bool

    package init(_ elements: UnsafePointer<Scalar>, stride: Int, isTransposed: Bool = false) {
      self.elements = elements
      self.stride = stride
      self.isTransposed = isTransposed
    }

    package var transposed: Matrix {
      Matrix(elements, stride: stride, isTransposed: !isTransposed)
    }
  }

  /// c = a·b, or c += a·b, with c rows × columns, row-major without gaps, and `inner` products an
  /// element, over up to `threads` threads where it is large: no bit depends on them.
  package static func multiply<Scalar: BinaryFloatingPoint>(
    _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, into c: UnsafeMutablePointer<Scalar>, rows: Int,
    columns: Int, inner: Int, accumulate: Bool, threads: Int
  ) {
    let left = UnsafeRawPointer(a.elements)
    let right = UnsafeRawPointer(b.elements)
    let out = UnsafeMutableRawPointer(c)
    if Scalar.self == Float.self {
      hg_matmul_threads_f32(
        Int32(threads), a.isTransposed, b.isTransposed, rows, columns, inner,
        left.assumingMemoryBound(to: Float.self), a.stride,
        right.assumingMemoryBound(to: Float.self), b.stride,
        out.assumingMemoryBound(to: Float.self), columns, accumulate)
    } else {
      if Scalar.self != Double.self { fatalError("a scalar is Float or Double") }
      hg_matmul_threads_f64(
        Int32(threads), a.isTransposed, b.isTransposed, rows, columns, inner,
        left.assumingMemoryBound(to: Double.self), a.stride,
        right.assumingMemoryBound(to: Double.self), b.stride,
        out.assumingMemoryBound(to: Double.self), columns, accumulate)
    }
  }
}
