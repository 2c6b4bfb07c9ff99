internal import Datasets

/// The rows of a sparse dataset, read through pointers.
struct SparseRows {
  let count: Int
  private let starts: UnsafePointer<Int>
  private let columns: UnsafePointer<Int32>
  private let values: UnsafePointer<Double>
  private let labels: UnsafePointer<Int32>

  /// - Parameter body: must not let the rows escape.
  static func with<Result>(
    _ data: SparseDataset, _ body: (SparseRows) throws -> Result
  ) rethrows -> Result {
    try data.rowStarts.withUnsafeBufferPointer { starts in
      try data.columns.withUnsafeBufferPointer { columns in
        try data.values.withUnsafeBufferPointer { values in
          try data.labels.withUnsafeBufferPointer { labels in
            try body(
              SparseRows(
                count: data.count, starts: starts.baseAddress!, columns: columns.baseAddress!,
                values: values.baseAddress!, labels: labels.baseAddress!))
          }
        }
      }
    }
  }

  /// y·xᵀθ of a row, summed in the order of its columns.
  func margin(_ row: Int, _ theta: UnsafePointer<Double>) -> Double {
    Double(labels[row]) * product(row, theta)
  }

  /// xᵀθ of a row, summed in the order of its columns.
  func product(_ row: Int, _ theta: UnsafePointer<Double>) -> Double {
    var sum = 0.0
    for entry in starts[row]..<starts[row + 1] {
      sum += values[entry] * theta[Int(columns[entry])]
    }
    return sum
  }

  /// vector += weight·y·x.
  func addSigned(_ row: Int, _ weight: Double, to vector: UnsafeMutablePointer<Double>) {
    add(row, weight * Double(labels[row]), to: vector)
  }

  /// vector += weight·x.
  func add(_ row: Int, _ weight: Double, to vector: UnsafeMutablePointer<Double>) {
    for entry in starts[row]..<starts[row + 1] {
      vector[Int(columns[entry])] += weight * values[entry]
    }
  }
}
