internal import Records

/// The runs that a page is made of: the suites' names and the runs' digests, a line each.
public struct PageRuns: Equatable {
  public private(set) var lines: [String] = []

  /// - Throws: ``ExperimentError`` for a folder that holds no results, whose suite is without the method
  ///   that is studied, or whose runs were named before.
  public init(_ folders: [String]) throws {
    for folder in folders {
      let results = try ResultsFolder.open(folder)
      let suite = results.suite.name
      guard results.suite.methods.contains(where: { $0.name == "default" }) else {
        throw ExperimentError(
          "\(folder): suite '\(suite)' is without the method that is studied, 'default'")
      }
      let line = "\(suite) \(results.digest)"
      guard !lines.contains(line) else {
        throw ExperimentError("\(folder): these runs of suite '\(suite)' are named twice")
      }
      lines.append(line)
    }
  }

  private init(text: String) { lines = text.split(separator: "\n").map(String.init) }

  /// What stands above their tables.
  public var opening: String {
    self == .introduced
      ? String(decoding: PackageResources.introduction_md, as: UTF8.self)
      : "Tables alone: the introduction of this page was written for other runs.\n"
  }

  /// Those that the introduction was written for.
  public static var introduced: PageRuns {
    PageRuns(text: String(decoding: PackageResources.introduction_runs, as: UTF8.self))
  }
}
