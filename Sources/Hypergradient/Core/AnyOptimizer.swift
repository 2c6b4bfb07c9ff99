internal import HypergradientRecipes

/// An ``Optimizer`` whose rule and controller are not in its type: to be stored, kept in an array
/// beside others, or chosen when the program runs.
///
/// ```swift
/// let controllers: [any LearningRateController] = [
///   ConstantRate(0.1), HypergradientDescent(initial: 0.1, hyperLearningRate: 1e-3),
/// ]
/// var optimizers = controllers.map { AnyOptimizer(Adam<Float>(), $0, parameterCount: 2) }
/// var theta: [Float] = [4, -2]
/// optimizers[1].step(&theta, gradient: theta)
/// ```
///
/// A step costs one dynamic call more than the optimizer's own, and gives the same bits. It is a
/// value: a copy goes on by itself.
///
/// Its coded form is the optimizer's; what is made of a text (see `HypergradientCatalogue`) carries
/// the text, too, so that it can be decoded without being made first.
public struct AnyOptimizer<Scalar: ParameterScalar>: Sendable {
  var base: any Boxed<Scalar>
  /// The text that it was made of, if it was.
  public let text: String?
  /// The values of names in the text.
  private let variables: [String: Double]

  public init<Rule: UpdateRule<Scalar>, Controller: LearningRateController>(
    _ optimizer: Optimizer<Rule, Controller>
  ) {
    base = optimizer
    text = nil
    variables = [:]
  }

  /// - Parameters: as those of ``Optimizer/init(_:_:on:parameterCount:)``.
  public init(
    _ rule: any UpdateRule<Scalar>, _ controller: any LearningRateController,
    on objective: Objective = .plain, parameterCount: Int
  ) {
    self.init(
      rule, controller, on: objective, parameterCount: parameterCount, text: nil, variables: [:])
  }

  package init(
    _ rule: any UpdateRule<Scalar>, _ controller: any LearningRateController,
    on objective: Objective, parameterCount: Int, text: String?, variables: [String: Double]
  ) {
    func open<R: UpdateRule<Scalar>, C: LearningRateController>(
      _ rule: R, _ controller: C
    ) -> any Boxed<Scalar> {
      Optimizer(rule, controller, on: objective, parameterCount: parameterCount)
    }
    base = open(rule, controller)
    self.text = text
    self.variables = variables
  }

  /// One step; see ``Optimizer``.
  @discardableResult
  public mutating func step(
    _ parameters: inout [Scalar], gradient: [Scalar], loss: Double? = nil, epoch: Double? = nil
  ) -> StepDecision {
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { base.step(parameters, $0, loss, passing: nil, epoch) }
    }
  }

  /// One step of a trainer that has a metric.
  ///
  /// - Parameter metric: a validation metric; `nil` at the steps without one.
  @discardableResult
  public mutating func step(
    _ parameters: inout [Scalar], gradient: [Scalar], loss: Double? = nil, metric: Double?,
    epoch: Double? = nil
  ) -> StepDecision {
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer {
        base.step(parameters, $0, loss, passing: .some(metric), epoch)
      }
    }
  }

  /// One step on spans.
  @discardableResult
  public mutating func step(
    _ parameters: inout MutableSpan<Scalar>, gradient: Span<Scalar>, loss: Double? = nil,
    epoch: Double? = nil
  ) -> StepDecision {
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { base.step(parameters, $0, loss, passing: nil, epoch) }
    }
  }

  /// One step on spans, of a trainer that has a metric: `nil` at the steps without one.
  @discardableResult
  public mutating func step(
    _ parameters: inout MutableSpan<Scalar>, gradient: Span<Scalar>, loss: Double? = nil,
    metric: Double?, epoch: Double? = nil
  ) -> StepDecision {
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer {
        base.step(parameters, $0, loss, passing: .some(metric), epoch)
      }
    }
  }

  /// One step on buffers that do not overlap.
  @discardableResult
  public mutating func step(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>,
    loss: Double? = nil, epoch: Double? = nil
  ) -> StepDecision {
    base.step(parameters, gradient, loss, passing: nil, epoch)
  }

  /// One step on buffers, of a trainer that has a metric: `nil` at the steps without one.
  @discardableResult
  public mutating func step(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>,
    loss: Double? = nil, metric: Double?, epoch: Double? = nil
  ) -> StepDecision {
    base.step(parameters, gradient, loss, passing: .some(metric), epoch)
  }

  /// The rule as it is now, with a copy of its state, under another controller; see
  /// ``Optimizer/under(_:)``. It has no text.
  public func under(_ controller: some LearningRateController) -> AnyOptimizer {
    base.boxed(under: controller)
  }

  public var parameterCount: Int { base.parameterCount }
  /// What is minimised.
  public var objective: Objective { base.objective }
  /// Steps taken, retaken, skipped or restored.
  public var stepCount: Int { base.stepCount }
  /// Those that were not plain ones.
  public var stepCounts: StepCounts { base.stepCounts }
  /// The rate that the last step applied; the controller's initial rate before the first.
  public var learningRate: Double { base.learningRate }
  /// Vectors kept between steps, each as long as the parameters.
  public var memoryVectors: Int { base.memoryVectors }
  /// See ``Optimizer/threads``.
  public var threads: Int {
    get { base.threads }
    set { base.threads = newValue }
  }
  /// The controller as it is.
  public var controller: any LearningRateController { base.anyController }

  /// Changes the controller, where it is of that type: a plateau is told its metric in this way.
  ///
  /// ```swift
  /// let plateau = Plateau(initial: 0.1, reduce: .by(0.5, after: 5))
  /// var optimizer = AnyOptimizer(Adam<Float>(), plateau, parameterCount: 2)
  /// optimizer.controller(as: Plateau.self) { $0.observe(0.7) }
  /// ```
  ///
  /// - Returns: what `change` returns; `nil` where the controller is of another type.
  @discardableResult
  public mutating func controller<Controller: LearningRateController, Result>(
    as type: Controller.Type, _ change: (inout Controller) throws -> Result
  ) rethrows -> Result? {
    try base.withController(as: type, change)
  }

  /// Changes the controller, whatever its type; what is put in its place is of the same one.
  package mutating func changeController(_ change: (inout any LearningRateController) -> Void) {
    base.changeController(change)
  }

  /// Its rule, with its hyperparameters.
  package var rule: any UpdateRule<Scalar> { base.anyRule }

  /// What it is made of, by the names of the types.
  package var typeName: String { "\(type(of: base))" }

  /// The optimizer itself, where it is of that type.
  public func optimizer<Rule: UpdateRule, Controller: LearningRateController>(
    as _: Optimizer<Rule, Controller>.Type
  ) -> Optimizer<Rule, Controller>? {
    base as? Optimizer<Rule, Controller>
  }

  /// Takes over what an optimizer of the same rule and controller has written; of the same text and
  /// values of its names, where it was made of one.
  ///
  /// - Throws: `DecodingError` where it was another's, of another number of parameters, or is
  ///   damaged; the optimizer is then as it was.
  public mutating func restore(from decoder: any Decoder) throws {
    try restore(from: decoder, parameterCount: parameterCount)
  }

  package mutating func restore(from decoder: any Decoder, parameterCount: Int) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let text, let theirs = try container.decodeIfPresent(String.self, forKey: .text) {
      let values =
        try container.decodeIfPresent([String: Double].self, forKey: .variables) ?? [:]
      guard theirs == text, values == variables else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: decoder.codingPath,
            debugDescription: "it is of \(Self.shown(theirs, values)), and this optimizer of "
              + Self.shown(text, variables)))
      }
    }
    func read<Base: Boxed<Scalar>>(_: Base) throws -> any Boxed<Scalar> {
      let read = try container.decode(Base.self, forKey: .state)
      guard read.parameterCount == parameterCount else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: decoder.codingPath,
            debugDescription:
              "it is of \(read.parameterCount) parameters, expected \(parameterCount)"))
      }
      return read
    }
    let (threads, read) = (threads, try read(base))
    base = read
    base.threads = threads
  }

  /// ``text`` with the values of its names.
  package var textAndValues: String? { text.map { Self.shown($0, variables) } }

  private static func shown(_ text: String, _ values: [String: Double]) -> String {
    "'\(text)'"
      + values.sorted { $0.key < $1.key }.map { ", \($0.key) = \(short($0.value))" }.joined()
  }
}

