public import Hypergradient
public import HypergradientRecipes
internal import PortableMath
public import Tasks
internal import Vectors

/// The objective of a program in any language, which is asked by lines on its standard input and
/// answers by lines on its standard output: see Documentation/External.md.
///
/// A thread asks one process at a time; a process is begun where all are being asked. They end with
/// the task. Where a program fails, ``failure`` says so in one line, and every loss and gradient from
/// then on is NaN.
///
/// Before it is handed out the task is checked: the same question is asked twice of one process and
/// once of another, and the gradient at the start is compared with central differences of its loss.
public struct ExternalTask<Scalar: ParameterScalar>: BenchmarkTask {
  public let start: [Scalar]
  private let program: ExternalProgram
  private let nonFinite: NonFiniteAnswers

  init(_ program: ExternalProgram, nonFinite: NonFiniteAnswers) {
    self.program = program
    self.nonFinite = nonFinite
    start = program.hello.start.map { Scalar($0) }
  }

  public var dimension: Int { start.count }
  public var isDeterministic: Bool { program.hello.isDeterministic }
  public var reference: ReferenceValue { program.hello.reference }
  public var stepsPerEpoch: Int? { program.hello.stepsPerEpoch }
  public var scratchCount: Int { 0 }
  public var failure: (any Error)? { program.failure }
  public var parameterGroups: [Range<Int>] {
    var first = 0
    return program.hello.groups.map { size in
      defer { first += size }
      return first..<(first + size)
    }
  }

  /// The seed, for the program to draw from: two labels a step, its lower and its upper half.
  public func draws(seed: Int, steps: Range<Int>) -> Draws<Scalar> {
    let halves = [
      Int32(truncatingIfNeeded: seed), Int32(truncatingIfNeeded: seed >> 32),
    ]
    return Draws(
      steps: steps, labelsPerStep: 2, labels: steps.flatMap { _ in halves })
  }

  private static func seed(_ draws: Draws<Scalar>) -> Int {
    Int(draws.labels[1]) << 32 | Int(UInt32(bitPattern: draws.labels[0]))
  }

  public func gradient(
    at theta: UnsafePointer<Scalar>, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    write(gradient, .gradient(step: step, seed: Self.seed(draws)), at: theta)
  }

  public func exactGradient(
    at theta: UnsafePointer<Scalar>, step: Int, into gradient: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    _ = write(gradient, .gradient(step: step, seed: nil), at: theta)
  }

  public func loss(
    at theta: UnsafePointer<Scalar>, step: Int, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    guard let point = finite(theta) else { return .nan }
    let answer = program.answer(.loss(step: step), at: point) { line throws(ChildFault) in
      try number("loss", of: line, at: point)
    }
    return answer ?? .nan
  }

