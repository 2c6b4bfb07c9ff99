/// Examples of two classes with sparse features, in compressed rows.
public struct SparseDataset: Sendable, Equatable {
  /// Names the data in messages and in the keys of random streams.
  public let name: String
  /// Row i holds the entries `rowStarts[i]..<rowStarts[i + 1]`; one more than there are rows.
  public let rowStarts: [Int]
  /// From 0, increasing within a row.
  public let columns: [Int32]
  public let values: [Double]
  /// +1 or −1; one an example.
  public let labels: [Int32]
  public let featureCount: Int

  /// Examples.
  public var count: Int { labels.count }

  /// - Precondition: rows, columns and labels are as the properties say.
  public init(
    name: String, rowStarts: [Int], columns: [Int32], values: [Double], labels: [Int32],
    featureCount: Int
  ) {
    precondition(rowStarts.count == labels.count + 1, "one row start an example and one more")
    precondition(rowStarts.first == 0 && rowStarts.last == columns.count, "rows fill the entries")
    precondition(zip(rowStarts, rowStarts.dropFirst()).allSatisfy(<=), "rows are in order")
    precondition(columns.count == values.count, "one column an entry")
    precondition(
      columns.allSatisfy { $0 >= 0 && $0 < featureCount }, "a column is not in 0..<\(featureCount)")
    precondition(labels.allSatisfy { $0 == 1 || $0 == -1 }, "a label is neither 1 nor -1")
    self.name = name
    self.rowStarts = rowStarts
    self.columns = columns
    self.values = values
    self.labels = labels
    self.featureCount = featureCount
  }

  /// The examples at `rows`, in that order.
  public func selecting(_ rows: some Sequence<Int>) -> SparseDataset {
    var starts = [0]
    var columns: [Int32] = []
    var values: [Double] = []
    var labels: [Int32] = []
    for row in rows {
      let entries = rowStarts[row]..<rowStarts[row + 1]
      columns.append(contentsOf: self.columns[entries])
      values.append(contentsOf: self.values[entries])
      labels.append(self.labels[row])
      starts.append(columns.count)
    }
    return SparseDataset(
      name: name, rowStarts: starts, columns: columns, values: values, labels: labels,
      featureCount: featureCount)
  }

  /// The same examples with one feature more, last, that is 1 everywhere: an intercept.
  public func addingIntercept() -> SparseDataset {
    var columns: [Int32] = []
    var values: [Double] = []
    for row in 0..<count {
      let entries = rowStarts[row]..<rowStarts[row + 1]
      columns.append(contentsOf: self.columns[entries])
      values.append(contentsOf: self.values[entries])
      columns.append(Int32(featureCount))
      values.append(1)
    }
    return SparseDataset(
      name: name, rowStarts: rowStarts.enumerated().map { $0.element + $0.offset },
      columns: columns, values: values, labels: labels, featureCount: featureCount + 1)
  }
}
