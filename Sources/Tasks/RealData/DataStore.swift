internal import Datasets
internal import Synchronization

/// What was read of the user's data, read once and shared by every task that is made of it.
///
/// Loading a file while another thread loads it waits for that thread.
public final class DataStore: Sendable {
  private let loaded = Mutex<[String: any Sendable]>([:])
  private let untold = Mutex<[String]>([])

  public init() {}

  /// Pictures and their classes.
  func mnist(_ source: DataSource) throws(DataError) -> MNIST {
    try value("mnist", source) { () throws(DataError) in try MNIST.load(directory: source.path) }
  }

  /// The training and the held-out part of a LIBSVM file: see ``HeldOut``.
  func libsvm(_ source: DataSource) throws(DataError) -> Parts<SparseDataset> {
    try value("libsvm", source) { () throws(DataError) in
      let parts = HeldOut.split(try LIBSVM.read(source))
      return Parts(train: parts.train, heldOut: parts.heldOut)
    }
  }

  /// The training and the held-out part of a CSV file, features standardised over the former in
  /// Double and narrowed at the end.
  func csv(_ source: DataSource) throws(DataError) -> Parts<Dataset<Float>> {
    try value("csv", source) { () throws(DataError) in
      let contents = try CSV.read(source)
      let parts = HeldOut.split(contents.data)
      let map = Standardization(fitting: parts.train)
      let heldOut = map.narrowed(parts.heldOut)
      if let place = heldOut.features.firstIndex(where: { !$0.isFinite }) {
        let column = place % heldOut.featureCount
        throw DataError(
          source.path,
          "expected held-out examples like the others, found a value in feature \(column + 1) that "
            + "is more than 10^38 deviations away from their mean")
      }
      untold.withLock { $0 += contents.notes }
      return Parts(train: map.narrowed(parts.train), heldOut: heldOut)
    }
  }

  /// A text's Unicode scalars; what is no UTF-8 reads as U+FFFD.
  func characters(_ source: DataSource) throws(DataError) -> [UInt32] {
    try value("characters", source) { () throws(DataError) in
      let reader = try source.text()
      var bytes: [UInt8] = []
      while let piece = try reader.next() { bytes += piece }
      return String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
    }
  }

  /// What a person should know of how the data were read, a line each, once.
  public func takeNotes() -> [String] {
    untold.withLock { notes in
      defer { notes = [] }
      return notes
    }
  }

  struct Parts<Data: Sendable>: Sendable {
    let train: Data
    let heldOut: Data
  }

  private func value<Value: Sendable>(
    _ kind: String, _ source: DataSource, load: () throws(DataError) -> Value
  ) throws(DataError) -> Value {
    let key = "\(kind) \(source.path) \(source.format)"
    return try loaded.withLock { loaded throws(DataError) in
      if let known = loaded[key] as? Value { return known }
      let value = try load()
      loaded[key] = value
      return value
    }
  }
}

extension TaskContext {
  /// The user's file or folder.
  func source(_ task: String, _ what: String) throws(DataError) -> DataSource {
    guard let data else { throw DataError(task, "needs \(what): --data names it") }
    return data
  }
}
