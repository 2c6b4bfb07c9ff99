public import HypergradientRecipes

// What a plateau, and the controllers that look at losses and metrics as it does, are put together
// from; each part with the recipes of its texts.

// MARK: - Actions

extension Plateau {
  /// Where training goes on after a reduction.
  public enum Start: String, Sendable, Codable, CaseIterable {
    /// From the parameters as they are.
    case here
    /// From those of the best observation: see ``Plateau``, "Going back".
    case best
  }

  /// The rate times a factor below 1 at the n-th bad observation in a row.
  public struct Reduction: Declared, Equatable {
    public let factor: Double
    /// n, in observations.
    public let patience: Int
    public let start: Start

    private init(_ factor: Double, _ patience: Int, _ start: Start) {
      (self.factor, self.patience, self.start) = (factor, patience, start)
      checkDeclared()
    }

    /// Reduces by `factor` at the bad observation number `patience` in a row, and goes on from the
    /// parameters as they are, or from the best ones.
    public static func by(
      _ factor: Double, after patience: Int, from start: Start = .here
    ) -> Reduction {
      Reduction(factor, patience, start)
    }

    public static let recipe = Recipe(
      "by", by(_:after:from:),
      .number("_", \.factor, in: .from(0, below: 1), "the factor"),
      .count("after", \.patience, in: .atLeast(1), "bad observations in a row"),
      .choice("from", \.start, default: .here, "where training goes on"),
      summary: "the rate times a factor below 1 at the n-th bad observation in a row")
  }

  /// The rate times a factor above 1, on one of three occasions.
  ///
  /// | made by                         | increases at                                              |
  /// |---------------------------------|-----------------------------------------------------------|
  /// | `.by(f, after: n)`              | the n-th improvement in a row                             |
  /// | `.by(f, afterReductions: k)`    | the next passing of the reduction's patience after k      |
  /// |                                 | reductions without improvement, instead of reducing again |
  /// | `.by(f, whenStuckFor: n)`       | the n-th bad observation since the last improvement or    |
  /// |                                 | increase, whatever was reduced meanwhile                  |
  ///
  /// A reduction takes precedence: with `afterReductions` the first k passings of patience reduce;
  /// with `whenStuckFor` an increase that falls on the same observation as a reduction waits for
  /// the next bad one that does not reduce. An improvement can't fall on a bad observation.
  public struct Increase: Declared, Equatable {
    public let factor: Double
    /// One of the three counts is there: improvements in a row, reductions in vain, bad observations.
    public let improvements, reductions, badObservations: Int?

    private init(
      _ factor: Double, _ improvements: Int?, _ reductions: Int?, _ badObservations: Int?
    ) {
      (self.factor, self.improvements) = (factor, improvements)
      (self.reductions, self.badObservations) = (reductions, badObservations)
      checkDeclared()
    }

    /// Increases at improvement number `improvements` in a row.
    public static func by(_ factor: Double, after improvements: Int) -> Increase {
      Increase(factor, improvements, nil, nil)
    }

    /// Increases when patience passes again although the rate was reduced `reductions` times.
    public static func by(_ factor: Double, afterReductions reductions: Int) -> Increase {
      Increase(factor, nil, reductions, nil)
    }

    /// Increases at bad observation number `observations` since the last improvement or increase.
    public static func by(_ factor: Double, whenStuckFor observations: Int) -> Increase {
      Increase(factor, nil, nil, observations)
    }

    public static let recipe = Recipe(
      "by", { Increase($0, $1, $2, $3) },
      .number("_", \.factor, in: .above(1), "the factor"),
      .count("after", \.improvements, orNone: .atLeast(1), "improvements in a row"),
      .count("afterReductions", \.reductions, orNone: .atLeast(1), "reductions in vain"),
      .count("whenStuckFor", \.badObservations, orNone: .atLeast(1), "bad observations"),
      unless: { _, improvements, reductions, badObservations in
        [improvements, reductions, badObservations].count { $0 != nil } == 1
          ? nil : "'increase' needs one of after, afterReductions, whenStuckFor"
      },
      summary: "the rate times a factor above 1, on one of three occasions")
  }

  /// What one observation led to; the rate may be at its bound and stay.
  public enum Action: String, Sendable, Codable, CaseIterable {
    case none
    case reduce
    case increase
  }
}

// MARK: - Comparison

extension Plateau {
  /// Which way a metric improves.
  public enum Direction: String, Sendable, Codable, CaseIterable {
    case minimize
    case maximize
  }

