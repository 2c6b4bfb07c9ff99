/// Examples of two classes in LIBSVM's text format, plain or gzip.
///
/// A line is `label index:value index:value …`, indices from 1 and increasing, absent values 0. Text
/// after `#` and empty lines are ignored. Labels are ±1, 0/1 or 1/2: the larger becomes +1.
///
/// > Chang, Lin. LIBSVM: a library for support vector machines. 2011.
public struct LIBSVM: Sendable {
  public let train: SparseDataset
  /// The examples of the sibling file with `.t` after the name, if there is one.
  public let test: SparseDataset?

  public init(train: SparseDataset, test: SparseDataset?) {
    self.train = train
    self.test = test
  }

  /// The largest index that is read: parameters are dense.
  static let largestIndex = 1 << 24

  /// Reads `file`, and its sibling test file (`a1a.t`, or `a1a.t.gz` beside `a1a` or `a1a.gz`).
  ///
  /// - Parameter featureCount: the number of features; `nil` for the largest index in the files.
  /// - Throws: an error that names the file, the line and what was expected.
  public static func load(
    file: String, featureCount: Int? = nil
  ) throws(DataError) -> LIBSVM {
    let limit = featureCount ?? largestIndex
    let train = try rows(DataFile.bytes(file), file: file, largestIndex: limit)
    let labels = try TwoLabels(of: train, file: file)
    var testRows: Rows?
    var testFile = ""
    let stem = file.hasSuffix(".gz") ? String(file.dropLast(3)) : file
    if let sibling = [stem + ".t", stem + ".t.gz"].first(where: DataFile.exists) {
      testFile = sibling
      testRows = try rows(DataFile.bytes(sibling), file: sibling, largestIndex: limit)
    }
    let width = featureCount ?? max(train.featureCount, testRows?.featureCount ?? 0)
    guard width > 0 else { throw DataError(file, "expected at least one index:value, found none") }
    let trainSet = try train.dataset(labels: labels, featureCount: width, file: file)
    return LIBSVM(
      train: trainSet,
      test: try testRows.map { rows throws(DataError) in
        try rows.dataset(labels: labels, featureCount: width, file: testFile)
      })
  }

  /// The lines of a file as they were read.
  struct Rows {
    var lines: [Int] = []
    var labels: [Double] = []
    var starts = [0]
    var columns: [Int32] = []
    var values: [Double] = []
    var featureCount = 0

    func dataset(
      labels: TwoLabels, featureCount: Int, file: String
    ) throws(DataError) -> SparseDataset {
      var signs: [Int32] = []
      for (row, label) in self.labels.enumerated() {
        guard label == labels.negative || label == labels.positive else {
          throw DataError(
            file, line: lines[row],
            "expected a label \(TwoLabels.text(labels.negative)) or "
              + "\(TwoLabels.text(labels.positive)), found \(TwoLabels.text(label))")
        }
        signs.append(label == labels.positive ? 1 : -1)
      }
      return SparseDataset(
        name: "libsvm", rowStarts: starts, columns: columns, values: values, labels: signs,
        featureCount: featureCount)
    }
  }

  /// The two labels that a training file uses.
  struct TwoLabels {
    let negative: Double
    let positive: Double

    init(of rows: Rows, file: String) throws(DataError) {
      let pairs = [(-1.0, 1.0), (0.0, 1.0), (1.0, 2.0)]
      var candidates = pairs
      var found: [Double] = []
      for (row, label) in rows.labels.enumerated() where !found.contains(label) {
        found.append(label)
        candidates.removeAll { $0.0 != label && $0.1 != label }
        guard !candidates.isEmpty else {
          let earlier = found.dropLast().map { "\(Self.text($0))" }.joined(separator: ", ")
          throw DataError(
            file, line: rows.lines[row],
            "expected two classes labelled -1/+1, 0/1 or 1/2, found the label "
              + Self.text(label) + (earlier.isEmpty ? "" : " after \(earlier)"))
        }
      }
      guard found.count == 2, let pair = candidates.first else {
        throw DataError(
          file, "expected examples of two classes, found only the label \(Self.text(found[0]))")
      }
      (negative, positive) = pair
    }

    static func text(_ label: Double) -> String {
      label == label.rounded() && label.magnitude < 1e15 ? String(Int(label)) : "\(label)"
    }
  }

  static func rows(
    _ bytes: [UInt8], file: String, largestIndex: Int
  ) throws(DataError) -> Rows {
    var rows = Rows()
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let content = line.prefix { $0 != UInt8(ascii: "#") }
      let words = content.split(whereSeparator: { $0 == 32 || $0 == 9 || $0 == 13 })
      guard let first = words.first else { continue }
      guard let label = NumberText.number(first) else {
        let text = String(decoding: first, as: UTF8.self)
        throw DataError(
          file, line: number, column: first.startIndex - line.startIndex + 1,
          "expected a label, found \(DataError.quoted(text))")
      }
      var last = 0
      for word in words.dropFirst() {
        let column = word.startIndex - line.startIndex + 1
        let (index, value) = try entry(
          word, after: last, largestIndex: largestIndex, file: file, line: number, column: column)
        last = index
        if value != 0 {
          rows.columns.append(Int32(index - 1))
          rows.values.append(value)
        }
      }
      rows.featureCount = max(rows.featureCount, last)
      rows.lines.append(number)
      rows.labels.append(label)
      rows.starts.append(rows.columns.count)
    }
    guard !rows.labels.isEmpty else {
      throw DataError(file, "expected at least one example, found no line with a label")
    }
    return rows
  }

  private static func entry(
    _ word: ArraySlice<UInt8>, after last: Int, largestIndex: Int, file: String, line: Int,
    column: Int
  ) throws(DataError) -> (index: Int, value: Double) {
    func failure(_ message: String) -> DataError {
      DataError(file, line: line, column: column, message)
    }
    guard let colon = word.firstIndex(of: UInt8(ascii: ":")),
      let index = NumberText.index(word[..<colon]),
      let value = NumberText.number(word[(colon + 1)...])
    else {
      let text = String(decoding: word, as: UTF8.self)
      throw failure("expected index:value, found \(DataError.quoted(text))")
    }
    guard index > 0 else { throw failure("expected indices from 1, found \(index)") }
    guard index > last else {
      throw failure("expected indices in increasing order, found \(index) after \(last)")
    }
    guard index <= largestIndex else {
      throw failure("expected indices up to \(largestIndex), found \(index)")
    }
    return (index, value)
  }
}
