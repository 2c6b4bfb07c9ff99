/// The examples of a comma-separated file as they are read.
struct CSVTable {
  private let header: CSVHeader
  private let text: CSVText
  private let limits: DataLimits
  private var shape: Shape?
  private var features: [Double] = []
  private var labels: ClassLabels
  /// Instead of the classes, where numbers are learned.
  private var numbers: TargetNumbers?
  /// The first record, where it may turn out to be names.
  private var doubtful: [CSVRecords.Field] = []
  /// Columns in which a whole number was too long for a Double.
  private var rounded: Set<Int> = []

  /// Which fields of a record are what.
  private struct Shape {
    /// Fields of a record, without an empty one behind the last separator.
    let width: Int
    let label: Int
    /// The column of row names.
    let rowNames: Int?
    /// Whether lines end with a separator.
    let endsEmpty: Bool
    /// How much further to the right fields are than their names.
    let shift: Int

    var featureCount: Int { width - 1 - (rowNames == nil ? 0 : 1) }
  }

  init(_ header: CSVHeader, _ text: CSVText, _ limits: DataLimits, _ labels: CSV.Labels) {
    self.header = header
    self.text = text
    self.limits = limits
    self.labels = ClassLabels(text)
    numbers = labels == .numbers ? TargetNumbers() : nil
  }

  /// Examples.
  private var count: Int { numbers?.count ?? labels.count }

  mutating func append(_ record: [CSVRecords.Field]) throws(DataError) {
    let isFirst = shape == nil
    let shape: Shape
    if let known = self.shape {
      shape = known
    } else {
      shape = try self.shape(of: record)
      self.shape = shape
    }
    guard
      record.count == shape.width
        || shape.endsEmpty && record.count == shape.width + 1
    else {
      throw DataError(
        text.file, line: record[0].line,
        "expected \(shape.width) fields, found \(record.count)")
    }
    if record.count > shape.width, let last = record.last, !last.isEmpty {
      throw DataError(
        text.file, line: last.line, column: last.column,
        "expected nothing behind the last separator, as in the first line, found "
          + DataError.quoted(bytes: last.trimmed))
    }
    guard features.count + shape.featureCount <= limits.values else {
      throw DataError(
        text.file, line: record[0].line, "expected at most \(limits.values) numbers, found more")
    }
    for column in 0..<shape.width where column != shape.rowNames {
      let field = record[column]
      if column == shape.label, numbers != nil {
        try appendNumber(field, column, isFirst: isFirst)
      } else if column == shape.label {
        guard !field.isEmpty else { throw failure("a label", field, column) }
        try labels.append(field)
      } else {
        guard let value = text.number(field) else {
          throw failure("a finite number", field, column, isFirst: isFirst)
        }
        note(value, field, column)
        features.append(value)
      }
    }
    if isFirst, header.mayBeNames { doubtful = Array(record[..<shape.width]) }
  }

  private mutating func appendNumber(
    _ field: CSVRecords.Field, _ column: Int, isFirst: Bool
  ) throws(DataError) {
    let number = text.number(field)
    if let number { note(number, field, column) }
    // At the top a word is a name, or one of a column of words.
    let isName = isFirst && header.mayBeNames && !CSVHeader.isMissing(field)
    let fault = number == nil ? noNumber(field, column, isFirst: isFirst) : nil
    if let fault, !isName { throw fault }
    numbers!.append(number, fault)
  }

  private func noNumber(
    _ field: CSVRecords.Field, _ column: Int, isFirst: Bool
  ) -> DataError {
    var hint = ""
    if CSVHeader.isMissing(field) {
      hint = ": fill it in, or leave the line out"
    } else if isFirst {
      hint =
        ": a column of classes is learned by csvLogistic; --label-column names another column"
    }
    return failure("a finite number to learn", field, column, orElse: hint)
  }

  private mutating func note(_ number: Double, _ field: CSVRecords.Field, _ column: Int) {
    if number.magnitude >= 0x1p53, text.isLong(field, number) { rounded.insert(column) }
  }

  private func failure(
    _ expected: String, _ field: CSVRecords.Field, _ column: Int, isFirst: Bool = false,
    orElse remedy: String = ""
  ) -> DataError {
    var hint = text.hint(field.trimmed)
    if hint.isEmpty { hint = remedy }
    if hint.isEmpty, isFirst, !header.isPresent, !CSVHeader.isMissing(field) {
      hint = "; --header says that the line holds names"
    }
    return DataError(
      text.file, line: field.line, column: field.column,
      "expected \(expected) in \(describe(column)), found "
        + (field.isEmpty ? "nothing" : DataError.quoted(bytes: field.trimmed)) + hint)
  }