  /// What counts as better: an observation x against the best one so far, by a margin.
  ///
  /// |                | minimize: x is better if | maximize: x is better if |
  /// |----------------|--------------------------|--------------------------|
  /// | `relative(m)`  | x < best − m·\|best\|    | x > best + m·\|best\|    |
  /// | `absolute(m)`  | x < best − m             | x > best + m             |
  ///
  /// The relative margin is right for a negative best, and asks for any strict improvement where
  /// the best is 0.
  public struct Comparison: Sendable, Codable, Equatable {
    /// The margin; two are of other libraries alone. Where the best is negative their share m has the
    /// wrong sign, and a slow worsening counts as better.
    enum Margin: Sendable, Codable, Equatable {
      case relative(Double)
      case absolute(Double)
      /// x + m < best, or x − m > best: fastai's, which rounds elsewhere.
      case ofObservation(Double)
      /// x < best·(1 − m), or x > best·(1 + m): PyTorch's.
      case multiple(Double)
      /// x < best·(1 − m) − a, or x > best·(1 + m) + a: Optax'.
      case both(Double, Double)
    }

    /// Which observations may become best.
    enum Candidates: String, Sendable, Codable, CaseIterable {
      /// The finite ones; the first of them always. NaN and infinities of either sign are bad: an
      /// infinite best would never be beaten, or beaten by anything.
      case finite
      /// Those that win the comparison, which begins with the worst infinity as best (PyTorch's):
      /// NaN never does, the good infinity does and stays for ever.
      case comparable
      /// The first one whatever it is, then those that win the comparison (Keras'): after a NaN
      /// none does.
      case first
    }

    let margin: Margin
    public let direction: Direction
    let candidates: Candidates

    init(_ margin: Margin, _ direction: Direction, candidates: Candidates = .finite) {
      (self.margin, self.direction, self.candidates) = (margin, direction, candidates)
    }

    /// Better by more than `margin` · |best|.
    public static func relative(
      _ margin: Double, direction: Direction = .minimize
    ) -> Comparison {
      Recipe<Comparison>.relative.check(margin, direction)
      return Comparison(.relative(margin), direction)
    }

    /// Better by more than `margin`, in the metric's unit.
    public static func absolute(
      _ margin: Double, direction: Direction = .minimize
    ) -> Comparison {
      Recipe<Comparison>.absolute.check(margin, direction)
      return Comparison(.absolute(margin), direction)
    }

    /// Whether `x` is better than `best`; `nil` stands for no best yet.
    public func isBetter(_ x: Double, than best: Double?) -> Bool {
      if candidates == .finite && !x.isFinite { return false }
      if best == nil && candidates != .comparable { return true }
      switch direction {
      case .minimize:
        let best = best ?? .infinity
        return switch margin {
        case .relative(let m): x < best - m * abs(best)
        case .absolute(let m): x < best - m
        case .ofObservation(let m): x + m < best
        case .multiple(let m): x < best * (1 - m)
        case .both(let m, let a): x < best * (1 - m) - a
        }
      case .maximize:
        let best = best ?? -.infinity
        return switch margin {
        case .relative(let m): x > best + m * abs(best)
        case .absolute(let m): x > best + m
        case .ofObservation(let m): x - m > best
        case .multiple(let m): x > best * (1 + m)
        case .both(let m, let a): x > best * (1 + m) + a
        }
      }
    }

    /// Whether a line with this slope an observation improves by more than the margin, which a
    /// relative one takes of the mean; a slope or mean that is not finite does not.
    func isFalling(_ slope: Double, around mean: Double) -> Bool {
      guard slope.isFinite, mean.isFinite else { return false }
      let gain = direction == .minimize ? -slope : slope
      return switch margin {
      case .relative(let m): gain > m * abs(mean)
      case .absolute(let m), .ofObservation(let m): gain > m
      case .multiple(let m): gain > m * mean
      case .both(let m, let a): gain > m * mean + a
      }
    }
  }
}

extension Recipe where Product == Plateau.Comparison {
  fileprivate static let relative = Recipe(
    "relative", Plateau.Comparison.relative(_:direction:),
    .number("_", in: .atLeast(0), "the margin"), .direction("direction"),
    summary: "better by more than a share of |best|")
  fileprivate static let absolute = Recipe(
    "absolute", Plateau.Comparison.absolute(_:direction:),
    .number("_", in: .atLeast(0), "the margin"), .direction("direction"),
    summary: "better by more than a margin in the metric's unit")
}

