internal import Datasets
internal import Synchronization

/// What was read of the user's data, read once and shared by every task that is made of it.
///
/// Loading a file while another thread loads it waits for that thread.
public final class DataStore: Sendable {
  private let loaded = Mutex<[String: any Sendable]>([:])
  private let read = Mutex<[Reading]>([])

  public init() {}

  /// What was read, in the order of the first readings.
  public var readings: [Reading] { read.withLock { $0 } }

  /// How many rows were read, and how they were split.
  public struct Reading: Sendable, Equatable {
    /// `MNIST`, `LIBSVM` or `CSV`.
    public let format: String
    public let trainingRows: Int
    public let heldOutRows: Int
    public let features: Int
    public let classes: Int
    /// Whether the held-out rows are a test file's; else they are a fifth of all: see ``HeldOut``.
    public let hasTestFile: Bool
  }

  /// Pictures and their classes.
  func mnist(_ directory: String) throws(DataError) -> MNIST {
    try value("mnist \(directory)") { () throws(DataError) in
      let data = try MNIST.load(directory: directory)
      note("MNIST", data.train, data.test, hasTestFile: true)
      return data
    }
  }

  /// The training and the held-out part of a LIBSVM file: see ``HeldOut``.
  func libsvm(_ file: String) throws(DataError) -> Parts<SparseDataset> {
    try value("libsvm \(file)") { () throws(DataError) in
      let data = try LIBSVM.load(file: file)
      let parts = HeldOut.split(data)
      read.withLock {
        $0.append(
          Reading(
            format: "LIBSVM", trainingRows: parts.train.count, heldOutRows: parts.heldOut.count,
            features: parts.train.featureCount, classes: 2, hasTestFile: data.test != nil))
      }
      return Parts(train: parts.train, heldOut: parts.heldOut)
    }
  }

  /// The training and the held-out part of a CSV file, features standardised over the former.
  func csv(_ file: String, labelColumn: String?) throws(DataError) -> Parts<Dataset<Float>> {
    try value("csv \(labelColumn ?? "") \(file)") { () throws(DataError) in
      let parts = HeldOut.split(try CSV.load(file: file, labelColumn: labelColumn))
      note("CSV", parts.train, parts.heldOut, hasTestFile: false)
      let map = Standardization(fitting: parts.train)
      return Parts(train: map.applied(to: parts.train), heldOut: map.applied(to: parts.heldOut))
    }
  }

  struct Parts<Data: Sendable>: Sendable {
    let train: Data
    let heldOut: Data
  }

  private func note(
    _ format: String, _ train: Dataset<Float>, _ heldOut: Dataset<Float>, hasTestFile: Bool
  ) {
    read.withLock {
      $0.append(
        Reading(
          format: format, trainingRows: train.count, heldOutRows: heldOut.count,
          features: train.featureCount, classes: train.classCount, hasTestFile: hasTestFile))
    }
  }

  private func value<Value: Sendable>(
    _ key: String, load: () throws(DataError) -> Value
  ) throws(DataError) -> Value {
    try loaded.withLock { loaded throws(DataError) in
      if let known = loaded[key] as? Value { return known }
      let value = try load()
      loaded[key] = value
      return value
    }
  }
}

extension TaskContext {
  /// The user's file or folder.
  func path(_ task: String, _ what: String) throws(DataError) -> String {
    guard let data else { throw DataError(task, "needs \(what): --data names it") }
    return data
  }
}
