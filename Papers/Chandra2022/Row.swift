internal import Hypergradient

/// One row of the paper's tables: a text of the library's method, and what was published.
public struct Row: Sendable {
  public let name: String
  public let text: String
  /// Test accuracy in percent, Tables 1 and 2 of arXiv 1909.13371v1, one run.
  public let published: Double
  /// The mean of five seeds of the published code, where it was run again.
  public let rerun: Double?
  /// The learned rate that was published, or the range of those runs.
  public let rate: ClosedRange<Double>?

  private init(
    _ name: String, _ text: String, published: Double, rerun: Double? = nil,
    rate: ClosedRange<Double>? = nil
  ) {
    self.name = name
    self.text = text
    self.published = published
    self.rerun = rerun
    self.rate = rate
  }

  /// All of one epoch, batches of 300 in the file's order.
  public static let all = [
    Row("SGD(0.01)", fixed("sgd", 0.01), published: 77.48, rerun: 77.80),
    Row(
      "SGD(0.01) / SGD(0.01)", "ultimate(sgd, initial: 0.01, by: .level(sgd, initial: 0.01))",
      published: 88.35, rerun: 88.43, rate: 0.1441...0.1461),
    Row("SGD(0.145)", fixed("sgd", 0.145), published: 88.81, rerun: 88.77),
    Row(
      "SGD(0.01) / Adam",
      "ultimate(sgd, initial: 0.01, by: .level(adam, initial: 1e-3, learning: .rate))",
      published: 86.80, rerun: 86.71, rate: 0.0941...0.0953),
    Row("SGD(0.096)", fixed("sgd", 0.096), published: 87.71, rerun: 87.86),
    Row("Adam", fixed("adam", 1e-3), published: 91.09, rerun: 91.17),
    Row(
      "Adam / SGD(1e-3) by parameter / SGD(1e-4)",
      "ultimate(adam, initial: 1e-3, learning: .all, "
        + "by: .rates(initial: 1e-3, by: .level(sgd, initial: 1e-4)))",
      published: 92.74, rate: 0.0291...0.0291),
    Row(
      "Adam(0.0291, 0.8995, 0.999)", fixed("adam(beta1: 0.8995)", 0.0291), published: 93.74),
    Row(
      "Adam_α / SGD(1e-3) / SGD(1e-4)",
      "ultimate(adam, initial: 1e-3, learning: .rate, "
        + "by: .level(sgd, initial: 1e-3, by: .level(sgd, initial: 1e-4)))",
      published: 92.64, rate: 0.0284...0.0284),
    Row("Adam_α(0.0284)", fixed("adam", 0.0284), published: 93.42),
    Row(
      "Adam / Adam",
      "ultimate(adam, initial: 1e-3, learning: .all, by: .level(adam, initial: 1e-3))",
      published: 94.35, rate: 0.013...0.013),
    Row(
      "Adam(0.013, 0.892, 0.998)", fixed("adam(beta1: 0.892, beta2: 0.998)", 0.013),
      published: 94.75),
    Row(
      "Adam_α / Adam",
      "ultimate(adam, initial: 1e-3, learning: .rate, by: .level(adam, initial: 1e-3))",
      published: 94.01, rerun: 94.33, rate: 0.0131...0.0134),
    Row("Adam_α(0.013)", fixed("adam", 0.013), published: 94.39, rerun: 94.41),
  ]

  /// A rule whose rate is trained at the rate 0; v begins at 1e-8 as under a tower.
  private static func fixed(_ rule: String, _ rate: Double) -> String {
    "ultimate(\(rule), initial: \(rate), learning: .rate, by: .optimizer(sgd, rate: constant(0)))"
  }
}
