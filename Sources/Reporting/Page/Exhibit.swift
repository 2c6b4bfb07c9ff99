internal import Records

/// What the page shows, in order; files are written of the same tables and pictures.
struct Contents {
  struct Section {
    let name: String
    let title: String
    let text: String
    var blocks: [Block] = []

    var tables: [Table] { blocks.compactMap(\.table) }
    var figures: [Figure] { blocks.compactMap(\.figure) }
  }

  /// A table or a picture, and whether it is unfolded at first.
  struct Block: Sendable {
    var table: Table?
    var figure: Figure?
    var isOpen = true
  }

  let sections: [Section]

  /// Makes tables, pictures or both, on several threads, since either takes its time.
  init(_ digested: Digested, tables: Bool = true, figures: Bool = true, jobs: Int = 1) {
    let plan = Self.plan.map { section in
      (
        section,
        section.exhibits.filter { $0.isPicture ? figures : tables }.flatMap { $0.drafts(digested) }
      )
    }
    // Nothing is thrown, so nothing is lost.
    let made = try! Workers.map(plan.flatMap(\.1), jobs: jobs) { $0.make() }
    var next = made.startIndex
    sections = plan.compactMap { section, drafts in
      let blocks = made[next..<next + drafts.count].flatMap { $0 }
      next += drafts.count
      return blocks.isEmpty
        ? nil
        : Section(name: section.name, title: section.title, text: section.text, blocks: blocks)
    }
  }
}

/// A line of the list of what the page shows: a table or a picture, or one for each rule.
struct Exhibit: Sendable {
  /// Blocks that are still to be made.
  struct Draft: Sendable {
    let make: @Sendable () -> [Contents.Block]
  }

  let isPicture: Bool
  let drafts: @Sendable (Digested) -> [Draft]

  /// - Parameter make: `nil` where there is nothing to show.
  static func table(
    isOpen: Bool = false, _ make: @escaping @Sendable (Digested) -> Table?
  ) -> Exhibit {
    Exhibit(isPicture: false) { digested in
      [Draft { make(digested).map { [.init(table: $0, isOpen: isOpen)] } ?? [] }]
    }
  }

  /// A table for each rule, by its position.
  static func tables(
    _ make: @escaping @Sendable (Digested) -> @Sendable (Int) -> Table?
  ) -> Exhibit {
    Exhibit(isPicture: false) { digested in
      let make = make(digested)
      return digested.comparison.rules.indices.map { rule in
        Draft { make(rule).map { [.init(table: $0, isOpen: false)] } ?? [] }
      }
    }
  }

  static func pictures(_ make: @escaping @Sendable (Digested) -> [Figure]) -> Exhibit {
    Exhibit(isPicture: true) { digested in
      [Draft { make(digested).map { .init(figure: $0) } }]
    }
  }

  /// Pictures for each rule, by its position; those of the first are unfolded.
  static func pictures(
    byRule make: @escaping @Sendable (Digested) -> @Sendable (Int) -> [Figure?]
  ) -> Exhibit {
    Exhibit(isPicture: true) { digested in
      let make = make(digested)
      return digested.comparison.rules.indices.map { rule in
        Draft {
          make(rule).compactMap { figure in
            figure.map { .init(figure: $0, isOpen: rule == 0) }
          }
        }
      }
    }
  }
}
