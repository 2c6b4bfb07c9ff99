/// A table of numbers and words, to be written as Markdown, CSV, LaTeX, HTML or terminal text.
public struct Table: Sendable, Equatable {
  public struct Column: Sendable, Equatable {
    /// A heading over several neighbouring columns, such as the rule.
    public var group: String?
    public var name: String
    public var unit: String?
    /// `nil` for a column of words, which is aligned at its start.
    public var format: NumberFormat?
    /// What +∞ reads as, where a reader sees it.
    public var infinity: String
    /// What a cell holds, in a sentence for the page of fields; it ends without a full stop. Empty for
    /// a table that is not on it.
    public var about: String

    /// - Parameter key: the heading for programs; `nil` for one made of group, name and unit.
    public init(
      _ name: String, group: String? = nil, unit: String? = nil, format: NumberFormat? = nil,
      infinity: String = "∞", key: String? = nil, about: String
    ) {
      self.name = name
      self.group = group
      self.unit = unit
      self.format = format
      self.infinity = infinity
      self.about = about
      ownKey = key
    }

    /// A column of a table that stands on no page of fields.
    public static func bare(
      _ name: String, group: String? = nil, unit: String? = nil, format: NumberFormat? = nil
    ) -> Column {
      Column(name, group: group, unit: unit, format: format, about: "")
    }

    private let ownKey: String?

    /// The heading for programs, as in `log10_gap`: ASCII letters, digits and underscores, a letter
    /// first. Shares are fractions and have no unit in it. See ``Table/keys``.
    public var key: String {
      let unit = ["%", "1"].contains(unit) ? nil : unit
      let key =
        ownKey
        ?? [group, name, unit].compactMap(\.self).flatMap { words in
          // Shares and numbers have no unit.
          plainWords(words.replacing("[1]", with: "").replacing("[%]", with: ""))
        }.joined(separator: "_")
      return key.isEmpty ? "column" : key.first!.isNumber ? "x_" + key : key
    }

    /// The name with its unit, as in `rate [1]`.
    public var heading: String { unit.map { "\(name) [\($0)]" } ?? name }
    /// The group, the name and the unit.
    public var fullHeading: String { group.map { "\($0) \(heading)" } ?? heading }
  }

  public struct Cell: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
      case text(String)
      case number(Double)
      /// Nothing was measured, and what to show instead.
      case missing(String)
    }
    public var content: Content
    /// Among the best of its column (or group of rows): shown in bold.
    public var isBest: Bool
    /// What a program reads in place of a text with a mark for readers; `nil` for the text itself.
    public var plain: String?

    /// - Parameter plain: what a program reads in its place.
    public static func text(_ text: String, plain: String? = nil) -> Cell {
      Cell(content: .text(text), isBest: false, plain: plain)
    }
    public static func number(_ value: Double, isBest: Bool = false) -> Cell {
      Cell(content: .number(value), isBest: isBest)
    }
    public static let missing = Cell(content: .missing("—"), isBest: false)
    /// A number, or a dash where there is none.
    public static func optional(_ value: Double?, isBest: Bool = false) -> Cell {
      value.map { .number($0, isBest: isBest) } ?? .missing
    }
  }

  /// The name of its files, without extension.
  public let name: String
  public let title: String
  /// How to read it.
  public let caption: String
  /// Where its numbers come from: suite, version, digest.
  public let provenance: String
  public let columns: [Column]
  public let rows: [[Cell]]
  /// Worth a terminal's few lines at the end of a comparison.
  public let isHeadline: Bool

  /// - Precondition: every row has a cell for each column.
  public init(
    name: String, title: String, caption: String, provenance: String, columns: [Column],
    rows: [[Cell]], isHeadline: Bool = false
  ) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "\(name): a row has a hole")
    self.name = name
    self.title = title
    self.caption = caption
    self.provenance = provenance
    self.columns = columns
    self.rows = rows
    self.isHeadline = isHeadline
  }

  /// The headings for programs, of which no two are the same.
  public var keys: [String] { unique(columns.map(\.key), separator: "_") }

  /// A cell as plain text.
  func text(_ cell: Cell, _ column: Column) -> String {
    switch cell.content {
    case .text(let text), .missing(let text): text
    case .number(let value):
      (column.format ?? .significant(4)).text(value, infinity: column.infinity)
    }
  }

  /// Runs of neighbouring columns with the same group.
  var groups: [(name: String?, columns: Range<Int>)] {
    var groups: [(name: String?, columns: Range<Int>)] = []
    for (index, column) in columns.enumerated() {
      if let last = groups.last, last.name == column.group {
        groups[groups.count - 1].columns = last.columns.lowerBound..<(index + 1)
      } else {
        groups.append((column.group, index..<(index + 1)))
      }
    }
    return groups
  }

  /// Whether a row begins a new group: where several columns of words lead, all but the last of
  /// them name the group.
  func startsGroup(_ row: Int) -> Bool {
    let words = columns.prefix { $0.format == nil }.count
    guard row > 0 && words > 1 else { return false }
    return rows[row].prefix(words - 1) != rows[row - 1].prefix(words - 1)
  }

  var hasGroups: Bool { columns.contains { $0.group != nil } }
}
