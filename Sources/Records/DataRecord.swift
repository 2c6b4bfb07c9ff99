/// The user's data as a run read them: which file, how many rows, and which of them were held out.
public struct DataRecord: Codable, Sendable, Equatable {
  /// How the rows that no gradient sees were chosen.
  public enum Split: String, Codable, Sendable {
    /// Those of the source's own test file.
    case testFile
    /// A fifth of the rows, the first of a permutation that is keyed by the data's name; the same
    /// for every instance and seed.
    case fifth
  }

  /// The name of the file or folder, without the folders above it.
  public var file: String
  /// What the file was read as, such as `CSV`.
  public var format: String
  /// Rows that are learned from.
  public var trainingRows: Int
  /// Rows that only scores see.
  public var heldOutRows: Int
  public var split: Split
  public var features: Int
  /// `nil` where numbers are learned.
  public var classes: Int?
  /// The column of the labels where one was named.
  public var labelColumn: String?
  /// The gap that the least loss may be at, where it is known by a bound alone; `nil` where it is at 0.
  public var leastGap: Double?

  public init(
    file: String, format: String, trainingRows: Int, heldOutRows: Int, split: Split, features: Int,
    classes: Int?, labelColumn: String? = nil, leastGap: Double? = nil
  ) {
    self.file = file
    self.format = format
    self.trainingRows = trainingRows
    self.heldOutRows = heldOutRows
    self.split = split
    self.features = features
    self.classes = classes
    self.labelColumn = labelColumn
    self.leastGap = leastGap
  }

  /// One sentence for a reader.
  public var sentence: String {
    let held =
      switch split {
      case .testFile: "those of its test file"
      case .fifth: "a fifth of all, the first of a permutation keyed by the data's name"
      }
    return "\(file) (\(format)): \(trainingRows) rows to learn from, \(heldOutRows) held out "
      + "(\(held)); \(features) features, "
      + (classes.map { "\($0) classes" } ?? "a number to learn")
      + (labelColumn.map { ", labels in the column '\($0)'" } ?? "")
      + (leastGap.map { "; the least loss may be at a gap of \(Float($0)), not 0" } ?? "")
  }
}
