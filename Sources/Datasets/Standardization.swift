/// An affine map of each feature to mean 0 and variance 1 over the examples that it was fitted to.
///
///     x′ = (x − mean)/deviation        deviation = √(Σ(x − mean)²/N), or 1 if that is 0
///
/// Fit it to the training examples and apply it to the held-out ones too.
public struct Standardization: Sendable, Equatable {
  /// One a feature.
  public let means: [Double]
  /// One a feature; 1 for a feature that is constant.
  public let deviations: [Double]

  public init<Scalar>(fitting data: Dataset<Scalar>) {
    let width = data.featureCount
    let count = Double(data.count)
    var means = [Double](repeating: 0, count: width)
    var deviations = [Double](repeating: 0, count: width)
    for row in 0..<data.count {
      for j in 0..<width { means[j] += Double(data.features[row * width + j]) / count }
    }
    for row in 0..<data.count {
      for j in 0..<width {
        let difference = Double(data.features[row * width + j]) - means[j]
        deviations[j] += difference * difference / count
      }
    }
    // Rounding leaves a constant feature with a deviation of some ulps of its mean.
    self.deviations = zip(means, deviations).map { mean, variance in
      let deviation = variance.squareRoot()
      return deviation > 1e-12 * mean.magnitude && deviation > 0 ? deviation : 1
    }
    self.means = means
  }

  /// - Precondition: `data` has as many features as the examples that this was fitted to.
  public func applied<Scalar>(to data: Dataset<Scalar>) -> Dataset<Scalar> {
    precondition(data.featureCount == means.count, "the number of features differs")
    var features = data.features
    for row in 0..<data.count {
      for j in 0..<means.count {
        let position = row * means.count + j
        features[position] = Scalar((Double(features[position]) - means[j]) / deviations[j])
      }
    }
    return Dataset(
      name: data.name, features: features, labels: data.labels, featureCount: data.featureCount,
      classCount: data.classCount, featureNames: data.featureNames, classNames: data.classNames)
  }
}
