/// The names of the columns, and which of them holds the labels.
struct CSVHeader {
  enum Label {
    case last
    /// From 0, in the lines of examples.
    case number(Int)
    /// From 0, in the line of names.
    case named(Int)
  }

  let isPresent: Bool
  /// Whether the first record is an example unless the labels say otherwise: it is all numbers, and
  /// its features are different whole ones, such as years.
  let mayBeNames: Bool
  /// Of the first record.
  let names: [String]
  let label: Label

  init(
    _ first: [CSVRecords.Field], _ format: CSV.Format, _ text: CSVText
  ) throws(DataError) {
    let file = text.file
    var names: [String] = []
    for field in first { names.append(try field.text(file)) }
    if let named = format.labelColumn {
      let number = NumberText.index(ArraySlice(named.utf8))
      let places = names.indices.filter { names[$0] == named }
      let isNumber = number.map { $0 >= 1 && $0 <= first.count + 1 } ?? false
      let look = isNumber ? Self.look(first, label: number! - 1, text) : .names
      let isDeclared = format.hasHeader ?? (look == .names)
      guard !isNumber || isDeclared && places.count == 1 else {
        label = .number(number! - 1)
        isPresent = isDeclared
        mayBeNames = format.hasHeader == nil && look == .perhaps
        self.names = names
        return
      }
      guard let place = places.first else {
        if text.number(named) != nil {
          throw Self.noColumn(named, of: first.count, file, line: first[0].line)
        }
        let isLikely = first.contains { text.number($0) == nil }
        throw DataError(
          file, line: first[0].line,
          isLikely
            ? "no column is named \(DataError.quoted(named))"
              + NearestName.suggestion(for: named, among: names)
            : "expected column names, among them \(DataError.quoted(named)), found numbers")
      }
      guard format.hasHeader != false else {
        throw DataError(
          file, line: first[0].line,
          "expected the number of the label column, as the file has no names, found "
            + DataError.quoted(named))
      }
      guard places.count == 1 else {
        throw DataError(
          file, line: first[places[1]].line, column: first[places[1]].column,
          "expected one column named \(DataError.quoted(named)), found \(places.count)")
      }
      label = .named(place)
      isPresent = true
      mayBeNames = false
      self.names = names
      return
    }
    label = .last
    let look = Self.look(first, label: first.count - 1, text)
    isPresent = format.hasHeader ?? (look == .names)
    mayBeNames = format.hasHeader == nil && look == .perhaps
    self.names = names
  }

  /// Where a number names no column.
  static func noColumn(_ named: String, of count: Int, _ file: String, line: Int) -> DataError {
    DataError(
      file, line: line,
      "expected a column's name or its number in 1...\(count) for the labels, found "
        + DataError.quoted(named))
  }

  private enum Look {
    case names
    case example
    case perhaps
  }

  /// What the first record looks like by its features.
  private static func look(
    _ first: [CSVRecords.Field], label: Int, _ text: CSVText
  ) -> Look {
    let features = first.indices.filter { $0 != label }.map { first[$0] }
    let numbers = features.filter { text.number($0) != nil }
    let words = features.filter { text.number($0) == nil && !isMissing($0) }
    if numbers.isEmpty { return words.isEmpty ? .example : .names }
    guard words.isEmpty else { return .example }
    // Names that pandas gives to columns without any: an empty one over the index, then 0, 1, 2.
    let filled = features.filter { !$0.isEmpty }
    guard filled.allSatisfy(text.isWhole) else { return .example }
    if filled.count < features.count {
      return features[0].isEmpty && filled.count == features.count - 1
        && areConsecutive(filled, text)
        ? .names : .example
    }
    let values = Set(features.map { text.number($0)! })
    return features.count > 1 && values.count == features.count ? .perhaps : .example
  }

  /// Whether whole numbers go up by ones.
  static func areConsecutive(_ fields: [CSVRecords.Field], _ text: CSVText) -> Bool {
    let values = fields.map { text.number($0) ?? .nan }
    return zip(values, values.dropFirst()).allSatisfy { $1 == $0 + 1 }
  }

  /// Whether a field stands for a value that is not there.
  static func isMissing(_ field: CSVRecords.Field) -> Bool {
    let trimmed = field.trimmed
    guard trimmed.count <= 9 else { return false }
    return [
      "", "?", "na", "n/a", "#n/a", "nan", "-nan", "+nan", "null", "none", "inf", "-inf", "+inf",
      "infinity", "-infinity", ".", "-",
    ].contains(String(decoding: trimmed, as: UTF8.self).lowercased())
  }

  /// Whether a name is that of a column that has none: pandas' own for it, where it read one.
  static func isUnnamed(_ name: String) -> Bool { name.isEmpty || name == "Unnamed: 0" }
}