// MARK: - Reference

extension Plateau {
  /// What an observation x is compared with.
  ///
  /// |                      | x is better if it is better, by the margin, than                    |
  /// |----------------------|---------------------------------------------------------------------|
  /// | `.best`              | the best observation so far                                         |
  /// | `.previous`          | the observation before it                                           |
  /// | `.average(keeping: d)` | ā, an exponential average of those before: ā ← d ā + (1 − d) x    |
  /// | `.slope(over: n)`    | no one: the least-squares line through the last n observations, x   |
  /// |                      | among them, falls by more than the margin each observation          |
  ///
  /// The slope is
  ///
  ///     b = Σ (i − ī)(xᵢ − x̄) / Σ (i − ī)²,    i = 1, …, n
  ///
  /// and a relative margin m is one of the mean: minimizing, x is better where b < −m·|x̄|. Until
  /// there are n observations each counts like the first: it ends a run of bad ones, and is no
  /// improvement. An action empties the window, since a slope is one of observations at one rate.
  ///
  /// Observations that are not finite are bad and leave previous, average and window as they are.
  public enum Reference: Sendable, Codable, Equatable {
    case best
    case previous
    /// d ∈ [0, 1); with 0 it is `.previous`.
    case average(keeping: Double)
    /// n ≥ 2.
    case slope(over: Int)

    func check() {
      if let fault { stop(fault) }
    }

    var fault: String? {
      switch self {
      case .best, .previous: nil
      case .average(let kept): Recipe<Reference>.average.fault(of: kept)
      case .slope(let count): Recipe<Reference>.slope.fault(of: count)
      }
    }

    /// Observations that are kept of the past.
    var windowLength: Int { if case .slope(let count) = self { count - 1 } else { 0 } }
  }

  /// The previous observation, the average or the window, for a reference that has one.
  struct Past: Sendable, Codable, Equatable {
    private var value: CodedDouble?
    /// The last n − 1 observations.
    private var window: [Double] = []

    var length: Int { window.count }

    /// Whether x is better, and whether it is the first of its kind: one without a comparison.
    func judge(
      _ x: Double, _ reference: Reference, _ comparison: Comparison
    ) -> (better: Bool, isFirst: Bool) {
      guard x.isFinite else { return (false, false) }
      if case .slope(let count) = reference {
        if window.count < count - 1 { return (true, true) }
        let (slope, mean) = line(through: x)
        return (comparison.isFalling(slope, around: mean), false)
      }
      guard let value else { return (true, true) }
      return (comparison.isBetter(x, than: value.value), false)
    }

    mutating func learn(_ x: Double, _ reference: Reference) {
      guard x.isFinite else { return }
      switch reference {
      case .best: break
      case .previous: value = CodedDouble(x)
      case .average(let kept):
        let next = value.map { kept * $0.value + (1 - kept) * x } ?? x
        if next.isFinite { value = CodedDouble(next) }
      case .slope(let count):
        window.append(x)
        if window.count >= count { window.removeFirst(window.count - count + 1) }
      }
    }

    /// An action begins a new window.
    mutating func emptyWindow() { window.removeAll(keepingCapacity: true) }

    /// The parameters have gone back to where `x` was observed.
    mutating func returned(to x: Double) { if value != nil { value = CodedDouble(x) } }

    private func line(through x: Double) -> (slope: Double, mean: Double) {
      let count = Double(window.count + 1)
      let mean = (window.reduce(0, +) + x) / count
      let middle = (count - 1) / 2
      var (products, squares) = (middle * (x - mean), middle * middle)
      for (i, value) in window.enumerated() {
        let distance = Double(i) - middle
        products += distance * (value - mean)
        squares += distance * distance
      }
      return (products / squares, mean)
    }
  }
}

extension Recipe where Product == Plateau.Reference {
  fileprivate static let best = Recipe(
    "best", { Plateau.Reference.best }, summary: "the best observation so far")
  fileprivate static let previous = Recipe(
    "previous", { Plateau.Reference.previous }, summary: "the observation before")
  fileprivate static let average = Recipe(
    "average", Plateau.Reference.average(keeping:),
    .number("keeping", in: .from(0, below: 1), "the share of the old average that stays"),
    summary: "an exponential average of the observations before")
  fileprivate static let slope = Recipe(
    "slope", Plateau.Reference.slope(over:),
    .count("over", in: .between(2, 1e6), "observations of the line"),
    summary: "a line through the last observations, which is to fall")
}

