/// How much is read of a user's data: no more than a task can use, so that a small file that unpacks
/// to a large one, or a number in it, can't ask for all memory.
public struct DataLimits: Sendable, Equatable {
  /// Bytes of a text file, unpacked.
  public var textBytes = 1 << 30
  /// Bytes of a pipe or device, as they come; they are kept in memory.
  public var streamBytes = 1 << 28
  /// Bytes of a line, or of a record that spans several.
  public var lineBytes = 1 << 24
  /// Lines of a file, empty ones included.
  public var lines = 1 << 24
  /// Numbers in a file; in a sparse one those that are there.
  public var values = 1 << 26
  /// Columns of a CSV file.
  public var columns = 1 << 18
  /// The largest index in a LIBSVM file: parameters are dense.
  public var index = 1 << 21
  /// (features + 1)·classes of a CSV file, the parameters of its softmax regression.
  public var parameters = 1 << 22
  /// Bytes of an IDX file after its header, unpacked.
  public var pixels = 1 << 28

  public init() {}
}
