/// The numbers to learn of a comma-separated file, as they are read.
struct TargetNumbers {
  private(set) var values: [Double] = []
  /// What is wrong with the first example, whose field is a word: it may be a name over the others.
  private(set) var firstFault: DataError?

  var count: Int { values.count }
  /// Whether all but the first are whole.
  var areOthersWhole: Bool { values.dropFirst().allSatisfy { $0 == $0.rounded() } }

  /// - Parameter fault: what is wrong with the first example, where its field is no number.
  mutating func append(_ number: Double?, _ fault: DataError?) {
    if let fault { firstFault = fault }
    values.append(number ?? .nan)
  }

  mutating func removeFirst() {
    values.removeFirst()
    firstFault = nil
  }
}
