internal import PortableMath

/// Loops over the rows of a layer's values, row-major without gaps: the definition that the kernels of
/// ``RowKernels`` equal bit for bit.
package enum RowOperations {
  /// Every row becomes `bias`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func fill<Scalar: BinaryFloatingPoint>(
    _ values: UnsafeMutablePointer<Scalar>, with bias: UnsafePointer<Scalar>, rows: Int,
    width: Int
  ) {
    for row in 0..<rows {
      let values = values + row * width
      for j in 0..<width { values[j] = bias[j] }
    }
  }

  /// x ← max(x, 0); NaN stays.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func rectify<Scalar: BinaryFloatingPoint>(
    _ values: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    for i in 0..<count { values[i] = values[i] <= 0 ? 0 : values[i] }
  }

  /// Replaces a rectified layer by the loss's derivative in its inputs: that in its outputs where
  /// the layer was positive, 0 where it was 0.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func rectifierDerivative<Scalar: BinaryFloatingPoint>(
    _ layer: UnsafeMutablePointer<Scalar>, outputs: UnsafePointer<Scalar>, count: Int
  ) {
    for i in 0..<count { layer[i] = layer[i] <= 0 ? 0 : outputs[i] }
  }

  /// sum ← Σ over rows, or sum += it, in the order of the rows.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func columnSums<Scalar: BinaryFloatingPoint>(
    _ values: UnsafePointer<Scalar>, rows: Int, width: Int,
    into sum: UnsafeMutablePointer<Scalar>, accumulate: Bool
  ) {
    if !accumulate { for j in 0..<width { sum[j] = 0 } }
    for row in 0..<rows {
      let values = values + row * width
      for j in 0..<width { sum[j] += values[j] }
    }
  }

  /// Σ over rows of −log softmax(z)_label, and z ← softmax(z) without its normalisation: the
  /// exponentials of z − max z.
  ///
  /// The sums of a row and over rows are in Double.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func crossEntropy<Scalar: BinaryFloatingPoint>(
    _ logits: UnsafeMutablePointer<Scalar>, labels: UnsafePointer<Int32>, rows: Int, width: Int
  ) -> Double {
    let below = subtractMaxima(logits, labels: labels, rows: rows, width: width)
    for i in 0..<rows * width {
      logits[i] = Scalar(Portable.exp(Double(logits[i])))
    }
    return below + logarithmsOfSums(logits, rows: rows, width: width)
  }

  /// z ← z − max z, and Σ over rows of (max z − z_label).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func subtractMaxima<Scalar: BinaryFloatingPoint>(
    _ logits: UnsafeMutablePointer<Scalar>, labels: UnsafePointer<Int32>, rows: Int, width: Int
  ) -> Double {
    var total = 0.0
    for row in 0..<rows {
      let z = logits + row * width
      var largest = z[0]
      for j in 1..<width where z[j] > largest { largest = z[j] }
      for j in 0..<width { z[j] -= largest }
      total -= Double(z[Int(labels[row])])
    }
    return total
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func logarithmsOfSums<Scalar: BinaryFloatingPoint>(
    _ exponentials: UnsafePointer<Scalar>, rows: Int, width: Int
  ) -> Double {
    var total = 0.0
    for row in 0..<rows {
      let e = exponentials + row * width
      var sum = 0.0
      for j in 0..<width { sum += Double(e[j]) }
      total += Portable.log(sum)
    }
    return total
  }

  /// From exponentials to the derivative of the mean cross-entropy in the logits:
  /// (softmax − indicator of the label)·`weight`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func crossEntropyDerivative<Scalar: BinaryFloatingPoint>(
    _ exponentials: UnsafeMutablePointer<Scalar>, labels: UnsafePointer<Int32>, rows: Int,
    width: Int, weight: Double
  ) {
    for row in 0..<rows {
      let e = exponentials + row * width
      var sum = 0.0
      for j in 0..<width { sum += Double(e[j]) }
      let factor = Scalar(weight / sum)
      for j in 0..<width { e[j] *= factor }
      e[Int(labels[row])] -= Scalar(weight)
    }
  }

  /// Rows whose first largest value is that of the label; a row with a NaN there is not one.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func countRight<Scalar: BinaryFloatingPoint>(
    _ values: UnsafePointer<Scalar>, labels: UnsafePointer<Int32>, rows: Int, width: Int
  ) -> Int {
    var right = 0
    for row in 0..<rows {
      let z = values + row * width
      let label = Int(labels[row])
      var isLargest = z[label] == z[label]
      for j in 0..<width where j < label ? z[j] >= z[label] : z[j] > z[label] { isLargest = false }
      if isLargest { right += 1 }
    }
    return right
  }

  /// Rows of `table` at `indices`, one after the other.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func gather<Scalar: BinaryFloatingPoint>(
    _ indices: ArraySlice<Int32>, of table: UnsafePointer<Scalar>, width: Int,
    into rows: UnsafeMutablePointer<Scalar>
  ) {
    var out = rows
    for index in indices {
      out.initialize(from: table + Int(index) * width, count: width)
      out += width
    }
  }
}
