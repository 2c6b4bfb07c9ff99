import HypergradientRecipes
import PortableMath
import Testing

/// Arguments that are texts in quotes.
struct QuotedTextTests {
  struct Told: Sendable, Equatable {
    var words: String
    var times: Int
  }

  private static let recipe = Recipe<Told>(
    "tell", { (words: String, times: Int) in Told(words: words, times: times) },
    .text("words", default: "a \"quoted\" word", "what is told"),
    .count("times", in: .between(1, 9), default: 1, "how often"), summary: "tells")

  private func read(_ text: String) throws(SpecError) -> Told {
    var vocabulary = Vocabulary()
    vocabulary[Told.self] = Lexicon("story", [Self.recipe])
    let node = try SpecText(text, variables: ["steps"]).single("a story")
    return try SpecReader(text, vocabulary: vocabulary).read(node)
  }

  private func spelled(_ text: String) throws -> String {
    var vocabulary = Vocabulary()
    vocabulary[Told.self] = Lexicon("story", [Self.recipe])
    let node = try SpecText(text).single("a story")
    return SpecReader(text, vocabulary: vocabulary).spelledOut(node, as: Told.self)
  }

  /// What is quoted is read as it was, whatever it holds, and is spelled out in a way that is read again.
  @Test(arguments: 0..<200) func everyTextComesBack(_ index: Int) throws {
    var stream = RandomStream(RandomKey("quoted.texts", index))
    let letters: [Character] = [
      "\"", "\\", " ", "'", "(", ")", "[", "]", ",", ":", ".", "+", "*", "/", "-", "a", "Z", "0",
      "7",
      "$", "é", "θ", "🎈", "\u{200D}", "`", "&", ";", "{", "}", "<", ">", "|", "#", "%",
    ]
    let words =
      "x" + String((0..<(index % 40)).map { _ in letters[Int(stream.nextUInt64() % 34)] })
    let text = "tell(words: \(quoted(words)), times: 3)"
    #expect(try read(text) == Told(words: words, times: 3))
    #expect(try read(try spelled(text)) == Told(words: words, times: 3))
  }

  @Test func theDefaultIsATextItself() throws {
    #expect(try read("tell").words == "a \"quoted\" word")
    #expect(Self.recipe.signature == "tell(words: \"a \\\"quoted\\\" word\", times: 1)")
    #expect(try read(Self.recipe.signature) == read("tell()"))
  }

  /// Labels, names of variables and calls in quotes are a text alone.
  @Test(arguments: ["steps", "inf", "times: 2", "tell(words: 1)", "1...2", ".yes", "a + b"])
  func nothingIsReadInAText(_ words: String) throws {
    #expect(try read("tell(words:\"\(words)\")").words == words)
    let text = try SpecText("tell(words: \"\(words)\")", variables: ["steps"])
    #expect(text.variables.isEmpty && !text.mentions("steps"))
  }

  @Test(arguments: [
    ("tell(words: \"abc)", "has no end", 13), ("tell(words: \")", "has no end", 13),
    ("tell(words: \"a\\n\")", "after '\\'", 16), ("tell(words: \"a\\\")", "has no end", 13),
    ("tell(words: \"a\\", "after '\\'", 16), ("tell(words: \"a\nb\")", "line break", 15),
    ("tell(words: \"a\tb\")", "can't be seen", 15), ("tell(words: \"\u{2028}\")", "line break", 14),
    ("tell(words: \"\")", "not empty", 6), ("tell(words: \"  \")", "not empty", 6),
    ("tell(words: abc)", "a text in quotes", 6), ("tell(words: 3)", "a text in quotes", 6),
    ("tell(words: [\"a\"])", "a text in quotes", 6), ("tell(times: \"3\")", "a number", 6),
    ("tell(words: \"a\" \"b\")", "expected ',' or ')'", 17), ("\"tell\"", "expected a name", 1),
    ("tell(words: \"a\".yes)", "expected ',' or ')'", 16),
  ])
  func whatIsNoTextIsRefusedAtItsColumn(_ text: String, _ fault: String, _ column: Int) {
    let error = #expect(throws: SpecError.self) { _ = try read(text) }
    #expect(error?.message.contains(fault) == true, "\(error?.message ?? "")")
    #expect(error?.column == column)
    #expect(error?.description.contains("\n") == false)
  }
}
