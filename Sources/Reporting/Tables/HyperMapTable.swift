/// Robustness for each hyper-learning-rate of the map.
struct HyperMapTable {
  let map: HyperMap
  let provenance: String

  /// `nil` without a map.
  var table: Table? {
    guard !map.isEmpty else { return nil }
    var rows: [[Table.Cell]] = []
    for method in map.methods {
      let sheets = map.rules.map { map.sheet(rule: $0, method: method) }
      let hypers = Set(sheets.flatMap { $0?.hyperLearningRates ?? [] }).sorted()
      let shares = sheets.map { sheet in
        hypers.map { hyper in
          sheet.flatMap { sheet in
            sheet.hyperLearningRates.firstIndex(of: hyper).map { sheet.reached[$0] }
          }
        }
      }
      for (h, hyper) in hypers.enumerated() {
        rows.append(
          [.text(method), .number(hyper)]
            + shares.map { .optional($0[h], isBest: isGreatest($0[h], $0)) })
      }
    }
    return Table(
      name: "hyper-map", title: "Robustness by hyper-learning-rate",
      caption: "The share of (starting rate, seed) of the map \(MethodRuns.robust), "
        + "\(Comparison.meanOver(map.tasks.count)); bold is the best hyper-learning-rate of a method.",
      provenance: provenance,
      columns: [
        .method,
        .init(
          "hyper-learning-rate", format: .significant(3),
          about: "the number that stands for beta in the method's text"),
      ]
        + map.rules.map {
          .init(
            "robust", group: $0, unit: "%", format: .percent(1),
            about: "share of (starting rate, seed) \(MethodRuns.robust), mean over tasks")
        },
      rows: rows)
  }
}
