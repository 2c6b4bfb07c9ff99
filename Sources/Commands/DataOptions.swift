internal import ArgumentParser
internal import Datasets
internal import Programs

/// The data of a task on real data, and how they are read: the same for every command.
struct DataOptions: ParsableArguments {
  @Option(
    help: """
      The data of a task on real data: the folder of MNIST's files, a LIBSVM file or a CSV file, \
      plain or gzip, or /dev/stdin. A file has at most 2^30 bytes unpacked, 2^24 lines and 2^26 \
      numbers.
      """,
    transform: OptionText.name)
  var data: String?
  @Option(
    help: "The column of the labels in CSV data, by its name or number from 1; default the last.")
  var labelColumn: String?
  @Option(
    help: """
      What separates the fields of CSV data: one character, or 'tab' or 'space'; default a comma, a \
      semicolon with --decimal ','.
      """,
    transform: DataOptions.character)
  var separator: Character?
  @Option(help: "The decimal mark of CSV data, '.' or ','.", transform: DataOptions.character)
  var decimal: Character = "."
  @Flag(
    inversion: .prefixedNo, exclusivity: .exclusive,
    help: "Whether the first line of CSV data holds names; default what it looks like.")
  var header: Bool?

  /// The data with how to read them; `nil` where none are named.
  var source: DataSource? {
    data.map {
      DataSource(
        $0,
        format: CSV.Format(
          labelColumn: labelColumn, separator: separator, decimalMark: decimal, hasHeader: header))
    }
  }

  func validate() throws {
    if data == "" { throw ValidationError("--data is empty: it names a file or a folder") }
    if labelColumn == "" {
      throw ValidationError("--label-column is empty: it is a column's name or its number from 1")
    }
    if data == nil, let csvOption {
      throw ValidationError("\(csvOption) says how to read --data, which is not given")
    }
  }

  /// An option that says how CSV data are read, where one is given.
  var csvOption: String? {
    let given = [
      ("--label-column", labelColumn != nil), ("--separator", separator != nil),
      ("--decimal", decimal != "."), (header == false ? "--no-header" : "--header", header != nil),
    ]
    return given.first(where: \.1)?.0
  }

  private static func character(_ text: String) throws -> Character {
    let names: [String: Character] = [
      "tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";", "point": ".",
    ]
    if let character = names[text.lowercased()] { return character }
    guard text.count == 1 else {
      throw ValidationError("expected one character, 'tab' or 'space', found '\(text)'")
    }
    return Character(text)
  }
}
