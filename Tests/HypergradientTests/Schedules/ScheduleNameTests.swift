internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// A schedule that is written after a dot in Swift has the same name and labels there and in a text.
@Suite struct ScheduleNameTests {
  private static func box<S: Schedule>(_ schedule: S) -> any Schedule { schedule }

  static let pairs: [(text: String, schedule: any Schedule)] = [
    ("constant(0.1)", box(.constant(0.1))),
    ("stepDecay(every: 5, factor: 0.5)", box(.stepDecay(every: 5, factor: 0.5))),
    ("multiStep(at: [2, 5], factor: 0.5)", box(.multiStep(at: [2, 5], factor: 0.5))),
    ("exponential(rate: 0.2)", box(.exponential(rate: 0.2))),
    ("geometric(factor: 0.9)", box(.geometric(factor: 0.9))),
    ("inverseTime(rate: 0.2)", box(.inverseTime(rate: 0.2))),
    ("inverseSquareRoot(timescale: 4)", box(.inverseSquareRoot(timescale: 4))),
    ("noam(width: 16, warmup: 4)", box(.noam(width: 16, warmup: 4))),
    ("linear(over: 9)", box(.linear(over: 9))),
    ("polynomial(over: 9)", box(.polynomial(over: 9))),
    ("cosine(over: 9)", box(.cosine(over: 9))),
    ("flatCosine(over: 9)", box(.flatCosine(over: 9))),
    ("rex(over: 9)", box(.rex(over: 9))),
    ("warmRestarts(every: 4)", box(.warmRestarts(every: 4))),
    ("triangular(from: 0.1, to: 1, rise: 4)", box(.triangular(from: 0.1, to: 1, rise: 4))),
    ("triangular2(from: 0.1, to: 1, rise: 4)", box(.triangular2(from: 0.1, to: 1, rise: 4))),
    (
      "expRange(from: 0.1, to: 1, rise: 4, factor: 0.9)",
      box(.expRange(from: 0.1, to: 1, rise: 4, factor: 0.9))
    ),
    ("oneCycle(peak: 0.1, over: 9)", box(.oneCycle(peak: 0.1, over: 9))),
    ("oneCycleMomentum(over: 9)", box(.oneCycleMomentum(over: 9))),
    ("warmupStableDecay(peak: 0.1, over: 9)", box(.warmupStableDecay(peak: 0.1, over: 9))),
    (
      "triStage(peak: 0.1, warmup: 2, hold: 3, decay: 4)",
      box(.triStage(peak: 0.1, warmup: 2, hold: 3, decay: 4))
    ),
    (
      "piecewise(at: [0, 9], values: [1, 0.5])", box(.piecewise(at: [0, 9], values: [1, 0.5]))
    ),
    ("table([0.1, 0.3])", box(.table([0.1, 0.3]))),
    ("linearWarmup(over: 9)", box(.linearWarmup(over: 9))),
    ("warmup(over: 9)", box(.warmup(over: 9))),
    ("untunedWarmup()", box(.untunedWarmup())),
    ("powerLaw(maximum: 0.02)", box(.powerLaw(maximum: 0.02))),
  ]

  @Test func everyNameIsTheSame() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    func stored(_ schedule: any Schedule) throws -> String {
      "\(type(of: schedule)) " + String(decoding: try encoder.encode(schedule), as: UTF8.self)
    }
    for (text, schedule) in Self.pairs {
      #expect(try stored(try TextReader(text).schedule()) == stored(schedule), "\(text)")
    }
  }
}
