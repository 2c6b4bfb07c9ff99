/// Z = dθ/dx and C = dv/dx for one hyperparameter x of momentum with coupled decay, along a run:
///
///     v_t = m v_{t−1} + g_t + λ θ_t              θ_{t+1} = θ_t − η v_t
///     C_t = m C_{t−1} + ∇²f(θ_t) Z_t + λ Z_t     + v_{t−1} for x = m, + θ_t for x = λ
///     Z_{t+1} = Z_t − η C_t                      − v_t for x = η
///
/// The last terms are there only at the steps that x is in force at.
///
/// > Source: P. Micaelli and A. Storkey, Gradient-based Hyperparameter Optimization Over Long Horizons
/// > (2021), their forward recursions, as in the authors' published code.
struct MomentumTangent<Scalar: ParameterScalar>: Sendable, Codable {
  let kind: MomentumHyperparameters.Kind
  /// Z.
  private(set) var value: [Scalar]
  /// C.
  private var velocity: [Scalar]
  /// Whether Z or C may differ from zero.
  private(set) var isSet = false

  init(_ kind: MomentumHyperparameters.Kind, count: Int) {
    self.kind = kind
    value = [Scalar](repeating: 0, count: count)
    velocity = value
  }

  mutating func reset() {
    VectorLoops.clear(&value)
    VectorLoops.clear(&velocity)
    isSet = false
  }

  /// One step of the run.
  struct Step {
    /// v_{t−1}, v_t and θ_t.
    let before: [Scalar]
    let velocity: [Scalar]
    let parameters: [Scalar]
    let hyperparameters: MomentumHyperparameters
  }

  /// - Parameters:
  ///   - curvature: ∇²f(θ_t) Z_t; nil where Z is zero.
  ///   - isInForce: whether the step is made with x.
  /// - Returns: false where Z or C is not finite; both are zero then.
  mutating func advance(
    _ step: Step, curvature: UnsafePointer<Scalar>?, isInForce: Bool
  ) -> Bool {
    guard isSet || isInForce else { return true }
    let eta = Scalar.nearest(to: step.hyperparameters.rate)
    let m = Scalar.nearest(to: step.hyperparameters.momentum)
    let lambda = Scalar.nearest(to: step.hyperparameters.weightDecay)
    Self.transport(&value, &velocity, curvature, eta, m, lambda)
    if isInForce {
      switch kind {
      case .rate: Self.add(-1, step.velocity, to: &value)
      case .momentum:
        Self.add(-eta, step.before, to: &value)
        Self.add(1, step.before, to: &velocity)
      case .weightDecay:
        Self.add(-eta, step.parameters, to: &value)
        Self.add(1, step.parameters, to: &velocity)
      }
    }
    isSet = true
    guard VectorLoops.isFinite(value), VectorLoops.isFinite(velocity) else {
      reset()
      return false
    }
    return true
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func transport(
    _ z: inout [Scalar], _ c: inout [Scalar], _ curvature: UnsafePointer<Scalar>?, _ eta: Scalar,
    _ m: Scalar, _ lambda: Scalar
  ) {
    z.withUnsafeMutableBufferPointer { z in
      c.withUnsafeMutableBufferPointer { c in
        for i in z.indices {
          c[i] = m * c[i] + ((curvature.map { $0[i] } ?? 0) + lambda * z[i])
          z[i] = z[i] - eta * c[i]
        }
      }
    }
  }

  /// z += weight·x.
  private static func add(_ weight: Scalar, _ x: [Scalar], to z: inout [Scalar]) {
    z.withUnsafeMutableBufferPointer { z in
      x.withUnsafeBufferPointer { x in
        if let first = x.baseAddress { VectorLoops.add(weight, first, to: z.baseAddress!, x.count) }
      }
    }
  }
}

extension MomentumTangent {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    kind = try state.value(.kind)
    value = try state.vector(.value)
    velocity = try state.vector(.velocity, count: value.count)
    isSet = try state.value(.isSet)
  }
}
