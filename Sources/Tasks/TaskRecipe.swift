internal import Hypergradient

/// What a task is made with, beside the arguments of its text.
public struct TaskContext: Sendable, Equatable {
  /// Which instance: shift, rotation, starting point.
  public var instance: Int
  /// T, the steps of a run, for tasks that change in its middle; `nil` where the task decides by
  /// its epochs.
  public var horizon: Int?
  /// A file or folder of the user's, for tasks on real data.
  public var data: String?

  public init(instance: Int, horizon: Int? = nil, data: String? = nil) {
    self.instance = instance
    self.horizon = horizon
    self.data = data
  }
}

/// What a text makes of a task: a function from the context to the instance.
public struct TaskMaker: Sendable {
  public let make: @Sendable (TaskContext) throws -> any BenchmarkTask
  public init(_ make: @escaping @Sendable (TaskContext) throws -> any BenchmarkTask) {
    self.make = make
  }
}
