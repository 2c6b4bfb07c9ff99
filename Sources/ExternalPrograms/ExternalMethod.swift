package import Hypergradient
package import HypergradientRecipes

/// A method that a program in any language is: it is told the loss and the gradient at θ, or asks for
/// them where it likes, by lines on its standard output, and says where θ goes; see
/// Documentation/External.md.
///
/// A run has a process of its own, begun at its first step. What the program asks is asked of the
/// oracle, and counted there. Where the program fails, ``program`` holds the failure in one line, and
/// the parameters are NaN from then on. A run whose loss or gradient at θ is not finite has diverged:
/// its parameters become NaN, and the program is not asked.
///
/// The program's state is no part of the value: it can't be coded, and of two copies only the one that
/// takes the next step goes on.
package struct ExternalMethod<Scalar: ParameterScalar>: TrainingMethod {
  /// What the shell runs.
  let command: String
  /// η₀, for the program.
  let initial: Double?
  /// The text of a rule, for the program.
  let rule: String?
  /// The time limit of an answer.
  let seconds: Double
  let nonFinite: NonFiniteAnswers

  /// What the program said last; before that η₀, or 0 where there is none.
  package private(set) var learningRate: Double
  package private(set) var stepCounts = StepCounts()
  private var session: MethodSession
  private var steps = 0
  private var start: [Scalar] = []
  private var groups: [Int] = []

  package init(
    command: String, initial: Double? = nil, rule: String? = nil, seconds: Double = 60,
    nonFinite: NonFiniteAnswers = .refused
  ) {
    Self.recipe.check(command, initial, rule, seconds, nonFinite)
    self.command = command
    self.initial = initial
    self.rule = rule
    self.seconds = seconds
    self.nonFinite = nonFinite
    learningRate = initial ?? 0
    session = MethodSession(command, seconds: seconds)
  }

  /// θ₀; what the program keeps is its own affair.
  package var memoryVectors: Int { 1 }
  package var program: (any MethodProgram)? { session }

  package mutating func begin(
    at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]
  ) {
    start = Array(parameters)
    self.groups = groups.map(\.count)
    session = MethodSession(command, seconds: seconds)
    steps = 0
    learningRate = initial ?? 0
    stepCounts = StepCounts()
  }

  package mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    if !take(parameters, &oracle) { parameters.update(repeating: .nan) }
    steps += 1
  }

  /// - Returns: whether the program has taken the step.
  private mutating func take<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) -> Bool {
    guard session.failure == nil, let hello = session.hello ?? session.begin(hello(oracle)) else {
      return false
    }
    guard session.steps == steps else {
      session.fail(
        "is at step \(session.steps) of its run and can't go back to step \(steps): a program's "
          + "state can't be copied")
      return false
    }
    let theta = UnsafeBufferPointer(parameters)
    var question = QuestionLine("step")
    question.append("step", steps)
    if let epoch = oracle.epoch { question.append("epoch", epoch) }
    question.append("at", theta, hello.format)
    if !hello.asks {
      let (loss, gradient) = oracle.evaluate(at: theta.baseAddress!, draw: 0)
      let slope = UnsafeBufferPointer(start: gradient, count: theta.count)
      guard loss.isFinite, slope.allSatisfy(\.isFinite) else { return false }
      question.append("loss", loss)
      question.append("gradient", slope, hello.format)
    }
    let most = 65536 + 64 * theta.count * 2
    var title = "was asked for step \(steps)"
    for count in 0...mostQuestions(oracle) {
      let answer = session.answer(question.line, to: title, most: most) {
        line throws(ChildFault) in
        let answer = try MethodAnswer(line, count: theta.count, hello.format)
        try check(answer, at: theta)
        return answer
      }
      switch answer {
      case nil: return false
      case .moved(let point, let rate)?:
        for i in point.indices { parameters[i] = Scalar(point[i]) }
        if let rate { learningRate = rate }
        session.noteStep()
        return true
      case let wanted?: question = tell(wanted, &oracle, hello.format)
      }
      title = "was told the answer \(count + 1) of step \(steps)"
    }
    session.fail(
      "asked \(mostQuestions(oracle) + 1) questions in step \(steps), more than a whole run pays for"
    )
    return false
  }

  private func hello<O: Oracle<Scalar>>(_ oracle: O) -> [UInt8] {
    var line = QuestionLine("hello")
    line.append("version", MethodHello.version)
    line.append("dimension", start.count)
    line.append("groups", groups)
    line.append("numbers", (Scalar.self == Float.self ? WireFormat.float32 : .float64).rawValue)
    line.append("deterministic", oracle.isDeterministic)
    line.append("seed", oracle.run.seed)
    line.append("steps", oracle.run.steps)
    if let initial { line.append("rate", initial) }
    if let rule { line.append("rule", rule) }
    return line.line
  }

  /// In one step, so that a program that never ends one is noticed: what a run of losses alone has.
  private func mostQuestions<O: Oracle<Scalar>>(_ oracle: O) -> Int {
    3 * min(max(oracle.run.steps ?? 10_000, 1000), 1_000_000)
  }

  /// That all of an answer is finite, or may be otherwise.
  private func check(
    _ answer: MethodAnswer, at theta: UnsafeBufferPointer<Scalar>
  ) throws(ChildFault) {
    let (name, points) =
      switch answer {
      case .moved(let point, _): ("parameters", [point])
      case .gradient(let point, _), .loss(let point, _): ("a point", [point])
      case .product(let point, let vector, _): ("a point or a vector", [point, vector])
      }
    for point in points {
      guard let place = point.firstIndex(where: { !Scalar($0).isFinite }) else { continue }
      if nonFinite.allows(at: theta, from: start) { return }
      throw ChildFault(
        "answered \(name) whose element \(place) is \(Scalar(point[place]))"
          + NonFiniteAnswers.remedy)
    }
  }

  /// Asks the oracle what the program wants to know.
  private func tell<O: Oracle<Scalar>>(
    _ wanted: MethodAnswer, _ oracle: inout O, _ format: WireFormat
  ) -> QuestionLine {
    var line = QuestionLine("next")
    let count = start.count
    switch wanted {
    case .gradient(let point, let draw):
      let (loss, gradient) = point.map { Scalar($0) }.withUnsafeBufferPointer {
        oracle.evaluate(at: $0.baseAddress!, draw: draw)
      }
      line.append("loss", loss)
      line.append("gradient", UnsafeBufferPointer(start: gradient, count: count), format)
    case .loss(let point, let draw):
      let loss = point.map { Scalar($0) }.withUnsafeBufferPointer {
        oracle.loss(at: $0.baseAddress!, draw: draw)
      }
      line.append("loss", loss)
    case .product(let point, let vector, let draw):
      let product = point.map { Scalar($0) }.withUnsafeBufferPointer { point in
        vector.map { Scalar($0) }.withUnsafeBufferPointer { vector in
          oracle.hessianVectorProduct(at: point.baseAddress!, vector.baseAddress!, draw: draw)
        }
      }
      line.append("product", UnsafeBufferPointer(start: product, count: count), format)
    case .moved: stop("a step's end wants no answer")
    }
    return line
  }
}

