/// What a program says of its method when it is first asked; see Documentation/External.md.
struct MethodHello: Equatable {
  /// Of the lines.
  static let version = 1

  let format: WireFormat
  /// Whether it asks for every loss and gradient itself: a step's question then has none.
  let asks: Bool
  /// Whether the same run always gets the same bits.
  let isRepeatable: Bool

  private static let keys = ["version", "numbers", "asks", "repeatable"]

  /// - Throws: ``ChildFault`` that says what is missing or wrong.
  init(_ line: AnswerLine) throws(ChildFault) {
    try line.checkKeys(Self.keys, of: "a method's hello")
    try line.checkVersion(Self.version)
    format = try line.wireFormat()
    asks = try line.flag("asks", default: false)
    isRepeatable = try line.flag("repeatable", default: true)
  }
}
