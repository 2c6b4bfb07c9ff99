internal import Datasets
internal import Hypergradient
internal import Synchronization

/// Data that were read, so that many cohorts share one copy.
enum DataCache {
  struct Split<Data: Sendable>: Sendable {
    var train: Data
    var heldOut: Data
  }

  private struct Kept: Sendable {
    var mnist: [String: MNIST] = [:]
    var libsvm: [String: Split<SparseDataset>] = [:]
    var csv: [String: Split<Dataset<Float>>] = [:]
  }

  private static let kept = Mutex(Kept())

  static func mnist(_ path: String) throws -> MNIST {
    try kept.withLock { kept in
      if let data = kept.mnist[path] { return data }
      let data = try MNIST.load(directory: path)
      kept.mnist[path] = data
      return data
    }
  }

  static func libsvm(_ path: String) throws -> Split<SparseDataset> {
    try kept.withLock { kept in
      if let data = kept.libsvm[path] { return data }
      let (train, heldOut) = HeldOut.split(try LIBSVM.load(file: path))
      kept.libsvm[path] = Split(train: train, heldOut: heldOut)
      return kept.libsvm[path]!
    }
  }

  static func csv(_ path: String) throws -> Split<Dataset<Float>> {
    try kept.withLock { kept in
      if let data = kept.csv[path] { return data }
      let whole = try CSV.load(file: path)
      guard whole.count >= 2, whole.classCount >= 2 else {
        throw MissingData("\(path): two rows and two classes are needed at least")
      }
      let (train, heldOut) = HeldOut.split(whole)
      kept.csv[path] = Split(train: train, heldOut: heldOut)
      return kept.csv[path]!
    }
  }
}
