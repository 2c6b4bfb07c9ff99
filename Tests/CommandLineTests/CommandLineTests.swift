internal import Foundation
internal import Testing

/// Wrong calls of the program: one line on standard error, an exit code that is not zero, and no
/// half-written file.
@Suite struct CommandLineTests {
  typealias Outcome = BuiltProgram.Outcome

  private static var isBuilt: Bool { BuiltProgram.isBuilt }

  /// Runs the program in an empty folder; returns the files that it left there as well.
  private func call(_ arguments: [String]) throws -> (outcome: Outcome, files: [String]) {
    try inFolder { folder in
      let outcome = try run(arguments, in: folder)
      return (outcome, try files(in: folder))
    }
  }

  private func inFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    try BuiltProgram.inFolder(body)
  }

  private func files(in folder: String) throws -> [String] {
    let manager = FileManager.default
    return try manager.subpathsOfDirectory(atPath: folder).filter {
      var isFolder: ObjCBool = false
      return manager.fileExists(atPath: folder + "/" + $0, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }

  private func run(_ arguments: [String], in folder: String) throws -> Outcome {
    try BuiltProgram.run(arguments, in: folder)
  }

  /// Refused by the program's own checks: exactly one line.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      (
        ["compare", "--suite", "smok"],
        "no suite named 'smok'; did you mean 'smoke'? (or name a file that ends in .yaml)"
      ),
      (
        ["compare", "--suite", "nowhere.yaml"],
        "nowhere.yaml: there is no such file"
      ),
      (
        ["compare", "--suite", "smoke", "--tasks", "elipsoid-1e1"],
        "no task of suite 'smoke' or of the catalogue named 'elipsoid-1e1'; did you mean 'ellipsoid-1e1'?"
      ),
      (
        ["compare", "--suite", "smoke", "--methods", "fixd"],
        "no method of suite 'smoke' or of the catalogue named 'fixd'; did you mean 'fixed'?"
      ),
      (
        ["compare", "--suite", "smoke", "--out", "/dev/null/x"],
        "the folder /dev/null/x can't be made: Not a directory"
      ),
      (
        ["compare", "--suite", "smoke", "--out", "/dev/full"],
        "the folder /dev/full can't be made: File exists"
      ),
      (
        ["compare", "--suite", "csv", "--data", "nowhere"],
        "nowhere: there is no such file or folder; --data names the data"
      ),
      (
        ["bench", "--data", "nowhere"],
        "nowhere: there is no such file or folder; --data names the data"
      ),
      (
        ["bench", "--instructions", "tanh"],
        "no workload named 'tanh'; they are sgd-step-1e2, sgd-hd-step-1e2, sgd-hd-step-1e4, "
          + "adam-step-1e4, adam-hd-step-1e2, adam-hd-step-1e4, quadratic-sweep, diagonal-sweep, "
          + "network-sweep, sgemm-128x64x256, tanh-1024"
      ),
      (
        ["report", "nowhere"],
        "nowhere/manifest.json: there is no such file; name a folder that 'hypergrad compare' wrote"
      ),
      (
        ["train", "--task", "elipsoid", "--method", "sgd + constant(1)"],
        "no task named 'elipsoid'; did you mean 'ellipsoid'? (column 1 of 'elipsoid')"
      ),
      (
        ["train", "--task", "ellipsoid", "--method", "sgd + constan(1)"],
        "no controller named 'constan'; did you mean 'constant'? (column 7 of 'sgd + constan(1)')"
      ),
      (
        ["train", "--task", "ellipsoid", "--method", "sgd + constant(-1)"],
        "the value of 'constant' is to be at least 0, not -1 (column 16 of 'sgd + constant(-1)')"
      ),
      (
        ["train", "--task", "ellipsoid", "--method", "sgd + constant(nan)"],
        "the value of 'constant' is to be finite and at least 0, not nan (column 16 of 'sgd + constant(nan)')"
      ),
      (
        ["train", "--task", "ellipsoid", "--method", "sgd"],
        "a method is 'rule + controller', such as 'adam + constant(1e-3)' (column 1 of 'sgd')"
      ),
      (
        ["train", "--task", "ellipsoid", "--method", "sgd + scheduled(constant(1), in: .epochs)"],
        "method 'sgd + scheduled(constant(1), in: .epochs)' counts epochs, and task 'ellipsoid' is "
          + "not made of examples"
      ),
      // Names that comparisons have, where texts are expected.
      (
        ["train", "--task", "ellipsoid-1e3"],
        "'ellipsoid-1e3' is a name of suite 'core' for 'ellipsoid(condition: 1e3)'"
      ),
      (
        ["find-lr", "--task", "noisy-quadratic"],
        "'noisy-quadratic' is a name of suite 'core' for 'noisyQuadratic(noiseVariance: 0.01)'"
      ),
      (
        ["search", "--task", "sparse-parity"],
        "'sparse-parity' is a name of suite 'default' for 'sparseParity'"
      ),
      (
        ["train", "--task", "ellipsoid", "--method", "hypergradient-additive"],
        "'hypergradient-additive' is a name of suite 'core' for 'hypergradient(initial: rate, "
          + "hyperLearningRate: additiveBeta)'"
      ),
      (
        ["train", "--task", "ellipsoid", "--method", "fixed"],
        "'fixed' is a name of suite 'core' for 'constant(rate)'"
      ),
      (["list", "taks"], "nothing is named 'taks'; did you mean 'tasks'?"),
      (["list", "platau"], "nothing is named 'platau'; did you mean 'plateau'?"),
      (
        ["list", "foo"],
        "nothing is named 'foo'; there are tasks, methods, rules, controllers, schedules, compared, "
          + "suites"
      ),
    ]) func isRefusedInOneLine(_ arguments: [String], _ message: String) throws
  {
    let (outcome, files) = try call(arguments)
    #expect(outcome.errors == ["hypergrad: " + message])
    #expect(outcome.code == 1 && outcome.output.isEmpty && files.isEmpty, "\(outcome), \(files)")
  }

  /// Tasks on real data without any: one line that says what to give.
  @Test(.enabled(if: isBuilt), arguments: ["mnist", "libsvm", "csv"])
  func realDataAreAskedFor(_ suite: String) throws {
    let (outcome, files) = try call(["compare", "--suite", suite])
    #expect(outcome.errors.count == 1, "\(outcome.errors)")
    #expect(outcome.errors.first?.contains("--data") == true, "\(outcome.errors)")
    #expect(outcome.code == 1 && files.isEmpty, "\(files)")
  }

  /// Refused by the parser of arguments, which adds the usage.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      (["compare", "--steps", "0"], "--steps is 0, not at least 1"),
      (["compare", "--steps", "-3"], "--steps"),
      (["compare", "--jobs", "0"], "--jobs is 0, not in 1...1024"),
      (["compare", "--seeds", "x"], "--seeds"),
      (["compare", "--sute", "core"], "--sute"),
      (["train", "--method", "sgd + constant(1)"], "--task"),
      (
        ["train", "--task", "ellipsoid", "--method", "sgd + constant(1)", "--steps", "0"],
        "--steps is 0, not at least 1"
      ),
      (["calibrate", "--jobs", "0"], "--jobs is 0, not in 1...1024"),
      (["bench", "--threads", "0"], "--threads is 0, not in 1...64"),
      (["bench", "--repeats", "0"], "--repeats is 0, not in 1...10000"),
      (["list", "rules", "--markdown"], "--markdown is for schedules"),
      (["list", "rules", "smoke"], "'smoke' is one word too many; 'list suites NAME' prints"),
      (["comparr"], "comparr"),
    ]) func isRefusedWithTheUsage(_ arguments: [String], _ message: String) throws
  {
    let (outcome, files) = try call(arguments)
    #expect(outcome.code != 0 && files.isEmpty && outcome.output.isEmpty, "\(outcome), \(files)")
    #expect(outcome.errors.first?.hasPrefix("Error: ") == true, "\(outcome.errors)")
    #expect(outcome.errors.first?.contains(message) == true, "\(outcome.errors)")
  }

  /// A small comparison from the call to the report: the same bytes with one thread and with two,
  /// and again from the stored results.
  @Test(.enabled(if: isBuilt)) func aComparisonWritesItsReport() throws {
    try inFolder { folder in
      func text(_ file: String) throws -> String {
        try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
      }
      let narrow = [
        "compare", "--suite", "smoke", "--tasks", "ellipsoid-1e1,least-squares", "--methods",
        "fixed,hypergradient-additive", "--rules", "sgd", "--steps", "100",
      ]
      let one = try run(narrow + ["--jobs", "1", "--out", "one"], in: folder)
      let two = try run(narrow + ["--jobs", "2", "--out", "two"], in: folder)
      #expect(one.code == 0 && two.code == 0, "\(one.errors), \(two.errors)")
      let digests = [one, two].map { $0.output.split(separator: "\n").last ?? "" }
      #expect(digests[0].hasPrefix("digest of runs.jsonl: ") && digests[0] == digests[1])
      let written = try files(in: folder + "/one")
      for name in ["manifest.json", "report.html", "runs.jsonl", "timings.csv", "traces.csv"] {
        #expect(written.contains(name), "\(name) is missing")
      }
      let tables = written.filter { $0.hasPrefix("tables/") }
      for ending in [".md", ".csv", ".tex"] {
        #expect(tables.contains { $0.hasSuffix(ending) }, "no table in \(ending)")
      }
      #expect(written.contains { $0.hasPrefix("figures/") && $0.hasSuffix(".svg") })
      #expect(try files(in: folder + "/two") == written)
      for name in ["runs.jsonl", "traces.csv"] + tables {
        #expect(try text("one/" + name) == text("two/" + name), "\(name)")
      }
      let before = try tables.map { try text("one/" + $0) }
      let again = try run(["report", "one"], in: folder)
      #expect(again.code == 0 && again.output.split(separator: "\n").last == digests[0])
      #expect(try tables.map { try text("one/" + $0) } == before)

      // A page keeps its words, and gets the tables that it has headings of.
      let table = try text("one/tables/robustness.md")
      let page = """
        # Mine

        The tables are below.

        \(table.split(separator: "\n")[0])

        of yesterday.

        ## My own words

        stay.

        """
      try Data(page.utf8).write(to: URL(filePath: folder + "/page.md"))
      let renewed = try run(["report", "one", "--page", "page.md"], in: folder)
      #expect(renewed.code == 0, "\(renewed.errors)")
      #expect(
        try text("page.md")
          == "# Mine\n\nThe tables are below.\n\n\(table)\nof yesterday.\n\n## My own words\n\nstay.\n"
      )
      try Data("# Mine\n\n## Nothing of theirs\n".utf8).write(
        to: URL(filePath: folder + "/other.md"))
      let refused = try run(["report", "one", "--page", "other.md"], in: folder)
      #expect(refused.code != 0 && refused.errors.count == 1, "\(refused.errors)")
      #expect(refused.errors[0].contains("other.md: no heading is the title of a table"))
      #expect(try text("other.md") == "# Mine\n\n## Nothing of theirs\n")
    }
  }

  @Test(.enabled(if: isBuilt)) func aTraceGoesToItsFile() throws {
    let (outcome, files) = try call([
      "train", "--task", "ellipsoid(dimension: 5, condition: 10)", "--method",
      "sgd + hypergradient(initial: 1e-3, hyperLearningRate: 0.05, form: .multiplicative)",
      "--steps", "50",
    ])
    #expect(outcome.code == 0 && files == ["trace.csv"])
    #expect(outcome.output.hasPrefix("finished\nloss "), "\(outcome.output)")
    #expect(outcome.errors.count > 10, "no live line")
  }

  @Test(.enabled(if: isBuilt)) func aMethodOfItsOwnTrains() throws {
    let call = ["train", "--task", "ellipsoid(dimension: 5, condition: 10)", "--steps", "60"]
    let (dog, _) = try self.call(call + ["--method", "dog()"])
    #expect(dog.code == 0 && dog.output.hasPrefix("finished\nloss "), "\(dog)")
    #expect(!dog.output.contains("paid"))
    let (search, files) = try self.call(call + ["--method", "armijo(adam, initial: 1)"])
    #expect(search.code == 0 && files == ["trace.csv"], "\(search)")
    #expect(search.output.contains("\npaid ") && search.output.contains(" losses, 0 Hessian"))
  }

  @Test(
    .enabled(if: isBuilt),
    arguments: [
      ("/dev/null/trace.csv", "Not a directory"), ("/dev/full", "No space left on device"),
      (".", "Is a directory"), ("nowhere/trace.csv", "No such file or directory"),
    ]) func aTraceThatCannotBeWrittenIsSaid(_ place: String, _ reason: String) throws
  {
    let (outcome, files) = try call([
      "train", "--task", "ellipsoid(dimension: 5)", "--method", "sgd + constant(0.01)",
      "--steps", "5", "--out", place,
    ])
    #expect(outcome.code == 1 && files.isEmpty && outcome.output.isEmpty)
    #expect(outcome.errors.last == "hypergrad: \(place) can't be written: \(reason)")
  }

  private static let kinds = ["tasks", "methods", "rules", "controllers", "schedules", "suites"]

  /// The names of a kind, from the list without a word.
  private func names(_ kind: String) throws -> [String] {
    let lines = try call(["list"]).outcome.output.split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex(of: kind + ":"))
    let own = lines[(start + 1)...].prefix { $0.hasPrefix("    ") }
    return own.joined(separator: " ").split(whereSeparator: { $0 == " " || $0 == "," })
      .map(String.init)
  }

  /// Every name begins a line of its kind's list, a line of what it is for follows, and no line is
  /// longer than 80 characters, unless it is one word.
  @Test(.enabled(if: isBuilt), arguments: kinds)
  func listsNameWhatThereIs(_ kind: String) throws {
    let names = try names(kind)
    #expect(names.count >= 5)
    let (outcome, _) = try call(["list", kind])
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    for name in names {
      let start = try #require(
        lines.firstIndex { $0 == name || $0.hasPrefix(name + "(") }, "\(name)")
      let next = lines[(start + 1)...].first { !$0.hasPrefix("        ") }
      #expect(next?.hasPrefix("    ") == true, "\(name)")
    }
    for line in lines {
      let words = line.split(separator: " ").count
      #expect(line.count <= 80 || words <= 3, "\(line.count): \(line)")
    }
    // What makes a task is no type of it.
    #expect(!outcome.output.contains("TaskMaker"))
    // In the singular, too.
    #expect(try call(["list", String(kind.dropLast())]).outcome.output == outcome.output)
  }

  /// A name alone gives its part of its kind's list.
  @Test(.enabled(if: isBuilt), arguments: ["rules", "controllers", "methods"])
  func aNameAloneIsShown(_ kind: String) throws {
    let list = try call(["list", kind]).outcome.output
    for name in try names(kind) {
      let alone = try call(["list", name]).outcome
      #expect(alone.code == 0 && alone.errors.isEmpty, "\(name)")
      // "a rule:" or "a rule modifier:", then the part.
      let lines = alone.output.split(separator: "\n", omittingEmptySubsequences: false)
      let heading = try #require(
        lines.firstIndex { $0.hasPrefix("a \(kind.dropLast())") }, "\(name)")
      let part = lines[(heading + 1)...].prefix { !$0.hasPrefix("a ") }.joined(separator: "\n")
      #expect(part.count > 20 && list.contains(part), "\(name)")
    }
  }

  /// A suite's file, as it was printed, is a suite: the same runs.
  @Test(.enabled(if: isBuilt)) func aSuiteIsPrinted() throws {
    try inFolder { folder in
      let printed = try run(["list", "suites", "smoke"], in: folder)
      #expect(printed.code == 0 && printed.errors.isEmpty)
      try printed.output.write(toFile: folder + "/mine.yaml", atomically: false, encoding: .utf8)
      let part = ["--tasks", "least-squares", "--methods", "fixed", "--seeds", "101", "--out"]
      let one = try run(["compare", "--suite", "smoke"] + part + ["one"], in: folder)
      let two = try run(["compare", "--suite", "mine.yaml"] + part + ["two"], in: folder)
      #expect(
        one.code == 0
          && one.output.split(separator: "\n").last
            == two.output.split(separator: "\n").last
      )
      // At its own steps the suite has its references.
      for name in try files(in: folder) { #expect(!name.hasSuffix("references.jsonl")) }
      let wrong = try run(["list", "suites", "smok"], in: folder)
      #expect(wrong.code == 1 && wrong.errors.first?.contains("did you mean 'smoke'?") == true)
    }
  }

  /// Another number of steps has targets of its own: those of a suite's file that says so.
  @Test(.enabled(if: isBuilt)) func targetsAreOfTheStepsThatAreRun() throws {
    try inFolder { folder in
      let text = try run(["list", "suites", "smoke"], in: folder).output
      try text.replacing("steps: 200", with: "steps: 30")
        .write(toFile: folder + "/short.yaml", atomically: false, encoding: .utf8)
      let part = ["--tasks", "ellipsoid-1e1", "--methods", "fixed,cosine", "--seeds", "101"]
      let given = try run(
        ["compare", "--suite", "smoke", "--steps", "30", "--out", "given"] + part, in: folder)
      let changed = try run(
        ["compare", "--suite", "short.yaml", "--out", "changed"] + part, in: folder)
      let again = try run(
        ["compare", "--suite", "short.yaml", "--out", "changed"] + part, in: folder)
      for outcome in [given, changed] {
        #expect(outcome.code == 0)
        #expect(outcome.errors.contains { $0.contains("has no references for 3 pairs") })
      }
      #expect(again.code == 0 && !again.errors.contains { $0.contains("has no references") })
      let digests = [given, changed, again].map { $0.output.split(separator: "\n").last ?? "" }
      #expect(Set(digests).count == 1 && digests[0].hasPrefix("digest of runs.jsonl: "))
      let manifest = try String(
        contentsOfFile: folder + "/given/manifest.json", encoding: .utf8)
      #expect(manifest.components(separatedBy: "\"isComputed\" : true").count == 4)
    }
  }

  #if !DEBUG
    /// The targets of 50 steps are greater than those of 200, and are what the shares are counted by.
    @Test(.enabled(if: isBuilt)) func aShorterSuiteIsScoredByItsOwnTargets() throws {
      struct Run: Decodable {
        var task, rule, method, part: String
        var seed: Int
        var target: Double
        var reached: Bool
      }
      try inFolder { folder in
        func runs(_ steps: String) throws -> (shown: [Run], output: String) {
          let outcome = try run(
            [
              "compare", "--suite", "smoke", "--steps", steps, "--out", steps, "--tasks",
              "ellipsoid-1e1,noisy-quadratic,least-squares",
            ], in: folder)
          #expect(outcome.code == 0, "\(outcome)")
          let text = try String(contentsOfFile: folder + "/\(steps)/runs.jsonl", encoding: .utf8)
          let all = try text.split(separator: "\n").map {
            try JSONDecoder().decode(Run.self, from: Data($0.utf8))
          }
          return (all.filter { $0.part == "sweep" }, outcome.output)
        }
        let (short, output) = try runs("50")
        let long = try runs("200").shown
        #expect(short.count == long.count && !short.isEmpty)
        #expect(zip(short, long).allSatisfy { $0.target > $1.target })
        let own = Dictionary(
          grouping: short.filter { $0.method == "cosine" }, by: { "\($0.task) \($0.rule)" })
        let shares = own.values.map { runs in
          Double(runs.filter(\.reached).count) / Double(runs.count)
        }
        let mean = 100 * shares.reduce(0, +) / Double(shares.count)
        let row = output.split(separator: "\n").first { $0.hasPrefix("cosine ") }
        let shown = row?.split(separator: " ").dropFirst(7).first.flatMap { Double($0) }
        #expect(abs(try #require(shown) - mean) < 0.051, "\(output)")
      }
    }
  #endif

  /// What a suite has not is taken from the catalogue.
  @Test(.enabled(if: isBuilt)) func namesOfTheCatalogueAreAdded() throws {
    try inFolder { folder in
      let outcome = try run(
        [
          "compare", "--suite", "smoke", "--steps", "20", "--seeds", "101", "--out", "out",
          "--tasks", "rosenbrock", "--rules", "sgd,lion", "--methods", "fixed,greedy,dog,rex",
        ], in: folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
      let runs = try String(contentsOfFile: folder + "/out/runs.jsonl", encoding: .utf8)
      for (method, rules) in [
        ("fixed", 2), ("greedy", 2), ("dog", 1), ("rex", 2),
      ] {
        let own = runs.split(separator: "\n").filter { $0.contains("\"method\":\"\(method)\"") }
        let counted = ["sgd", "lion"].count { rule in
          own.contains { $0.contains("\"rule\":\"\(rule)\"") }
        }
        #expect(counted == rules, "\(method)")
        #expect(own.count == rules * (method == "dog" ? 1 : 9), "\(method)")
      }
    }
  }

  @Test(.enabled(if: isBuilt)) func anArgumentIsShownWithUnitRangeAndDefault() throws {
    let output = try call(["list", "boldDriver"]).outcome.output
    #expect(output.hasPrefix("a controller:\nboldDriver(initial: …, growth: 1.05, "))
    #expect(
      output.contains("\n      growth: the factor where the loss fell, at least 1, default 1.05\n"))
    #expect(output.contains("\n      initial [learning rate]: the learning rate at the start, "))
    // A name of two kinds.
    let both = try call(["list", "constant"]).outcome.output
    #expect(
      both.contains("a controller:\nconstant(…)") && both.contains("a schedule:\nconstant(…)"))
  }
}
