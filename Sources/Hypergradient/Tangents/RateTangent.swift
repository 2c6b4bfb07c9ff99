/// Z = dθ/dη along a run of a rule, and the tangents of the rule's state, with a discount μ:
///
///     ġ = ∇²f(θ_t) Z_t
///     (u̇, ṡ_{t+1}) = the rule's linear part, from (ġ, ṡ_t)
///     Z_{t+1} = μ (Z_t − η u̇) − u_t        ṡ_{t+1} ← μ ṡ_{t+1}
///
/// η is the rate of this step. μ = 1 is the derivative of the whole run with respect to a rate that
/// all its steps share; μ = 0 is that of the last step alone, Z = −u, and no Hessian is asked for.
///
/// > Source: L. Franceschi, M. Donini, P. Frasconi and M. Pontil, Forward and Reverse Gradient-Based
/// > Hyperparameter Optimization (2017), the forward recursion; the discount is that of M.
/// > Donini, L. Franceschi, O. Majumder, M. Pontil and P. Frasconi, MARTHE: Scheduling the Learning
/// > Rate Via Online Hypergradients (2020).
struct RateTangent<Scalar: ParameterScalar>: Sendable, Codable {
  /// Z.
  private(set) var value: [Scalar] = []
  /// Whether Z may differ from zero.
  private(set) var isSet = false
  private var state: [Scalar] = []
  @Scratch private var gradient: [Scalar] = []
  @Scratch private var direction: [Scalar] = []

  mutating func begin(count: Int, stateVectors: Int) {
    value = [Scalar](repeating: 0, count: count)
    gradient = value
    direction = value
    state = [Scalar](repeating: 0, count: stateVectors * count)
    isSet = false
  }

  /// Z ← 0.
  mutating func reset() {
    VectorLoops.clear(&value)
    VectorLoops.clear(&state)
    isSet = false
  }

  /// ġ at θ_t, before θ moves.
  ///
  /// - Parameter clip: the largest size of an element of ġ.
  mutating func differentiateGradient<O: Oracle<Scalar>>(
    at theta: UnsafePointer<Scalar>, clip: Double?, _ oracle: inout O
  ) {
    guard isSet else {
      VectorLoops.clear(&gradient)
      return
    }
    let product = value.withUnsafeBufferPointer {
      oracle.hessianVectorProduct(at: theta, $0.baseAddress!, draw: 0)
    }
    VectorLoops.copy(product, clippedTo: clip, into: &gradient)
  }

  /// Z_{t+1}, once the rule has made u_t from g.
  ///
  /// - Returns: false where it is not finite; Z is zero then.
  mutating func advance<Rule: TangentRule<Scalar>>(
    _ host: RuleState<Rule>, gradient g: [Scalar], rate: Double, discount: Double
  ) -> Bool {
    if discount > 0 {
      host.makeTangent(
        gradient: g, gradientTangent: gradient, stateTangents: &state,
        into: &_direction.wrappedValue)
      let mu = Scalar.nearest(to: discount)
      if mu != 1 { state.withUnsafeMutableBufferPointer { VectorLoops.scale($0, by: mu) } }
      let eta = Scalar.nearest(to: rate)
      host.withDirection { Self.combine(&value, mu, eta, direction, minus: $0) }
    } else {
      VectorLoops.clear(&state)
      host.withDirection { u in
        VectorLoops.copy(u, into: &value)
        value.withUnsafeMutableBufferPointer { VectorLoops.scale($0, by: -1) }
      }
    }
    isSet = true
    guard VectorLoops.isFinite(value), VectorLoops.isFinite(state) else {
      reset()
      return false
    }
    return true
  }

  /// z ← μ (z − η u̇) − u.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func combine(
    _ z: inout [Scalar], _ mu: Scalar, _ eta: Scalar, _ tangent: [Scalar],
    minus u: UnsafePointer<Scalar>
  ) {
    for i in z.indices { z[i] = mu * (z[i] - eta * tangent[i]) - u[i] }
  }
}

extension RateTangent {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    value = try state.vector(.value)
    isSet = try state.value(.isSet)
    self.state = try state.vector(.state)
    gradient = [Scalar](repeating: 0, count: value.count)
    direction = gradient
  }

  /// Why it can't be carried along a rule's run; `nil` where it can.
  func fault(count: Int, stateVectors: Int) -> String? {
    value.count == count && state.count == stateVectors * count
      ? nil : "the derivatives are not those of \(stateVectors) vectors of \(count) numbers"
  }
}
