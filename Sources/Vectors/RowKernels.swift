internal import Kernels

/// ``RowOperations``, which define them, as kernels with the same bits: those of Float and of Double
/// under one name.
///
/// `threads` is how many at most share out the operation where it is large.
package enum RowKernels<Scalar: BinaryFloatingPoint> {
  package static func fill(
    _ values: UnsafeMutablePointer<Scalar>, with bias: UnsafePointer<Scalar>, rows: Int,
    width: Int, threads: Int
  ) {
    if Scalar.self == Float.self {
      hg_fill_rows_f32(Int32(threads), float(values), float(bias), rows, width)
    } else {
      hg_fill_rows_f64(Int32(threads), double(values), double(bias), rows, width)
    }
  }

  package static func rectify(
    _ values: UnsafeMutablePointer<Scalar>, count: Int, threads: Int
  ) {
    if Scalar.self == Float.self {
      hg_rectify_f32(Int32(threads), float(values), count)
    } else {
      hg_rectify_f64(Int32(threads), double(values), count)
    }
  }

  package static func rectifierDerivative(
    _ layer: UnsafeMutablePointer<Scalar>, outputs: UnsafePointer<Scalar>, count: Int,
    threads: Int
  ) {
    if Scalar.self == Float.self {
      hg_rectifier_derivative_f32(Int32(threads), float(layer), float(outputs), count)
    } else {
      hg_rectifier_derivative_f64(Int32(threads), double(layer), double(outputs), count)
    }
  }

  package static func columnSums(
    _ values: UnsafePointer<Scalar>, rows: Int, width: Int,
    into sum: UnsafeMutablePointer<Scalar>, accumulate: Bool, threads: Int
  ) {
    if Scalar.self == Float.self {
      hg_column_sums_f32(Int32(threads), float(values), rows, width, float(sum), accumulate)
    } else {
      hg_column_sums_f64(Int32(threads), double(values), rows, width, double(sum), accumulate)
    }
  }

  package static func gather(
    _ indices: ArraySlice<Int32>, of table: UnsafePointer<Scalar>, width: Int,
    into rows: UnsafeMutablePointer<Scalar>, threads: Int
  ) {
    indices.withUnsafeBufferPointer { indices in
      let count = indices.count
      if Scalar.self == Float.self {
        hg_gather_rows_f32(
          Int32(threads), float(rows), float(table), indices.baseAddress, count, width)
      } else {
        hg_gather_rows_f64(
          Int32(threads), double(rows), double(table), indices.baseAddress, count, width)
      }
    }
  }

  package static func crossEntropy(
    _ logits: UnsafeMutablePointer<Scalar>, labels: UnsafePointer<Int32>, rows: Int, width: Int
  ) -> Double {
    if Scalar.self == Float.self {
      hg_cross_entropy_f32(float(logits), labels, rows, width)
    } else {
      hg_cross_entropy_f64(double(logits), labels, rows, width)
    }
  }

  package static func crossEntropyDerivative(
    _ exponentials: UnsafeMutablePointer<Scalar>, labels: UnsafePointer<Int32>, rows: Int,
    width: Int, weight: Double
  ) {
    if Scalar.self == Float.self {
      hg_cross_entropy_derivative_f32(float(exponentials), labels, rows, width, weight)
    } else {
      hg_cross_entropy_derivative_f64(double(exponentials), labels, rows, width, weight)
    }
  }

  private static func float(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Float> {
    UnsafeRawPointer(x).assumingMemoryBound(to: Float.self)
  }

  private static func float(_ x: UnsafeMutablePointer<Scalar>) -> UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer(x).assumingMemoryBound(to: Float.self)
  }

  private static func double(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Double> {
    if Scalar.self != Double.self { fatalError("a scalar is Float or Double") }
    return UnsafeRawPointer(x).assumingMemoryBound(to: Double.self)
  }

  private static func double(_ x: UnsafeMutablePointer<Scalar>) -> UnsafeMutablePointer<Double> {
    if Scalar.self != Double.self { fatalError("a scalar is Float or Double") }
    return UnsafeMutableRawPointer(x).assumingMemoryBound(to: Double.self)
  }
}
