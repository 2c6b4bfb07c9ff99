internal import Foundation
internal import Testing

/// `hypergrad replay` against recorded cases of other libraries, and its wrong calls.
@Suite struct ReplayTests {
  private static var isBuilt: Bool { BuiltProgram.isBuilt }

  /// Runs the program in a folder with these files.
  private func replay(
    _ arguments: [String], files: [String: String] = [:]
  ) throws -> BuiltProgram.Outcome {
    try BuiltProgram.inFolder { folder in
      for (name, text) in files {
        try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
      }
      return try BuiltProgram.run(["replay"] + arguments, in: folder)
    }
  }

  /// The numbers of a table, its first line apart.
  private func numbers(_ outcome: BuiltProgram.Outcome) throws -> [[Double]] {
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").dropFirst().map { line in
      line.split(separator: ",").compactMap { Double($0) }
    }
  }

  struct Case: Decodable {
    let name: String
    let learning_rates: [Double]?
    let metrics: [Double]?
    let initial: [Double]?
    let gradients: [[Double]]?
    let parameters: [[Double]]?
    let tolerance: Double?
  }

  private func cases(_ file: String) throws -> [Case] {
    struct File: Decodable { let cases: [Case] }
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
      .appendingPathComponent("HypergradientTests/Conformance/\(file).json")
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: path)).cases
  }

  /// The configurations stand in the file, beside the rates.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      ("StepLR", "step(from: 0.641, every: 8, factor: 0.722)"),
      (
        "CosineAnnealingWarmRestarts",
        "warmRestarts(from: 0.641, to: 0.00265, every: 5, growth: 3)"
      ),
      ("CyclicLR", "triangular(from: 0.005, to: 0.195, rise: 6, fall: 11)"),
      (
        "OneCycleLR",
        "torchOneCycle(maxLr: 0.372, totalSteps: 53, pctStart: 0.348, divFactor: 10.3, "
          + "finalDivFactor: 8576.7)"
      ),
    ]) func aScheduleEqualsPyTorchs(_ name: String, _ text: String) throws
  {
    let recorded = try #require(
      try cases("schedules_torch").first { $0.name == name }?.learning_rates)
    let rows = try numbers(
      try replay(["--schedule", text, "--steps", "\(recorded.count)"]))
    #expect(rows.map { $0[0] } == recorded.indices.map(Double.init))
    for (row, expected) in zip(rows, recorded) {
      #expect(abs(row[1] - expected) <= 1e-12 * expected, "step \(row[0])")
    }
  }

  @Test(.enabled(if: isBuilt)) func aPlateauEqualsPyTorchs() throws {
    let recorded = try cases("plateau_torch")[0]
    let metrics = try #require(recorded.metrics)
    let outcome = try replay(
      [
        "--controller",
        "plateau(initial: 0.718, reduce: .by(0.591, after: 5), comparing: .relative(1e-4), "
          + "cooldown: 1, watching: .metric)", "--input", "log.csv",
      ],
      files: [
        "log.csv": "loss,metric,comment\n" + metrics.map { "1,\($0),0\n" }.joined()
      ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines[0] == "step,decision,learningRate" && lines.count == metrics.count + 1)
    for (step, expected) in try #require(recorded.learning_rates).enumerated() {
      let fields = lines[step + 1].split(separator: ",")
      #expect(fields[0] == "\(step)" && fields[1] == "step")
      let value = try #require(Double(fields[2]))
      #expect(abs(value - expected) <= 1e-12 * expected, "step \(step)")
    }
  }

  /// A signal by hand: α += β⟨u, g⟩.
  @Test(.enabled(if: isBuilt)) func aControllerIsToldItsSignals() throws {
    let outcome = try replay(
      [
        "--controller", "hypergradient(initial: 1, hyperLearningRate: 0.5)", "--input", "log.csv",
      ], files: ["log.csv": "step,alignment\n0,0\n1,2\n5,-1\n"])
    #expect(
      outcome.output == "step,decision,learningRate\n0,step,1.0\n1,step,2.0\n5,step,1.5\n")
  }

  @Test(
    .enabled(if: isBuilt),
    arguments: [
      (2, "nesterov(momentum: 0.776) + constant(0.0721)"),
      (
        8,
        "adam(beta1: 0.917, beta2: 0.9817).penalized(by: 0.0836) + constant(0.0721)"
      ),
      (15, "sgd + hypergradient(initial: 0.0721, hyperLearningRate: 1e-5)"),
    ]) func aMethodEqualsPyTorchs(_ index: Int, _ text: String) throws
  {
    let recorded = try cases("optimizers_torch")[index]
    func line(_ values: [Double]) -> String {
      values.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    let rows = try numbers(
      try replay(
        ["--method", text, "--gradients", "g.csv", "--initial", "x.csv"],
        files: [
          "g.csv": try #require(recorded.gradients).map(line).joined(),
          "x.csv": "a,b,c,d,e,f,g\n" + line(try #require(recorded.initial)),
        ]))
    let expected = try #require(recorded.parameters)
    // The first recorded parameters are the initial ones where there is one more than gradients.
    let after = expected.suffix(rows.count)
    #expect(rows.count == recorded.gradients?.count && after.count == rows.count)
    for (row, parameters) in zip(rows, after) {
      let bound = 1e-12 * max(1e-300, parameters.map { abs($0) }.max() ?? 0)
      for (value, parameter) in zip(row.dropFirst(2), parameters) {
        #expect(abs(value - parameter) <= bound, "step \(row[0])")
      }
    }
  }

  /// Methods that are not a rule times a controller, by Optax' records.
  @Test(
    .enabled(if: isBuilt),
    arguments: [("prodigy", "prodigy()"), ("cocob", "cocob()"), ("dadapt_adamw", "dAdaptAdam()")])
  func aTrainingMethodEqualsOptax(_ name: String, _ text: String) throws {
    let recorded = try #require(try cases("optimizers_optax").first { $0.name == name })
    func line(_ values: [Double]) -> String {
      values.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    let rows = try numbers(
      try replay(
        ["--method", text, "--gradients", "g.csv", "--initial", "x.csv"],
        files: [
          "g.csv": try #require(recorded.gradients).map(line).joined(),
          "x.csv": line(try #require(recorded.initial)),
        ]))
    let expected = try #require(recorded.parameters)
    #expect(rows.count == expected.count && rows.count > 20)
    for (row, parameters) in zip(rows, expected) {
      let bound = try #require(recorded.tolerance) * (parameters.map { abs($0) }.max() ?? 0)
      for (value, parameter) in zip(row.dropFirst(2), parameters) {
        #expect(abs(value - parameter) <= bound, "step \(row[0])")
      }
    }
  }

  /// η = min(maximum, f/‖g‖²) by MoMo's first step, from a log of losses.
  @Test(.enabled(if: isBuilt)) func aTrainingMethodReadsItsLosses() throws {
    let files = ["g.csv": "3,4\n", "x.csv": "1,2\n", "log.csv": "loss\n50\n"]
    let call = ["--method", "momo(maximum: 10)", "--gradients", "g.csv", "--initial", "x.csv"]
    let outcome = try replay(call + ["--input", "log.csv"], files: files)
    #expect(outcome.output == "step,learningRate,parameter0,parameter1\n0,2.0,-5.0,-6.0\n")
    let refused = try replay(call, files: files)
    #expect(
      refused.errors == [
        "hypergrad: g.csv: the method needs the signal 'loss': give a log of it by --input"
      ])
  }

  @Test(.enabled(if: isBuilt)) func aMethodPrintsShortDecimalsAndNames() throws {
    let files = ["g.csv": "1,0.5\n-1,0.25\n", "x.csv": "w,b\n1,2\n"]
    let call = ["--method", "sgd + constant(0.1)", "--gradients", "g.csv", "--initial", "x.csv"]
    #expect(
      try replay(call, files: files).output
        == "step,learningRate,w,b\n0,0.1,0.9,1.95\n1,0.1,1.0,1.925\n")
    #expect(
      try replay(call + ["--precision", "float"], files: files).output
        == "step,learningRate,w,b\n0,0.1,0.9,1.95\n1,0.1,1.0,1.9250001\n")
  }

  /// Logs of other programs: their spellings are read, and one is written.
  @Test(.enabled(if: isBuilt)) func noNumbersAreReadAndWritten() throws {
    let spellings = ["-nan", "nan", "NaN", "+inf", "-Infinity", "1.#QNAN", "NAN", "Infinity"]
    let outcome = try replay(
      ["--controller", "greedy(initial: 0.1)", "--input", "log.csv"],
      files: ["log.csv": "loss\n" + spellings.map { $0 + "\n" }.joined()])
    #expect(outcome.code == 0 && outcome.output.split(separator: "\n").count == 9, "\(outcome)")
    // 0/0 has its sign bit set on x86: ∞ − ∞ in the parameters.
    let method = try replay(
      ["--method", "sgd + constant(0.1)", "--gradients", "g.csv", "--initial", "x.csv"],
      files: ["g.csv": "inf,1\n-inf,1\ninf,1\n-nan,1\n", "x.csv": "0,0\n"])
    #expect(method.output.contains("nan") && !method.output.contains("-nan"), "\(method.output)")
    // Its own output is a log again.
    let again = try replay(
      ["--controller", "constant(1)", "--input", "out.csv"], files: ["out.csv": method.output])
    #expect(again.code == 0, "\(again.errors)")
  }

  /// What a log says that no schedule can follow ends in a line, and never in a trap.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      ("epoch\n0\n-1\n", "log.csv:3: the epoch is -1.0, not a finite number from 0 on"),
      ("epoch\n-nan\n", "log.csv:2: the epoch is nan, not a finite number from 0 on"),
      ("epoch\ninf\n", "log.csv:2: the epoch is inf, not a finite number from 0 on"),
      (
        "epoch\n0\n3.5\n4\n",
        "log.csv:4: a schedule ends at epoch 3, before epoch 4: its policy past the horizon is "
          + "'error'"
      ),
      (
        "step,epoch\n-1,0\n",
        "log.csv:2: the step is -1.0, not a whole number from 0 on, at most 2^53"
      ),
      (
        "step,epoch\nnan,0\n",
        "log.csv:2: the step is nan, not a whole number from 0 on, at most 2^53"
      ),
      (
        "step,epoch\n1e300,0\n",
        "log.csv:2: the step is 1e+300, not a whole number from 0 on, at most 2^53"
      ),
      (
        "step,epoch\n0,0\n9,0\n10,0\n",
        "log.csv:4: a schedule ends at step 9, before the step 10: its policy past the horizon is "
          + "'error'"
      ),
    ]) func aLogsEpochsAndStepsAreChecked(_ log: String, _ message: String) throws
  {
    let outcome = try replay(
      [
        "--controller",
        "scheduled(cosine(over: 3, past: .error), in: .epochs)"
          + ".scaled(by: linear(over: 9, past: .error)).clamped(to: 0...1)", "--input", "log.csv",
      ], files: ["log.csv": log])
    #expect(outcome.code == 1 && outcome.output.isEmpty)
    #expect(outcome.errors == ["hypergrad: " + message])
  }

  /// Schedules at the edge of what can be counted end.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      "warmRestarts(every: 3, growth: 1e308)", "warmRestarts(every: 5e-324, growth: 1e308)",
      "warmRestarts(every: 1e308, growth: 1.0000000000000002)",
      "warmRestarts(every: 5e-324, decay: 0.5)", "triangular2(from: 0, to: 1, rise: 5e-324)",
      "stepDecay(every: 5e-324, factor: 1)", "cosine(over: 5e-324, past: .mirror)",
      "linear(over: 5e-324, past: .stretch)", "constant(1).looped(every: 5e-324)",
    ]) func extremeSchedulesEnd(_ text: String) throws
  {
    let rows = try numbers(try replay(["--schedule", text, "--steps", "20"]))
    #expect(rows.count == 20 && rows.allSatisfy { $0.count == 2 && $0[1].isFinite && $0[1] >= 0 })
  }

  @Test(.enabled(if: isBuilt)) func restartsAreWhereTheyAre() throws {
    let restarts = try numbers(
      try replay(["--schedule", "warmRestarts(every: 10, growth: 1.3)", "--steps", "26"]))
    #expect(restarts.indices.filter { restarts[$0][1] == 1 } == [0, 10, 23])
    let share = try numbers(
      try replay(["--schedule", "cosine(over: 9).looped(every: 0.07*steps)", "--steps", "100"]))
    #expect(share.indices.filter { share[$0][1] == 1 } == Array(stride(from: 0, to: 100, by: 7)))
    let milestone = try numbers(
      try replay(["--schedule", "multiStep(at: [0.55*steps], factor: 0.1)", "--steps", "100"]))
    #expect(milestone.firstIndex { $0[1] < 1 } == 55)
  }

  /// No picture is written as CSV.
  @Test(.enabled(if: isBuilt), arguments: ["s.svg", "S.PNG", "a/b.pdf", "s.json", "s.html"])
  func anotherFormatsNameIsRefused(_ name: String) throws {
    let outcome = try replay(["--schedule", "constant(1)", "--steps", "2", "--out", name])
    #expect(outcome.code != 0 && outcome.output.isEmpty)
    #expect(outcome.errors.first?.contains("replay writes CSV") == true, "\(outcome.errors)")
  }

  @Test(.enabled(if: isBuilt)) func theResultGoesToAFile() throws {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.run(
        ["replay", "--schedule", "constant(0.1)", "--steps", "2", "--out", "r.csv"], in: folder)
      #expect(outcome.code == 0 && outcome.output.isEmpty)
      #expect(
        try String(contentsOfFile: folder + "/r.csv", encoding: .utf8)
          == "step,learningRate\n0,0.1\n1,0.1\n")
    }
  }

  /// One line that names the file, the line and what is missing.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      (
        [
          "--controller", "plateau(initial: 1, increase: .by(2, after: 1), watching: .metric)",
          "--input", "log.csv",
        ],
        "log.csv:1: no column is named 'metric', a signal that the controller needs; "
          + "is it 'metrics'? There are 'metrics', 'loss'"
      ),
      (
        ["--controller", "hypergradient(initial: 1, hyperLearningRate: 1)", "--input", "log.csv"],
        "log.csv:1: no column is named 'alignment', a signal that the controller needs; there are "
          + "'metrics', 'loss'"
      ),
      (
        ["--controller", "boldDriver(initial: 0.1)", "--input", "log.csv"],
        "log.csv:3: the field of column 'loss' is empty"
      ),
      (
        ["--controller", "constant(1)", "--input", "bad.csv"],
        "bad.csv:2:3: expected a number, found \"x\""
      ),
      (
        ["--controller", "constan(1)", "--input", "log.csv"],
        "no controller named 'constan'; did you mean 'constant'? (column 1 of 'constan(1)')"
      ),
      (["--controller", "constant(1)", "--input", "nowhere.csv"], "nowhere.csv: no such file"),
      (
        ["--schedule", "cosine(over: 5, past: .error)", "--steps", "7"],
        "the schedule ends at step 5, before the 7 steps asked for: its policy past the horizon "
          + "is 'error'"
      ),
      (
        ["--method", "sgd + constant(1)", "--gradients", "g.csv", "--initial", "log.csv"],
        "log.csv:3: expected one line of parameters, found 2"
      ),
      (
        ["--method", "sgd + constant(1)", "--gradients", "g.csv", "--initial", "x.csv"],
        "g.csv:1: expected 3 fields, one for each parameter of x.csv, found 2"
      ),
      (
        ["--method", "sgd + boldDriver(initial: 1)", "--gradients", "g.csv", "--initial", "g.csv"],
        "g.csv: the method needs the signal 'loss': give a log of it by --input"
      ),
      (
        [
          "--method", "osgm(scalingRate: 0.1, initial: 1)", "--gradients", "g.csv", "--initial",
          "g.csv", "--input", "one.csv",
        ],
        "g.csv:1: the method asks for a gradient at another point: it can't be replayed from one "
          + "recorded gradient a step"
      ),
      (
        [
          "--method", "armijo(sgd, initial: 1)", "--gradients", "g.csv", "--initial", "g.csv",
          "--input", "one.csv",
        ],
        "g.csv:1: the method asks for a loss at another point: it can't be replayed from one "
          + "recorded gradient a step"
      ),
      (
        ["--method", "dgo()", "--gradients", "g.csv", "--initial", "g.csv"],
        "no method named 'dgo'; did you mean 'dog'? (column 1 of 'dgo()')"
      ),
    ]) func isRefusedInOneLine(_ arguments: [String], _ message: String) throws
  {
    let outcome = try replay(
      arguments,
      files: [
        "log.csv": "metrics,loss\n1,2\n3,\n", "bad.csv": "a,b\n1,x\n", "g.csv": "1,2\n",
        "x.csv": "1,2,3\n", "one.csv": "loss\n1\n",
      ])
    #expect(outcome.errors == ["hypergrad: " + message])
    #expect(outcome.code == 1 && outcome.output.isEmpty)
  }

  @Test(
    .enabled(if: isBuilt),
    arguments: [
      (["--steps", "3"], "give one of --schedule, --controller and --method"),
      (["--schedule", "constant(1)"], "--schedule needs --steps"),
      (["--schedule", "constant(1)", "--steps", "0"], "--steps is 0, not at least 1"),
      (["--controller", "constant(1)"], "--controller needs --input"),
      (["--method", "sgd + constant(1)"], "--method needs --gradients and --initial"),
    ]) func isRefusedWithTheUsage(_ arguments: [String], _ message: String) throws
  {
    let outcome = try replay(arguments)
    #expect(outcome.code != 0 && outcome.output.isEmpty)
    #expect(outcome.errors.first?.contains(message) == true, "\(outcome.errors)")
  }

  /// The page is what the command prints: `hypergrad list schedules --markdown`.
  @Test(.enabled(if: isBuilt)) func theDocumentationListsWhatThereIs() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Documentation/Schedules.md")
    let printed = try BuiltProgram.inFolder { folder in
      try BuiltProgram.run(["list", "schedules", "--markdown"], in: folder)
    }
    #expect(printed.code == 0)
    #expect(try String(contentsOf: page, encoding: .utf8) == printed.output)
  }
}