// MARK: - Source

extension Plateau {
  /// Where observations come from.
  public enum Source: Sendable, Codable, Equatable {
    /// ``StepSignals/metric``, at the steps that have one.
    case metric
    /// The mean of this many minibatch losses in a row, added in their order, is one observation.
    case loss(averagedOver: Int = 1)
  }
}

extension Recipe where Product == Plateau.Source {
  fileprivate static let metric = Recipe(
    "metric", { Plateau.Source.metric }, summary: "the metric, at the steps that have one")
  fileprivate static let loss = Recipe(
    "loss", Plateau.Source.loss(averagedOver:),
    .count("averagedOver", in: .between(1, 1e9), default: 1, "minibatch losses"),
    summary: "the mean of this many minibatch losses in a row")
}

/// Finds a feedback controller's observations among the signals of its steps.
struct Observations: Sendable, Codable, Equatable {
  let source: Plateau.Source
  private var sum = CodedDouble(0)
  private var count = 0

  init(_ source: Plateau.Source) {
    if case .loss(let count) = source { Recipe<Plateau.Source>.loss.check(count) }
    self.source = source
  }

  var needs: StepSignals.Needs { source == .metric ? [.metric] : [.loss] }

  /// The observation that this step completes, if it does.
  mutating func next(_ signals: StepSignals) -> Double? {
    guard case .loss(let length) = source else { return signals.metric }
    sum = CodedDouble(sum.value + signals.loss)
    count += 1
    guard count == length else { return nil }
    defer {
      sum = CodedDouble(0)
      count = 0
    }
    return sum.value / Double(length)
  }
}

// MARK: - The arguments that feedback controllers share

extension Parameter where Value == Double {
  static func startingRate(
    _ label: String = "initial", in domain: Domain = .atLeast(0)
  ) -> Parameter {
    .number(label, in: domain, unit: "learning rate", "the learning rate at the start")
  }
}

extension Parameter where Value == Int {
  static var cooldown: Parameter {
    .count(
      "cooldown", in: .between(0, 1e9), default: 0, unit: "observations",
      "observations ignored after an action")
  }
}

extension Parameter where Value == ClosedRange<Double> {
  static var rateBounds: Parameter {
    .range(
      "within", default: 0...Double.greatestFiniteMagnitude, unit: "learning rate",
      "bounds of the rate")
  }
}

extension Parameter where Value == Plateau.Direction {
  static func direction(_ label: String) -> Parameter {
    .choice(label, default: .minimize, "which way observations improve")
  }
}

extension Parameter where Value == Plateau.Comparison {
  static func comparing(_ margin: Double = 1e-4) -> Parameter {
    .call(
      "comparing", by: [.relative, .absolute], default: .relative(margin),
      shown: { _ in ".relative(\(short(margin)))" },
      "the margin of an improvement: .relative(m) to |best|, or .absolute(m); where larger is better, "
        + ".relative(m, direction: .maximize)")
  }
}

extension Parameter where Value == Plateau.Reference {
  static var against: Parameter {
    .call(
      "against", by: [.best, .previous, .average, .slope], default: .best, shown: { _ in ".best" },
      "what an observation is compared with: .best, .previous, .average(keeping: d) or "
        + ".slope(over: n)")
  }
}

extension Parameter where Value == Plateau.Source {
  static var watching: Parameter {
    .call(
      "watching", by: [.loss, .metric], default: .loss(averagedOver: 1),
      shown: { _ in ".loss(averagedOver: 1)" },
      ".loss(averagedOver: n), the mean of n minibatch losses, or .metric")
  }
}

extension Plateau.Comparison {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    margin = try state.value(.margin)
    direction = try state.value(.direction)
    candidates = try state.value(.candidates)
    let shares =
      switch margin {
      case .relative(let m), .absolute(let m), .ofObservation(let m), .multiple(let m): [m]
      case .both(let m, let a): [m, a]
      }
    try state.expect(
      shares.allSatisfy { $0 >= 0 && $0.isFinite }, .margin, "a margin is at least 0 and finite")
  }
}

extension Plateau.Past {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    value = try state.valueOrNone(.value)
    window = try state.numbers(.window)
  }
}

extension Observations {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    source = try state.value(.source)
    sum = try state.value(.sum)
    count = try state.count(.count)
    if case .loss(let length) = source {
      try state.check(Recipe<Plateau.Source>.loss.fault(of: length))
      try state.expect(count < length, .count, "\(count) losses of \(length)")
    }
  }
}
