public import Hypergradient
@_exported public import HypergradientRecipes

/// Everything that a text can name: the library's lists, and what one adds of one's own.
///
/// ```swift
/// let control = try Catalogue.standard.controller(
///   "hypergradient(initial: 1e-3, hyperLearningRate: 1e-7)")
/// ```
///
/// A type with a recipe of its own is added by `add(rule:_:)` and its like.
public struct Catalogue: Sendable {
  /// What is made for one type of parameters.
  public struct Precision<Scalar: ParameterScalar>: Sendable {
    public var rules: [Recipe<RuleOnObjective<Scalar>>]
    public var ruleModifiers: [Recipe<Modifier<RuleOnObjective<Scalar>>>]
    /// Methods that are not a rule times a controller.
    public var methods: [Recipe<any TrainingMethod<Scalar>>]
    public var methodModifiers: [Recipe<Modifier<any TrainingMethod<Scalar>>>]
  }

  public var float: Precision<Float> { didSet { vocabulary = words() } }
  public var double: Precision<Double> { didSet { vocabulary = words() } }
  public var controllers: [Recipe<any LearningRateController>] {
    didSet { vocabulary = words() }
  }
  public var controllerModifiers: [Recipe<Modifier<any LearningRateController>>] {
    didSet { vocabulary = words() }
  }
  public var schedules: [Recipe<any Schedule>] { didSet { vocabulary = words() } }
  public var scheduleModifiers: [Recipe<Modifier<any Schedule>>] {
    didSet { vocabulary = words() }
  }
  /// All of it, as a reader looks it up.
  public private(set) var vocabulary = Vocabulary()

  /// What the library has.
  public static let standard = Catalogue()

  private init() {
    float = Self.precision(Float.self)
    double = Self.precision(Double.self)
    controllers = standardControllers
    controllerModifiers = standardControllerModifiers
    schedules = ownSchedules + schedulesOfOtherLibraries
    scheduleModifiers = standardScheduleModifiers
    vocabulary = words()
  }

  private static func precision<S>(_ scalar: S.Type) -> Precision<S> {
    Precision(
      rules: standardRules(scalar), ruleModifiers: standardRuleModifiers(scalar),
      methods: standardMethods(scalar), methodModifiers: standardMethodModifiers(scalar))
  }

  private func words() -> Vocabulary {
    var words = Vocabulary()
    func add<S>(_ precision: Precision<S>) {
      words[RuleOnObjective<S>.self] = Lexicon(
        "rule", precision.rules, modifiers: precision.ruleModifiers)
      words[(any TrainingMethod<S>).self] = Lexicon(
        "method", precision.methods, modifiers: precision.methodModifiers)
    }
    add(float)
    add(double)
    words[(any LearningRateController).self] = Lexicon(
      "controller", controllers, modifiers: controllerModifiers)
    words[(any Schedule).self] = Lexicon("schedule", schedules, modifiers: scheduleModifiers)
    return words
  }

  /// The schedules that are not other libraries' by name, and those that are.
  public static var ownScheduleNames: [String] { ownSchedules.map(\.name) }

  // MARK: One's own

  /// Adds a rule for either type of parameters.
  public mutating func add<F: UpdateRule<Float> & HasRecipe, D: UpdateRule<Double> & HasRecipe>(
    rule _: F.Type, _: D.Type
  ) {
    float.rules.append(.of(F.self))
    double.rules.append(.of(D.self))
  }

  /// Adds a training method for either type of parameters.
  public mutating func add<
    F: TrainingMethod<Float> & HasRecipe, D: TrainingMethod<Double> & HasRecipe
  >(method _: F.Type, _: D.Type) {
    float.methods.append(.of(F.self))
    double.methods.append(.of(D.self))
  }

  /// Adds a controller.
  public mutating func add<C: LearningRateController & HasRecipe>(controller _: C.Type) {
    controllers.append(.of(C.self))
  }

  /// Adds a schedule.
  public mutating func add<S: Schedule & HasRecipe>(schedule _: S.Type) {
    schedules.append(.of(S.self))
  }
}