  public func heldOutScore(
    at theta: UnsafePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> HeldOutScore? {
    guard program.hello.hasScores else { return nil }
    guard let point = finite(theta) else { return HeldOutScore(loss: .nan, accuracy: 0) }
    let answer = program.answer(.score, at: point) { line throws(ChildFault) in
      let loss = try number("loss", of: line, at: point)
      let accuracy = try number("accuracy", of: line, at: point)
      guard (0...1).contains(accuracy) || accuracy.isNaN else {
        throw ChildFault("answered the accuracy \(accuracy), not in 0...1")
      }
      return HeldOutScore(loss: loss, accuracy: accuracy.isNaN ? 0 : accuracy)
    }
    return answer ?? HeldOutScore(loss: .nan, accuracy: 0)
  }

  // MARK: Answers

  /// Writes the gradient, and returns the loss; both NaN where there is none.
  private func write(
    _ gradient: UnsafeMutablePointer<Scalar>, _ question: ExternalQuestion,
    at theta: UnsafePointer<Scalar>, isNew: Bool = false
  ) -> Double {
    let answer = finite(theta).flatMap { point in
      program.answer(question, at: point, isNew: isNew) { line throws(ChildFault) in
        let loss = try number("loss", of: line, at: point)
        return (loss, try vector(line, at: point))
      }
    }
    guard let (loss, values) = answer else {
      gradient.update(repeating: .nan, count: dimension)
      return .nan
    }
    for i in 0..<dimension { gradient[i] = Scalar(values[i]) }
    return loss
  }

  /// The point, if all of it is finite: no other is asked for.
  private func finite(_ theta: UnsafePointer<Scalar>) -> UnsafeBufferPointer<Scalar>? {
    let point = UnsafeBufferPointer(start: theta, count: dimension)
    return point.allSatisfy(\.isFinite) ? point : nil
  }

  private func number(
    _ key: String, of line: AnswerLine, at point: UnsafeBufferPointer<Scalar>
  ) throws(ChildFault) -> Double {
    guard case .number(let number)? = line[key] else {
      throw ChildFault("answered \(line.shown), without a number '\(key)'")
    }
    guard number.isFinite || nonFinite.allows(at: point, from: start) else {
      throw ChildFault("answered the \(key) \(number)" + NonFiniteAnswers.remedy)
    }
    return number
  }

  private func vector(
    _ line: AnswerLine, at point: UnsafeBufferPointer<Scalar>
  ) throws(ChildFault) -> [Double] {
    let numbers = try line.vector(
      "gradient", "a gradient", count: dimension, program.hello.format)
    if let place = numbers.firstIndex(where: { !$0.isFinite }),
      !nonFinite.allows(at: point, from: start)
    {
      throw ChildFault(
        "answered a gradient whose element \(place) is \(numbers[place])" + NonFiniteAnswers.remedy)
    }
    return numbers
  }
}

// MARK: The check before anything runs

extension ExternalTask {
  /// - Parameter isNew: whether a second process is asked, too.
  /// - Throws: ``ExternalFailure``.
  func check(inAnotherProcess isNew: Bool) throws(ExternalFailure) {
    func asked(_ question: ExternalQuestion, isNew: Bool = false) throws(ExternalFailure)
      -> [Double]
    {
      var values = [Scalar](repeating: 0, count: dimension)
      let loss = start.withUnsafeBufferPointer { start in
        values.withUnsafeMutableBufferPointer {
          write($0.baseAddress!, question, at: start.baseAddress!, isNew: isNew)
        }
      }
      if let failure = program.failure { throw failure }
      return [loss] + values.map { Double($0) }
    }
    func fail(_ fault: String) -> ExternalFailure { ExternalFailure(program.command, fault) }
    let question = ExternalQuestion.gradient(step: 0, seed: 1)
    let first = try asked(question)
    guard first.allSatisfy(\.isFinite) else {
      throw fail("was asked for \(question.title) and answered what is not finite at the start")
    }
    if program.hello.isRepeatable {
      var again = [try asked(question)]
      if isNew { again.append(try asked(question, isNew: true)) }
      for (index, other) in again.enumerated() where other != first {
        throw fail(
          "was asked for \(question.title) twice\(index == 1 ? ", in two processes," : "") and "
            + "answered differently: random numbers are to be keyed by seed and step, or the hello to "
            + "say \"repeatable\": false")
      }
    }
    if isDeterministic, try asked(.gradient(step: 1, seed: 2)) != first, program.hello.isRepeatable
    {
      throw fail(
        "says that it is deterministic and answered another seed and step differently: "
          + "\"deterministic\": true says that they don't matter")
    }
    var stream = RandomStream(RandomKey("external.probe", dimension))
    let direction = start.map { _ in Scalar(stream.normal()) }
    let error = FiniteDifferences.disagreement(
      of: { point in
        var values = point
        return point.withUnsafeBufferPointer { point in
          values.withUnsafeMutableBufferPointer {
            write($0.baseAddress!, question, at: point.baseAddress!)
          }
        }
      }, gradient: first.dropFirst().map { Scalar($0) }, at: start, along: direction)
    if let failure = program.failure { throw failure }
    let bound = Scalar.significandBitCount >= 52 ? 1e-6 : 1e-2
    guard error <= bound else {
      throw fail(
        "was asked for \(question.title) and answered one that differs from central differences of "
          + "its loss by \(short(error)), more than \(short(bound))"
          + (bound < 1e-2
            ? "; a program that computes in single precision says \"numbers\": \"float32\"" : ""))
    }
  }
}

extension Recipe where Product == TaskMaker {
  public static let external = Recipe(
    "external",
    { (command: String, seconds: Double, nonFinite: NonFiniteAnswers) in
      TaskMaker { context in
        let program = try ExternalProgram(
          command, seconds: seconds, instance: context.instance, horizon: context.horizon)
        func checked<Scalar: ParameterScalar>(_: Scalar.Type) throws -> any BenchmarkTask {
          let task = ExternalTask<Scalar>(program, nonFinite: nonFinite)
          try task.check(inAnotherProcess: context.store.isFirst(of: command))
          context.store.note(program: command, isRepeatable: program.hello.isRepeatable)
          return task
        }
        return program.hello.format == .float32
          ? try checked(Float.self) : try checked(Double.self)
      }
    },
    .text("command", default: nil, "what the shell runs, once for each thread that asks"),
    .number(
      "seconds", in: .excluding(0, through: 86400), default: 60, unit: "seconds",
      "the time limit of an answer"),
    .choice(
      "nonFinite", default: .refused,
      "what a loss or gradient that is not finite means, near the start"),
    summary: "a program's objective, asked over its standard input and output",
    examples: ["external(command: \"python3 task.py\")"])
}
