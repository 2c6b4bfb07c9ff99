internal import Datasets
internal import PortableMath
internal import Synchronization

/// What was read of the user's data, read once and shared by every task that is made of it.
///
/// Loading a file while another thread loads it waits for that thread.
public final class DataStore: Sendable {
  private let loaded = Mutex<[String: any Sendable]>([:])
  private let taken = Mutex<Int?>(nil)

  /// Examples to learn from in the data of the task that was made last, before a subset was taken;
  /// `nil` where none was made of the user's data.
  package var exampleCount: Int? { taken.withLock { $0 } }

  fileprivate func note(exampleCount: Int) { taken.withLock { $0 = exampleCount } }

  public init() {}

  /// Pictures and their classes.
  func mnist(_ directory: String) throws(DataError) -> MNIST {
    try value("mnist \(directory)") { () throws(DataError) in try MNIST.load(directory: directory) }
  }

  /// The training and the held-out part of a LIBSVM file: see ``HeldOut``.
  func libsvm(_ file: String) throws(DataError) -> Parts<SparseDataset> {
    try value("libsvm \(file)") { () throws(DataError) in
      let parts = HeldOut.split(try LIBSVM.load(file: file))
      return Parts(train: parts.train, heldOut: parts.heldOut)
    }
  }

  /// The training and the held-out part of a CSV file, features standardised over the former.
  func csv(_ file: String, labelColumn: String?) throws(DataError) -> Parts<Dataset<Float>> {
    try value("csv \(labelColumn ?? "") \(file)") { () throws(DataError) in
      let parts = HeldOut.split(try CSV.load(file: file, labelColumn: labelColumn))
      let map = Standardization(fitting: parts.train)
      return Parts(train: map.applied(to: parts.train), heldOut: map.applied(to: parts.heldOut))
    }
  }

  struct Parts<Data: Sendable>: Sendable {
    let train: Data
    let heldOut: Data
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

  /// The examples that are learned from.
  ///
  /// - Throws: `DataError` where a subset is larger than the data.
  func chosen<Scalar>(_ data: Dataset<Scalar>) throws(DataError) -> Dataset<Scalar> {
    try rows(data.name, data.count).map { data.selecting($0) } ?? data
  }

  /// The same of sparse data.
  func chosen(_ data: SparseDataset) throws(DataError) -> SparseDataset {
    try rows(data.name, data.count).map { data.selecting($0) } ?? data
  }

  private func rows(_ name: String, _ count: Int) throws(DataError) -> [Int]? {
    store.note(exampleCount: count)
    guard let examples else { return nil }
    guard examples >= 1, examples <= count else {
      throw DataError(
        data ?? name, "a subset of \(examples) examples is not in 1...\(count), those to learn from"
      )
    }
    var stream = RandomStream(RandomKey(name + ".subset"))
    return stream.permutation(count)[..<examples].sorted()
  }
}
