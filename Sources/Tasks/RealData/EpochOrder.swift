internal import HypergradientRecipes
internal import PortableMath
internal import Synchronization

/// Which examples a step sees: every epoch is a keyed permutation of all of them, dealt without
/// replacement; the last batch of an epoch holds what is left.
struct EpochOrder: Sendable {
  let exampleCount: Int
  let batch: Int
  private let name: String
  private let instance: Int
  private let recent = Recent()

  /// - Parameter name: the first word of the random key, followed by the instance and the seed; the
  ///   stream's step is the epoch.
  init(exampleCount: Int, batch: Int, name: String, instance: Int) {
    require(exampleCount > 0 && exampleCount <= Int(Int32.max), "no or too many examples")
    require(batch > 0, "a batch has at least one example")
    self.exampleCount = exampleCount
    self.batch = min(batch, exampleCount)
    self.name = name
    self.instance = instance
  }

  var stepsPerEpoch: Int { (exampleCount + batch - 1) / batch }

  /// The number of examples that `step` sees.
  func count(at step: Int) -> Int {
    min(batch, exampleCount - step % stepsPerEpoch * batch)
  }

  /// The examples that `step` sees.
  func examples(at step: Int, seed: Int) -> ArraySlice<Int32> {
    let order = recent.order(of: Epoch(seed: seed, number: step / stepsPerEpoch)) { epoch in
      var stream = RandomStream(RandomKey(name, instance, epoch.seed), step: epoch.number)
      return stream.permutation(exampleCount).map { Int32($0) }
    }
    let first = step % stepsPerEpoch * batch
    return order[first..<min(first + batch, exampleCount)]
  }

  private struct Epoch: Hashable, Sendable {
    let seed: Int
    let number: Int
  }

  /// The permutations used last: blocks of steps are much shorter than an epoch, and a permutation
  /// is a pure function of its key, so which thread made it does not matter.
  private final class Recent: Sendable {
    private let orders = Mutex<[(epoch: Epoch, order: [Int32])]>([])

    func order(of epoch: Epoch, make: (Epoch) -> [Int32]) -> [Int32] {
      let known = orders.withLock { orders in orders.first { $0.epoch == epoch }?.order }
      if let known { return known }
      let order = make(epoch)
      orders.withLock { orders in
        if orders.count >= 8 { orders.removeFirst() }
        orders.append((epoch, order))
      }
      return order
    }
  }
}
