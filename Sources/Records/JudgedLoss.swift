/// Of which loss gaps, targets and tables are.
public enum JudgedLoss: String, Sendable, Codable, CaseIterable {
  /// The loss that is minimised, on all the examples it is trained on: the gap is
  /// (f − f*)/(f₀ − f*).
  case training
  /// The loss on held-out examples, h/h₀: its least value is not known, so 0 stands for it.
  ///
  /// For data whose classes can be separated, so that the training loss has no minimum, and a rate
  /// that is without end better by it may be worse where it counts.
  case heldOut

  /// What a gap is where it is not that of the loss that is trained, for the line under a table.
  package var note: String {
    switch self {
    case .training: ""
    case .heldOut: "; gaps are of the loss on held-out examples, over its value at the start"
    }
  }
  /// The loss that is recorded, as an axis names it.
  package var lossName: String {
    switch self {
    case .training: "training loss"
    case .heldOut: "loss on held-out examples"
    }
  }
}
