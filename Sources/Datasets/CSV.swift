/// Labelled examples in a comma-separated file, plain or gzip: numeric features and one label, a class
/// or a number to learn.
///
/// The first record holds the names of the columns if the label column is given by name, or if none
/// of its feature fields is a number and one is a word; where they are whole numbers, by what the
/// labels are, which is told in ``Contents/notes``. A first column whose name is absent, empty or
/// `Unnamed: 0` holds row names, as pandas and R write them, and is left out; so is a last one that
/// is empty in every line. Labels of classes are words or whole numbers; classes are the different
/// labels in order, by value if all are numbers, by text otherwise. Spaces around a field don't count.
public enum CSV {
  /// More classes than this are taken for a quantity, not for classes.
  static let largestClassCount = 1000

  /// What the label column holds.
  public enum Labels: Sendable {
    case classes
    case numbers
  }

  /// How a file is to be read.
  public struct Format: Sendable, Hashable {
    /// The column that holds the labels, by its name or its number from 1; `nil` for the last one.
    public var labelColumn: String?
    /// One ASCII character; a space stands for any number of spaces and tabs. `nil` for a comma, or
    /// for a semicolon where the comma is the decimal mark.
    public var separator: Character?
    /// A point or a comma.
    public var decimalMark: Character
    /// Whether the first record holds names; `nil` where the file is to tell.
    public var hasHeader: Bool?

    public init(
      labelColumn: String? = nil, separator: Character? = nil, decimalMark: Character = ".",
      hasHeader: Bool? = nil
    ) {
      self.labelColumn = labelColumn
      self.separator = separator
      self.decimalMark = decimalMark
      self.hasHeader = hasHeader
    }

    /// The bytes that separate fields and mark decimals.
    func marks(_ file: String) throws(DataError) -> (separator: UInt8, decimal: UInt8) {
      guard let decimal = decimalMark.asciiValue, decimalMark == "." || decimalMark == "," else {
        throw DataError(
          file, "expected a point or a comma as the decimal mark, found \"\(decimalMark)\"")
      }
      let separator = separator ?? (decimalMark == "," ? ";" : ",")
      guard let byte = separator.asciiValue, separator != "\"", !separator.isNewline, byte != 0,
        !separator.isLetter, !separator.isNumber, separator != "+", separator != "-"
      else {
        throw DataError(
          file,
          "expected a separator of one ASCII character that is no part of a number, found "
            + DataError.quoted(String(separator)))
      }
      guard separator != decimalMark else {
        throw DataError(
          file, "expected a separator that is not the decimal mark, found \"\(separator)\" for both"
        )
      }
      return (byte, decimal)
    }
  }

  public struct Contents: Sendable {
    public let data: Dataset<Double>
    /// How a message names the label column.
    package let labelColumn: String
    /// What a person should know of how the file was read, a line each.
    public let notes: [String]
  }

  /// - Throws: an error that names the file, line, column and what was expected: a missing value, a
  ///   field that is not a finite number, a class that is a fraction, a record with more or fewer
  ///   fields, an unknown column, text that is no UTF-8, more than ``DataLimits``.
  public static func load(
    file: String, format: Format = Format(), labels: Labels = .classes
  ) throws(DataError) -> Dataset<Double> {
    try read(DataSource(file, format: format), labels: labels).data
  }

  /// The same with notes.
  public static func read(
    _ source: DataSource, labels: Labels = .classes
  ) throws(DataError) -> Contents {
    _ = try source.format.marks(source.path)
    return try read(source.text(), source.format, DataLimits(), labels)
  }

  package static func read(
    _ reader: DataReader, _ format: Format, _ limits: DataLimits, _ labels: Labels = .classes
  ) throws(DataError) -> Contents {
    let marks = try format.marks(reader.file)
    var records = try CSVRecords(reader, separator: marks.separator, limits)
    guard let first = try records.next() else {
      throw DataError(reader.file, "expected at least one example, found an empty file")
    }
    let text = CSVText(file: reader.file, separator: marks.separator, decimal: marks.decimal)
    guard first.count > 1 else {
      throw DataError(
        reader.file, line: first[0].line,
        "expected at least one feature and a label with \(text.shownSeparator) between them, found "
          + "one field" + text.hint(oneField: first[0]))
    }
    let header = try CSVHeader(first, format, text)
    var table = CSVTable(header, text, limits, labels)
    if !header.isPresent { try table.append(first) }
    while let record = try records.next() { try table.append(record) }
    return try table.contents()
  }
}

/// The text of a file as far as fields are read and shown.
struct CSVText {
  let file: String
  let separator: UInt8
  let decimal: UInt8

  var shownSeparator: String {
    separator == 9 ? "a tab" : "\"\(Character(Unicode.Scalar(separator)))\""
  }

  func number(_ field: CSVRecords.Field) -> Double? {
    NumberText.number(field.trimmed, decimalMark: decimal)
  }

  func number(_ text: String) -> Double? {
    NumberText.number(ArraySlice(text.utf8), decimalMark: decimal)
  }

  /// Whether a field is a whole number in digits.
  func isWhole(_ field: CSVRecords.Field) -> Bool {
    let digits = field.trimmed
    let rest = digits.first == UInt8(ascii: "-") ? digits.dropFirst() : digits
    return !rest.isEmpty && rest.count <= 15 && rest.allSatisfy { $0 >= 48 && $0 <= 57 }
  }

  /// What may be the matter with a record of one field.
  func hint(oneField field: CSVRecords.Field) -> String {
    if field.trimmed.first == UInt8(ascii: "#") {
      return " of comment: CSV data have none, leave that line out"
    }
    for byte in [UInt8(ascii: ";"), 9, UInt8(ascii: "|"), UInt8(ascii: ","), 32]
    where byte != separator && field.trimmed.contains(byte) {
      return byte == 32 && field.trimmed.contains(UInt8(ascii: ":"))
        ? "; is it a LIBSVM file?" : "; is the separator \(Self.option(byte))?"
    }
    return ""
  }

  /// What may be the matter with a field that should be a number or a label.
  func hint(_ bytes: ArraySlice<UInt8>) -> String {
    for byte in [UInt8(ascii: ";"), 9, UInt8(ascii: "|")] where byte != separator {
      let parts = bytes.split(separator: byte, omittingEmptySubsequences: false)
      if parts.count > 1, parts.contains(where: { NumberText.number($0) != nil }) {
        let isComma = separator == UInt8(ascii: ",") && byte != UInt8(ascii: ",")
        return "; is the separator \(Self.option(byte))?"
          + (isComma ? " with a decimal comma --decimal ','" : "")
      }
    }
    let other = decimal == UInt8(ascii: ".") ? UInt8(ascii: ",") : UInt8(ascii: ".")
    if NumberText.number(bytes, decimalMark: other) != nil {
      return other == UInt8(ascii: ",")
        ? "; a decimal comma is read with --decimal ',', thousands separators are not read"
        : "; the decimal mark is a comma, thousands separators are not read"
    }
    return ""
  }

  private static func option(_ byte: UInt8) -> String {
    byte == 9 ? "--separator tab" : "--separator '\(Character(Unicode.Scalar(byte)))'"
  }
}
