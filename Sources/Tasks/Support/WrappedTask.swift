internal import Hypergradient

/// A task that is made of another: what it does not answer itself, its base answers. So its file says
/// what is its own alone, such as its draws.
protocol WrappedTask: BenchmarkTask where Scalar == Base.Scalar {
  associatedtype Base: BenchmarkTask
  var base: Base { get }
}

extension WrappedTask {
  public var dimension: Int { base.dimension }
  public var start: [Scalar] { base.start }
  public var parameterGroups: [Range<Int>] { base.parameterGroups }
  public var isDeterministic: Bool { base.isDeterministic }
  public var reference: ReferenceValue { base.reference }
  public var stepsPerEpoch: Int? { base.stepsPerEpoch }
  public var scratchCount: Int { base.scratchCount }
  public var stepsPerBlock: Int { base.stepsPerBlock }

  public func draws(seed: Int, steps: Range<Int>) -> Draws<Scalar> {
    base.draws(seed: seed, steps: steps)
  }

  public func gradient(
    at theta: UnsafePointer<Scalar>, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    base.gradient(at: theta, step: step, draws: draws, into: gradient, scratch: scratch)
  }

  public func loss(
    at theta: UnsafePointer<Scalar>, step: Int, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    base.loss(at: theta, step: step, scratch: scratch)
  }

  public func exactGradient(
    at theta: UnsafePointer<Scalar>, step: Int, into gradient: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    base.exactGradient(at: theta, step: step, into: gradient, scratch: scratch)
  }

  public func heldOutScore(
    at theta: UnsafePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> HeldOutScore? {
    base.heldOutScore(at: theta, scratch: scratch)
  }
}
