import Datasets
import Foundation
import PortableMath
import Tasks

extension BenchmarkTask {
  /// The held-out score at `theta`, with scratch that begins as NaN.
  func heldOutScore(at theta: [Scalar]) -> HeldOutScore? {
    var scratch = [Scalar](repeating: .nan, count: scratchCount)
    return heldOutScore(at: theta, scratch: &scratch)
  }

  /// The mean, weighted by the batches' sizes, of an epoch's losses and gradients.
  func epochMean(
    _ theta: [Scalar], seed: Int, epoch: Int, sizes: [Int]
  ) -> (loss: Double, gradient: [Double]) {
    var loss = 0.0
    var gradient = [Double](repeating: 0, count: dimension)
    let total = Double(sizes.reduce(0, +))
    for (position, size) in sizes.enumerated() {
      let step = epoch * sizes.count + position
      let draws = draws(seed: seed, steps: step..<(step + 1))
      let seen = self.gradient(at: theta, step: step, draws: draws)
      loss += seen.loss * Double(size) / total
      for j in gradient.indices { gradient[j] += Double(seen.gradient[j]) * Double(size) / total }
    }
    return (loss, gradient)
  }
}

extension BenchmarkTask<Double> {
  /// The largest difference between the exact gradient and central differences.
  func differenceError(_ theta: [Double], width: Double = 1e-5) -> Double {
    let gradient = exactGradient(at: theta)
    return theta.indices.map { j in
      var (above, below) = (theta, theta)
      above[j] += width
      below[j] -= width
      return ((loss(at: above) - loss(at: below)) / (2 * width) - gradient[j]).magnitude
    }.max()!
  }
}

func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).map { ($0 - $1).magnitude }.max()!
}

/// Normal features, the first of which is the example's number over 100; labels follow the second.
func syntheticDense(
  count: Int, features: Int, classes: Int, words: String = "test.dense"
) -> Dataset<Double> {
  var stream = RandomStream(RandomKey(words, count, features))
  var values: [Double] = []
  var labels: [Int32] = []
  for i in 0..<count {
    let row = [Double(i) / 100] + (1..<features).map { _ in stream.normal() }
    values += row
    labels.append(Int32(min(classes - 1, max(0, Int(row[1] + Double(classes) / 2)))))
  }
  return Dataset(
    name: "test", features: values, labels: labels, featureCount: features, classCount: classes)
}

/// Sparse rows whose labels follow a noisy plane.
func syntheticSparse(count: Int, features: Int) -> SparseDataset {
  var stream = RandomStream(RandomKey("test.sparse", count, features))
  var starts = [0]
  var columns: [Int32] = []
  var values: [Double] = []
  var labels: [Int32] = []
  for _ in 0..<count {
    var sum = stream.normal() + 0.3
    for j in 0..<features where stream.uniform() < 0.4 {
      let value = stream.normal()
      columns.append(Int32(j))
      values.append(value)
      sum += j % 2 == 0 ? value : -value
    }
    starts.append(columns.count)
    labels.append(sum > 0 ? 1 : -1)
  }
  return SparseDataset(
    name: "test", rowStarts: starts, columns: columns, values: values, labels: labels,
    featureCount: features)
}

/// A folder of shared data beside the package; `nil`, with a printed reason, if it is absent.
func sharedData(_ folder: String) -> String? {
  let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  let path = package.appendingPathComponent("../shared/data/\(folder)").standardized.path
  guard FileManager.default.fileExists(atPath: path) else {
    print("skipped: no folder ../shared/data/\(folder) beside the package")
    return nil
  }
  return path
}
