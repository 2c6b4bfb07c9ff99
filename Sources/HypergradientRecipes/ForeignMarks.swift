/// Marks as other languages, word processors and shells write them, and ours that are meant by them.
private let foreignMarks: [Character: Character] = [
  "=": ":", "–": "-", "—": "-", "−": "-", "“": "\"", "”": "\"", "„": "\"", "‘": "\"", "’": "\"",
  "'": "\"",
]

/// The mark of the grammar that is meant by one that is none; `nil` for any other character.
func meantMark(_ found: Character) -> Character? { foreignMarks[found] }

/// Whether the value at a column of a text is what a decimal comma has cut off, as in `0,1`.
func isBehindDecimalComma(_ column: Int, of text: String) -> Bool {
  guard column >= 3 else { return false }
  let around = Array(text.dropFirst(column - 3).prefix(3))
  func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
  return around.count == 3 && isDigit(around[0]) && around[1] == "," && isDigit(around[2])
}
