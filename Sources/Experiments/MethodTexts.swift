internal import HypergradientCatalogue
internal import Records

extension MethodReading {
  /// What a method's text says about how it runs.
  ///
  /// - Parameter variables: all that the text may name.
  init(
    _ spec: String, variables: [String: Double], catalogue: Catalogue = Names.standard.catalogue
  ) throws(SpecError) {
    let text = try SpecText(spec, variables: Set(variables.keys))
    let isController = text.calls.count == 1 && !catalogue.isMethod(text.calls[0].name)
    self.init(
      hasOwnRule: !text.mentions("rule") && !isController,
      hasStartingRate: text.variables.contains("rate"))
  }
}

extension Suite {
  /// Names that a method's text may have, with numbers in their place.
  static let sampleVariables = ["rate": 1.0, "steps": 1000.0, "beta": 1e-3]

  /// How a method of the suite runs.
  func reading(
    _ method: Method, catalogue: Catalogue = Names.standard.catalogue
  ) throws(SpecError) -> MethodReading {
    if let reading = method.reading { return reading }
    var variables = Self.sampleVariables
    for rule in rules { variables.merge(rule.variables ?? [:]) { mine, _ in mine } }
    return try MethodReading(method.spec, variables: variables, catalogue: catalogue)
  }

  /// Reads the texts of the methods that were not read yet; one that can't be read stays without,
  /// until a run says what is wrong with it.
  mutating func readMethods(_ catalogue: Catalogue = Names.standard.catalogue) {
    for index in methods.indices where methods[index].reading == nil {
      methods[index].reading = try? reading(methods[index], catalogue: catalogue)
    }
  }
}
