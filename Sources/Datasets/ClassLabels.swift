/// The labels of examples as they are read, and the classes that they are.
struct ClassLabels {
  private let text: CSVText
  /// The different labels, in order of appearance.
  private var known: [Label] = []
  private var places: [String: Int] = [:]
  /// The same by what can be seen of them.
  private var seen: [String: Int] = [:]
  /// One an example.
  private var indices: [Int32] = []
  /// The last one's bytes, as many labels come in runs.
  private var last: (bytes: ArraySlice<UInt8>, index: Int)?

  private struct Label {
    let text: String
    let line: Int
    let column: Int
    var count: Int
    /// `nil` for a word.
    let number: Double?
    let isMissing: Bool
  }

  /// More different labels are not counted.
  private static let mostLabels = 1 << 16

  init(_ text: CSVText) { self.text = text }

  /// Examples.
  var count: Int { indices.count }

  /// - Throws: where a label is a fraction or no UTF-8, or differs from another only in how its
  ///   letters are coded or in what can't be seen.
  mutating func append(_ field: CSVRecords.Field) throws(DataError) {
    let trimmed = field.trimmed
    if let last, last.bytes.elementsEqual(trimmed) {
      indices.append(Int32(last.index))
      known[last.index].count += 1
      return
    }
    let label = try field.text(text.file)
    if let place = places[label] {
      guard known[place].text.utf8.elementsEqual(label.utf8) else {
        throw DataError(
          text.file, line: field.line, column: field.column,
          "expected labels that differ to the eye, found \(DataError.quoted(label)) as in line "
            + "\(known[place].line), in other code points: normalise the text")
      }
      indices.append(Int32(place))
      known[place].count += 1
      last = (trimmed, place)
      return
    }
    guard known.count < Self.mostLabels else {
      throw DataError(
        text.file, line: field.line, column: field.column,
        "expected classes, found more than \(Self.mostLabels) different labels: name the column "
          + "that holds the labels")
    }
    if let place = seen.updateValue(known.count, forKey: Self.visible(label)) {
      throw DataError(
        text.file, line: field.line, column: field.column,
        "expected labels that differ to the eye, found \(DataError.quoted(label)) and, in line "
          + "\(known[place].line), \(DataError.quoted(known[place].text))")
    }
    places[label] = known.count
    indices.append(Int32(known.count))
    last = (trimmed, known.count)
    known.append(
      Label(
        text: label, line: field.line, column: field.column, count: 1,
        number: text.number(field), isMissing: CSVHeader.isMissing(field)))
  }

  /// What can be seen of a label: any space as a plain one, none at the ends.
  private static func visible(_ label: String) -> String {
    if label.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return label }
    var scalars = String.UnicodeScalarView()
    for scalar in label.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .spaceSeparator, .lineSeparator, .paragraphSeparator: scalars.append(" ")
      case .control, .format, .surrogate, .unassigned: break
      default: if !scalar.properties.isDefaultIgnorableCodePoint { scalars.append(scalar) }
      }
    }
    let text = String(scalars).drop { $0 == " " }
    return String(text.reversed().drop { $0 == " " }.reversed())
  }

  /// Whether no other example has the first one's label.
  var isFirstAlone: Bool { known[0].count == 1 }

  /// What the labels are without the first example's, which is alone.
  var withoutFirst: (count: Int, classes: Int, areNumbers: Bool) {
    (count - 1, known.count - 1, known.dropFirst().allSatisfy { $0.number != nil })
  }

  /// Forgets the first example, whose label is alone.
  mutating func removeFirst() {
    indices.removeFirst()
    known[0].count = 0
  }

  /// The names of the classes in order, and each example's.
  ///
  /// - Parameter column: how a message names the labels' column.
  /// - Throws: where they are no classes.
  func classes(
    in column: String
  ) throws(DataError) -> (names: [String], indices: [Int32], notes: [String]) {
    let used = known.indices.filter { known[$0].count > 0 }
    let isNumeric = used.allSatisfy { known[$0].number != nil }
    // Labels that are numbers are one class where their values agree: 1 and 1.0.
    let order = used.sorted {
      let (a, b) = (known[$0], known[$1])
      return isNumeric && a.number! != b.number! ? a.number! < b.number! : a.text < b.text
    }
    var names: [String] = []
    var classOf = [Int32](repeating: -1, count: known.count)
    var lastNumber: Double?
    var merged: [(name: String, place: Int)] = []
    for place in order {
      if !isNumeric || known[place].number != lastNumber {
        names.append(known[place].text)
      } else {
        merged.append((names[names.count - 1], place))
      }
      lastNumber = known[place].number
      classOf[place] = Int32(names.count - 1)
    }
    guard names.count <= CSV.largestClassCount else {
      throw DataError(
        text.file,
        "expected classes in \(column), found \(names.count) different labels: name the column that "
          + "holds the labels, or learn a quantity by csvRegression")
    }
    // Beside numbers NA is no name.
    let isWordly = used.contains { known[$0].number == nil && !known[$0].isMissing }
    for place in used { try check(known[place], column, mayBeMissing: isWordly) }
    guard names.count > 1 else {
      throw DataError(
        text.file,
        "expected at least two classes in \(column), found only \(DataError.quoted(names[0]))")
    }
    return (
      names, indices.map { classOf[Int($0)] },
      merged.map { note($0, $1, column) } + notes(names, isNumeric, used, column)
    )
  }

  private func check(_ label: Label, _ column: String, mayBeMissing: Bool) throws(DataError) {
    func failure(_ found: String) -> DataError {
      DataError(
        text.file, line: label.line, column: label.column,
        "expected a class, a word or a whole number, in \(column), found "
          + DataError.quoted(label.text) + found)
    }
    if let number = label.number {
      guard number == number.rounded() else {
        throw failure(": csvRegression learns a quantity; --label-column names another column")
      }
      guard number.magnitude < 0x1p53 else { throw failure(", too long to tell apart") }
      return
    }
    let hint = text.hint(ArraySlice(label.text.utf8))
    guard hint.isEmpty else { throw failure(hint) }
    if label.isMissing && !mayBeMissing { throw failure(": a label is missing") }
  }

  private func note(_ name: String, _ place: Int, _ column: String) -> String {
    "\(DataError.shown(file: text.file)):\(known[place].line): \(DataError.quoted(known[place].text)) in "
      + "\(column) is taken for the class \(DataError.quoted(name)), as the same number"
  }

  private func notes(
    _ names: [String], _ isNumeric: Bool, _ used: [Int], _ column: String
  ) -> [String] {
    let file = DataError.shown(file: text.file)
    var notes: [String] = []
    for place in used where known[place].isMissing {
      notes.append(
        "\(file):\(known[place].line): \(DataError.quoted(known[place].text)) in \(column) is taken "
          + "for a class of its own")
    }
    if names.count > 2, names.count * 4 > count || isNumeric && names.count > 100 {
      notes.append(
        "\(file): \(names.count) classes in \(column) for \(count) examples: is it a quantity? "
          + "csvRegression learns one; --label-column names another column")
    }
    return notes
  }
}
