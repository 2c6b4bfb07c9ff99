internal import PortableMath

/// A training as it goes: a picture, a table of numbers, and a page that shows both and reloads itself
/// until the training has ended. Pure functions of the history.
public struct TrainingPage: Sendable {
  /// A row of the history.
  public struct Row: Sendable {
    public var step: Int
    public var epoch: Double?
    /// The mean loss of the batches since the row before; NaN where none was finite.
    public var loss: Double
    /// On data that no gradient sees, where there are any.
    public var validationLoss: Double?
    public var validationAccuracy: Double?
    /// One a group.
    public var rates: [Double]

    public init(
      step: Int, epoch: Double?, loss: Double, validationLoss: Double?,
      validationAccuracy: Double?, rates: [Double]
    ) {
      self.step = step
      self.epoch = epoch
      self.loss = loss
      self.validationLoss = validationLoss
      self.validationAccuracy = validationAccuracy
      self.rates = rates
    }
  }

  public var title: String
  /// Names of the groups whose rates the rows have.
  public var groups: [String]
  public var rows: [Row]
  /// The steps that are to be taken.
  public var horizon: Int
  /// How it ended; `nil` while it goes on.
  public var ending: String?
  /// What is trained, and how, in pairs of a name and a text.
  public var facts: [(name: String, value: String)]
  /// What made it.
  public var provenance: String

  public init(
    title: String, groups: [String], rows: [Row], horizon: Int, ending: String?,
    facts: [(name: String, value: String)], provenance: String
  ) {
    self.title = title
    self.groups = groups
    self.rows = rows
    self.horizon = horizon
    self.ending = ending
    self.facts = facts
    self.provenance = provenance
  }

  /// Seconds between two readings of a page whose training goes on.
  public static let secondsToReload = 2

  /// `step,epoch,loss,validationLoss,validationAccuracy,learningRate…`; an empty field where there is
  /// no number.
  public var csv: String {
    let names = groups.count == 1 ? ["learningRate"] : groups.map { "learningRate \($0)" }
    let heads = ["step", "epoch", "loss", "validationLoss", "validationAccuracy"] + names
    var text = heads.map(Self.field).joined(separator: ",") + "\n"
    for row in rows {
      let numbers = [row.epoch, row.loss, row.validationLoss, row.validationAccuracy] + row.rates
      text +=
        "\(row.step),"
        + numbers.map { $0.map { $0.isNaN ? "" : $0.spelled } ?? "" }
        .joined(separator: ",") + "\n"
    }
    return text
  }

  private static func field(_ text: String) -> String {
    text.contains { ",\"\n\r".contains($0) }
      ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }

  /// Training and validation loss, accuracy where there is one, and the rates, one under the other.
  public var figure: Figure {
    let rows = thinned
    func line(_ label: String, _ value: (Row) -> Double?) -> LineChart.Line {
      LineChart.Line(
        label,
        rows.compactMap { row in
          value(row).flatMap { $0.isFinite ? (x: Double(row.step), y: $0) : nil }
        })
    }
    func panel(_ title: String, _ y: String, _ lines: [LineChart.Line]) -> LineChart.Panel? {
      let lines = lines.filter { !$0.points.isEmpty }
      let values = lines.flatMap { $0.points.map(\.y) }
      guard let least = values.min(), let most = values.max() else { return nil }
      return LineChart.Panel(
        title, x: "step", y: y, isLogarithmic: least > 0 && most > 20 * least, lines: lines)
    }
    let panels = [
      panel(
        "Loss", "loss",
        [line("training", \.loss), line("validation", \.validationLoss)]),
      panel("Accuracy", "accuracy", [line("validation", \.validationAccuracy)]),
      panel(
        "Learning rate", "learning rate",
        groups.indices.map { k in
          line(groups.count == 1 ? "learning rate" : "rate of \(groups[k])") {
            k < $0.rates.count ? $0.rates[k] : nil
          }
        }),
    ].compactMap { $0 }
    return LineChart(panels, columns: 1).figure(
      name: "history", title: title,
      caption:
        "Training loss, the mean of the batches between two points; the loss on data that no "
        + "gradient sees; and the rates that were applied.",
      provenance: provenance)
  }

  /// At most 1000 rows, evenly.
  private var thinned: [Row] {
    let every = (rows.count + 999) / 1000
    return every <= 1
      ? rows
      : rows.indices.filter { ($0 + 1) % every == 0 || $0 == rows.count - 1 }.map { rows[$0] }
  }

  /// One self-contained file.
  public var html: String {
    let isRunning = ending == nil
    var out = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    out += "<meta name=\"color-scheme\" content=\"light dark\">\n"
    if isRunning {
      out += "<meta http-equiv=\"refresh\" content=\"\(Self.secondsToReload)\">\n"
    }
    out += "<title>\(HTML.escaped((isRunning ? "training: " : "") + title))</title>\n"
    out +=
      "<style>\(Page.style)progress{width:100%;max-width:640px}figure svg{width:min(100%,640px);max-width:100%}</style></head><body>\n"
    out += "<header><h1>\(HTML.escaped(title))</h1>"
    let step = rows.last?.step ?? 0
    out += "<p id=\"state\">\(HTML.escaped(ending ?? "training: step \(step) of \(horizon)"))</p>"
    if isRunning { out += "<progress max=\"\(max(1, horizon))\" value=\"\(step)\"></progress>" }
    out += "</header>\n<main>\n<dl>"
    for (name, value) in facts + numbers {
      out += "<dt>\(HTML.escaped(name))</dt><dd>\(HTML.escaped(value))</dd>"
    }
    out += "</dl>\n"
    if rows.isEmpty {
      out += "<p class=\"lead\">There are no scores yet.</p>"
    } else {
      out += "<figure><div class=\"scroll\" tabindex=\"0\">\(figure.svg)</div>"
      out += "<figcaption>\(HTML.escaped(figure.caption))</figcaption></figure>\n"
    }
    return out + "</main>\n<footer><p>\(HTML.escaped(provenance))</p></footer></body></html>\n"
  }

  /// The last row, and the best.
  private var numbers: [(String, String)] {
    guard let last = rows.last else { return [] }
    let number = NumberFormat.significant(4)
    var all = [("steps", "\(last.step) of \(horizon)")]
    if let epoch = last.epoch { all.append(("epochs", number.text(epoch))) }
    if last.loss.isFinite { all.append(("training loss", number.text(last.loss))) }
    if let loss = last.validationLoss {
      let best = rows.compactMap(\.validationLoss).filter(\.isFinite).min()
      all.append(
        ("validation loss", number.text(loss) + (best.map { ", least \(number.text($0))" } ?? "")))
    }
    if let accuracy = last.validationAccuracy {
      let best = rows.compactMap(\.validationAccuracy).max() ?? accuracy
      all.append(("accuracy", "\(number.text(accuracy)), best \(number.text(best))"))
    }
    for (name, rate) in zip(groups, last.rates) {
      all.append((groups.count == 1 ? "learning rate" : "rate of \(name)", number.text(rate)))
    }
    return all
  }
}
