public import Datasets
internal import Hypergradient

/// What a task is made with, beside the arguments of its text.
public struct TaskContext: Sendable {
  /// Which instance: shift, rotation, starting point.
  public var instance: Int
  /// T, the steps of a run, for tasks that change in its middle; `nil` where the task decides by
  /// its epochs.
  public var horizon: Int?
  /// A file or folder of the user's, for tasks on real data.
  public var data: DataSource?
  /// How many of the examples are learned from: the first of a permutation that is keyed by the
  /// data's name; `nil` for all. Held-out examples are all there.
  public var examples: Int?
  /// How many threads at most one gradient or loss may use, where a task is large enough to share
  /// out; no bit depends on it.
  public var threads: Int
  /// Holds what was read of the user's data, so that many instances share one copy.
  public var store: DataStore

  public init(
    instance: Int, horizon: Int? = nil, data: DataSource? = nil, examples: Int? = nil,
    threads: Int = 1, store: DataStore = DataStore()
  ) {
    self.instance = instance
    self.horizon = horizon
    self.data = data
    self.examples = examples
    self.threads = threads
    self.store = store
  }
}

/// What a text makes of a task: a function from the context to the instance.
public struct TaskMaker: Sendable {
  public let make: @Sendable (TaskContext) throws -> any BenchmarkTask
  /// Whether it trains a neural network, of one hidden layer at least; known without its data.
  public let isNetwork: Bool
  public init(
    isNetwork: Bool = false,
    _ make: @escaping @Sendable (TaskContext) throws -> any BenchmarkTask
  ) {
    (self.make, self.isNetwork) = (make, isNetwork)
  }
}
