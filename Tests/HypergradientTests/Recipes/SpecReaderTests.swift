internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// Texts that people write, right and wrong, with the one line that each wrong one gets.
@Suite struct SpecReaderTests {
  static let variables = ["rate": 0.5, "steps": 60.0]

  private func message(_ text: String, _ variables: [String: Double] = variables) -> String {
    let reader = TextReader(text, variables: variables)
    do throws(SpecError) {
      _ = text.contains("+") ? try reader.method().controller : try reader.controller()
      return "built"
    } catch { return error.description }
  }

  @Test(arguments: [
    ("", "expected a name, found the end (column 1 of '')"),
    (
      "constnt(1)",
      "no controller named 'constnt'; did you mean 'constant'? (column 1 of 'constnt(1)')"
    ),
    ("constant(1", "expected ',' or ')', found the end (column 11 of 'constant(1')"),
    ("constant(", "expected a name, found the end (column 10 of 'constant(')"),
    ("constant(1) x", "expected the end, found 'x' (column 13 of 'constant(1) x')"),
    ("constant(1))", "expected the end, found ')' (column 12 of 'constant(1))')"),
    ("constant(1, 2)", "the value of 'constant' is given twice (column 13 of 'constant(1, 2)')"),
    (
      "constant(-1)",
      "the value of 'constant' is to be at least 0, not -1 (column 10 of 'constant(-1)')"
    ),
    (
      "constant(nan)",
      "the value of 'constant' is to be finite and at least 0, not nan (column 10 of 'constant(nan)')"
    ),
    (
      "constant(inf)",
      "the value of 'constant' is to be finite and at least 0, not inf (column 10 of 'constant(inf)')"
    ),
    (
      "constant(rate/0)",
      "the value of 'constant' is to be finite and at least 0, not inf (column 10 of 'constant(rate/0)')"
    ),
    (
      "constant(1e999)",
      "the value of 'constant' is to be finite and at least 0, not inf (column 10 of 'constant(1e999)')"
    ),
    (
      "constant(1e-400)",
      "'1e-400' is smaller than a Double holds (column 10 of 'constant(1e-400)')"
    ),
    (
      "constant(rate*-1e-400)",
      "'1e-400' is smaller than a Double holds (column 16 of 'constant(rate*-1e-400)')"
    ),
    (
      "constant(1e-200*1e-200)",
      "the value of 'constant' is to be a number that a Double holds, not a smaller one (column 10 of "
        + "'constant(1e-200*1e-200)')"
    ),
    (
      "constant(1e-308*rate/1e300)",
      "the value of 'constant' is to be a number that a Double holds, not a smaller one (column 10 of "
        + "'constant(1e-308*rate/1e300)')"
    ),
    ("constant(1e-320)", "built"), ("constant(0*1e-200)", "built"), ("constant(0e-400)", "built"),
    (
      "constant(.5.5)",
      "expected a number, found '.5.5' (column 10 of 'constant(.5.5)')"
    ),
    (
      "constant(rte)",
      "the value of 'constant' is to be a number, at least 0: no number named 'rte'; did you mean "
        + "'rate'? (column 10 of 'constant(rte)')"
    ),
    (
      "constant(fast)",
      "the value of 'constant' is to be a number, at least 0, not 'fast' (column 10 of "
        + "'constant(fast)')"
    ),
    (
      "plateau(initial: 1, reduce: .by(0.5, after: 1e30))",
      "'after' of 'by' is to be at most 1e15, not 1e30 (column 38 of 'plateau(initial: 1, reduce: "
        + ".by(0.5, after: 1e30))')"
    ),
    (
      "constant(2 * rte)",
      "expected a number or one of rate, steps, found 'rte' (column 14 of 'constant(2 * rte)')"
    ),
    (
      "constant(0...1)",
      "the value of 'constant' is to be a number, at least 0 (column 10 of 'constant(0...1)')"
    ),
    (
      "constant(value: 1)",
      "no argument of 'constant' named 'value'; it has a value without a label: 'constant(1)' (column 10 of 'constant(value: 1)')"
    ),
    (
      "hypergradient(1e-3)",
      "'hypergradient' has no argument without a label; it has 'initial', 'hyperLearningRate', "
        + "'form', 'within', 'transitionTo', 'transitionPower'; 'hypergradient' needs 'initial': the "
        + "learning rate at the start; 'hyperLearningRate': how fast the learning rate moves (column "
        + "15 of 'hypergradient(1e-3)')"
    ),
    (
      "hypergradient(initial: 1e-3)",
      "'hypergradient' needs 'hyperLearningRate': how fast the learning rate moves (column 1 of "
        + "'hypergradient(initial: 1e-3)')"
    ),
    (
      "hypergradient(intial: 1e-3, hyperLearningRate: 1)",
      "no argument of 'hypergradient' named 'intial'; did you mean 'initial'? (column 15 of "
        + "'hypergradient(intial: 1e-3, hyperLearningRate: 1)')"
    ),
    (
      "hypergradient(initial: -1, hyperLearningRate: 1)",
      "'initial' is -1, outside 'within', 0...1.7976931348623157e308 (column 1 of "
        + "'hypergradient(initial: -1, hyperLearningRate: 1)')"
    ),
    (
      "hypergradient(initial: 1, hyperLearningRate: 1, form: .additve)",
      "no choice for 'form' named 'additve'; did you mean 'additive'? (column 49 of "
        + "'hypergradient(initial: 1, hyperLearningRate: 1, form: .additve)')"
    ),
    (
      "hypergradient(initial: 1, hyperLearningRate: 1, within: 2...0)",
      "'within' of 'hypergradient' is to be a range low...high with low ≤ high (column 49 of "
        + "'hypergradient(initial: 1, hyperLearningRate: 1, within: 2...0)')"
    ),
    (
      "plateau(initial: 1, reduce: .by(2, after: 3))",
      "the value of 'by' is to be in [0, 1), not 2 (column 33 of "
        + "'plateau(initial: 1, reduce: .by(2, after: 3))')"
    ),
    (
      "plateau(initial: 1, watching: .los)",
      "no choice for 'watching' named 'los'; did you mean 'loss'? (column 32 of "
        + "'plateau(initial: 1, watching: .los)')"
    ),
    (
      "plateau(initial: 1, increase: .by(2))",
      "'increase' needs one of after, afterReductions, whenStuckFor (column 32 of "
        + "'plateau(initial: 1, increase: .by(2))')"
    ),
    (
      "scheduled(multiStep(at: [5, 3], factor: 0.5))",
      "the milestones of 'multiStep' are to be ascending (column 11 of "
        + "'scheduled(multiStep(at: [5, 3], factor: 0.5))')"
    ),
    (
      "scheduled(multiStep(at: 5, factor: 0.5))",
      "'at' of 'multiStep' is to be a list, [a, b, …] (column 21 of "
        + "'scheduled(multiStep(at: 5, factor: 0.5))')"
    ),
    (
      "constant(1).clampd(to: 0...1)",
      "no controller modifier named 'clampd'; did you mean 'clamped'? (column 13 of "
        + "'constant(1).clampd(to: 0...1)')"
    ),
    (
      "sgd + constant(1) + sgd",
      "a method is 'rule + controller', such as 'adam + constant(1e-3)' (column 1 of 'sgd + constant(1) + sgd')"
    ),
    (
      "adm + constant(1)",
      "no rule named 'adm'; did you mean 'adam'? (column 1 of 'adm + constant(1)')"
    ),
    (
      "adam(beta1: 1) + constant(1)",
      "'beta1' of 'adam' is to be in [0, 1), not 1 (column 6 of 'adam(beta1: 1) + constant(1)')"
    ),
    (
      "adam.then(clipByNorm(1)) + constant(1)",
      "clipByNorm clips the gradient: put it first (column 6 of "
        + "'adam.then(clipByNorm(1)) + constant(1)')"
    ),
    // Marks of other languages, keyboards and word processors.
    (
      "constant(0,1)",
      "the value of 'constant' is given twice; did you mean '.' for ','? (column 12 of "
        + "'constant(0,1)')"
    ),
    (
      "hypergradient(initial: 0,1, hyperLearningRate: 0,05)",
      "'hypergradient' has no argument without a label; did you mean '.' for ','? (column 26 of "
        + "'hypergradient(initial: 0,1, hyperLearningRate: 0,05)')"
    ),
    (
      "hypergradient(initial=0.1)",
      "expected ',' or ')', found '='; did you mean ':'? (column 22 of 'hypergradient(initial=0.1)')"
    ),
    (
      "constant(–1)", "expected a name, found '–'; did you mean '-'? (column 10 of 'constant(–1)')"
    ),
    (
      "constant(1e–3)",
      "expected a number, found '1e' before '–'; did you mean '-'? (column 10 of 'constant(1e–3)')"
    ),
    (
      "constant(“1”)",
      "expected a name, found '“'; did you mean '\"'? (column 10 of 'constant(“1”)')"
    ),
    (
      "constant(1)’",
      "expected the end, found '’'; did you mean '\"'? (column 12 of 'constant(1)’')"
    ),
    // A text of several lines is shown in one.
    (
      "adm\n+ constant(1)",
      "no rule named 'adm'; did you mean 'adam'? (column 1 of 'adm + constant(1)')"
    ),
  ]) func wrongTextsGetOneLine(_ text: String, _ expected: String) {
    #expect(message(text) == expected)
  }