extension ExternalMethod: HasRecipe {
  /// `external(command: "python3 method.py", initial: 0.1)`.
  package static var recipe: Recipe<ExternalMethod> {
    Recipe(
      "external", ExternalMethod.init(command:initial:rule:seconds:nonFinite:),
      .text("command", default: nil, "what the shell runs, once for each run"),
      .number(
        "initial", orNone: .above(0), unit: "learning rate",
        "what the program is told to begin with"),
      Parameter(
        "rule", nil, .textOf("rule", RuleOnObjective<Scalar>.self), default: .some(nil),
        "whose text the program is told"),
      .number(
        "seconds", in: .excluding(0, through: 86400), default: 60, unit: "seconds",
        "the time limit of an answer"),
      .choice(
        "nonFinite", default: .refused,
        "what parameters that are not finite mean, near the start"),
      summary: "a program's steps, asked for over its standard input and output",
      examples: ["external(command: \"python3 method.py\")"], compared: [])
  }
}

extension ExternalMethod {
  private func refusal() -> Refusal {
    Refusal("'\(command)' is a program, whose state can't be stored")
  }

  /// - Throws: always.
  package init(from decoder: any Decoder) throws {
    throw Refusal("a method that is a program can't be taken from a file")
  }

  /// - Throws: always.
  package func encode(to encoder: any Encoder) throws { throw refusal() }
}
