public import HypergradientRecipes

/// A rule whose hyperparameters that are numbers go by key path and by name, so that a schedule can
/// set them (``ScheduledHyperparameter``) and a tower can learn them (``HyperparameterTower``).
///
/// A rule that has a recipe has them from there.
public protocol AdjustableRule: UpdateRule {
  /// In the order of the initialiser; a name is the label there.
  static var hyperparameters: [Hyperparameter<Self>] { get }
}

extension AdjustableRule {
  /// The hyperparameter at a key path.
  ///
  /// - Precondition: it is one of ``hyperparameters``.
  static func hyperparameter(_ path: WritableKeyPath<Self, Double>) -> Hyperparameter<Self> {
    guard let found = hyperparameters.first(where: { $0.path == path }) else {
      stop("\(path) is no hyperparameter of \(Self.self)")
    }
    return found
  }
}

extension Hyperparameter: Codable where Root: AdjustableRule {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let label = try container.decode(String.self)
    guard let known = Root.hyperparameters.first(where: { $0.label == label }) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(label)' is no hyperparameter of this rule")
    }
    self = known
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(label)
  }
}