  @Test func aNameThatIsNearNoneListsThem() {
    let names: String = Catalogue.standard.controllers.map(\.name).joined(separator: ", ")
    #expect(
      message("zzzzzzzzz(1)")
        == "no controller named 'zzzzzzzzz'; there are \(names) (column 1 of 'zzzzzzzzz(1)')")
  }

  @Test func depthHasAnEnd() {
    for opening in ["constant(", "constant([", "constant(-", "constant(1).scaled(by: ", "-", "["] {
      let text = String(repeating: opening, count: 20_000)
      #expect(throws: SpecError.self) {
        _ = try TextReader(text).controller()
      }
    }
    #expect(message("constant(" + String(repeating: "-", count: 40) + "1)") == "built")
  }

  /// Texts with variables and arithmetic, with the number that they stand for.
  @Test(arguments: [
    ("0.25", 0.25), ("rate", 0.5), ("steps/3", 20), ("0.5*steps", 30), ("2*rate*steps/4", 15),
    ("rate / 2 / 2", 0.125), ("- -1", 1), ("1e-3", 1e-3), (".5", 0.5), ("5E2", 500),
    (" 1 ", 1), ("1e+2", 100),
  ]) func numbersStandForThemselves(_ text: String, _ value: Double) throws {
    let made = try TextReader("constant(\(text))", variables: Self.variables).controller()
    #expect(made.learningRate == value)
  }

  /// steps/100 with 250 steps is 2; from nothing but literals a fraction is an error.
  @Test func wholeNumbersAreRoundedDownWhereVariablesStand() throws {
    let text = "plateau(initial: 1, reduce: .by(0.5, after: steps/100))"
    let made = try TextReader(text, variables: ["steps": 250]).controller()
    #expect((made as? Plateau)?.reduction == .by(0.5, after: 2))
    let literal = "plateau(initial: 1, reduce: .by(0.5, after: 2.5))"
    // The literal is no better where variables could have stood.
    for variables in [[:], ["steps": 250.0]] {
      #expect(
        message(literal, variables)
          == "'after' of 'by' is to be a whole number, not 2.5 (column 38 of '\(literal)')")
    }
    let computed = "plateau(initial: 1, reduce: .by(0.5, after: 5/2))"
    #expect(message(computed, [:]).hasPrefix("'after' of 'by' is to be a whole number, not 2.5"))
  }
}
