internal import PortableMath

/// Elementary functions of one number that games and policies share.
enum Sigmoid {
  /// σ(x) = 1/(1 + e⁻ˣ).
  static func value(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + Portable.exp(-x)) }
    let e = Portable.exp(x)
    return e / (1 + e)
  }

  /// log(1 + eˣ), whose derivative is σ.
  static func integral(_ x: Double) -> Double {
    max(x, 0) + Portable.log1p(Portable.exp(-x.magnitude))
  }
}
