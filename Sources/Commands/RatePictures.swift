internal import HypergradientTraining
internal import Reporting

/// Curves of range tests, drawn.
struct RatePictures {
  let tested: TestedRates
  let title: String
  let suggestions: [(kind: RateSuggestion, interval: RateInterval)]

  private static let letters: [RateSuggestion: Character] = [
    .largest: "L", .smallest: "s", .steepest: "d", .valley: "v", .minimumOverTen: "m", .slide: "i",
  ]

  private var marks: [(kind: RateSuggestion, rate: Double)] {
    suggestions.compactMap { one in one.interval.outcome.rate.map { (one.kind, $0) } }
  }

  /// In characters, of the first seed, with a line that explains the letters.
  func terminal(width: Int) -> [String] {
    let curve = tested.curves[0]
    guard !curve.rates.isEmpty else { return [] }
    let limit = curve.limit
    let chart = TerminalChart(
      [
        .init("·", zip(curve.rates, curve.losses).map { ($0, min($1, limit)) }),
        .init("●", zip(curve.rates, curve.smoothed).map { ($0, $1) }),
      ],
      marks: marks.map { .init(Self.letters[$0.kind]!, at: $0.rate) }, isLogarithmic: true)
    var lines = chart.lines(width: width)
    lines.append(
      "· loss after the step at each rate, ● smoothed; seed \(tested.seeds[0])"
        + (curve.end == .diverged ? "; cut at the top" : ""))
    if !marks.isEmpty {
      lines.append(
        marks.map { "\(Self.letters[$0.kind]!) \($0.kind.rawValue)" }.joined(separator: ", "))
    }
    return lines
  }

  /// As a file: the losses of the first seed, and every seed's smoothed curve.
  func svg(provenance: String) -> String {
    func cut(_ curve: RateCurve, _ values: [Double]) -> [(x: Double, y: Double)] {
      let limit = curve.limit
      return zip(curve.rates, values).map { ($0, min($1, limit)) }
    }
    var lines = [
      LineChart.Line(
        "loss, seed \(tested.seeds[0])", cut(tested.curves[0], tested.curves[0].losses))
    ]
    for (seed, curve) in zip(tested.seeds, tested.curves) {
      lines.append(LineChart.Line("smoothed, seed \(seed)", cut(curve, curve.smoothed)))
    }
    var panels = [
      LineChart.Panel(
        "Loss after the step at each rate", x: "learning rate", y: "loss", isLogarithmicInX: true,
        lines: lines, marks: marks.map { ($0.kind.rawValue, $0.rate) })
    ]
    let accuracies = zip(tested.seeds, tested.curves).compactMap { seed, curve in
      let points = zip(curve.rates, curve.heldOut).compactMap { rate, score in
        score.accuracy.map { (x: rate, y: $0) }
      }
      return points.isEmpty ? nil : LineChart.Line("accuracy, seed \(seed)", points)
    }
    if !accuracies.isEmpty {
      panels.append(
        LineChart.Panel(
          "Held-out accuracy", x: "learning rate", y: "accuracy", isLogarithmicInX: true,
          lines: accuracies, marks: marks.map { ($0.kind.rawValue, $0.rate) }))
    }
    return LineChart(panels, columns: 1).figure(
      name: "range", title: title,
      caption: "A step at each learning rate, from small to large, and the loss after it; dotted "
        + "lines are the suggestions, the median over seeds.",
      provenance: provenance
    ).svg
  }
}
