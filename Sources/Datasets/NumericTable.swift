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
  public private(set) var names: [String]
  public let columnCount: Int
  public let rows: [Row]

  /// - Throws: an error that names the file, line, column and what was expected: a field that is no
  ///   number, a record with more or fewer fields than the first, a name given twice, no record.
  public init(file: String) throws(DataError) {
    let limits = DataLimits()
    var records = try CSVRecords(
      DataSource(file).text(), separator: UInt8(ascii: ","), limits)
    guard let first = try records.next() else {
      throw DataError(file, "expected numbers, found an empty file")
    }
    let hasNames =
      first.allSatisfy { Self.number($0) == nil } && first.contains { !$0.trimmed.isEmpty }
    var names: [String] = []
    var known: Set<String> = []
    for field in hasNames ? first : [] {
      let name = try field.text(file)
      guard known.insert(name).inserted else {
        throw DataError(
          file, line: field.line, column: field.column,
          "expected one column named \(DataError.quoted(name)), found two")
      }
      names.append(name)
    }
    var rows: [Row] = []
    var record = hasNames ? try records.next() : first
    while let fields = record {
      guard fields.count == first.count else {
        throw DataError(
          file, line: fields[0].line, "expected \(first.count) fields, found \(fields.count)")
      }
      guard (rows.count + 1) * first.count <= limits.values else {
        throw DataError(
          file, line: fields[0].line, "expected at most \(limits.values) numbers, found more")
      }
      var values: [Double?] = []
      for field in fields {
        let value = Self.number(field)
        if value == nil && !field.trimmed.isEmpty {
          throw DataError(
            file, line: field.line, column: field.column,
            "expected a number, found \(DataError.quoted(bytes: field.trimmed))")
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

  /// The same numbers under other names, as many as there were.
  public func renamed(_ names: [String]) -> NumericTable {
    precondition(names.count == self.names.count, "\(names.count) names for \(self.names.count)")
    var copy = self
    copy.names = names
    return copy
  }

  private static func number(_ field: CSVRecords.Field) -> Double? {
    NumberText.number(field.trimmed) ?? NumberSpelling.nonFinite(field.trimmed)
  }
}
