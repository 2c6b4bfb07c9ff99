internal import Reporting
internal import Statistics

/// The comparisons as tables and as words.
struct ComparisonTables {
  let comparisons: [Comparison]
  /// The runs from the reference code's start in its order.
  let replay: [TrainingLog]
  let seeds: Int
  let provenance: String

  var tables: [Table] {
    [
      logTable(
        "losses", "Losses against the published logs",
        comparisons.filter { $0.published.quantity.isLoss }
      ),
      logTable(
        "learning-rates", "Learning rates against the published logs",
        comparisons.filter { !$0.published.quantity.isLoss }),
      rerunTable,
    ]
  }

  /// How many published values are where.
  var summary: String {
    let verdicts = comparisons.filter { $0.published.source == .log }.map(\.verdict)
    let inInterval = verdicts.count { $0 == .insideInterval }
    let inRange = verdicts.count { $0 == .insideRange }
    let apart = verdicts.count - inInterval - inRange
    let reruns = comparisons.filter { $0.published.source == .rerun }
    let again = comparisons.filter { $0.published.source == .log }.compactMap(replayDifference)
    return
      "From the start and in the order of the published run, \(again.count { $0 <= 1e-4 }) of "
      + "\(again.count) published values come out within 0.01 %. With our own seeds, of "
      + "\(verdicts.count) published values, \(inInterval) are inside the interval of our mean, "
      + "\(inRange) outside it but inside the range of our \(seeds) seeds, and \(apart) outside "
      + "the range (one more run of our own would be outside for 2 in \(seeds + 1) quantities). "
      + "Of \(reruns.count) ranges of the reruns, \(reruns.count(where: \.overlaps)) overlap ours."
  }

  /// The same quantity of the run from the reference code's start.
  private func replayed(_ one: Comparison) -> Double? {
    replay.first { $0.method == one.published.method }.flatMap {
      one.published.quantity.value($0, epoch: one.published.epoch)
    }
  }

  /// |replayed − published|/|published|; 0 where both are 0.
  private func replayDifference(_ one: Comparison) -> Double? {
    let published = one.published.low
    return replayed(one).map { $0 == published ? 0 : (($0 - published) / published).magnitude }
  }

  private static let caption =
    "Replayed: our run from the published run's start in its order of examples. Mean of our seeds, with the BCa bootstrap interval of the mean (95 %), the seeds' range and "
    + "standard deviation. Verdict: where the published value lies; (published − mean)/sd where it "
    + "is outside the range."

  private func logTable(_ name: String, _ title: String, _ all: [Comparison]) -> Table {
    let rows = all.filter { $0.published.source == .log }.map { one in
      row(one, [.number(one.published.low), .optional(replayed(one))])
        + [.text(words(one.verdict))]
    }
    return Table(
      name: name, title: title, caption: Self.caption, provenance: provenance,
      columns: columns([
        .bare("published", format: .significant(5)), .bare("replayed", format: .significant(5)),
      ]), rows: rows)
  }

  private var rerunTable: Table {
    let rows = comparisons.filter { $0.published.source == .rerun }.map { one in
      row(one, [.number(one.published.low), .number(one.published.high)]) + [
        .text(
          one.mean >= one.published.low && one.mean <= one.published.high
            ? "mean inside" : one.overlaps ? "ranges overlap" : words(one.verdict))
      ]
    }
    return Table(
      name: "reruns", title: "Against reruns with other code",
      caption: "The published columns are the smallest and largest of three seeds. Verdict: our "
        + "mean is inside that range, or the ranges overlap, or by how many of our standard "
        + "deviations its nearer end is off.", provenance: provenance,
      columns: columns([
        .bare("low", group: "rerun", format: .significant(4)),
        .bare("high", group: "rerun", format: .significant(4)),
      ]), rows: rows)
  }

  private func columns(_ published: [Table.Column]) -> [Table.Column] {
    let number = NumberFormat.significant(4)
    return [
      .bare("method"), .bare("quantity"), .bare("epoch", format: .fixed(0)),
      .bare("mean", format: number), .bare("low", group: "interval", format: number),
      .bare("high", group: "interval", format: number),
      .bare("least", group: "seeds", format: number),
      .bare("most", group: "seeds", format: number), .bare("sd", format: .significant(2)),
    ] + published + [.bare("verdict")]
  }

  private func row(_ one: Comparison, _ published: [Table.Cell]) -> [Table.Cell] {
    [
      .text(one.published.method), .text(one.published.quantity.title),
      .optional(one.published.epoch.map(Double.init)), .number(one.mean),
      .number(one.interval.low), .number(one.interval.high), .number(one.range.lowerBound),
      .number(one.range.upperBound), .number(one.standardDeviation),
    ] + published
  }

  private func words(_ verdict: Comparison.Verdict) -> String {
    switch verdict {
    case .insideInterval: return "inside interval"
    case .insideRange: return "inside range"
    case .outside(let distance):
      guard distance.isFinite else { return "outside (all seeds agree)" }
      let text = NumberFormat.fixed(1).text(abs(distance))
      return "outside, \(distance < 0 ? "−" : "+")\(text) sd"
    }
  }
}
