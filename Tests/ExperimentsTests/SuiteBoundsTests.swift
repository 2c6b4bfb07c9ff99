internal import Datasets
internal import Experiments
internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import Records
internal import Testing

/// What a suite can say ends in a comparison or in one line: it never hangs, and nothing traps.
@Suite struct SuiteBoundsTests {
  private func problem(_ text: String) -> String {
    message { _ = try SuiteFile.parse(text, file: "s.yaml") }
  }

  private static let numbers = [
    "0", "-0", "-1", "1e308", "-1e308", "5e-324", ".inf", "-.inf", ".nan", "1e16", "0x10", "1_0",
    "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1:30", "0.5", "~", "yes",
    "1000000000", "1000000001",
  ]

  /// Every number of the file in turn is each of these; what is accepted has a plan.
  @Test func numbersOfEveryKind() throws {
    let places = [
      "steps: 60", "evaluations: 12", "version: 1", "tuningSeeds: [1]", "reportSeeds: [101]",
      "{low: -4, high: 2, count: 4}", "{low: -2, high: 0, count: 2}", "seeds: [101]\n",
      "hyperLearningRates: [0.01, 0.1]", "tracedExponents: [-4, -2, 0, 2]", "commonTarget: 0.5",
      "sgd: {rate: 0.18, target: 1e-2}",
    ]
    var accepted = 0
    for place in places {
      for match in place.matches(of: /-?[0-9][0-9.e-]*/) {
        for number in Self.numbers {
          let text = TinySuite.replacing(
            place, place.replacing(match.output, with: number, maxReplacements: 1))
          do {
            let suite = try SuiteFile.parse(text, file: "s.yaml")
            accepted += 1
            #expect(suite.steps ?? 1 <= Suite.mostSteps)
            #expect(suite.tracedExponents.allSatisfy { $0.isFinite })
            #expect(suite.tasks.allSatisfy { $0.commonTarget > 0 && $0.commonTarget <= 0.5 })
          } catch {
            #expect(
              error.description.hasPrefix("s.yaml:") && !error.description.contains("\n")
                && error.description.count < 300, "\(place) \(number): \(error)")
          }
        }
      }
    }
    #expect(accepted > 20)
  }

  /// YAML has other numbers than those that are seen.
  @Test(arguments: ["060", "0o60", "1:00", "6_0", "0x3C", "0b11"]) func numbersLookLikeThemselves(
    _ number: String
  ) throws {
    for (place, key) in [("steps: 60", "steps"), ("evaluations: 12", "evaluations")] {
      let found = problem(TinySuite.replacing(place, "\(key): \(number)"))
      #expect(
        found.hasPrefix("s.yaml:")
          && found.contains("'\(key)' is to be a whole number, not '\(number)'"),
        "\(found)")
    }
    if number == "1:00" || number == "6_0" {
      let found = problem(TinySuite.replacing("commonTarget: 0.5", "commonTarget: \(number)"))
      #expect(found.contains("'commonTarget' is to be a number, not"), "\(found)")
    }
  }

  @Test func hyperLearningRatesDiffer() {
    let found = problem(
      TinySuite.replacing(
        "hyperLearningRates: [0.01, 0.1]", "hyperLearningRates: [0.01, 1e-2, 0.1]"))
    #expect(found.contains("'hyperLearningRates' of 'hypergradient' in 'map' has 0.01 twice"))
  }

  /// Names of every kind, wherever there is one.
  @Test(arguments: [
    "", " ", "a\\nb", "a\\0b", "a\\u2028b", "a\\u200Bb", "a,b", "a\\\"b",
    String(repeating: "x", count: 101),
    String(repeating: "ä", count: 51), String(repeating: "x", count: 200_000),
  ]) func namesThatCannotBe(_ name: String) {
    for place in [
      "name: tiny", "{name: sgd, spec", "- name: fixed", "- name: noisy",
    ] {
      let key = place.replacing(/name: [a-z]+/, with: "name: \"\(name)\"")
      let found = problem(TinySuite.replacing(place, key))
      // In a folder's name they are no harm.
      if name == " " || place == "name: tiny" && [",", "\""].contains(where: name.contains) {
        continue
      }
      #expect(
        found.hasPrefix("s.yaml:") && !found.contains("\n") && found.count < 300,
        "\(place): \(found.prefix(300))")
    }
  }

  /// A text for the reader of YAML that stands for more than its length.
  @Test func bombsAreRefused() throws {
    func levels(_ count: Int, _ item: (Int) -> String) -> String {
      (0..<count).map(item).joined(separator: "\n") + "\n"
    }
    let lists = levels(30) { level in
      level == 0
        ? "a0: &a0 [x, x]"
        : "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]"
    }
    let keys = levels(30) { level in
      level == 0
        ? "a0: &a0 {x: 1}" : "a\(level): &a\(level) {? *a\(level - 1) : *a\(level - 1)}"
    }
    for text in [
      lists, keys, lists + TinySuite.text, "x: &x y\n? *x\n: *x\n",
      String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 100_000),
      String(repeating: "- ", count: 100_000), String(repeating: "? ", count: 100_000),
      (0..<5000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
      "[\"]\", " + String(repeating: "[\"]\", ", count: 100_000),
      "a: " + String(repeating: "x", count: 17 << 20),
    ] {
      let found = problem(text)
      #expect(found.hasPrefix("s.yaml:") && !found.contains("\n") && found.count < 300, "\(found)")
    }
    // What only looks so is read.
    for summary in ["\"'*a' and &a\"", "'a *b & c'", "a* & *b", "|\n  \"[[[\n  *best*"] {
      #expect(
        try SuiteFile.parse(
          TinySuite.replacing("summary: For tests.", "summary: " + summary), file: "s.yaml"
        ).name == "tiny")
    }
  }

  /// A line of any length is quoted in part.
  @Test func longTextsAreQuotedInPart() {
    let long = String(repeating: "long, ", count: 40_000)
    for text in [
      long, TinySuite.replacing("steps: 60", "steps: \(long)"),
      TinySuite.replacing("steps: 60", "\(long): 60"),
      TinySuite.replacing("spec: adam}", "spec: \"\(long)\"}"),
      TinySuite.replacing("\"constant(rate)\"", "\"constant(rate, \(long))\""),
      TinySuite.replacing(
        "\"constant(rate)\"", "\"constant(\(String(repeating: "y", count: 200_000)): 1)\""),
      TinySuite.replacing("noisyQuadratic(", "\(String(repeating: "n", count: 200_000))("),
    ] {
      let found = StandardStreams.oneLine(problem(text))
      #expect(found.hasPrefix("s.yaml:") && found.count <= 2001)
    }
  }

  /// Methods that a task can't run are refused before anything is run, those inside others as well.
  @Test func whatCannotRunIsRefused() throws {
    let folder = try TemporaryFolder()
    var suite = try TinySuite.suite()
    let epochs = "scheduled(constant(rate), in: .epochs)"
    let metric = "plateau(initial: rate, reduce: .by(0.5, after: 5), watching: .metric)"
    for inner in [
      epochs, metric, "constant(rate).scaled(by: constant(1), in: .epochs)",
      "constant(rate).times(\(epochs))", "\(metric).clamped(to: 0...1)",
    ] {
      for text in [
        inner, "byGroup(rule, rate: \(inner))", "independentAlignment(rule, by: \(inner))",
        "byGroup(rule.penalized(by: 0.1), rate: \(inner))",
      ] {
        suite.methods[1].spec = text
        let found = message { _ = try folder.run(suite, into: "out") }
        #expect(
          found.contains("counts epochs, and task 'ellipsoid'")
            || found.contains("watches a validation metric"), "\(text): \(found)")
        #expect(folder.names("out").isEmpty)
      }
    }
  }

  /// A schedule of epochs that ends, on a task made of examples.
  @Test func aScheduleOfEpochsThatEndsTooSoon() throws {
    let folder = try TemporaryFolder()
    var rows = "width,sort\n"
    for i in 0..<40 { rows += "\(Double(i % 7) + 0.25),\(i % 3 == 0 ? 1 : 0)\n" }
    try folder.write(rows, to: "data.csv")
    func train(_ method: String, epochs: Int) -> String {
      message {
        _ = try SingleTraining.run(
          SingleTraining.Request(
            task: "csvLogistic", method: method, seed: 1, steps: nil, epochs: epochs,
            data: DataSource(folder.path + "/data.csv"), evaluations: 5)
        ) { _, _ in }
      }
    }
    let ends = "cosine(from: 0.1, over: 3, past: .error), in: .epochs"
    for method in [
      "sgd + scheduled(\(ends))", "byGroup(sgd, rate: scheduled(\(ends)))",
      "sgd + constant(0.1).scaled(by: \(ends))",
      "sgd + constant(0.1).times(scheduled(\(ends))).clamped(to: 0...1)",
      "startUp(sgd, rate: hypergradient(initial: 1e-3, hyperLearningRate: 0.02).scaled(by: \(ends)))",
    ] {
      #expect(train(method, epochs: 4) == "nothing", "\(method)")
      let found = train(method, epochs: 5)
      #expect(
        found.contains("ends at epoch 3, before the last of the run, 4,"), "\(method): \(found)")
    }
  }

  /// Any two controllers as factors of one product are refused, or run over any task.
  @Test func everyProductRunsOrIsRefused() throws {
    let catalogue = Catalogue.standard
    let texts = catalogue.controllers.compactMap(\.texts.first)
    #expect(texts.count > 15)
    var refused = 0
    var ran = 0
    for first in texts {
      for second in texts {
        let text = "sgd + \(first).times(\(second))"
        guard case .pair(let rule, let controller)? = try? catalogue.method(text, for: Double.self)
        else {
          refused += 1
          continue
        }
        func run<R: UpdateRule<Double>, C: LearningRateController>(_ rule: R, _ controller: C) {
          var optimizer = Optimizer(rule, controller, parameterCount: 2)
          var theta = [1.0, -2.0]
          for step in 0..<12 {
            // Falls, rises, and is not finite.
            let loss = [3.0, 2, 1, 5, .nan, 4, 4, 9, .infinity, 1, 1, 1][step]
            optimizer.step(
              &theta, gradient: theta, loss: loss, metric: loss, epoch: Double(step) / 4)
          }
          ran += 1
        }
        run(rule.rule, controller)
      }
    }
    #expect(refused > 5 && ran > 100, "\(refused) refused, \(ran) ran")
    #expect(
      message {
        _ = try catalogue.method("sgd + l4().times(boldDriver(initial: 0.1))", for: Double.self)
      }
      .contains("may skip a step, take it again or go back"))
  }

  @Test func aPlateauDoesSomething() {
    #expect(
      message { _ = try Catalogue.standard.controller("plateau(initial: 1)") }
        .hasPrefix("neither 'reduce' nor 'increase' is given"))
  }
}
