/// What a program says in a step of its method: that it wants to know something, or where it goes.
enum MethodAnswer: Equatable {
  /// Loss and gradient at a point, of a draw.
  case gradient(at: [Double], draw: Int)
  /// The loss alone.
  case loss(at: [Double], draw: Int)
  /// The Hessian times a vector.
  case product(at: [Double], along: [Double], draw: Int)
  /// The step's end: the new parameters, and the rate that it applied, where it says.
  case moved(to: [Double], rate: Double?)

  private static let wants = ["gradient", "loss", "product"]

  /// - Parameter count: of the parameters.
  /// - Throws: ``ChildFault`` that says what is missing or wrong. Whether points are finite is not
  ///   looked at.
  init(_ line: AnswerLine, count: Int, _ format: WireFormat) throws(ChildFault) {
    try line.checkKeys(["want", "at", "draw", "along", "rate"], of: "an answer in a step")
    let name = line["want"] == nil ? "parameters" : "a point"
    let point = try line.vector("at", name, count: count, format)
    guard let want = line["want"], want != .none else {
      for key in ["draw", "along"] where line[key] != nil {
        throw ChildFault("answered \(line.shown), where '\(key)' is for what has a 'want'")
      }
      switch line["rate"] {
      case nil, .some(.none): self = .moved(to: point, rate: nil)
      case .number(let rate)?:
        guard rate.isFinite else {
          throw ChildFault("answered the rate \(rate), not a finite number")
        }
        self = .moved(to: point, rate: rate)
      default: throw line.wrong("rate", "a number, the learning rate that was applied")
      }
      return
    }
    if line["rate"] != nil {
      throw ChildFault("answered a 'rate' beside a 'want': a step's end has it")
    }
    let draw = try line.count("draw", in: 0...1_000_000_000) ?? 0
    switch want {
    case .text(Array("gradient".utf8)): self = .gradient(at: point, draw: draw)
    case .text(Array("loss".utf8)): self = .loss(at: point, draw: draw)
    case .text(Array("product".utf8)):
      let along = try line.vector("along", "a vector 'along'", count: count, format)
      self = .product(at: point, along: along, draw: draw)
    default:
      throw line.wrong(
        "want", "one of " + Self.wants.map { "\"\($0)\"" }.joined(separator: ", "))
    }
  }
}
