internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// The texts of the forward-mode methods, of SMD and of OSGM are their Swift initialisers.
@Suite struct ForwardRecipeTests {
  private func stored(_ value: any Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return "\(type(of: value)) " + String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private func check(_ text: String, _ value: some TrainingMethod<Double>) throws {
    let pair = try MethodFixtures.method(text)
    #expect(try stored(pair.double) == stored(value), "\(text)")
    // A Float is read from the same numbers; those that are Float themselves are rounded.
    #expect(String(describing: type(of: pair.float)).contains("Float"), "\(text)")
  }

  @Test func textsEqualTheirSwift() throws {
    try check(
      "rtho(hyperLearningRate: 1e-3)",
      ForwardHypergradient(GradientDescent<Double>(), initial: 0.01, hyperLearningRate: 1e-3))
    try check(
      "rtho(adam(beta1: 0.8), initial: 0.1, hyperLearningRate: 1e-4, discount: 0.5, "
        + "within: 1e-3...2, clip: 100)",
      ForwardHypergradient(
        Adam<Double>(beta1: 0.8), initial: 0.1, hyperLearningRate: 1e-4, discount: .fixed(0.5),
        within: 1e-3...2, clip: 100))
    try check(
      "marthe(heavyBall(momentum: 0.5), initial: 0.1)",
      ForwardHypergradient(
        HeavyBall<Double>(momentum: 0.5), initial: 0.1, hyperLearningRate: 1e-8,
        discount: .automatic, hyperHyperLearningRate: 1e-6))
    try check(
      "fds(horizon: 30, hyperLearningRate: 0.1)",
      FDS<Double>(
        horizon: 30, initial: MomentumHyperparameters(rate: 0.01, momentum: 0, weightDecay: 0),
        hyperLearningRates: MomentumHyperparameters(rate: 0.1, momentum: 0, weightDecay: 0)))
    try check(
      "fds(horizon: 30, blocks: 3, initial: 0.2, momentum: 0.3, weightDecay: 0.01, "
        + "hyperLearningRate: 0.1, momentumRate: 0.2, weightDecayRate: 0.4, within: 0.01...1)",
      FDS<Double>(
        horizon: 30, blocks: 3,
        initial: MomentumHyperparameters(rate: 0.2, momentum: 0.3, weightDecay: 0.01),
        hyperLearningRates: MomentumHyperparameters(rate: 0.1, momentum: 0.2, weightDecay: 0.4),
        within: 0.01...1))
    try check("smd()", SMD<Double>(initial: 1e-3))
    try check(
      "smd(initial: 0.1, metaRate: 0.3, discount: 0.5, leastFactor: 0.2, within: 1e-3...1)",
      SMD<Double>(
        initial: 0.1, metaRate: 0.3, discount: 0.5, leastFactor: 0.2, within: 1e-3...1))
    try check("osgmBest(curvature: 3)", OSGMBest<Double>(curvature: 3))
    try check(
      "osgmBest(curvature: 3, scalingRate: 0.1, momentumRate: 0.2, initialMomentum: 0.5)",
      OSGMBest<Double>(
        curvature: 3, scalingRate: 0.1, momentumRate: 0.2, initialMomentum: 0.5))
    try check(
      "osgm(scaling: .scalar, feedback: .ratio, scalingRate: 0.1, sample: .independent)",
      OSGM<Double>(
        scaling: .scalar, feedback: .ratio, scalingRate: 0.1, sample: .independent))
  }

  @Test func whatCanNotBeMadeIsRefused() {
    let refused = [
      ("rtho(adagrad, hyperLearningRate: 1)", "tangent"),
      ("rtho(adam.then(weightDecay(0.1)), hyperLearningRate: 1)", "tangent"),
      ("marthe(sgd, initial: 2, within: 0...1)", "within"),
      ("rtho(sgd, hyperLearningRate: 1, discount: 1.5)", "discount"),
      ("fds(horizon: 3, blocks: 4, hyperLearningRate: 1)", "blocks"),
      ("fds(horizon: 3, initial: 2, hyperLearningRate: 1, within: 0...1)", "within"),
      ("smd(initial: 2, within: 0.1...1)", "within"),
    ]
    for (text, word) in refused {
      do {
        _ = try TextReader(text).training()
        Issue.record("\(text) was built")
      } catch {
        #expect("\(error)".contains(word), "\(text): \(error)")
      }
    }
  }
}
