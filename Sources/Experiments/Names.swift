internal import ExternalPrograms
public import HypergradientCatalogue
public import Tasks

/// Everything that the texts of a comparison may name: the package's, and what one adds of one's own.
public struct Names: Sendable {
  /// Rules, controllers, methods and schedules.
  public var catalogue: Catalogue
  public var tasks: [Recipe<TaskMaker>]

  public init(
    catalogue: Catalogue = .standard.withPrograms,
    tasks: [Recipe<TaskMaker>] = TaskList.withPrograms
  ) {
    self.catalogue = catalogue
    self.tasks = tasks
  }

  /// What the package has.
  public static let standard = Names()
}

extension TaskList {
  /// With the task that a program in any language answers for.
  public static let withPrograms = all + [.external]
}

extension Catalogue {
  /// With methods that programs in any language are, which the library itself does not begin.
  public var withPrograms: Catalogue {
    var catalogue = self
    catalogue.add(method: ExternalMethod<Float>.self, ExternalMethod<Double>.self)
    return catalogue
  }
}
