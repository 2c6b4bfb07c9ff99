internal import Hypergradient
internal import Testing

/// Parameter-free methods against recorded runs of Optax: 120 steps each.
@Suite struct MethodConformanceTests {
  @Test func optax() throws {
    let file = try ConformanceFile("optimizers_optax")
    var checked: [String] = []
    for item in file.cases {
      switch item.name {
      case "dog":
        try compare(
          item,
          DoG<Double>(initialDistance: try item.number("init_learning_rate")))
      case "prodigy": try compare(item, Prodigy<Double>(factor: try item.number("learning_rate")))
      case "dadapt_adamw":
        try compare(item, DAdaptedAdam<Double>(factor: try item.number("learning_rate")))
      case "cocob": try compare(item, COCOB<Double>())
      default: continue
      }
      checked.append(item.name)
    }
    #expect(checked == ["dog", "prodigy", "dadapt_adamw", "cocob"])
  }

  /// Every step's parameters, within the case's tolerance of the largest.
  private func compare<M: TrainingMethod<Double>>(_ item: ConformanceCase, _ made: M) throws {
    let gradients = try #require(item.gradients)
    let expected = try #require(item.parameters)
    let tolerance = try #require(item.tolerance)
    var method = made
    var theta = try #require(item.initial)
    method.begin(at: theta)
    var step = 0
    var oracle = FunctionOracle<Double>(parameterCount: theta.count) { _, gradient, _ in
      for i in gradient.indices { gradient[i] = gradients[step][i] }
      return 0
    }
    var worst = 0.0
    for index in gradients.indices {
      step = index
      method.step(&theta, &oracle)
      let largest = expected[index].map(abs).max() ?? 1
      for (a, b) in zip(theta, expected[index]) {
        worst = max(worst, abs(a - b) / largest)
      }
    }
    print("\(item.name): largest difference \(worst) of the largest parameter")
    #expect(worst <= tolerance, "\(item.name): \(worst)")
  }
}
