internal import PortableMath

/// The numbers of a comma-separated file, plain or gzip, with or without a line of names: a log.
///
/// The first record holds names if none of its fields is a number. A field may be empty, and may be NaN
/// or an infinity in any of the spellings of `NumberSpelling`; spaces around a field don't count.
public struct NumericTable: Sendable {
  /// One record.
  public struct Row: Sendable {
    /// From 1.
    public let line: Int
    /// `nil` where the field is empty; as many as the table has columns.
    public let values: [Double?]
  }

  public let file: String
  /// Empty where the file has no line of names.
  public let names: [String]
  public let columnCount: Int
  public let rows: [Row]

  /// - Throws: an error that names the file, line, column and what was expected: a field that is no
  ///   number, a record with more or fewer fields than the first, a name given twice, no record.
  public init(file: String) throws(DataError) {
    try self.init(DataFile.bytes(file), file: file)
  }

  init(_ bytes: [UInt8], file: String) throws(DataError) {
    var records = CSVRecords(bytes, file: file, separator: UInt8(ascii: ","))
    guard let first = try records.next() else {
      throw DataError(file, "expected numbers, found an empty file")
    }
    let hasNames =
      first.allSatisfy { Self.number($0) == nil } && first.contains { !$0.trimmed.isEmpty }
    var names: [String] = []
    for field in hasNames ? first : [] {
      guard !names.contains(field.text) else {
        throw DataError(
          file, line: field.line, column: field.column,
          "expected one column named \(DataError.quoted(field.text)), found two")
      }
      names.append(field.text)
    }
    var rows: [Row] = []
    var record = hasNames ? try records.next() : first
    while let fields = record {
      guard fields.count == first.count else {
        throw DataError(
          file, line: fields[0].line, "expected \(first.count) fields, found \(fields.count)")
      }
      var values: [Double?] = []
      for field in fields {
        let value = Self.number(field)
        if value == nil && !field.trimmed.isEmpty {
          throw DataError(
            file, line: field.line, column: field.column,
            "expected a number, found \(DataError.quoted(field.text))")
        }
        values.append(value)
      }
      rows.append(Row(line: fields[0].line, values: values))
      record = try records.next()
    }
    guard !rows.isEmpty else { throw DataError(file, "expected a line of numbers, found none") }
    self.file = file
    self.names = names
    columnCount = first.count
    self.rows = rows
  }

  private static func number(_ field: CSVRecords.Field) -> Double? {
    NumberText.number(field.trimmed) ?? NumberSpelling.nonFinite(field.trimmed)
  }
}
