public import Datasets
internal import PortableMath

/// The sums of losses of the published experiments, over the rows of a LIBSVM file:
///
///     svm:       ½ Σ max(0, 1 − zᵢ)²       zᵢ = yᵢ (⟨xᵢ, w⟩ − b)
///     logistic:  Σ log(1 + exp(−zᵢ))       zᵢ = yᵢ (⟨xᵢ, w⟩ + b)
///
/// The last parameter is b. Neither has a penalty, and neither is divided by the number of rows.
public struct Problem: Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    case svm, logistic
  }

  public let kind: Kind
  public let data: SparseDataset

  public init(_ kind: Kind, _ data: SparseDataset) {
    self.kind = kind
    self.data = data
  }

  public var dimension: Int { data.featureCount + 1 }

  /// Writes the gradient at `w`, `dimension` elements, and returns the loss.
  public func evaluate(_ w: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>)
    -> Double
  {
    for j in 0..<dimension { gradient[j] = 0 }
    let last = data.featureCount
    let one = kind == .svm ? -1.0 : 1.0
    var total = 0.0
    for row in 0..<data.count {
      let y = Double(data.labels[row])
      let entries = data.rowStarts[row]..<data.rowStarts[row + 1]
      var sum = one * w[last]
      for k in entries { sum += data.values[k] * w[Int(data.columns[k])] }
      let z = y * sum
      let slope: Double
      switch kind {
      case .svm:
        let short = max(0, 1 - z)
        total += 0.5 * short * short
        slope = -short * y
      case .logistic:
        let small = Portable.exp(-z.magnitude)
        total += Portable.log1p(small) + max(0, -z)
        slope = -y * (z >= 0 ? small : 1) / (1 + small)
      }
      if slope == 0 { continue }
      for k in entries { gradient[Int(data.columns[k])] += data.values[k] * slope }
      gradient[last] += one * slope
    }
    return total
  }
}
