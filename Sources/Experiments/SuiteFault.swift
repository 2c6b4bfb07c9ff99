internal import HypergradientRecipes
internal import Records
internal import Yams

/// Something wrong in a suite, and where it stands in its file.
struct SuiteFault: Sendable, Hashable {
  /// The way to it by keys and by places in lists, as far as it goes; empty for the suite.
  let place: [Place]
  let message: String

  enum Place: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case key(String)
    case item(Int)

    init(stringLiteral key: String) { self = .key(key) }
    init(integerLiteral item: Int) { self = .item(item) }
  }

  init(_ place: [Place], _ message: String) {
    self.place = place
    self.message = message
  }

  /// The line on which a suite's text has it; `nil` for the suite itself, and for what is not in the
  /// text, such as a line of the catalogue.
  func line(in suite: Node) -> Int? {
    var node = suite
    var line: Int?
    for step in place {
      switch step {
      case .key(let name):
        guard let (key, value) = node.mapping?.first(where: { $0.key.string == name }) else {
          return line
        }
        (line, node) = (key.mark?.line, value)
      case .item(let index):
        guard let items = node.sequence, items.indices.contains(index) else { return nil }
        (line, node) = (items[index].mark?.line, items[index])
      }
    }
    return line
  }

  /// - Throws: one error with all of them, each with its line.
  static func check(
    _ faults: [SuiteFault], in suite: Node, file: String
  ) throws(ExperimentError) {
    let told = faults.map { ($0.line(in: suite), $0.message) }
    if let error = error(told, file: file) { throw error }
  }

  /// All in one line, the first's number behind the file's name.
  static func error(
    _ faults: [(line: Int?, message: String)], file: String
  ) -> ExperimentError? {
    guard let first = faults.first else { return nil }
    let others = faults.dropFirst().map { fault in
      (fault.line.map { "line \($0): " } ?? "") + fault.message
    }
    return ExperimentError(
      "\(file)\(first.line.map { ":\($0)" } ?? ""): \(inOneLine([first.message] + others))")
  }
}
