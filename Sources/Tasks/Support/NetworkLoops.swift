internal import Hypergradient
internal import Kernels
internal import Vectors

/// The loops of a small network for parameters of either type: the kernels behind one name each.
enum NetworkLoops<Scalar: ParameterScalar> {
  typealias Elements = UnsafePointer<Scalar>
  typealias Output = UnsafeMutablePointer<Scalar>

  private static var isFloat: Bool {
    @inline(__always) get { Scalar.self == Float.self }
  }
  @inline(__always)
  private static func floats(_ elements: Elements) -> UnsafePointer<Float> {
    UnsafeRawPointer(elements).assumingMemoryBound(to: Float.self)
  }
  @inline(__always)
  private static func doubles(_ elements: Elements) -> UnsafePointer<Double> {
    UnsafeRawPointer(elements).assumingMemoryBound(to: Double.self)
  }
  @inline(__always)
  private static func floats(_ elements: Output) -> UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer(elements).assumingMemoryBound(to: Float.self)
  }
  @inline(__always)
  private static func doubles(_ elements: Output) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(elements).assumingMemoryBound(to: Double.self)
  }

  /// y = tanh x, in place too.
  static func tanh(_ y: Output, _ x: Output, _ count: Int) {
    if isFloat {
      hg_tanh_f32(floats(y), floats(x), count)
    } else {
      hg_tanh_f64(doubles(y), doubles(x), count)
    }
  }

  /// errors *= 1 − y², the derivative of tanh where it gave y.
  static func tanhBackward(_ errors: Output, _ y: Elements, _ count: Int) {
    if isFloat {
      hg_tanh_backward_f32(floats(errors), floats(y), count)
    } else {
      hg_tanh_backward_f64(doubles(errors), doubles(y), count)
    }
  }

  /// Σ xᵢ in Double.
  static func sum(_ x: Elements, _ count: Int) -> Double {
    if isFloat {
      let x = floats(x)
      return BlockSums.sum(count) { Double(x[$0]) }
    }
    return BlockSums.sum(doubles(x), count: count)
  }

  /// Σ xᵢ² in Double.
  static func sumOfSquares(_ x: Elements, _ count: Int) -> Double {
    if isFloat {
      let x = floats(x)
      return BlockSums.sum(count) { Double(x[$0]) * Double(x[$0]) }
    }
    return BlockSums.dot(doubles(x), doubles(x), count: count)
  }

  /// Each margin's logistic loss; the margin becomes its slope.
  static func logistic(_ losses: Output, _ margins: Output, _ count: Int) {
    if isFloat {
      hg_logistic_f32(floats(losses), floats(margins), count)
    } else {
      hg_logistic_f64(doubles(losses), doubles(margins), count)
    }
  }
}

/// The same for interleaved runs.
extension NetworkLoops {
  /// A matrix of each run, or one for all: elements from one row and from one column to the next.
  struct LaneMatrix {
    var elements: Elements
    var row: Int
    var column: Int
  }

  /// c = start + a·b of each run, c rows × columns without gaps; `b` is one for all where it is
  /// `shared`.
  static func multiply(
    lanes: Int, rows: Int, columns: Int, inner: Int, _ a: LaneMatrix, _ b: LaneMatrix,
    shared: Bool, into c: Output, start: LaneMatrix? = nil
  ) {
    if isFloat {
      hg_lanes_matmul_f32(
        lanes, rows, columns, inner, floats(a.elements), a.row, a.column, floats(b.elements),
        b.row, b.column, shared, floats(c), columns, start.map { floats($0.elements) },
        start?.row ?? 0, start?.column ?? 0)
    } else {
      hg_lanes_matmul_f64(
        lanes, rows, columns, inner, doubles(a.elements), a.row, a.column, doubles(b.elements),
        b.row, b.column, shared, doubles(c), columns, start.map { doubles($0.elements) },
        start?.row ?? 0, start?.column ?? 0)
    }
  }

  /// The sum of each row, in Double, rounded.
  static func rowSums(_ sums: Output, _ x: Elements, rows: Int, columns: Int, lanes: Int) {
    if isFloat {
      hg_lanes_row_sums_f32(floats(sums), floats(x), rows, columns, lanes)
    } else {
      hg_lanes_row_sums_f64(doubles(sums), doubles(x), rows, columns, lanes)
    }
  }

  static func sum(
    _ sums: UnsafeMutablePointer<Double>, _ x: Elements, _ count: Int, lanes: Int
  ) {
    if isFloat {
      hg_lanes_sum_f32(sums, floats(x), count, lanes)
    } else {
      hg_lanes_sum_f64(sums, doubles(x), count, lanes)
    }
  }

  static func sumOfSquares(
    _ sums: UnsafeMutablePointer<Double>, _ x: Elements, _ count: Int, lanes: Int
  ) {
    if isFloat {
      hg_lanes_dot_f32(sums, floats(x), floats(x), count, lanes)
    } else {
      hg_lanes_dot_f64(sums, doubles(x), doubles(x), count, lanes)
    }
  }

  /// x −= y, with one y for all runs.
  static func subtract(_ x: Output, _ y: Elements, _ count: Int, lanes: Int) {
    if isFloat {
      hg_lanes_subtract_f32(floats(x), floats(x), floats(y), count, lanes)
    } else {
      hg_lanes_subtract_f64(doubles(x), doubles(x), doubles(y), count, lanes)
    }
  }

  /// x *= y, likewise.
  static func multiply(_ x: Output, by y: Elements, _ count: Int, lanes: Int) {
    if isFloat {
      hg_lanes_multiply_f32(floats(x), floats(x), floats(y), count, lanes)
    } else {
      hg_lanes_multiply_f64(doubles(x), doubles(x), doubles(y), count, lanes)
    }
  }
}
