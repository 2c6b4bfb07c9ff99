/// Examples with dense features, one a row, each of a class or with a number that is to be learned.
public struct Dataset<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  /// Names the data in messages and in the keys of random streams.
  public let name: String
  /// Row-major, `count` × `featureCount`.
  public let features: [Scalar]
  /// Classes, in `0..<classCount`; one an example.
  public let labels: [Int32]
  public let featureCount: Int
  public let classCount: Int
  /// Empty where the source names none.
  public let featureNames: [String]
  /// Empty where the source names none.
  public let classNames: [String]
  /// Numbers to learn, one an example, which then are all of one class; empty where classes are learned.
  public let targets: [Scalar]

  /// Examples.
  public var count: Int { labels.count }

  /// - Precondition: `features` fills `labels.count` rows, every label is below `classCount`, and
  ///   `targets` has as many or none.
  public init(
    name: String, features: [Scalar], labels: [Int32], featureCount: Int, classCount: Int,
    featureNames: [String] = [], classNames: [String] = [], targets: [Scalar] = []
  ) {
    precondition(featureCount > 0, "a dataset has at least one feature")
    precondition(features.count == labels.count * featureCount, "features do not fill the rows")
    precondition(
      labels.allSatisfy { $0 >= 0 && $0 < classCount }, "a label is not in 0..<\(classCount)")
    precondition(targets.isEmpty || targets.count == labels.count, "one target an example")
    self.name = name
    self.features = features
    self.labels = labels
    self.featureCount = featureCount
    self.classCount = classCount
    self.featureNames = featureNames
    self.classNames = classNames
    self.targets = targets
  }

  /// Examples with a number each.
  ///
  /// - Precondition: `features` fills `targets.count` rows.
  public init(
    name: String, features: [Scalar], targets: [Scalar], featureCount: Int,
    featureNames: [String] = []
  ) {
    self.init(
      name: name, features: features, labels: [Int32](repeating: 0, count: targets.count),
      featureCount: featureCount, classCount: 1, featureNames: featureNames, targets: targets)
  }

  /// The examples at `rows`, in that order.
  public func selecting(_ rows: some Collection<Int>) -> Dataset {
    var chosen: [Scalar] = []
    chosen.reserveCapacity(rows.count * featureCount)
    for row in rows {
      chosen.append(contentsOf: features[row * featureCount..<(row + 1) * featureCount])
    }
    return Dataset(
      name: name, features: chosen, labels: rows.map { labels[$0] }, featureCount: featureCount,
      classCount: classCount, featureNames: featureNames, classNames: classNames,
      targets: targets.isEmpty ? [] : rows.map { targets[$0] })
  }

  /// The first of the examples; all where there are no more, or `nil` is asked for.
  public func first(_ examples: Int?) -> Dataset {
    guard let examples, examples < count else { return self }
    return selecting(0..<examples)
  }

  /// The same examples in another precision, each number rounded to nearest.
  public func converted<Other>(to type: Other.Type) -> Dataset<Other> {
    Dataset<Other>(
      name: name, features: features.map { Other($0) }, labels: labels,
      featureCount: featureCount, classCount: classCount, featureNames: featureNames,
      classNames: classNames, targets: targets.map { Other($0) })
  }
}
