public import HypergradientCatalogue
public import Tasks

/// Everything that the texts of a comparison may name: the package's, and what one adds of one's own.
public struct Names: Sendable {
  /// Rules, controllers, methods and schedules.
  public var catalogue: Catalogue
  public var tasks: [Recipe<TaskMaker>]

  public init(catalogue: Catalogue = .standard, tasks: [Recipe<TaskMaker>] = TaskList.all) {
    self.catalogue = catalogue
    self.tasks = tasks
  }

  /// What the package has.
  public static let standard = Names()
}
