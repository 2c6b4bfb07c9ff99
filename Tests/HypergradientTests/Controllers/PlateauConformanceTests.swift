internal import Hypergradient
internal import Testing

/// The presets against recorded runs of PyTorch and Keras, to the bit.
@Suite struct PlateauConformanceTests {
  @Test func pyTorch() throws {
    let file = try ConformanceFile("plateau_torch")
    #expect(file.cases.count == 24)
    for (index, item) in file.cases.enumerated() {
      let plateau = Plateau.pyTorch(
        initial: try item.number("base"), factor: try item.number("factor"),
        patience: try item.integer("patience"), threshold: try item.number("threshold"),
        thresholdMode: try item.word("threshold_mode") == "rel" ? .relative : .absolute,
        mode: try item.word("mode") == "min" ? .minimize : .maximize,
        cooldown: try item.integer("cooldown"), minimum: try item.number("min_lr"),
        eps: try item.number("eps"))
      try check(plateau, item, "PyTorch case \(index)")
    }
  }

  @Test func keras() throws {
    let file = try ConformanceFile("plateau_keras")
    #expect(file.cases.count == 12)
    for (index, item) in file.cases.enumerated() {
      let plateau = Plateau.keras(
        initial: try item.number("base"), factor: try item.number("factor"),
        patience: try item.integer("patience"), minDelta: try item.number("min_delta"),
        mode: try item.word("mode") == "min" ? .minimize : .maximize,
        cooldown: try item.integer("cooldown"), minimum: try item.number("min_lr"))
      try check(plateau, item, "Keras case \(index)")
    }
  }

  private func check(_ plateau: Plateau, _ item: ConformanceCase, _ name: String) throws {
    var plateau = plateau
    let metrics = try #require(item.metrics)
    #expect(metrics.count == item.learningRates.count && !metrics.isEmpty)
    for (step, metric) in metrics.enumerated() {
      plateau.observe(metric)
      #expect(
        plateau.learningRate == item.learningRates[step],
        "\(name) (\(item.name)), observation \(step)")
    }
  }
}