  /// What the first record that is no names says.
  private func shape(of record: [CSVRecords.Field]) throws(DataError) -> Shape {
    let names = header.isPresent ? header.names : []
    let last = record[record.count - 1]
    // Lines may end with a separator, the names' too.
    let isEmpty = last.isEmpty && !last.isQuoted && record.count > 2
    var width = record.count
    var (shift, endsEmpty) = (0, false)
    if header.isPresent {
      if record.count == names.count + 1 {
        (width, shift, endsEmpty) = isEmpty ? (names.count, 0, true) : (record.count, 1, false)
      } else if record.count == names.count {
        endsEmpty = isEmpty && names[names.count - 1].isEmpty
        if endsEmpty { width -= 1 }
      } else if record.count == names.count - 1, names[names.count - 1].isEmpty {
        width = record.count
      } else {
        throw DataError(
          text.file, line: record[0].line,
          "expected \(names.count) fields, found \(record.count)")
      }
    } else if isEmpty {
      (width, endsEmpty) = (width - 1, true)
    }
    let label =
      switch header.label {
      case .last: width - 1
      case .number(let place): place
      case .named(let place): place + shift
      }
    guard label < width else {
      throw CSVHeader.noColumn(
        "\(label + 1)", of: width, text.file, line: record[0].line)
    }
    let isUnnamed = header.isPresent && (shift == 1 || CSVHeader.isUnnamed(names[0]))
    let shape = Shape(
      width: width, label: label, rowNames: isUnnamed && label != 0 ? 0 : nil,
      endsEmpty: endsEmpty, shift: shift)
    guard shape.featureCount > 0 else {
      throw DataError(
        text.file, line: record[0].line, "expected at least one feature beside the label")
    }
    return shape
  }

  /// How a message names a column.
  private func describe(_ column: Int) -> String {
    let place = column - (shape?.shift ?? 0)
    guard header.isPresent, place >= 0, place < header.names.count, !header.names[place].isEmpty
    else { return "column \(column + 1)" }
    return "column \(DataError.quoted(header.names[place]))"
  }

  mutating func contents() throws(DataError) -> CSV.Contents {
    guard let shape, count > 0 else {
      throw DataError(text.file, "expected at least one example after the header, found none")
    }
    var notes: [String] = []
    var names = header.isPresent ? header.names : []
    if !doubtful.isEmpty, let areNames = areNames(doubtful, shape) {
      let first = doubtful.prefix(4).map { DataError.quoted(bytes: $0.trimmed) }
        .joined(separator: ", ")
      let line = "\(DataError.shown(file: text.file)):\(doubtful[0].line): "
      if areNames {
        notes.append(line + "taken for names of columns: \(first); --no-header for an example")
        for field in doubtful { names.append(try field.text(text.file)) }
        features.removeFirst(shape.featureCount)
        if numbers == nil { labels.removeFirst() } else { numbers!.removeFirst() }
      } else {
        notes.append(line + "taken for an example, not for names: \(first); --header for names")
      }
    }
    let column = describe(shape.label)
    if let fault = numbers?.firstFault { throw fault }
    let (classes, indices, more) =
      try numbers == nil ? labels.classes(in: column) : ([], [], [])
    notes += more
    let parameters = (shape.featureCount + 1).multipliedReportingOverflow(by: classes.count)
    guard !parameters.overflow, parameters.partialValue <= limits.parameters else {
      throw DataError(
        text.file,
        "expected at most \(limits.parameters) parameters, (features + 1)·classes, found "
          + "(\(shape.featureCount) + 1)·\(classes.count)")
    }
    for column in rounded.sorted() {
      notes.append(
        "\(DataError.shown(file: text.file)): whole numbers of \(describe(column)) are too long for "
          + "a Double and were rounded: those that differ may be equal now")
    }
    let columns = (0..<shape.width).filter { $0 != shape.label && $0 != shape.rowNames }
    let featureNames = names.isEmpty ? [] : columns.map { names[$0 - shape.shift] }
    let data =
      numbers.map {
        Dataset(
          name: "csv", features: features, targets: $0.values, featureCount: shape.featureCount,
          featureNames: featureNames)
      }
      ?? Dataset(
        name: "csv", features: features, labels: indices, featureCount: shape.featureCount,
        classCount: classes.count, featureNames: featureNames, classNames: classes)
    return CSV.Contents(data: data, labelColumn: column, notes: notes)
  }

  /// Whether the first record holds names, given all labels; `nil` where nothing speaks for it.
  private func areNames(_ first: [CSVRecords.Field], _ shape: Shape) -> Bool? {
    let field = first[shape.label]
    let isWord = text.number(field) == nil
    if let numbers {
      guard numbers.count > 1 else { return nil }
      if isWord { return true }
      guard CSVHeader.areConsecutive(first, text), shape.width > 2 else { return nil }
      // Whole numbers that go up by ones, over others that are not all whole.
      return !numbers.areOthersWhole
        || features.dropFirst(shape.featureCount).contains { $0 != $0.rounded() }
    }
    guard labels.count > 2, labels.isFirstAlone else { return nil }
    let others = labels.withoutFirst
    guard others.classes > 1 else { return nil }
    // A word over numbers.
    if isWord && others.areNumbers { return true }
    let isRun = CSVHeader.areConsecutive(
      isWord ? first.indices.filter { $0 != shape.label }.map { first[$0] } : first, text)
    guard isRun, shape.width - (isWord ? 1 : 0) > 2 else { return nil }
    // Labels that come again and again, and not this one.
    return others.count >= 2 * others.classes
  }
}

extension CSVText {
  /// Whether a whole number is not the Double that it was read as.
  func isLong(_ field: CSVRecords.Field, _ value: Double) -> Bool {
    guard let exact = Int64(String(decoding: field.trimmed, as: UTF8.self)) else { return false }
    return Int64(exactly: value) != exact
  }
}
