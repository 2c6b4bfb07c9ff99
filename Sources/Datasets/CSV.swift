/// Labelled examples in a comma-separated file, plain or gzip: numeric features and one label.
///
/// The first record is a header if the label column is given by name, or if none of its feature
/// fields is a number. Labels are any text; classes are the different labels in order, by value if
/// all are numbers, by text otherwise. Spaces around a field don't count.
public enum CSV {
  /// More classes than this are taken for a quantity, not for classes.
  static let largestClassCount = 1000

  /// - Parameters:
  ///   - labelColumn: the name of the column that holds the labels; `nil` for the last column.
  ///   - separator: one ASCII character other than a quote.
  /// - Throws: an error that names the file, line, column and what was expected: a missing value, a
  ///   field that is not a finite number, a record with more or fewer fields, an unknown column.
  public static func load(
    file: String, labelColumn: String? = nil, separator: Character = ","
  ) throws(DataError) -> Dataset<Float> {
    try parse(
      DataFile.bytes(file), file: file, labelColumn: labelColumn, separator: separator)
  }

  static func parse(
    _ bytes: [UInt8], file: String, labelColumn: String?, separator: Character
  ) throws(DataError) -> Dataset<Float> {
    guard let byte = separator.asciiValue, separator != "\"", !separator.isNewline else {
      throw DataError(file, "expected a separator of one ASCII character, found \"\(separator)\"")
    }
    var records = CSVRecords(bytes, file: file, separator: byte)
    guard let first = try records.next() else {
      throw DataError(file, "expected at least one example, found an empty file")
    }
    guard first.count > 1 else {
      throw DataError(
        file, line: first[0].line,
        "expected at least one feature and a label with \"\(separator)\" between them, found one "
          + "field")
    }
    let header = try Header(first, labelColumn: labelColumn, file: file)
    var table = Table(header: header, file: file)
    if !header.isPresent { try table.append(first) }
    while let record = try records.next() { try table.append(record) }
    return try table.dataset()
  }
}

/// The names of the columns, and which of them holds the labels.
private struct Header {
  let isPresent: Bool
  let names: [String]
  let label: Int

  init(_ first: [CSVRecords.Field], labelColumn: String?, file: String) throws(DataError) {
    let texts = first.map(\.text)
    guard let labelColumn else {
      label = first.count - 1
      isPresent = texts.dropLast().allSatisfy { !$0.isEmpty && NumberText.number($0) == nil }
      names = isPresent ? texts : []
      return
    }
    let places = texts.indices.filter { texts[$0] == labelColumn }
    guard let place = places.first else {
      let isLikely = texts.contains { NumberText.number($0) == nil }
      throw DataError(
        file, line: first[0].line,
        isLikely
          ? "no column is named \(DataError.quoted(labelColumn))"
            + NearestName.suggestion(for: labelColumn, among: texts)
          : "expected column names, among them \(DataError.quoted(labelColumn)), found numbers")
    }
    guard places.count == 1 else {
      throw DataError(
        file, line: first[places[1]].line, column: first[places[1]].column,
        "expected one column named \(DataError.quoted(labelColumn)), found \(places.count)")
    }
    label = place
    isPresent = true
    names = texts
  }

  /// How a message names a column.
  func describe(_ column: Int) -> String {
    isPresent ? "column \(DataError.quoted(names[column]))" : "column \(column + 1)"
  }
}

private struct Table {
  let header: Header
  let file: String
  var width: Int?
  var features: [Float] = []
  var labels: [String] = []

  init(header: Header, file: String) {
    self.header = header
    self.file = file
    width = header.isPresent ? header.names.count : nil
  }

  mutating func append(_ record: [CSVRecords.Field]) throws(DataError) {
    let expected = width ?? record.count
    width = expected
    guard record.count == expected else {
      throw DataError(
        file, line: record[0].line, "expected \(expected) fields, found \(record.count)")
    }
    for (column, field) in record.enumerated() {
      func failure(_ expected: String) -> DataError {
        DataError(
          file, line: field.line, column: field.column,
          "expected \(expected) in \(header.describe(column)), found "
            + (field.trimmed.isEmpty ? "nothing" : DataError.quoted(field.text)))
      }
      if column == header.label {
        guard !field.trimmed.isEmpty else { throw failure("a label") }
        labels.append(field.text)
      } else {
        guard let value = NumberText.number(field.trimmed) else {
          throw failure("a finite number")
        }
        let single = Float(value)
        guard single.isFinite else { throw failure("a number that Float can hold") }
        features.append(single)
      }
    }
  }

  func dataset() throws(DataError) -> Dataset<Float> {
    guard !labels.isEmpty, let width else {
      throw DataError(file, "expected at least one example after the header, found none")
    }
    // Labels that are numbers are one class where their values agree: 1 and 1.0.
    var classes = Set(labels).sorted()
    let numbers = classes.compactMap { NumberText.number($0) }
    var classOf: [String: Int32] = [:]
    if numbers.count == classes.count {
      let values = Set(numbers).sorted()
      let place = Dictionary(uniqueKeysWithValues: zip(values, values.indices))
      var named = [String?](repeating: nil, count: values.count)
      for (text, number) in zip(classes, numbers) {
        let index = place[number]!
        classOf[text] = Int32(index)
        named[index] = named[index] ?? text
      }
      classes = named.map { $0! }
    } else {
      for (index, text) in classes.enumerated() { classOf[text] = Int32(index) }
    }
    guard classes.count > 1 else {
      throw DataError(
        file,
        "expected at least two classes in \(header.describe(header.label)), found only "
          + DataError.quoted(classes[0]))
    }
    guard classes.count <= CSV.largestClassCount else {
      throw DataError(
        file,
        "expected classes in \(header.describe(header.label)), found \(classes.count) different "
          + "labels: name the column that holds the labels")
    }
    return Dataset(
      name: "csv", features: features, labels: labels.map { classOf[$0]! },
      featureCount: width - 1, classCount: classes.count,
      featureNames: header.names.indices.filter { $0 != header.label }.map { header.names[$0] },
      classNames: classes)
  }
}
