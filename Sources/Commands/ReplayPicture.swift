internal import Hypergradient
internal import Reporting

/// Learning rates over steps, on one axis.
struct ReplayPicture {
  struct Curve {
    let text: String
    let steps: [Int]
    let rates: [Double]
  }

  let curves: [Curve]
  let isLogarithmic: Bool
  let isLogarithmicInStep: Bool

  init(_ curves: [Curve], isLogarithmic: Bool = false, isLogarithmicInStep: Bool = false) {
    self.curves = curves
    self.isLogarithmic = isLogarithmic
    self.isLogarithmicInStep = isLogarithmicInStep
  }

  /// More are thinned out: two for each of as many parts of the steps, the least and the greatest.
  static let mostPoints = 2000

  var svg: String {
    let title = curves.count == 1 ? curves[0].text : "Learning rates"
    let panel = LineChart.Panel(
      "", x: isLogarithmicInStep ? "step, from 1" : "step", y: "learning rate",
      isLogarithmic: isLogarithmic, isLogarithmicInX: isLogarithmicInStep,
      lines: Self.named(curves).map { LineChart.Line($0, points($1)) })
    return LineChart([panel], columns: 1, panelWidth: 560, panelHeight: 320).figure(
      name: "replay", title: title, caption: "The learning rate of each step.",
      provenance: "hypergrad replay"
    ).svg
  }

  /// Texts that are given twice are told apart.
  private static func named(_ curves: [Curve]) -> [(String, Curve)] {
    var seen: [String: Int] = [:]
    return curves.map { curve in
      seen[curve.text, default: 0] += 1
      let count = seen[curve.text]!
      return (count == 1 ? curve.text : "\(curve.text) (\(count))", curve)
    }
  }

  private func points(_ curve: Curve) -> [(x: Double, y: Double)] {
    Self.kept(curve.rates).map { i in
      (Double(curve.steps[i]) + (isLogarithmicInStep ? 1 : 0), curve.rates[i])
    }
  }

  /// The places that are drawn, in order.
  static func kept(_ rates: [Double]) -> [Int] {
    guard rates.count > mostPoints else { return Array(rates.indices) }
    let parts = mostPoints / 2
    var kept: [Int] = []
    for part in 0..<parts {
      let places = part * rates.count / parts..<(part + 1) * rates.count / parts
      let least = places.min { rates[$0] < rates[$1] }!
      let greatest = places.max { rates[$0] < rates[$1] }!
      kept += least == greatest ? [least] : [min(least, greatest), max(least, greatest)]
    }
    if kept.first != 0 { kept.insert(0, at: 0) }
    if kept.last != rates.count - 1 { kept.append(rates.count - 1) }
    return kept
  }
}
