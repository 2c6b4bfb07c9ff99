import Datasets
import Foundation
import Tasks
import Testing
import Baydin2018

/// MNIST beside the package, where it was put there.
private let folder = URL(fileURLWithPath: #filePath)
  .appendingPathComponent("../../../../shared/data/mnist").standardizedFileURL.path

@Suite struct OneEpochTests {
  /// The first epoch of the published run, from its start in its order.
  @Test func theFirstEpochIsThePublishedOne() throws {
    #if DEBUG
      print("skipped: an epoch of MNIST is slow without optimization; run it with -c release")
    #else
      guard FileManager.default.fileExists(atPath: folder) else {
        print("skipped: there is no MNIST at \(folder)")
        return
      }
      let mnist = try MNIST.load(directory: folder)
      let task = DenseClassification.softmaxRegression(
        data: mnist.train, heldOut: mnist.test, batch: 128, instance: 1)
      let logs = try train(
        Method.all, on: task, seed: 1, epochs: 1,
        as: ReferenceSeed(data: mnist.train, batch: 128, epochs: 1))
      #expect(logs.map(\.method) == Method.all.map(\.name))
      // Each rate has its peak within the first epoch.
      let wholeRun: Set<Quantity> = [.largestRate, .largestRateIteration]
      var compared = 0
      for published in PublishedValue.all where published.source == .log {
        guard published.epoch ?? 1 <= 1,
          published.epoch != nil || wholeRun.contains(published.quantity)
        else { continue }
        let log = try #require(logs.first { $0.method == published.method })
        let ours = try #require(published.quantity.value(log, epoch: published.epoch))
        let share = ((ours - published.low) / published.low).magnitude
        #expect(share <= 1e-4, "\(published.method), \(published.quantity): \(ours)")
        compared += 1
      }
      // Two losses of six methods, the test loss of the start, four rates of three methods.
      #expect(compared == 25)
      #expect(logs[6].negativeIterations == 0 && logs[7].negativeIterations == 0)
      #expect(logs[0].smallestRate == 1e-3 && logs[0].largestRate == 1e-3)
    #endif
  }
}
