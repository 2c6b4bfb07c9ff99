/// Examples of two classes in LIBSVM's text format, plain or gzip.
///
/// A line is `label index:value index:value …`, indices from 1 and increasing, absent values 0. Text
/// after `#`, empty lines and a byte-order mark are ignored. Labels are two different whole numbers,
/// such as ±1, 0 and 1, 1 and 2, or 2 and 4: the larger becomes +1.
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

  /// Reads `file`, and its sibling test file (`a1a.t`, or `a1a.t.gz` beside `a1a` or `a1a.gz`).
  ///
  /// - Parameter featureCount: the number of features; `nil` for the largest index in the files.
  /// - Throws: an error that names the file, the line and what was expected, also where there is
  ///   more than ``DataLimits``.
  public static func load(
    file: String, featureCount: Int? = nil
  ) throws(DataError) -> LIBSVM {
    try read(DataSource(file), featureCount: featureCount)
  }

  /// The same of a source that may be a pipe.
  public static func read(
    _ source: DataSource, featureCount: Int? = nil
  ) throws(DataError) -> LIBSVM {
    let limits = DataLimits()
    var sparse = limits
    if let featureCount { sparse.index = featureCount }
    let file = source.path
    let train = try Rows(source.text(), sparse)
    let labels = try TwoLabels(of: train, file: file)
    var test: Rows?
    let testFile = try testFile(beside: file)
    if let testFile {
      test = try Rows(DataReader(testFile, .text, limit: limits.textBytes), sparse)
    }
    let width = featureCount ?? max(train.featureCount, test?.featureCount ?? 0)
    guard width > 0 else { throw DataError(file, "expected at least one index:value, found none") }
    let trainSet = try train.dataset(labels: labels, featureCount: width, file: file)
    return LIBSVM(
      train: trainSet,
      test: try test.map { rows throws(DataError) in
        try rows.dataset(labels: labels, featureCount: width, file: testFile!)
      })
  }

  /// The file of test examples that belongs to `file`.
  package static func testFile(beside file: String) throws(DataError) -> String? {
    guard try DataFile.kind(file) == .file else { return nil }
    let stem = file.hasSuffix(".gz") ? String(file.dropLast(3)) : file
    for sibling in [stem + ".t", stem + ".t.gz"] {
      switch try DataFile.kind(sibling) {
      case .file: return sibling
      case .absent: continue
      case .folder, .stream:
        throw DataError(sibling, "expected the file of test examples by this name, found no file")
      }
    }
    return nil
  }

  /// The two labels that a training file uses.
  struct TwoLabels {
    let negative: Double
    let positive: Double

    init(of rows: Rows, file: String) throws(DataError) {
      var found: [Double] = []
      for (row, label) in rows.labels.enumerated() where !found.contains(label) {
        guard label == label.rounded() else {
          throw DataError(
            file, line: rows.lines[row],
            "expected a whole number as the label of a class, found the label \(Self.text(label))")
        }
        guard found.count < 2 else {
          let earlier = found.map { "\(Self.text($0))" }.joined(separator: ", ")
          throw DataError(
            file, line: rows.lines[row],
            "expected two classes labelled -1/+1, 0/1, 1/2 or so, found the label "
              + "\(Self.text(label)) after \(earlier)")
        }
        found.append(label)
      }
      guard found.count == 2 else {
        throw DataError(
          file, "expected examples of two classes, found only the label \(Self.text(found[0]))")
      }
      (negative, positive) = (found.min()!, found.max()!)
    }

    static func text(_ label: Double) -> String {
      label == label.rounded() && label.magnitude < 1e15 ? String(Int(label)) : "\(label)"
    }
  }

  /// The lines of a file as they were read.
  struct Rows {
    private(set) var lines: [Int] = []
    private(set) var labels: [Double] = []
    private(set) var featureCount = 0
    private var starts = [0]
    private var columns: [Int32] = []
    private var values: [Double] = []

    init(_ reader: DataReader, _ limits: DataLimits) throws(DataError) {
      let file = reader.file
      var text = try TextLines(reader, limits)
      while let line = try text.next() {
        if line.isEmpty { continue }
        let content = line.prefix { $0 != UInt8(ascii: "#") }
        let words = content.split { $0 == 32 || $0 == 9 || $0 == 11 || $0 == 12 }
        guard let first = words.first else { continue }
        let entry = Entry(file: file, line: text.number, lineStart: line.startIndex)
        let label = try entry.label(first)
        guard values.count + words.count - 1 <= limits.values else {
          throw DataError(
            file, line: text.number, "expected at most \(limits.values) values, found more")
        }
        var last = 0
        for word in words.dropFirst() {
          let (index, value) = try entry.feature(word, after: last, largestIndex: limits.index)
          last = index
          if value != 0 {
            columns.append(Int32(index - 1))
            values.append(value)
          }
        }
        featureCount = max(featureCount, last)
        lines.append(text.number)
        labels.append(label)
        starts.append(columns.count)
      }
      guard !labels.isEmpty else {
        throw DataError(file, "expected at least one example, found no line with a label")
      }
    }

    func dataset(
      labels: TwoLabels, featureCount: Int, file: String
    ) throws(DataError) -> SparseDataset {
      var signs: [Int32] = []
      signs.reserveCapacity(self.labels.count)
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

  /// The words of a line.
  private struct Entry {
    let file: String
    let line: Int
    let lineStart: Int

    func label(_ word: ArraySlice<UInt8>) throws(DataError) -> Double {
      if let label = NumberText.number(word) { return label }
      var hint = ""
      if word.contains(UInt8(ascii: ",")) {
        hint =
          NumberText.number(word.prefix { $0 != UInt8(ascii: ",") }) != nil
          ? "; is it a CSV file, or are there several labels?" : "; is it a CSV file?"
      } else if word.contains(UInt8(ascii: ":")) {
        hint = ": a line begins with its label"
      }
      throw failure(word, "expected a label, found \(DataError.quoted(bytes: word))" + hint)
    }

    func feature(
      _ word: ArraySlice<UInt8>, after last: Int, largestIndex: Int
    ) throws(DataError) -> (index: Int, value: Double) {
      let colon = word.firstIndex(of: UInt8(ascii: ":"))
      if let colon, colon > word.startIndex, word[..<colon].allSatisfy({ 48...57 ~= $0 }) {
        let digits = word[..<colon].drop { $0 == 48 }
        if digits.count > 18 {
          let found = DataError.quoted(bytes: word[..<colon])
          throw failure(word, "expected indices up to \(largestIndex), found \(found)")
        }
        let text = String(decoding: word[(colon + 1)...], as: UTF8.self)
        if let value = Double(text), !value.isFinite, text.contains(where: \.isNumber) {
          throw failure(
            word, "expected a finite value that a Double holds, found \(DataError.quoted(text))")
        }
      }
      guard let colon, let index = NumberText.index(word[..<colon]),
        let value = NumberText.number(word[(colon + 1)...])
      else {
        let hint =
          word.starts(with: "qid:".utf8) ? ": groups of ranked examples are not read" : ""
        throw failure(
          word, "expected index:value, found \(DataError.quoted(bytes: word))" + hint)
      }
      guard index > 0 else {
        throw failure(
          word, "expected indices from 1, found 0: a file that counts from 0 needs 1 added to all")
      }
      guard index > last else {
        throw failure(word, "expected indices in increasing order, found \(index) after \(last)")
      }
      guard index <= largestIndex else {
        throw failure(word, "expected indices up to \(largestIndex), found \(index)")
      }
      return (index, value)
    }

    private func failure(_ word: ArraySlice<UInt8>, _ message: String) -> DataError {
      DataError(file, line: line, column: word.startIndex - lineStart + 1, message)
    }
  }
}
