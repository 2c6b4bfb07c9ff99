/// An affine map of each feature, and of the numbers to learn where there are some, to mean 0 and
/// variance 1 over the examples that it was fitted to.
///
///     x′ = (x − mean)/deviation        deviation = √(Σ(x − mean)²/N)
///
/// A feature that is the same in all of these examples says nothing: it becomes 0 in every example.
/// Any other, however large or small its values and however little they differ, comes out within some
/// ulps of √N of what exact arithmetic gives: each is moved and scaled by powers of two before
/// anything is rounded. Fit it to the training examples and apply it to the held-out ones too.
public struct Standardization: Sendable, Equatable {
  /// One a feature.
  public let means: [Double]
  /// One a feature; 1 for a feature that is constant.
  public let deviations: [Double]
  /// Of the numbers to learn, in their own unit; `nil` where classes are learned. The deviation of
  /// targets that are all the same is 0.
  public let target: Moments?
  private let maps: [Map]
  private let targetMap: Map?

  public struct Moments: Sendable, Equatable {
    public let mean: Double
    public let deviation: Double

    public init(mean: Double, deviation: Double) {
      self.mean = mean
      self.deviation = deviation
    }
  }

  /// - Precondition: at least one example; all features are finite.
  public init(fitting data: Dataset<Double>) {
    let maps = (0..<data.featureCount).map { Map(data.features, from: $0, by: data.featureCount) }
    self.maps = maps
    let targetMap = data.targets.isEmpty ? nil : Map(data.targets, from: 0, by: 1)
    self.targetMap = targetMap
    target = targetMap.map {
      Moments(mean: $0.originalMean, deviation: $0.isConstant ? 0 : $0.originalDeviation)
    }
    means = maps.map(\.originalMean)
    deviations = maps.map(\.originalDeviation)
  }

  /// - Precondition: `data` has as many features as the examples that this was fitted to.
  public func applied(to data: Dataset<Double>) -> Dataset<Double> {
    replacing(data, mapped(data) { $0 }, { $0 })
  }

  /// The same in Float: rounded once, at the end.
  ///
  /// - Precondition: `data` has as many features as the examples that this was fitted to.
  public func narrowed(_ data: Dataset<Double>) -> Dataset<Float> {
    replacing(data, mapped(data) { Float($0) }, { Float($0) })
  }

  private func mapped<Result>(
    _ data: Dataset<Double>, _ narrow: (Double) -> Result
  ) -> [Result] {
    precondition(data.featureCount == maps.count, "the number of features differs")
    return data.features.withUnsafeBufferPointer { values in
      [Result](unsafeUninitializedCapacity: values.count) { space, count in
        var place = 0
        for _ in 0..<data.count {
          for map in maps {
            space.initializeElement(at: place, to: narrow(map(values[place])))
            place += 1
          }
        }
        count = place
      }
    }
  }

  private func replacing<Result>(
    _ data: Dataset<Double>, _ features: [Result], _ narrow: (Double) -> Result
  ) -> Dataset<Result> {
    precondition(data.targets.isEmpty || targetMap != nil, "the targets were not fitted to")
    return Dataset(
      name: data.name, features: features, labels: data.labels, featureCount: data.featureCount,
      classCount: data.classCount, featureNames: data.featureNames, classNames: data.classNames,
      targets: data.targets.map { narrow(targetMap!($0)) })
  }

  /// One feature's, or the target's:
  ///
  ///     y = 2⁻ᵏ·x          2ᵏ the least power of two above all |x|: no sum or square overflows
  ///     d = 2ᵐ·(y − r)     r in the middle of all y, 2ᵐ such that all |d| ≤ 1: no square vanishes
  ///     x′ = (d − mean)/deviation
  ///
  /// Where the values differ by little, y − r is exact.
  private struct Map: Equatable {
    let originalMean: Double
    let originalDeviation: Double
    let isConstant: Bool
    /// −k, as a Double has not every power of two that is needed, in halves.
    private let outer: (Double, Double)
    private let centre: Double
    private let inner: Double
    private let mean: Double
    private let deviation: Double

    init(_ features: [Double], from first: Int, by width: Int) {
      var (least, greatest) = (features[first], features[first])
      for place in stride(from: first, to: features.count, by: width) {
        least = min(least, features[place])
        greatest = max(greatest, features[place])
      }
      guard least < greatest else {
        isConstant = true
        (originalMean, originalDeviation) = (least, 1)
        (outer, centre, inner, mean, deviation) = ((1, 1), 0, 1, 0, 1)
        return
      }
      isConstant = false
      let shift = Int(max(least.magnitude, greatest.magnitude).exponent) + 1
      let outer = (Self.power(-shift / 2), Self.power(-shift - -shift / 2))
      let (low, high) = (least * outer.0 * outer.1, greatest * outer.0 * outer.1)
      let centre = low + (high - low) / 2
      let inner = Self.power(-Int((high - low).exponent))
      let count = Double(features.count / width)
      func moved(_ place: Int) -> Double {
        (features[place] * outer.0 * outer.1 - centre) * inner
      }
      var sum = CompensatedSum()
      for place in stride(from: first, to: features.count, by: width) { sum.add(moved(place)) }
      let mean = sum.value / count
      var (rest, squares) = (CompensatedSum(), CompensatedSum())
      for place in stride(from: first, to: features.count, by: width) {
        let difference = moved(place) - mean
        rest.add(difference)
        squares.add(difference * difference)
      }
      // What the mean's rounding adds.
      let excess = rest.value / count
      let deviation = (squares.value / count - excess * excess).squareRoot()
      self.outer = outer
      self.centre = centre
      self.inner = inner
      self.mean = mean
      self.deviation = deviation
      let back = (Self.power(shift / 2), Self.power(shift - shift / 2))
      originalMean = (mean / inner + centre) * back.0 * back.1
      originalDeviation = deviation / inner * back.0 * back.1
    }

    func callAsFunction(_ value: Double) -> Double {
      if isConstant { return 0 }
      return ((value * outer.0 * outer.1 - centre) * inner - mean) / deviation
    }

    static func == (a: Map, b: Map) -> Bool {
      a.isConstant == b.isConstant && a.originalMean == b.originalMean
        && a.originalDeviation == b.originalDeviation && a.outer == b.outer
        && a.centre == b.centre && a.inner == b.inner && a.mean == b.mean
        && a.deviation == b.deviation
    }

    private static func power(_ exponent: Int) -> Double {
      Double(sign: .plus, exponent: exponent, significand: 1)
    }
  }
}

/// A sum whose error does not grow with the number of its terms.
///
/// > Neumaier. Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen. 1974.
private struct CompensatedSum {
  private var sum = 0.0
  private var lost = 0.0

  mutating func add(_ term: Double) {
    let next = sum + term
    lost += sum.magnitude >= term.magnitude ? sum - next + term : term - next + sum
    sum = next
  }

  var value: Double { sum + lost }
}
