internal import Datasets
internal import Foundation
internal import Testing
internal import Chu2025

private let shared = URL(fileURLWithPath: #filePath)
  .appendingPathComponent("../../../../shared").standardizedFileURL.path

/// The recorded runs of HDM-Best on a1a, a2a and a3a, all 20 configurations of each problem.
@Suite struct ReferenceTests {
  @Test func theRecordedRunsAreReproduced() throws {
    let recorded = try Reference.load(
      URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../Papers/Chu2025/reference.json").standardizedFileURL.path)
    #expect(recorded.count == 6)
    let folder = shared + "/data/libsvm"
    guard FileManager.default.fileExists(atPath: folder) else {
      print("skipped: there is no \(folder)")
      return
    }
    for (name, reference) in recorded.sorted(by: { $0.key < $1.key }) {
      let parts = name.split(separator: "_")
      let data = try LIBSVM.load(file: "\(shared)/data/libsvm/\(parts[1])").train
      let kind = try #require(Problem.Kind(rawValue: String(parts[0])))
      #if DEBUG
        let most = 12
      #else
        let most = 101
      #endif
      let comparison = Comparison(
        name, Problem(kind, data), reference, most: most, perturbations: 0)
      #expect(comparison.rows.count == 20)
      for row in comparison.rows {
        let label = "\(name), \(row.configuration.lrmul), \(row.configuration.betalr)"
        #expect(row.lossDifference <= 1e-9, "\(label)")
        #expect(row.gradientDifference <= 1e-9, "\(label)")
        #expect(row.lateDifference <= 1e-4, "\(label)")
      }
    }
  }

  /// Central differences of the losses.
  @Test(arguments: Problem.Kind.allCases)
  func gradients(_ kind: Problem.Kind) throws {
    let data = SparseDataset(
      name: "three", rowStarts: [0, 2, 3, 5], columns: [0, 2, 1, 0, 1],
      values: [1, -0.5, 2, 0.25, 1.5], labels: [1, -1, 1], featureCount: 3)
    let problem = Problem(kind, data)
    let w = [0.3, -0.2, 0.7, 0.1]
    var gradient = [Double](repeating: 0, count: 4)
    var scratch = gradient
    _ = problem.evaluate(w, into: &gradient)
    for j in 0..<4 {
      var (above, below) = (w, w)
      above[j] += 1e-6
      below[j] -= 1e-6
      let slope =
        (problem.evaluate(above, into: &scratch) - problem.evaluate(below, into: &scratch)) / 2e-6
      #expect(abs(slope - gradient[j]) < 1e-8)
    }
  }
}
