internal import Foundation
internal import Testing

/// The help's examples can be pasted, and do what they say.
@Suite struct HelpTests {
  private static var isBuilt: Bool { BuiltProgram.isBuilt }
  private static let commands = [
    "", "compare", "train", "find-lr", "search", "replay", "list", "report", "calibrate", "bench",
  ]

  private static func help(_ command: String, columns: Int = 80) throws -> String {
    try BuiltProgram.inFolder { folder in
      try BuiltProgram.shell("COLUMNS=\(columns) \"$hypergrad\" help \(command)", in: folder).output
    }
  }

  /// What stands above the usage.
  private static func overview(_ help: String) -> Substring {
    // The first line is the program's to wrap.
    let text = help[(help.firstRange(of: "\n\n")?.upperBound ?? help.startIndex)...]
    return text.prefix(upTo: text.firstRange(of: "USAGE:")?.lowerBound ?? text.endIndex)
  }

  /// Examples of a command, each with the lines that it goes on.
  private static func examples(_ help: Substring) -> [String] {
    var examples: [String] = []
    var goesOn = false
    for line in help.split(separator: "\n", omittingEmptySubsequences: false) {
      if goesOn {
        examples[examples.count - 1] += "\n" + line
      } else if line.hasPrefix("  hypergrad ") || line.hasPrefix("  swift ") {
        examples.append(String(line))
      }
      goesOn = line.hasSuffix("\\") && !examples.isEmpty
    }
    return examples
  }

  /// A terminal of 80 columns wraps nothing, and shows no value of the source's.
  @Test(.enabled(if: isBuilt), arguments: commands) func nothingIsWrapped(_ command: String) throws
  {
    let help = try Self.help(command)
    let wide = try Self.help(command, columns: 400)
    #expect(Self.overview(help) == Self.overview(wide))
    #expect(!wide.contains("(numbers:"), "\(wide)")
    for example in Self.examples(Self.overview(help)) {
      for line in example.split(separator: "\n") {
        #expect(line.count { $0 == "'" } % 2 == 0, "a quote goes on: \(example)")
      }
    }
  }

  /// All that end soon and need no data of the user's.
  @Test(.enabled(if: isBuilt), arguments: commands) func examplesWork(_ command: String) throws {
    let skipped = [
      "FOLDER", "FILE", "PYTHON", "swift run", "--suite core", "results/core", "bench", "method.py",
      "--tasks ellipsoid-1e3,rosenbrock", "--costs",
    ]
    for example in Self.examples(Self.overview(try Self.help(command)))
    where !skipped.contains(where: example.contains) {
      let call = example.split(separator: "#")[0].trimmingCharacters(in: .whitespaces)
      // The whole suite 'core' takes minutes, and so do calibrated references of three tasks.
      if call == "hypergrad compare" || call.contains("my-suite.yaml --out") { continue }
      try BuiltProgram.inFolder { folder in
        try SmallSuite.write(to: folder)
        let outcome = try BuiltProgram.shell(
          """
          mv small.yaml my-suite.yaml
          printf 'x,y\\n1,2\\n' > x.csv; printf 'x,y\\n1,1\\n0.5,-1\\n' > g.csv
          printf 'metric\\n3\\n2\\n2\\n2\\n2\\n' > log.csv
          hypergrad() { "$hypergrad" "$@"; }
          \(call)
          """, in: folder)
        #expect(outcome.code == 0, "\(call): \(outcome.errors)")
        let isInFile = call.contains("--write") || call.contains("--plot")
        #expect(!outcome.output.isEmpty || isInFile, "\(call)")
        #expect(!outcome.output.contains("diverged after"), "\(call): \(outcome.output)")
        if call.contains(" train ") { #expect(outcome.output.hasPrefix("finished"), "\(outcome)") }
      }
    }
  }

  /// A command works with all threads unless it is told otherwise.
  @Test(.enabled(if: isBuilt), arguments: commands) func jobsAreAsManyAsThreads(
    _ command: String
  ) throws {
    let help = try Self.help(command, columns: 200)
    #expect(
      help.contains("--jobs") == help.contains("default as many as the processor has"), "\(help)")
  }

