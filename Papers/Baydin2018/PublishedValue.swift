/// A number that others measured, from `published.csv`.
public struct PublishedValue: Sendable {
  public enum Source: String, Sendable {
    /// One run with seed 1, logged in the paper's reference code: hypergrad/results/logreg of
    /// github.com/gbaydin/hypergradient-descent at commit 020d608.
    case log
    /// The range over three seeds of an independent rerun in another language.
    case rerun
  }

  public let source: Source
  public let method: String
  public let quantity: Quantity
  /// From 1, or 0 for the start; `nil` for a quantity of the whole run.
  public let epoch: Int?
  public let low: Double
  public let high: Double

  public init(
    source: Source, method: String, quantity: Quantity, epoch: Int?, low: Double, high: Double
  ) {
    self.source = source
    self.method = method
    self.quantity = quantity
    self.epoch = epoch
    self.low = low
    self.high = high
  }

  public static let all: [PublishedValue] = {
    let text = String(decoding: PackageResources.published_csv, as: UTF8.self)
    return text.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 6, let source = Source(rawValue: fields[0]),
        let quantity = Quantity(rawValue: fields[2]), let low = Double(fields[4]),
        let high = Double(fields[5]), Method.all.contains(where: { $0.name == fields[1] })
      else { preconditionFailure("published.csv: not a line of numbers: \(line)") }
      return PublishedValue(
        source: source, method: fields[1], quantity: quantity, epoch: Int(fields[3]), low: low,
        high: high)
    }
  }()
}
