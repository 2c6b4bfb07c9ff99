internal import HypergradientRecipes

/// A method that decides itself where to look: it asks an ``Oracle`` for losses and gradients, and
/// moves the parameters or leaves them.
///
/// An ``Optimizer``, a rule times a controller, is the common case: one gradient a step, at θ.
/// Methods that look before they leap (line searches, null steps), that keep vectors of their own
/// beside the rule's (estimates of the distance to a solution), or that need Hessian-vector products
/// conform themselves. A value is a checkpoint: a copy goes on with the same bits.
public protocol TrainingMethod<Scalar>: Sendable, Codable {
  associatedtype Scalar: ParameterScalar

  /// Vectors kept between steps, each as long as the parameters.
  var memoryVectors: Int { get }

  /// The rate that the last step applied, for traces: the factor of its direction.
  var learningRate: Double { get }

  /// What a parameter-free method takes for the distance from the start to a solution, as its
  /// documentation says; `nil` for a method that makes no such estimate.
  var distanceEstimate: Double? { get }

  /// The steps so far that were no plain steps: zeros for a method that takes only plain ones, with
  /// those of the methods and optimizers that it drives.
  var stepCounts: StepCounts { get }

  /// What the controllers inside ask of the trainer: epochs, a metric; nothing where there are none.
  var controllerRequirements: ControllerRequirements { get }

  /// Whether what it minimises is −f.
  var maximizes: Bool { get }

  /// The program that takes this method's steps, where they are not taken here: what went wrong with it
  /// is looked for after each step. `nil` for a method that is a value.
  var program: (any MethodProgram)? { get }

  /// Why the rate of this method can't be held to a limit; `nil` where it can.
  func fault(limitedBy limit: RateLimit) -> String?

  /// This method with its rate held: ``RateLimited`` around it, unless it knows better.
  func limited(by limit: RateLimit) -> any TrainingMethod<Scalar>

  /// Makes the state for these parameters; called once, before the first step.
  ///
  /// - Parameter groups: the parts of the parameters that belong together (a layer's weights), which
  ///   cover them in order; a method by layer works on each.
  mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>])

  /// One step. The parameters hold the point that counts as the result so far.
  mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O)
}

/// A program outside of this one that takes a method's steps. A copy of such a method is no copy of its
/// state: it can't be stored, and one run after the other has its own.
public protocol MethodProgram: AnyObject, Sendable {
  /// What begins it.
  var command: String { get }
  /// Whether the same run always gets the same steps, as far as is known.
  var isRepeatable: Bool { get }
  /// The first thing that went wrong; the parameters are NaN from then on.
  var failure: (any Error)? { get }
}

extension TrainingMethod {
  public var controllerRequirements: ControllerRequirements { ControllerRequirements() }
  public var distanceEstimate: Double? { nil }
  public var maximizes: Bool { false }
  public var program: (any MethodProgram)? { nil }
  public func fault(limitedBy limit: RateLimit) -> String? { nil }

  public func limited(by limit: RateLimit) -> any TrainingMethod<Scalar> {
    RateLimited(self, limit)
  }

  /// Makes the state for parameters that are one group.
  public mutating func begin(at parameters: [Scalar]) {
    parameters.withUnsafeBufferPointer { begin(at: $0, groups: [0..<$0.count]) }
  }

  /// One step on an array.
  public mutating func step<O: Oracle<Scalar>>(_ parameters: inout [Scalar], _ oracle: inout O) {
    parameters.withUnsafeMutableBufferPointer { step($0, &oracle) }
  }

  /// One step after another, for as long as `goesOn` says so: it is asked before each step, with the
  /// parameters as they are then, and sets the oracle to that step where it has to be.
  ///
  /// ```swift
  /// var oracle = FunctionOracle<Double>(parameterCount: 1) { x, gradient, _ in
  ///   gradient[0] = x[0]
  ///   return x[0] * x[0] / 2
  /// }
  /// var (method, theta) = (DoG<Double>(), [4.0])
  /// method.begin(at: theta)
  /// method.train(&theta, on: &oracle, steps: 0..<1000) { _, theta, _ in theta[0] > 0.1 }
  /// ```
  public mutating func train<O: Oracle<Scalar>>(
    _ parameters: inout [Scalar], on oracle: inout O, steps: Range<Int>,
    while goesOn: (_ step: Int, _ parameters: [Scalar], _ oracle: inout O) throws -> Bool
  ) rethrows {
    for step in steps {
      guard try goesOn(step, parameters, &oracle) else { return }
      self.step(&parameters, &oracle)
    }
  }
}

extension Optimizer: TrainingMethod {
  @inlinable public var stepCounts: StepCounts { progress.stepCounts }
  public var controllerRequirements: ControllerRequirements { controller.requirements }
  public var maximizes: Bool { objective.maximizes }

  /// The optimizer of the controller with its rate held.
  ///
  /// - Precondition: it has taken no step.
  public func limited(by limit: RateLimit) -> any TrainingMethod<Scalar> {
    require(stepCount == 0, "an optimizer that has taken steps is limited by its controller alone")
    func open<C: LearningRateController>(_ controller: C) -> any TrainingMethod<Scalar> {
      Optimizer<Rule, C>(rule, controller, on: objective, parameterCount: parameterCount)
    }
    return open(controller.limited(by: limit))
  }

  /// Nothing is left to do: an optimizer is made for its number of parameters.
  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    require(
      parameters.count == parameterCount,
      "the optimizer was made for \(parameterCount) parameters, not \(parameters.count)")
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    let (loss, gradient) = oracle.evaluate(at: UnsafePointer(parameters.baseAddress!), draw: 0)
    step(
      parameters, UnsafeBufferPointer(start: gradient, count: parameterCount), loss,
      passing: oracle.passedMetric, oracle.epoch)
  }
}