  @Test(
    .enabled(if: isBuilt),
    arguments: [
      ("compar", "no command named 'compar'; did you mean 'compare'?"),
      ("help trian", "no command named 'trian'; did you mean 'train'?"),
      ("help nosuch", "no command named 'nosuch'; there are compare, train"),
      ("list momntum", "did you mean 'momentum'?"), ("list startUpp", "did you mean 'startUp'?"),
      // What an option's value is to be.
      ("compare --steps 1e3", "'1e3' is invalid for '--steps <steps>': a whole number is expected"),
      ("train --task a --method b --steps ''", "a whole number is expected"),
      ("search --task a --epochs 50.5", "a whole number is expected"),
      ("find-lr --task a --from x", "a number is expected"),
      ("compare --steps -5", "--steps is -5, not at least 1"),
      ("compare --seeds -1", "a seed is at least 0, not -1"),
      ("compare --seeds 101...100", "'101...100' ends before it begins"),
      ("compare --rules ,", "names are expected, such as a,b,c"),
      ("compare --seeds 1,x", "'x' is no whole number and no range; seeds are such as 1,2,"),
      // What stands twice in a list.
      (
        "compare --tasks rosenbrock,rosenbrock",
        "'rosenbrock,rosenbrock' is invalid for '--tasks <tasks>': it names 'rosenbrock' twice: it shows "
          + "nothing new"
      ),
      ("compare --rules 'adam, adam'", "it names 'adam' twice: it shows nothing new"),
      ("compare --methods fixed,,prodigy", "names are expected, such as a,b,c"),
      ("compare --methods 'fixed,dog(),dog()'", "it names 'dog()' twice"),
      ("compare --task rosenbrock --task rosenbrock", "--task names 'rosenbrock' twice"),
      ("compare --seeds 101,101", "it names seed 101 twice: it shows nothing new"),
      ("search --task rosenbrock --seeds 1,0...3", "it names seed 1 twice: it shows nothing new"),
      ("calibrate --tasks rosenbrock,", "names are expected, such as a,b,c"),
      ("find-lr --suite smoke --tasks a,a", "it names 'a' twice"),
      // What would be ignored.
      ("train --task rosenbrock --method 'sgd + constant(0.1)' --data none", "takes no data"),
      ("find-lr --task rosenbrock --data none", "takes no data"),
      ("search --task rosenbrock --data none", "takes no data"),
      ("compare --suite smoke --data none", "the tasks take no data: leave --data out"),
      (
        "train --task libsvmLogistic --method 'sgd + constant(0.1)' --data none --label-column 1",
        "--label-column says how CSV data are read, and task 'libsvmLogistic' takes a LIBSVM file"
      ),
      (
        "train --task rosenbrock --method 'sgd + constant(0.1)' --epochs 2",
        "--epochs: task 'rosenbrock' is not made of examples: give --steps"
      ),
      (
        "train --task logistic --method 'sgd + constant(0.1)' --epochs 2 --steps 9",
        "give one of --steps and --epochs"
      ),
      ("find-lr --suite smoke --rule adam", "--rule, --out, --plot and --accuracy are for --task"),
      ("train --task csvLogistic --method a --data d --header --no-header", "--no-header"),
      ("train --task csvLogistic --method a --data d --label-column ''", "--label-column is empty"),
      ("report ''", "the folder of results has an empty name"),
      ("report out --replace", "--replace is for --page"),
    ])
  func aMistakeIsToldInItsFirstLine(_ call: String, _ message: String) throws {
    let outcome = try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.shell("\"$hypergrad\" \(call)", in: folder)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
      return outcome
    }
    #expect(outcome.code != 0 && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.first?.contains(message) == true, "\(outcome.errors)")
  }

  /// The list names what comparisons add, and comparisons take what it names.
  @Test(.enabled(if: isBuilt)) func theListHasTheNamesOfComparisons() throws {
    try BuiltProgram.inFolder { folder in
      let list = try BuiltProgram.run(["list", "compared"], in: folder)
      for name in ["hdm", "osgm-ratio", "startUp-traceAligned", "adam-cautious"] {
        #expect(list.output.contains("    \(name): "), "\(name)")
      }
      let one = try BuiltProgram.run(["list", "osgm-ratio"], in: folder)
      #expect(one.code == 0 && one.output.contains("osgm("), "\(one)")
      try SmallSuite.write(to: folder)
      let spaced = try BuiltProgram.run(
        [
          "compare", "--suite", "small.yaml", "--methods", "fixed , hdmBest ", "--tasks", " bowl",
          "--seeds", "1, 101",
        ], in: folder)
      #expect(spaced.code == 0 && spaced.output.contains("hdm"), "\(spaced)")
    }
  }

  /// What stands in a folder and is no comparison's stays; what was changed there is told.
  @Test(.enabled(if: isBuilt)) func aForeignReportStays() throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let call = "\"$hypergrad\" compare --suite small.yaml --tasks bowl --methods fixed --out out"
      for name in ["tables", "traces.csv", "report.html"] {
        let refused = try BuiltProgram.shell(
          "rm -rf out; mkdir out; echo mine > out/\(name); \(call)", in: folder)
        #expect(refused.code == 1 && refused.output.isEmpty, "\(refused)")
        #expect(
          refused.errors.last?.contains("out/\(name) is there, and no results that it belongs to")
            == true, "\(refused.errors)")
        #expect(try String(contentsOfFile: folder + "/out/\(name)", encoding: .utf8) == "mine\n")
      }
      #expect(try BuiltProgram.shell("\(call) --replace", in: folder).code == 0)
      let again = try BuiltProgram.shell("echo >> out/runs.jsonl; \(call)", in: folder)
      #expect(again.code == 0, "\(again)")
      #expect(
        again.errors.contains {
          $0.contains("out/runs.jsonl has the digest") && $0.hasSuffix("anew")
        },
        "\(again.errors)")
    }
  }

  /// An interruption says what is kept, while references are computed and while the report is written.
  @Test(.enabled(if: isBuilt)) func anInterruptionSaysWhatIsKept() throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let call = "\"$hypergrad\" compare --jobs 1 --suite small.yaml --out out"
      // Another number of steps has no references.
      let early = try BuiltProgram.shell(
        "\(call) --steps 20000 2>err & pid=$!; while [ ! -d out ]; do sleep 0.02; done; sleep 0.2; "
          + "kill -INT $pid; wait $pid; code=$?; cat err >&2; exit $code", in: folder)
      #expect(early.code == 130, "\(early)")
      #expect(early.errors.last?.contains("before the first part") == true, "\(early.errors)")
      let late = try BuiltProgram.shell(
        "rm -r out; \(call) 2>err & pid=$!; while ! grep -q '12 of 12 parts' err; do sleep 0.01; done; "
          + "kill -INT $pid; wait $pid; code=$?; cat err >&2; exit $code", in: folder)
      #expect(late.code == 130 || late.code == 0, "\(late)")
      if late.code == 130 {
        #expect(late.errors.last?.contains("all 12 parts are kept") == true, "\(late.errors)")
      }
      let whole = try BuiltProgram.shell(call, in: folder)
      #expect(whole.code == 0 && whole.output.contains("report: out/report.html"), "\(whole)")
    }
  }
}
