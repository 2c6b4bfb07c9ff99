import Foundation
import Records
import Testing

@testable import Reporting

/// What every picture draws, before it is drawn, is told again from the runs, by ``PlainRuns``.
@Suite struct FigureLawTests {
  private static let plain = PlainRuns()
  private static let figures = Report.figures(plain.results)

  private typealias Points = [(x: Double, y: Double)]

  private func panels<P: Panel>(_ name: String, _ kind: P.Type = P.self) throws -> [P] {
    let figure = try #require(Self.figures.first { $0.name == name }, "\(name)")
    return try figure.panels.map { try #require($0 as? P, "\(name)") }
  }

  @Test func allPicturesAreToldAgain() {
    #expect(
      Set(Self.figures.map(\.name))
        == Set(
          ["robustness", "reached-by-rate", "time-profile", "hyper-map", "hyper-map-gap"]
            + VariedSample.rules.flatMap { rule in
              [
                "gap-by-rate", "best-tuned", "loss-curves", "rate-curves", "test-loss-curves",
                "test-accuracy-curves",
              ].map { "\($0)-\(rule)" }
            }))
  }

  /// What a robust run is stands in the same words wherever shares of them are shown; the page says
  /// where the target comes from.
  @Test func robustIsOneThing() {
    var captions = Self.figures.map { ($0.name, $0.caption) }
    captions += Report.tables(Self.plain.results).map { ($0.name, $0.caption) }
    for (name, caption) in captions where name != "hyper-map-gap" {
      let shown = ["robustness", "reached-by-rate", "hyper-map"]
      let showsShares = shown.contains(where: name.hasPrefix)
      #expect(caption.contains(MethodRuns.robust) == showsShares, "\(name)")
      #expect(!caption.contains("ends at or below"), "\(name)")
    }
    #expect(
      Report.page(Self.plain.results).contains(
        "it gets to where the best fixed rate is at half of the steps, and stays there."))
  }

  // MARK: Dots

  private func check(
    _ panel: DotPanel, _ told: (String) -> (value: Double?, low: Double?, high: Double?)
  ) {
    #expect(panel.rows.map(\.style) == Array(VariedSample.methods.indices))
    for row in panel.rows {
      let told = told(VariedSample.methods[row.style])
      let isFinite = told.value?.isFinite ?? false
      #expect(Plain.isNear(row.value, isFinite ? told.value : nil), "\(panel.title), \(row.name)")
      if !isFinite {
        #expect(row.note == "diverged")
        continue
      }
      #expect(Plain.isNear(row.low, told.low), "\(panel.title), \(row.name)")
      #expect(Plain.isNear(row.high, told.high), "\(panel.title), \(row.name)")
    }
  }

  @Test func robustness() throws {
    for panel in try panels("robustness", DotPanel.self) {
      check(panel) { method in
        let bySeed = Self.plain.robustBySeed(panel.title, method)
        return (Self.plain.robust(panel.title, method), bySeed.min(), bySeed.max())
      }
    }
  }

  @Test(arguments: VariedSample.rules) func bestTuned(_ rule: String) throws {
    for panel in try panels("best-tuned-\(rule)", DotPanel.self) {
      check(panel) { method in
        let gaps = Self.plain.tunedGaps(panel.title, rule, method)
        return (Plain.median(gaps), gaps.min(), gaps.max())
      }
    }
  }

  // MARK: Lines

  /// - Parameter told: the quartiles at each x of a method; of one value where there is no band.
  private func check(
    _ panel: LinePanel, most: Double = .infinity,
    _ told: (String) -> [(x: Double, values: [Double])]
  ) {
    #expect(panel.series.map(\.style) == Array(VariedSample.methods.indices))
    for series in panel.series {
      let told = told(VariedSample.methods[series.style])
      let name = "\(panel.title), \(VariedSample.methods[series.style])"
      let middle = told.map { ($0.x, min(most, Plain.median($0.values)!)) }
      #expect(isNear(series.points.compactMap { $0 }, middle), "\(name)")
      let low = told.map { ($0.x, Plain.quantile($0.values, 0.25)!) }
      let high = told.map { ($0.x, Plain.quantile($0.values, 0.75)!) }
      if series.band.isEmpty {
        #expect(isNear(low, high), "\(name): no band")
      } else {
        #expect(isNear(series.band.map { ($0.x, $0.low) }, low), "\(name): the band's lower edge")
        #expect(isNear(series.band.map { ($0.x, $0.high) }, high), "\(name): the band's upper edge")
      }
    }
  }

  private func isNear(_ a: Points, _ b: Points) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { Plain.isNear($0.x, $1.x) && Plain.isNear($0.y, $1.y) }
  }

  /// At each starting rate, or level from the lowest to the highest for a method without.
  private func byRate(
    _ method: String, _ values: (Int) -> [Double]
  ) -> [(x: Double, values: [Double])] {
    method == "free"
      ? [-2, 2].map { ($0, values(0)) }
      : VariedSample.exponents.enumerated().map { ($1, values($0)) }
  }

  @Test func reachedByRate() throws {
    let found = try panels("reached-by-rate", LinePanel.self)
    #expect(found.map(\.title) == VariedSample.rules)
    for panel in found {
      check(panel) { method in
        byRate(method) { rate in
          [
            Self.plain.overTasks(panel.title, method) { runs in
              Plain.share(runs.filter { $0.rateIndex == rate }, \.reached)
            }!
          ]
        }
      }
    }
  }

  @Test(arguments: VariedSample.rules) func gapByRate(_ rule: String) throws {
    let found = try panels("gap-by-rate-\(rule)", LinePanel.self)
    #expect(found.map(\.title) == VariedSample.tasks)
    for (task, panel) in found.enumerated() {
      check(panel, most: 1) { method in
        byRate(method) { rate in
          Self.plain.runs(panel.title, rule, method).filter { $0.rateIndex == rate }
            .map { Plain.logarithm($0.finalGap) }
        }
      }
      let target = VariedSample.target(task, VariedSample.rules.firstIndex(of: rule)!)
      #expect(panel.guides.map(\.label) == ["target"])
      #expect(Plain.isNear(panel.guides[0].y, Plain.decades(target)))
    }
  }

  /// At each passage the share of all runs that have passed by then.
  @Test func timeProfile() throws {
    let found = try panels("time-profile", LinePanel.self)
    let titles = ["own target", "common target"].flatMap { target in
      VariedSample.rules.map { "\($0), \(target)" }
    }
    #expect(found.map(\.title) == titles)
    for (index, panel) in found.enumerated() {
      let passage: KeyPath<RunRecord, Int?> = index < 2 ? \.firstPassage : \.firstPassageCommon
      let rule = VariedSample.rules[index % 2]
      for series in panel.series {
        let method = VariedSample.methods[series.style]
        let all = VariedSample.tasks.flatMap { Self.plain.tuned($0, rule, method) }
          .map { $0[keyPath: passage] }
        func share(by time: Int) -> Double { Plain.share(all) { $0 ?? .max <= time }! }
        var told: Points = [(0, 0)]
        for time in Set(all.compactMap { $0 }).sorted() {
          told.append((Plain.decades(Double(max(1, time))), share(by: time)))
        }
        told.append((Plain.decades(Double(VariedSample.steps)), share(by: VariedSample.steps)))
        #expect(isNear(series.points.compactMap { $0 }, told), "\(panel.title), \(method)")
      }
    }
  }

  // MARK: Curves

  /// A row of panels a task, a panel for the lowest, the middle and the highest starting rate.
  private func curves(
    _ name: String, _ rule: String,
    _ told: (_ task: String, _ traces: [RunTrace]) -> [(x: Double, values: [Double])]
  ) throws {
    let found = try panels("\(name)-\(rule)", LinePanel.self)
    #expect(found.count == 9)
    for (index, panel) in found.enumerated() {
      let task = VariedSample.tasks[index / 3]
      #expect(panel.title.hasPrefix("\(task), start \(["0.01", "1", "100"][index % 3]) × "))
      check(panel) { method in
        let rate = method == "free" ? 0 : VariedSample.traced[index % 3]
        let traces = Self.plain.results.traces.filter {
          $0.task == task && $0.rule == rule && $0.method == method && $0.rateIndex == rate
        }
        return traces.isEmpty ? [] : told(task, traces)
      }
    }
  }

  /// The values of all runs at each step that any run of the panel got to; a run that was stopped before
  /// has `stopped`.
  private func bySteps(
    _ traces: [RunTrace], stopped: Double, _ value: (RunTrace, Int) -> Double
  ) -> [(x: Double, values: [Double])] {
    let steps = Self.plain.results.traces.map(\.steps).max { $0.count < $1.count }!
    return steps.filter { $0 > 0 }.map { step in
      (
        Plain.decades(Double(step)),
        traces.map { trace in
          trace.steps.firstIndex(of: step).map { value(trace, $0) } ?? stopped
        }
      )
    }
  }

  @Test(arguments: VariedSample.rules) func lossCurves(_ rule: String) throws {
    try curves("loss-curves", rule) { task, traces in
      bySteps(traces, stopped: .infinity) { trace, index in
        // Without held-out examples the gap, else the loss itself.
        Plain.logarithm(task == "dune" ? trace.gaps[index] : trace.losses[index])
      }
    }
  }

  @Test(arguments: VariedSample.rules) func heldOutCurves(_ rule: String) throws {
    try curves("test-loss-curves", rule) { task, traces in
      task == "dune"
        ? []
        : bySteps(traces, stopped: .infinity) { Plain.logarithm($0.testLosses[$1]) }
    }
    try curves("test-accuracy-curves", rule) { task, traces in
      task == "hill" ? bySteps(traces, stopped: 0) { $0.testAccuracies[$1] } : []
    }
  }

  /// Over the best fixed rate, of the runs that go on.
  @Test(arguments: VariedSample.rules) func rateCurves(_ rule: String) throws {
    try curves("rate-curves", rule) { task, traces in
      let best = VariedSample.rate(
        VariedSample.tasks.firstIndex(of: task)!, VariedSample.rules.firstIndex(of: rule)!)
      return bySteps(traces, stopped: .nan) { trace, index in
        let rate = trace.learningRates[index]
        return rate <= 0 ? -.infinity : Plain.decades(rate / best)
      }.map { ($0.x, $0.values.filter { !$0.isNaN }) }.filter { !$0.1.isEmpty }
    }
  }

  // MARK: Maps

  @Test func hyperMaps() throws {
    let (shares, gaps) = (
      try panels("hyper-map", HeatPanel.self), try panels("hyper-map-gap", HeatPanel.self)
    )
    let titles = VariedSample.mapped.flatMap { method in
      VariedSample.rules.map { "\(method), \($0)" }
    }
    #expect(shares.map(\.title) == titles && gaps.map(\.title) == titles)
    var (toldShares, toldGaps): ([Double], [Double]) = ([], [])
    for (method, rule) in VariedSample.mapped.flatMap({ m in VariedSample.rules.map { (m, $0) } }) {
      for hyper in 0..<3 {
        for rate in 0..<3 {
          let byTask = VariedSample.tasks.map { task in
            Self.plain.runs(task, rule, method, .map).filter {
              $0.hyperIndex == hyper && $0.rateIndex == rate
            }
          }
          toldShares.append(Plain.mean(byTask.compactMap { Plain.share($0, \.reached) })!)
          // A gap above 1 counts as 1.
          toldGaps.append(
            Plain.mean(
              byTask.map { min(0, Plain.median($0.map { Plain.logarithm($0.finalGap) })!) })!)
        }
      }
    }
    func drawn(_ panels: [HeatPanel]) -> [Double?] { panels.flatMap { $0.values.flatMap { $0 } } }
    // The darkest is the next whole decade.
    let least = min(-1, toldGaps.min()!.rounded(.down))
    #expect(drawn(shares).elementsEqual(toldShares) { Plain.isNear($0, $1) })
    #expect(drawn(gaps).elementsEqual(toldGaps.map { $0 / least }) { Plain.isNear($0, $1) })
  }
}
