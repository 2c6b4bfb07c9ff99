internal import HypergradientRecipes
internal import PortableMath

/// How a hyperparameter h is a function of the number x that is trained in its place.
public enum HyperparameterForm: String, Sendable, Codable, CaseIterable {
  /// h = x.
  case plain
  /// h = x².
  case square
  /// h = (tanh x + 1) / 2, for decay rates.
  case tanh
  /// h = 10ˣ.
  case logarithm

  func value(_ x: Double) -> Double {
    switch self {
    case .plain: x
    case .square: x * x
    case .tanh: (Portable.tanh(x) + 1) / 2
    case .logarithm: Portable.pow(10, x)
    }
  }

  /// dh/dx.
  func slope(_ x: Double) -> Double {
    switch self {
    case .plain: 1
    case .square: 2 * x
    case .tanh:
      // h' = (1 − tanh² x)/2 = 2 h (1 − h)
      2 * value(x) * (1 - value(x))
    case .logarithm: Self.logOfTen * value(x)
    }
  }

  /// The x of a value.
  func parameter(_ h: Double) -> Double {
    switch self {
    case .plain: h
    case .square: h.squareRoot()
    case .tanh: (Portable.log(h) - Portable.log1p(-h)) / 2
    case .logarithm: Portable.log(h) / Self.logOfTen
    }
  }

  private static let logOfTen = Portable.log(10 as Double)
}

extension Domain {
  /// The part in which a learned hyperparameter stays: bounds that belong to the domain, and where
  /// no division by 1 − h fails, in Float neither.
  var learnableBounds: ClosedRange<Double> {
    let (small, large, margin) = (1e-30, 1e30, 0x1p-20)
    func inside(_ low: Double, _ high: Double) -> ClosedRange<Double> {
      let gap = margin * (high - low)
      return (low + gap)...(high - gap)
    }
    return switch self {
    case .any: -large...large
    case .atLeast(let low), .above(let low): (low + small)...(low + large)
    case .from(let low, let high), .between(let low, let high), .excluding(let low, let high),
      .strictlyBetween(let low, let high):
      inside(low, high)
    }
  }

  /// The form that keeps a hyperparameter in it.
  var learnableForm: HyperparameterForm {
    switch self {
    case .any: .plain
    case .atLeast, .above: .logarithm
    case .from, .between, .excluding, .strictlyBetween: .tanh
    }
  }
}
