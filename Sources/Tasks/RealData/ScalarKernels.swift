internal import Hypergradient
internal import Kernels

/// The kernels of Float and of Double under one name, so that a task is written once and its
/// gradient can be checked in Double.
enum ScalarKernels {
  /// A row-major matrix, or the transpose of one.
  struct Matrix<Scalar> {
    let elements: UnsafePointer<Scalar>
    /// Elements from one row in memory to the next.
    let stride: Int
    let isTransposed: Bool

    init(_ elements: UnsafePointer<Scalar>, stride: Int, isTransposed: Bool = false) {
      self.elements = elements
      self.stride = stride
      self.isTransposed = isTransposed
    }

    var transposed: Matrix {
      Matrix(elements, stride: stride, isTransposed: !isTransposed)
    }
  }

  /// c = a·b, or c += a·b, with c rows × columns, row-major without gaps, and `inner` products an
  /// element.
  static func multiply<Scalar: ParameterScalar>(
    _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, into c: UnsafeMutablePointer<Scalar>, rows: Int,
    columns: Int, inner: Int, accumulate: Bool
  ) {
    let left = UnsafeRawPointer(a.elements)
    let right = UnsafeRawPointer(b.elements)
    let out = UnsafeMutableRawPointer(c)
    if Scalar.self == Float.self {
      hg_matmul_f32(
        a.isTransposed, b.isTransposed, rows, columns, inner,
        left.assumingMemoryBound(to: Float.self), a.stride,
        right.assumingMemoryBound(to: Float.self), b.stride,
        out.assumingMemoryBound(to: Float.self), columns, accumulate)
    } else {
      precondition(Scalar.self == Double.self, "a scalar is Float or Double")
      hg_matmul_f64(
        a.isTransposed, b.isTransposed, rows, columns, inner,
        left.assumingMemoryBound(to: Double.self), a.stride,
        right.assumingMemoryBound(to: Double.self), b.stride,
        out.assumingMemoryBound(to: Double.self), columns, accumulate)
    }
  }

  /// x ← eˣ.
  static func exponentials<Scalar: ParameterScalar>(
    _ x: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    let values = UnsafeMutableRawPointer(x)
    if Scalar.self == Float.self {
      let values = values.assumingMemoryBound(to: Float.self)
      hg_exp_f32(values, values, count)
    } else {
      precondition(Scalar.self == Double.self, "a scalar is Float or Double")
      let values = values.assumingMemoryBound(to: Double.self)
      hg_exp_f64(values, values, count)
    }
  }
}
