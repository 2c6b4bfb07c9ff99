/// Ten classes of 28×28 grey pictures in the four IDX files of the MNIST database, or of another
/// set in the same format.
///
/// A pixel p in 0…255 becomes (p/255 − 0.1307)/0.3081 in Float arithmetic: about mean 0 and variance
/// 1 over MNIST's training pixels.
public struct MNIST: Sendable {
  public let train: Dataset<Float>
  public let test: Dataset<Float>

  /// Reads the four files in `directory`, each as `train-images-idx3-ubyte` or
  /// `train-images.idx3-ubyte`, plain or with `.gz`.
  ///
  /// - Throws: an error that names the directory or file and what was expected there: at least two
  ///   classes in the training set, among others.
  public static func load(directory: String) throws(DataError) -> MNIST {
    switch try DataFile.kind(directory) {
    case .folder: break
    case .absent: throw DataError(directory, "no such directory")
    case .file, .stream:
      throw DataError(directory, "expected the directory of the MNIST files, found a file")
    }
    let train = try part("train", in: directory)
    let test = try part("t10k", in: directory)
    guard train.featureCount == test.featureCount else {
      throw DataError(
        directory,
        "expected test pictures of \(train.featureCount) pixels as in the training set, found "
          + "\(test.featureCount)")
    }
    return MNIST(train: train, test: test)
  }

  /// - Throws: where there is nothing to tell apart.
  private static func checkClasses(_ labels: [Int32], _ file: String) throws(DataError) {
    guard let first = labels.first, labels.allSatisfy({ $0 == first }) else { return }
    throw DataError(file, "expected labels of at least two classes, found only \(first)")
  }

  private static func part(
    _ part: String, in directory: String
  ) throws(DataError) -> Dataset<Float> {
    let labelsFile = try find(part + "-labels", "idx1-ubyte", in: directory)
    let imagesFile = try find(part + "-images", "idx3-ubyte", in: directory)
    let labels = try IDXReader.labels(labelsFile, classCount: 10)
    if part == "train" { try checkClasses(labels, labelsFile) }
    let images = try IDXReader.images(imagesFile)
    guard images.sizes[0] == labels.count else {
      throw DataError(
        labelsFile,
        "expected \(images.sizes[0]) labels, one for each picture, found \(labels.count)")
    }
    let values = (0..<256).map { (Float($0) / 255 - 0.1307) / 0.3081 }
    let count = images.bytes.count
    let features = [Float](unsafeUninitializedCapacity: count) { space, written in
      images.bytes.withUnsafeBufferPointer { bytes in
        values.withUnsafeBufferPointer { values in
          for i in 0..<count { space.initializeElement(at: i, to: values[Int(bytes[i])]) }
        }
      }
      written = count
    }
    return Dataset(
      name: "mnist", features: features, labels: labels,
      featureCount: images.sizes[1] * images.sizes[2], classCount: 10,
      classNames: (0..<10).map { String($0) })
  }

  private static func find(
    _ stem: String, _ ending: String, in directory: String
  ) throws(DataError) -> String {
    let names = ["\(stem)-\(ending)", "\(stem).\(ending)"].flatMap { [$0, $0 + ".gz"] }
    let folder = directory.hasSuffix("/") ? directory : directory + "/"
    for name in names where try DataFile.kind(folder + name) == .file { return folder + name }
    // Packed in another way: the reader says how.
    for name in names {
      for ending in [".bz2", ".xz", ".zip", ".zst", ".Z", ".7z"]
      where try DataFile.kind(folder + name + ending) == .file {
        return folder + name + ending
      }
    }
    throw DataError(
      directory, "expected a file \(names[0]) (or \(names.dropFirst().joined(separator: ", ")))")
  }
}
