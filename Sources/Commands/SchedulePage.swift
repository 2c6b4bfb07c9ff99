internal import Hypergradient
internal import HypergradientCatalogue
internal import Reporting

/// The page Documentation/Schedules.md, made from the recipes, and its pictures.
struct SchedulePage {
  let catalogue: Catalogue
  /// Where the page finds the pictures, beside it.
  static let folder = "schedules"

  var text: String {
    """
    # Schedules

    A schedule is a pure function of the step, from 0. It is a learning rate by itself, in
    `scheduled(…)`; a factor of any controller's rate, in `.scaled(by: …)`; or the value of a rule's
    hyperparameter, in `.varying(…, by: …)`:

        adam + scheduled(cosine(from: 1e-3, over: steps).warmedUp(over: 100))
        adam + hypergradient(initial: 1e-3, hyperLearningRate: 1e-7).scaled(by: warmup(over: 100))
        heavyBall.varying(.momentum, by: oneCycleMomentum(over: steps))
          + scheduled(oneCycle(peak: 0.1, over: steps))

    The same in Swift, with the same labels: `Scheduled(.cosine(from: 1e-3, over: 1000))`,
    `HeavyBall<Float>().varying(\\.momentum, by: .oneCycleMomentum(over: 1000))`. In Swift there is also
    any closure, `ClosureSchedule { t in … }`, and `.tabulated(over: n)` makes a table, which can be stored,
    of anything.

    A step within some units in the last place of a boundary stands on it: a restart, a milestone, the
    end of a phase or of a horizon that was computed, such as 10 + 10·1.3 or 0.55·100, begins at the
    step that was meant. In a text a product or a quotient that is whole but for rounding is that whole
    number. A warm-up over 0 steps is none.

    `hypergrad replay --schedule '…' --steps 100` prints the values, and with `--plot FILE.svg` draws
    them, several on one axis; `hypergrad list schedules` explains each argument. This page and its
    pictures, the examples of each recipe at steps and between them, are made by
    `hypergrad list schedules --markdown --pictures Documentation/schedules`, and a test compares them.

    ## Past the horizon

    A schedule with a horizon T (an argument `past`) says what holds after it, by the time t′ in
    [0, T] that a later step t stands for:

    | `past:` | t′ | |
    |---|---|---|
    | `.hold` | T | the last value stays; the default |
    | `.restart` | t mod T | it begins again, at T already |
    | `.mirror` | T − \\|T − (t mod 2T)\\| | it goes back and forth, as PyTorch's cosine does |
    | `.stretch` | t / ⌈t/T⌉ | the horizon grows to its next multiple, as Keras' `cycle` does |
    | `.error` | none | the step is refused: a text whose run is longer, before it begins |

    ## Schedules

    \(table(catalogue.schedules.filter { Catalogue.ownScheduleNames.contains($0.name) }))

    ## What makes one of another

    \(table(catalogue.scheduleModifiers, prefix: "."))

    They apply from left to right: `cosine(over: 900).shifted(by: 100).warmedUp(over: 100)` waits for
    the end of its warm-up, `cosine(over: 1000).warmedUp(over: 100)` does not.

    ## Under other libraries' names

    With those libraries' argument names and boundaries. PyTorch's other schedulers are those above:
    `StepLR` is `stepDecay`, `MultiStepLR` `multiStep`, `ExponentialLR` `geometric`, `LinearLR` `linear`,
    `PolynomialLR` `polynomial`, `CosineAnnealingWarmRestarts` `warmRestarts`, `CyclicLR`
    `triangular`, `triangular2` and `expRange`, `SequentialLR` `.followed`, `ChainedScheduler` `.times`.

    \(table(catalogue.schedules.filter { !Catalogue.ownScheduleNames.contains($0.name) }))

    Not followed: one step past its end PyTorch's `OneCycleLR` rises again, or with lines is negative;
    where `pct_start · total_steps` is 1 it divides by zero, and below that it begins past its peak;
    each is an error here. Optax' schedules are constant where `transition_steps` is 0 or the rate is
    0, and so are these; negative ones are an error here. Optax takes an `end_value` for an upper bound
    where the rate is above 1: here that is `.clamped(to:)`. Optax' one-cycle schedules round
    0.29·100, a little below 29 as a product of Doubles, down to 28: here it is 29.

    """
  }

  private func table<Product>(_ recipes: [Recipe<Product>], prefix: String = "") -> String {
    let rows = recipes.map { recipe in
      let file = "\(Self.folder)/\(Self.fileName(recipe.name, isModifier: !prefix.isEmpty)).svg"
      let texts = recipe.texts.map { "`\(escaped($0))`" }.joined(separator: ", ")
      return "| `\(escaped(prefix + recipe.signature))` | \(escaped(recipe.summary))"
        + "<br><img src=\"\(file)\" alt=\"\(recipe.name)\" width=\"\(320 * recipe.texts.count)\">"
        + "<br>\(texts) |"
    }
    let head = [
      "| text, with what it takes for granted | what it is, and its examples |", "|---|---|",
    ]
    return (head + rows).joined(separator: "\n")
  }

  /// A picture for each schedule and for each that makes one of another.
  func pictures() throws -> [Figure] {
    try catalogue.schedules.map { try picture($0.name, $0.texts, isModifier: false) }
      + catalogue.scheduleModifiers.map { try picture($0.name, $0.texts, isModifier: true) }
  }

  static func fileName(_ name: String, isModifier: Bool) -> String {
    (isModifier ? "modifier-" : "") + name
  }

  /// A panel for each example.
  private func picture(_ name: String, _ texts: [String], isModifier: Bool) throws -> Figure {
    let panels = try texts.map { text in
      let schedule = try catalogue.schedule(text)
      let times = Self.times(schedule)
      return LineChart.Panel(
        text, x: "step", y: "value",
        lines: [LineChart.Line("", Self.corners(times.map { ($0, schedule($0)) }))])
    }
    return LineChart(panels, columns: panels.count, panelWidth: 340, panelHeight: 160).figure(
      name: Self.fileName(name, isModifier: isModifier), title: isModifier ? ".\(name)" : name,
      caption: "The value at each time.",
      provenance: "hypergrad list schedules --markdown --pictures")
  }

  /// From 0 on: as far as there is a change, and to twice a horizon.
  private static func times(_ schedule: any Schedule) -> [Double] {
    var last = 20.0
    if let finite = schedule as? any FiniteSchedule { last = 2.25 * finite.horizon }
    func isStillRising() -> Bool {
      (1...20).allSatisfy {
        schedule(last * Double($0) / 20) > schedule(last * Double($0 - 1) / 20)
      }
    }
    while last < schedule.lastStep, last < 1000, isStillRising() { last *= 2 }
    last = min(last, schedule.lastStep)
    return (0...200).map { last * Double($0) / 200 }
  }

  /// Without the points that lie on the line between their neighbours.
  private static func corners(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    let heights = points.map(\.y)
    let height = (heights.max() ?? 0) - (heights.min() ?? 0)
    return points.indices.filter { i in
      guard i > 0, i < points.count - 1 else { return true }
      return abs(heights[i - 1] - 2 * heights[i] + heights[i + 1]) > 1e-9 * height
    }.map { points[$0] }
  }

  /// A bar would end the cell.
  private func escaped(_ text: String) -> String {
    text.map { $0 == "|" ? "\\|" : String($0) }.joined()
  }
}
