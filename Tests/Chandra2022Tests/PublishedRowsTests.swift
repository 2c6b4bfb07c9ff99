internal import Datasets
internal import Foundation
internal import Testing
internal import Chandra2022

private let data = URL(fileURLWithPath: #filePath)
  .appendingPathComponent("../../../../shared/data/mnist").standardizedFileURL.path

/// Rows of the paper's tables, one seed each, against the published numbers and the learned rates.
@Suite struct PublishedRowsTests {
  /// The width of the accuracy is that of five seeds of the published code, and of five here.
  private static let cases: [(name: String, accuracy: Double, width: Double)] = [
    ("SGD(0.01) / SGD(0.01)", 88.35, 0.5), ("SGD(0.01) / Adam", 86.80, 0.5),
    ("Adam / Adam", 94.35, 0.5), ("Adam_α / Adam", 94.01, 0.8), ("Adam", 91.09, 0.5),
  ]

  @Test func learnedRatesAreThePublishedOnes() throws {
    #if DEBUG
      print("skipped: the network is slow without optimisation")
    #else
      guard FileManager.default.fileExists(atPath: data) else {
        print("skipped: there is no \(data)")
        return
      }
      let mnist = try MNIST.load(directory: data)
      let (train, test) = (Examples(mnist.train), Examples(mnist.test))
      for item in Self.cases {
        let row = try #require(Row.all.first { $0.name == item.name })
        let outcome = try row.run(seed: 1, train: train, test: test)
        print("\(item.name): \(outcome.accuracy)%, rate \(outcome.rate)")
        #expect(abs(outcome.accuracy - item.accuracy) <= item.width, "\(item.name)")
        if let rate = row.rate {
          #expect(outcome.rate >= 0.96 * rate.lowerBound && outcome.rate <= 1.04 * rate.upperBound)
        }
      }
    #endif
  }
}