extension AnyOptimizer: Encodable {
  package enum CodingKeys: String, CodingKey { case text, variables, parameterCount, state }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(text, forKey: .text)
    if !variables.isEmpty { try container.encode(variables, forKey: .variables) }
    try container.encode(parameterCount, forKey: .parameterCount)
    try container.encode(base, forKey: .state)
  }
}

/// What `AnyOptimizer` asks of what it holds.
protocol Boxed<Scalar>: Sendable, Codable {
  associatedtype Scalar: ParameterScalar
  var parameterCount: Int { get }
  var objective: Objective { get }
  var stepCount: Int { get }
  var stepCounts: StepCounts { get }
  var learningRate: Double { get }
  var memoryVectors: Int { get }
  var threads: Int { get set }
  var anyRule: any UpdateRule<Scalar> { get }
  var anyController: any LearningRateController { get }
  mutating func step(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ gradient: UnsafeBufferPointer<Scalar>,
    _ loss: Double?, passing metric: Double??, _ epoch: Double?
  ) -> StepDecision
  mutating func withController<C: LearningRateController, Result>(
    as type: C.Type, _ change: (inout C) throws -> Result
  ) rethrows -> Result?
  mutating func changeController(_ change: (inout any LearningRateController) -> Void)
  func boxed<C: LearningRateController>(under controller: C) -> AnyOptimizer<Scalar>

  // In parts: see OptimizerParts.
  var controllerRequirements: ControllerRequirements { get }
  var faultInParts: String? { get }
  var looksAhead: Bool { get }
  func fault(loss: Double?, passing metric: Double??, epoch: Double?) -> StepFault?
  func sums(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>
  ) -> StepSums
  mutating func makeDirection(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>,
    all: StepSums, loss: Double?
  ) -> StepSums
  mutating func step(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>?,
    all: StepSums, loss: Double?, passing metric: Double??, epoch: Double?
  ) -> StepDecision
}

extension Optimizer: Boxed {
  var anyRule: any UpdateRule<Scalar> { rule }
  var anyController: any LearningRateController { controller }

  mutating func changeController(
    _ change: (inout any LearningRateController) -> Void
  ) {
    var changed: any LearningRateController = controller
    change(&changed)
    controller = changed as! Controller
  }

  func boxed<C: LearningRateController>(under controller: C) -> AnyOptimizer<Scalar> {
    let optimizer: Optimizer<Rule, C> = under(controller)
    return AnyOptimizer(optimizer)
  }

  mutating func withController<C: LearningRateController, Result>(
    as _: C.Type, _ change: (inout C) throws -> Result
  ) rethrows -> Result? {
    guard var known = controller as? C else { return nil }
    let result = try change(&known)
    controller = known as! Controller
    return result
  }
}
