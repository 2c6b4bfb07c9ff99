/// A method around another one, ``base``, for what it does not say itself: it costs what the base
/// costs, counts what the base counts and asks for what the base asks for.
///
/// One that keeps vectors of its own adds them to ``TrainingMethod/memoryVectors``, one that moves at
/// another rate has its own ``TrainingMethod/learningRate``.
public protocol MethodWrapper<Scalar>: TrainingMethod where Scalar == Base.Scalar {
  associatedtype Base: TrainingMethod
  var base: Base { get }
}

extension MethodWrapper {
  public var memoryVectors: Int { base.memoryVectors }
  public var learningRate: Double { base.learningRate }
  public var stepCounts: StepCounts { base.stepCounts }
  public var controllerRequirements: ControllerRequirements { base.controllerRequirements }
  public var distanceEstimate: Double? { base.distanceEstimate }
  public var maximizes: Bool { base.maximizes }
  public var program: (any MethodProgram)? { base.program }

  public func fault(limitedBy limit: RateLimit) -> String? { base.fault(limitedBy: limit) }
}
