public import Hypergradient
public import HypergradientRecipes

/// A part of the parameters with an optimizer of its own: its rule, its rate, its bounds.
public struct TrainingGroup<Scalar: ParameterScalar>: Sendable {
  public let name: String
  /// Which parameters.
  public let range: Range<Int>
  /// In which every applied rate stays; `nil` for none.
  public let bounds: ClosedRange<Double>?
  /// Whether its parameters stay where they are. Its optimizer and its schedules then wait.
  public internal(set) var isFrozen: Bool
  /// Its controller is one around the one that was given, by which callbacks scale the rate.
  public internal(set) var optimizer: AnyOptimizer<Scalar>
  /// What the optimizer was made of: its text with its values, or else its types, whose values are its
  /// rule's and its controller's.
  let kind: String
  private let rule: (any UpdateRule<Scalar>)?
  private let controller: (any LearningRateController)?

  /// - Parameters:
  ///   - optimizer: of as many parameters as the range has. One that has taken steps goes on with its
  ///     rule's state and its controller; its last direction is not taken over.
  ///   - bounds: finite and at least 0.
  /// - Throws: ``Refusal`` where the optimizer is of another number of parameters, or the bounds are
  ///   none.
  public init(
    _ name: String, _ range: Range<Int>, _ optimizer: AnyOptimizer<Scalar>,
    within bounds: ClosedRange<Double>? = nil, isFrozen: Bool = false
  ) throws(Refusal) {
    guard optimizer.parameterCount == range.count else {
      throw Refusal(
        "group '\(name)' has \(range.count) parameters, and its optimizer was made for "
          + "\(optimizer.parameterCount)")
    }
    if let bounds, !(bounds.lowerBound >= 0 && bounds.upperBound.isFinite) {
      throw Refusal("group '\(name)': the bounds \(bounds) are not finite and at least 0")
    }
    self.name = name
    self.range = range
    self.bounds = bounds
    self.isFrozen = isFrozen
    let controller = optimizer.controller
    kind = optimizer.textAndValues ?? optimizer.typeName
    (rule, self.controller) =
      optimizer.text == nil ? (optimizer.rule, controller) : (nil, nil)
    self.optimizer = Self.steered(optimizer, controller, bounds)
  }

  private static func steered<C: LearningRateController>(
    _ optimizer: AnyOptimizer<Scalar>, _ controller: C, _ bounds: ClosedRange<Double>?
  ) -> AnyOptimizer<Scalar> {
    optimizer.under(GroupRate(controller, within: bounds))
  }

  /// What a group of a checkpoint must agree with, a line each.
  var identity: [String] {
    let title = "group '\(name)'"
    let bounds = bounds.map { "\($0)" } ?? "no bounds"
    return ["\(title) of the parameters \(range) within \(bounds): \(kind)"]
      + (rule.map { CodedWords.lines(of: $0, as: "\(title): rule") } ?? [])
      + (controller.map { CodedWords.lines(of: $0, as: "\(title): controller") } ?? [])
  }

  /// The rate that its next step would begin from.
  public var learningRate: Double { optimizer.controller.learningRate }

  mutating func setRate(_ rate: Double) { steer { $0.setRate(rate) } }
  mutating func scaleRate(by factor: Double) { steer { $0.scaleRate(by: factor) } }

  /// Takes an earlier state of its optimizer; what scales the rate stays.
  mutating func takeBack(_ earlier: AnyOptimizer<Scalar>) {
    let scale = (optimizer.controller as? any SteeredController)?.scale
    optimizer = earlier
    if let scale { steer { $0.scale = scale } }
  }

  private mutating func steer(_ change: (inout any SteeredController) -> Void) {
    optimizer.changeController { controller in
      guard var steered = controller as? any SteeredController else { return }
      change(&steered)
      controller = steered
    }
  }
}
