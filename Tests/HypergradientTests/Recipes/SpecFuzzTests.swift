internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Testing

/// Texts that nobody would write: each is built or refused, and what is built can be used.
@Suite struct SpecFuzzTests {
  private static let seeds =
    RecipeTests.rules.map { $0.text + " + constant(rate)" }
    + RecipeTests.controllers.map { "sgd + " + $0.text }
    + RecipeTests.schedules.map { "adam + scheduled(\($0.text))" }

  private static let pieces = [
    "(", ")", "[", "]", ",", ":", ".", "...", "+", "-", "*", "/", " ", "\n", "0", "1", "1e308",
    "1e-320", "nan", "inf", "-0", "rate", "steps", "_", "é", "0x1p3", "..", "by", "adam",
    "constant(", ".then(", ".scaled(by: ", ".clamped(to: ", "initial:", "1e400", "9007199254740993",
  ]

  @Test func mutatedTextsAreBuiltOrRefused() {
    var draw = RandomStream(RandomKey("tests.spec.fuzz"))
    var (built, refused) = (0, 0)
    for round in 0..<6_000 {
      var text = Array(Self.seeds[round % Self.seeds.count])
      for _ in 0...draw.integer(below: 3) { Self.mutate(&text, &draw) }
      let reader = TextReader(String(text), variables: ["rate": 0.1, "steps": 60])
      do throws(SpecError) {
        var made = try reader.method().controller
        built += 1
        for step in 0..<5 {
          if case .step(let rate) = made.decide(Self.signals(step, made.needs)) {
            #expect(rate.isFinite, "\(String(text)) gives \(rate)")
          }
        }
      } catch {
        refused += 1
        #expect(!error.description.contains("\n"))
        #expect((1...(text.count + 1)).contains(error.column), "\(error)")
      }
    }
    #expect(built > 300 && refused > 3_000, "\(built) built, \(refused) refused")
  }

  private static func mutate(_ text: inout [Character], _ draw: inout RandomStream) {
    let at = draw.integer(below: text.count + 1)
    let end = min(text.count, at + draw.integer(below: 4))
    switch draw.integer(below: 4) {
    case 0: text.removeSubrange(at..<end)
    case 1: text.insert(contentsOf: pieces[draw.integer(below: pieces.count)], at: at)
    case 2: text.replaceSubrange(at..<end, with: pieces[draw.integer(below: pieces.count)])
    default: text.insert(contentsOf: text[at..<end], at: draw.integer(below: text.count + 1))
    }
  }

  private static func signals(_ step: Int, _ needs: StepSignals.Needs) -> StepSignals {
    var signals = StepSignals(
      step: step, epoch: needs.contains(.epoch) ? Double(step) : nil,
      loss: needs.contains(.loss) ? 1 : nil, alignment: 0.5, gradientNorm: 1,
      previousDirectionNorm: 1, directionAlignment: 0.5, directionNorm: 1,
      previousDirectionAlignment: 0.5, traceAlignment: 0.5, traceNorm: 1)
    if needs.contains(.metric) { signals.metric = nil }
    return signals
  }
}
