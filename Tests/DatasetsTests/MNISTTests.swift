import Datasets
import Foundation
import Testing

@Suite struct MNISTTests {
  func writeSmall(to folder: String, dotted: Bool, packed: Bool) throws {
    let mark = dotted ? "." : "-"
    for (part, count) in [("train", 3), ("t10k", 2)] {
      let images = idx([count, 2, 2], (0..<4 * count).map { UInt8(21 * $0) })
      let labels = idx([count], (0..<count).map { UInt8($0) })
      for (name, bytes) in [("images\(mark)idx3", images), ("labels\(mark)idx1", labels)] {
        try write(
          packed ? storedGzip(bytes) : bytes,
          to: "\(folder)\(part)-\(name)-ubyte\(packed ? ".gz" : "")")
      }
    }
  }

  @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
  func findsTheFilesUnderBothNames(dotted: Bool, packed: Bool) throws {
    try withFolder { folder in
      try writeSmall(to: folder, dotted: dotted, packed: packed)
      let data = try MNIST.load(directory: folder)
      #expect(data.train.count == 3 && data.test.count == 2)
      #expect(data.train.featureCount == 4 && data.train.classCount == 10)
      #expect(data.train.labels == [0, 1, 2])
      #expect(data.train.features[3] == (Float(63) / 255 - 0.1307) / 0.3081)
    }
  }

  @Test func saysWhichFileIsMissingOrDiffers() throws {
    try withFolder { folder in
      func message() -> String {
        do throws(DataError) {
          _ = try MNIST.load(directory: folder)
          return "no error"
        } catch { return error.description }
      }
      #expect(message().contains("expected a file train-labels-idx1-ubyte"))
      try writeSmall(to: folder, dotted: false, packed: false)
      #expect(message() == "no error")
      try write(idx([4], [1, 2, 3, 4]), to: folder + "t10k-labels-idx1-ubyte")
      #expect(
        message()
          == folder + "t10k-labels-idx1-ubyte: expected 2 labels, one for each picture, found 4")
      try writeSmall(to: folder, dotted: false, packed: false)
      try write(idx([2, 1, 3], [1, 2, 3, 4, 5, 6]), to: folder + "t10k-images-idx3-ubyte")
      #expect(message().contains("expected test pictures of 4 pixels"))
      #expect(throws: DataError(folder + "no", "no such directory")) {
        try MNIST.load(directory: folder + "no")
      }
      #expect(throws: DataError.self) {
        try MNIST.load(directory: folder + "t10k-images-idx3-ubyte")
      }
    }
  }

  @Test func needsTwoClasses() throws {
    for label in [0, 7] as [UInt8] {
      try withFolder { folder in
        try writeSmall(to: folder, dotted: false, packed: false)
        try write(idx([3], [label, label, label]), to: folder + "train-labels-idx1-ubyte")
        let file = folder + "train-labels-idx1-ubyte"
        let error = DataError(
          file, "expected labels of at least two classes, found only \(label)")
        #expect(throws: error) { try MNIST.load(directory: folder) }
      }
    }
  }

  @Test func saysHowAFileIsPacked() throws {
    try withFolder { folder in
      try writeSmall(to: folder, dotted: false, packed: false)
      let file = folder + "t10k-images-idx3-ubyte"
      try FileManager.default.removeItem(atPath: file)
      try write([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4], to: file + ".xz")
      #expect(
        throws: DataError(
          file + ".xz", "expected the data, plain or as gzip, found xz data: unpack them")
      ) { try MNIST.load(directory: folder) }
    }
  }

  /// Counts and sums of the published files, computed apart with another reader.
  @Test func publishedFiles() throws {
    guard let folder = sharedData("mnist") else { return }
    let train = try IDXReader.labels(folder + "/train-labels-idx1-ubyte.gz", classCount: 10)
    let test = try IDXReader.labels(folder + "/t10k-labels-idx1-ubyte.gz", classCount: 10)
    func counts(_ labels: [Int32]) -> [Int] {
      labels.reduce(into: [Int](repeating: 0, count: 10)) { $0[Int($1)] += 1 }
    }
    #expect(counts(train) == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
    #expect(counts(test) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    func pixels(_ file: String) throws -> (sizes: [Int], sum: Int) {
      let array = try IDXReader.images("\(folder)/\(file)-images-idx3-ubyte.gz")
      let sum = array.bytes.withUnsafeBytes { bytes in
        // Eight bytes at a time, in four 16-bit lanes of a word, of pairs that can't overflow.
        bytes.bindMemory(to: UInt64.self).reduce(0) { sum, word in
          let pairs = (word & 0x00ff_00ff_00ff_00ff) + (word >> 8 & 0x00ff_00ff_00ff_00ff)
          return sum + Int((pairs &* 0x0001_0001_0001_0001) >> 48)
        }
      }
      return (array.sizes, sum)
    }
    let trainPixels = try pixels("train")
    let testPixels = try pixels("t10k")
    #expect(trainPixels.sizes == [60000, 28, 28] && testPixels.sizes == [10000, 28, 28])
    #expect(trainPixels.sum == 1_567_298_545)
    #expect(testPixels.sum == 264_923_200)
  }
}
