internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// Every numeric argument of everything that a text can name, with the numbers at which arithmetic
/// ends: it is refused with a message, or what is made can be used, and its rate stays finite.
@Suite struct ExtremeArgumentTests {
  static let extremes = [
    "0", "-0", "1", "-1", "5e-324", "-5e-324", "2.2250738585072014e-308", "1e-308", "1e-200",
    "0.9999999999999999", "1.0000000000000002", "1e200", "1e308", "1.7976931348623157e308",
    "-1.7976931348623157e308", "9223372036854775807", "-9223372036854775808", "4611686018427387904",
    "2147483647", "1e15", "inf", "-inf", "nan",
  ]

  /// The texts of a call with one number after the other replaced, at any depth, and with every
  /// number that was left out.
  static func variants(_ text: String, _ parameters: [ParameterDescription]) -> [String] {
    var numbers: [Range<String.Index>] = []
    var index = text.startIndex
    while index < text.endIndex {
      let before = index > text.startIndex ? text[text.index(before: index)] : " "
      guard text[index].isNumber || text[index] == "-", !before.isLetter, !before.isNumber else {
        index = text.index(after: index)
        continue
      }
      var end = index
      while end < text.endIndex,
        text[end].isNumber || ".e-".contains(text[end]) && !text[end...].hasPrefix("...")
      { end = text.index(after: end) }
      numbers.append(index..<end)
      index = end
    }
    var texts: [String] = []
    for extreme in extremes {
      for number in numbers { texts.append(text.replacingCharacters(number, by: extreme)) }
      for parameter in parameters
      where parameter.domain != nil && parameter.label != "_"
        && !text.contains("\(parameter.label):")
      {
        guard let close = text.lastIndex(of: ")") else {
          texts.append("\(text)(\(parameter.label): \(extreme))")
          continue
        }
        // The last call of an example is seldom the outermost: insert after its opening.
        guard let open = text.firstIndex(of: "("), open < close else { continue }
        let rest = text[text.index(after: open)...]
        let comma = rest.first == ")" ? "" : ", "
        texts.append("\(text[...open])\(parameter.label): \(extreme)\(comma)\(rest)")
      }
    }
    return texts
  }

  @Test(arguments: Catalogue.standard.schedules.map(\.name))
  func schedules(_ name: String) throws {
    let recipe = try #require(Catalogue.standard.schedules.first { $0.name == name })
    try check(recipe.texts.flatMap { Self.variants($0, recipe.parameters) })
  }

  @Test(arguments: Catalogue.standard.scheduleModifiers.map(\.name))
  func scheduleModifiers(_ name: String) throws {
    let recipe = try #require(Catalogue.standard.scheduleModifiers.first { $0.name == name })
    try check(recipe.texts.flatMap { Self.variants($0, []) })
  }

  private func check(_ texts: [String]) throws {
    var made = 0
    for text in texts {
      guard let schedule = try? Catalogue.standard.schedule(text) else { continue }
      made += 1
      for step in [0, 0.5, 1, 2, 2.9999999999999996, 3, 9, 100, 1e6, 1e15, 1e100, 1e308] {
        guard step <= schedule.lastStep else { break }
        let value = schedule(step)
        #expect(value.isFinite && value >= 0, "\(text) is \(value) at \(step)")
      }
    }
    #expect(made > 0 && made < texts.count)
  }

  @Test(
    arguments: Catalogue.standard.controllers.map(\.name)
      + Catalogue.standard.controllerModifiers.map(\.name))
  func controllers(_ name: String) throws {
    let catalogue = Catalogue.standard
    let plain = catalogue.controllers.first { $0.name == name }
    let texts =
      plain.map { recipe in recipe.texts.flatMap { Self.variants($0, recipe.parameters) } }
      ?? catalogue.controllerModifiers.first { $0.name == name }!.texts
      .flatMap { Self.variants($0, []) }
    var made = 0
    for text in texts {
      guard var controller = try? catalogue.controller(text) else { continue }
      made += 1
      SignalStorm.pass(1200) { signals in
        guard Double(signals.step) <= controller.requirements.lastStep,
          signals.epoch <= controller.requirements.lastEpoch
        else { return }
        _ = controller.decide(signals)
        let rate = controller.learningRate
        #expect(rate.isFinite, "\(text) gives \(rate) at \(signals.step)")
      }
    }
    #expect(made > 0 && made < texts.count)
  }

  @Test(arguments: Catalogue.standard.double.rules.map(\.name))
  func rules(_ name: String) throws {
    let recipe = try #require(Catalogue.standard.double.rules.first { $0.name == name })
    for text in recipe.texts.flatMap({ Self.variants($0, recipe.parameters) }) {
      guard
        let method = try? Catalogue.standard.method("\(text) + constant(1e-3)", for: Double.self)
      else { continue }
      run(method, text)
    }
  }

  @Test(arguments: Catalogue.standard.double.ruleModifiers.map(\.name))
  func ruleModifiers(_ name: String) throws {
    let recipe = try #require(Catalogue.standard.double.ruleModifiers.first { $0.name == name })
    for text in recipe.texts.flatMap({ Self.variants($0, []) }) {
      guard
        let method = try? Catalogue.standard.method("\(text) + constant(1e-3)", for: Double.self)
      else { continue }
      run(method, text)
    }
  }

  @Test(arguments: Catalogue.standard.double.methods.map(\.name))
  func methods(_ name: String) throws {
    let recipe = try #require(Catalogue.standard.double.methods.first { $0.name == name })
    for text in recipe.texts.flatMap({ Self.variants($0, recipe.parameters) }) {
      guard let method = try? Catalogue.standard.method(text, for: Double.self) else { continue }
      run(method, text)
    }
  }

  @Test(arguments: Catalogue.standard.double.methodModifiers.map(\.name))
  func methodModifiers(_ name: String) throws {
    let recipe = try #require(
      Catalogue.standard.double.methodModifiers.first { $0.name == name })
    for text in recipe.texts.flatMap({ Self.variants($0, []) }) {
      guard let method = try? Catalogue.standard.method(text, for: Double.self) else { continue }
      run(method, text)
    }
  }

  /// Steps of a method do not end the program; its numbers may leave the range of a Double.
  private func run(_ named: NamedMethod<Double>, _ text: String) {
    func open<M: TrainingMethod<Double>>(_ made: M) {
      var method = made
      var theta: [Double] = LawFixtures.start(5)
      method.begin(at: theta)
      var oracle = FunctionOracle<Double>(parameterCount: 5, isDeterministic: true) {
        point, gradient, _ in
        let theta = Array(point)
        let g: [Double] = LawFixtures.gradient(theta)
        for i in 0..<5 { gradient[i] = g[i] }
        return LawFixtures.objective(theta, penalty: 0)
      }
      for step in 0..<8 {
        guard Double(step) <= method.controllerRequirements.lastStep else { break }
        oracle.epoch = Double(step) / 4
        method.step(&theta, &oracle)
      }
    }
    open(named.trainer(parameterCount: 5))
  }
}

extension String {
  fileprivate func replacingCharacters(_ range: Range<String.Index>, by other: String) -> String {
    String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
  }
}
