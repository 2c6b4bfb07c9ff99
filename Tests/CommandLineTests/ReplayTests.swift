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

  /// Pictures are of one axis with a legend of all texts, and nothing else is printed.
  @Test(.enabled(if: isBuilt)) func schedulesAndControllersAreDrawnTogether() throws {
    try BuiltProgram.inFolder { folder in
      let texts = [
        "cosine(from: 0.1, over: steps)", "rex(from: 0.1, over: steps)",
        "scheduled(linear(from: 0.1, over: steps)).frozen(after: 6)",
      ]
      let arguments = [
        "replay", "--schedule", texts[0], "--schedule", texts[1], "--controller", texts[2],
        "--steps", "9",
      ]
      let outcome = try BuiltProgram.run(
        arguments + ["--plot", "p.svg", "--out", "p.csv"], in: folder)
      #expect(outcome.code == 0 && outcome.output.isEmpty && outcome.errors.isEmpty)
      let picture = try String(contentsOfFile: folder + "/p.svg", encoding: .utf8)
      #expect(picture.hasPrefix("<svg") && picture.hasSuffix("</svg>\n"))
      for text in texts { #expect(picture.contains(">\(text)</text>"), "\(text)") }
      #expect(picture.components(separatedBy: "<path d=\"M").count - 1 >= texts.count)
      // The same numbers as each alone.
      let table = try String(contentsOfFile: folder + "/p.csv", encoding: .utf8)
      let rows = table.split(separator: "\n")
      #expect(rows[0] == "step," + texts.map { "\"\($0)\"" }.joined(separator: ","))
      for (column, text) in texts.enumerated() {
        let alone = try BuiltProgram.run(
          ["replay", column == 2 ? "--controller" : "--schedule", text, "--steps", "9"], in: folder)
        #expect(
          rows.dropFirst().map { $0.split(separator: ",")[column + 1] }
            == alone.output.split(separator: "\n").dropFirst().map {
              $0.split(separator: ",").last!
            })
      }
      #expect(rows.dropFirst(7).allSatisfy { $0.hasSuffix(rows[6].split(separator: ",").last!) })
      // Another axis is another picture; the same is the same.
      for (options, isSame) in [
        ([], true), (["--log-rate"], false), (["--log-step"], false),
        (["--log-rate", "--log-step"], false),
      ] {
        let again = try BuiltProgram.run(arguments + ["--plot", "q.svg"] + options, in: folder)
        #expect(again.code == 0 && again.output.isEmpty)
        #expect(
          (try String(contentsOfFile: folder + "/q.svg", encoding: .utf8) == picture) == isSame)
      }
    }
  }

  /// A controller of a log beside a schedule over its lines, and a method's rate.
  @Test(.enabled(if: isBuilt)) func aLogAndAMethodAreDrawn() throws {
    let files = [
      "log.csv": "loss\n" + (0..<20).map { "\(1 + $0 % 3)\n" }.joined(),
      "g.csv": (0..<20).map { "\(1.0 / Double($0 + 1)),1\n" }.joined(), "x.csv": "1,2\n",
    ]
    try BuiltProgram.inFolder { folder in
      for (name, text) in files {
        try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
      }
      let log = try BuiltProgram.run(
        [
          "replay", "--controller", "plateau(initial: 0.1, reduce: .by(0.5, after: 2))",
          "--schedule", "cosine(from: 0.1, over: steps)", "--input", "log.csv", "--plot", "l.svg",
        ], in: folder)
      #expect(log.code == 0 && log.errors.isEmpty, "\(log.errors)")
      let method = try BuiltProgram.run(
        [
          "replay", "--method", "dog(initialDistance: 0.1).clamped(to: 0...0.05)", "--gradients",
          "g.csv", "--initial", "x.csv", "--plot", "m.svg", "--out", "m.csv",
        ], in: folder)
      #expect(method.code == 0 && method.errors.isEmpty, "\(method.errors)")
      let rows = try String(contentsOfFile: folder + "/m.csv", encoding: .utf8)
        .split(separator: "\n")
      #expect(rows[0] == "step,learningRate,parameter0,parameter1,distance")
      let numbers = rows.dropFirst().map { $0.split(separator: ",").map { Double($0)! } }
      #expect(
        numbers.allSatisfy { $0[1] <= 0.05 && $0[4] > 0 } && numbers.contains { $0[1] == 0.05 })
      for name in ["l", "m"] {
        #expect(
          try String(contentsOfFile: folder + "/\(name).svg", encoding: .utf8).contains("<path"))
      }
    }
  }

  static let twentySchedules: [String] = (0..<20).flatMap { (i: Int) -> [String] in
    ["--schedule", "constant(\(i))"]
  }
  static let pictureless: [([String], String)] = [
    (["--steps", "3", "--plot", "p.png"], "give a name that ends in .svg"),
    (["--steps", "3", "--plot", ".svg"], "give a name that ends in .svg"),
    (["--steps", "3", "--plot", "p.svg/"], "give a name that ends in .svg"),
    (
      ["--steps", "3", "--plot", "nowhere/p.svg"], "nowhere/p.svg can't be written: No such file"
    ),
    (["--steps", "3", "--plot", "f.csv/p.svg"], "f.csv/p.svg can't be written: Not a directory"),
    (["--steps", "0", "--plot", "p.svg"], "--steps is 0, not at least 1"),
    (["--steps", "10000001", "--plot", "p.svg"], "--steps is 10000001, not in 1...10000000"),
    (["--steps", "\(Int.max)", "--plot", "p.svg"], "not in 1...10000000"),
    (["--steps", "3", "--log-rate"], "--log-rate is for --plot"),
    (["--steps", "3", "--log-step"], "--log-step is for --plot"),
    (
      ["--steps", "3", "--schedule", "constant(0)", "--plot", "p.svg", "--log-rate", "--out"],
      "Missing value"
    ),
    (
      ["--steps", "3", "--controller", "polyak(maximum: 1)", "--plot", "p.svg"],
      "the controller reads the signal"
    ),
    (
      ["--steps", "9", "--schedule", "cosine(over: 5, past: .error)", "--plot", "p.svg"],
      "the schedule ends at step 5"
    ),
    (
      ["--steps", "3", "--plot", "p.svg"] + twentySchedules,
      "21 schedules and controllers are given, more than 20"
    ),
  ]

  /// One line, and no file.
  @Test(.enabled(if: isBuilt), arguments: pictureless)
  func noPictureIsMadeOf(_ arguments: [String], _ message: String) throws {
    try BuiltProgram.inFolder { folder in
      try "1\n".write(toFile: folder + "/f.csv", atomically: true, encoding: .utf8)
      let outcome = try BuiltProgram.run(
        ["replay", "--schedule", "constant(0)"] + arguments, in: folder)
      #expect(outcome.code != 0 && outcome.output.isEmpty)
      #expect(outcome.errors.first?.contains(message) == true, "\(outcome.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["f.csv"])
    }
  }

  /// Where nothing has a logarithm there is nothing to draw.
  @Test(.enabled(if: isBuilt)) func noLogarithmIsOfZero() throws {
    let arguments = ["--schedule", "constant(0)", "--steps", "3", "--plot", "p.svg", "--log-rate"]
    let outcome = try replay(arguments)
    #expect(outcome.code == 1 && outcome.output.isEmpty)
    #expect(
      outcome.errors
        == ["hypergrad: --log-rate: no learning rate is above 0, so none has a logarithm"])
  }

  /// Many steps are drawn by some, their extremes among them.
  @Test(.enabled(if: isBuilt)) func longRunsAreThinnedOut() throws {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.run(
        [
          "replay", "--schedule", "piecewise(at: [0, 77777, 77778, 77779], values: [1, 1, 9, 1])",
          "--steps", "100000", "--plot", "p.svg",
        ], in: folder)
      #expect(outcome.code == 0)
      let picture = try String(contentsOfFile: folder + "/p.svg", encoding: .utf8)
      #expect(picture.utf8.count < 200_000)
      // The axis goes as far as the one step at 9.
      #expect(picture.contains(">8</text>") || picture.contains(">7.5</text>"), "no peak is drawn")
    }
  }

  /// The page and its pictures are what the command makes, and every schedule is on it:
  /// `hypergrad list schedules --markdown --pictures Documentation/schedules`.
  @Test(.enabled(if: isBuilt)) func theDocumentationListsWhatThereIs() throws {
    let documentation = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Documentation")
    let page = try String(
      contentsOf: documentation.appendingPathComponent("Schedules.md"), encoding: .utf8)
    let manager = FileManager.default
    try BuiltProgram.inFolder { folder in
      let printed = try BuiltProgram.run(
        ["list", "schedules", "--markdown", "--pictures", "schedules"], in: folder)
      #expect(printed.code == 0)
      #expect(page == printed.output)
      let there = documentation.appendingPathComponent("schedules").path
      let names = try manager.contentsOfDirectory(atPath: folder + "/schedules").sorted()
      #expect(try manager.contentsOfDirectory(atPath: there).sorted() == names)
      for name in names {
        #expect(
          try String(contentsOfFile: "\(folder)/schedules/\(name)", encoding: .utf8)
            == String(contentsOfFile: "\(there)/\(name)", encoding: .utf8), "\(name)")
        #expect(page.contains("<img src=\"schedules/\(name)\""), "\(name)")
      }
      #expect(names.count == page.components(separatedBy: "<img ").count - 1)
      // Every schedule that there is, by the list of names.
      let list = try BuiltProgram.run(["list"], in: folder).output.split(separator: "\n")
      let titles = list.drop { $0 != "schedules:" }.dropFirst().prefix { $0.hasPrefix(" ") }
        .joined(separator: " ").split(separator: ",").map { $0.filter { $0 != " " } }
      #expect(titles.count > 40)
      #expect(
        Set(names)
          == Set(titles.map { ($0.hasPrefix(".") ? "modifier-\($0.dropFirst())" : $0) + ".svg" }))
      for title in titles { #expect(page.contains("| `\(title)("), "\(title)") }
    }
  }

  /// The steps of a log go on.
  @Test(.enabled(if: BuiltProgram.isBuilt)) func stepsThatGoBackAreRefused() throws {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.shell(
        "printf 'step,loss\\n3,1\\n2,1\\n' > log.csv; \"$hypergrad\" replay --input log.csv "
          + "--controller 'constant(0.1)'", in: folder)
      #expect(outcome.code == 1 && outcome.output.isEmpty, "\(outcome)")
      #expect(
        outcome.errors.first?.contains("log.csv:3: the step is 2, that of the line before is 3")
          == true, "\(outcome.errors)")
    }
  }
}
