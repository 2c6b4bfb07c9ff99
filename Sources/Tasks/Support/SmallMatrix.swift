internal import HypergradientRecipes
internal import Kernels

/// A small dense matrix as a value, for tasks whose matrices have a few rows.
package struct SmallMatrix: Sendable, Equatable {
  package let rows: Int
  package let columns: Int
  /// Row-major.
  package var elements: [Double]

  package init(_ rows: Int, _ columns: Int, _ elements: [Double]) {
    require(
      elements.count == rows * columns,
      "\(elements.count) elements are no \(rows) × \(columns) matrix")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  package static func identity(_ count: Int, times scale: Double = 1) -> SmallMatrix {
    var elements = [Double](repeating: 0, count: count * count)
    for i in 0..<count { elements[i * count + i] = scale }
    return SmallMatrix(count, count, elements)
  }

  package var transposed: SmallMatrix {
    SmallMatrix(
      columns, rows,
      (0..<columns).flatMap { j in (0..<rows).map { elements[$0 * columns + j] } })
  }

  package var trace: Double { (0..<rows).reduce(0) { $0 + elements[$1 * columns + $1] } }
  package var largest: Double { elements.reduce(0) { max($0, $1.magnitude) } }
  package var isFinite: Bool { elements.allSatisfy(\.isFinite) }

  package static func * (a: SmallMatrix, b: SmallMatrix) -> SmallMatrix {
    require(a.columns == b.rows, "a product of \(a.columns) columns and \(b.rows) rows")
    var product = [Double](repeating: 0, count: a.rows * b.columns)
    hg_matmul_f64(
      false, false, a.rows, b.columns, a.columns, a.elements, a.columns, b.elements, b.columns,
      &product, b.columns, false)
    return SmallMatrix(a.rows, b.columns, product)
  }

  package static func + (a: SmallMatrix, b: SmallMatrix) -> SmallMatrix { a.combined(b, +) }
  package static func - (a: SmallMatrix, b: SmallMatrix) -> SmallMatrix { a.combined(b, -) }
  package static func * (a: Double, b: SmallMatrix) -> SmallMatrix {
    SmallMatrix(b.rows, b.columns, b.elements.map { a * $0 })
  }

  private func combined(
    _ other: SmallMatrix, _ operation: (Double, Double) -> Double
  ) -> SmallMatrix {
    require(
      rows == other.rows && columns == other.columns, "matrices of different shapes")
    return SmallMatrix(rows, columns, zip(elements, other.elements).map(operation))
  }

  /// X with self · X = right, for a symmetric positive definite self.
  package func solve(_ right: SmallMatrix) -> SmallMatrix {
    let factor = Cholesky(elements, dimension: rows)
    let wide = right.transposed
    return SmallMatrix(
      right.columns, right.rows,
      (0..<right.columns).flatMap { column in
        factor.solve(Array(wide.elements[column * rows..<(column + 1) * rows]))
      }
    ).transposed
  }

  /// Σ over k ≥ 0 of (Mᵀ)ᵏ · Q · Mᵏ, the solution P of P = Q + MᵀPM, by doubling the number of
  /// terms; `nil` where the sum does not converge, as where M's spectral radius is 1 or more.
  package static func lyapunov(_ m: SmallMatrix, _ q: SmallMatrix) -> SmallMatrix? {
    var sum = q
    var power = m
    for _ in 0..<64 {
      let more = power.transposed * sum * power
      sum = sum + more
      if !sum.isFinite { return nil }
      if more.largest <= 1e-18 * sum.largest { return sum }
      power = power * power
    }
    return nil
  }
}
