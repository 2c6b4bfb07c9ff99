internal import Foundation
internal import Testing

/// The programs `papers` and `studies`, run as a user runs them.
@Suite struct PapersAndStudiesTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .appendingPathComponent("../../..").standardizedFileURL.path

  private func run(_ program: String, _ arguments: [String]) throws -> BuiltProgram.Outcome {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.run(arguments, in: folder, program: program)
      // Nothing is left behind by a call that was refused.
      if outcome.code != 0 {
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
      }
      return outcome
    }
  }

  /// A wrong call ends with what is wrong and how the command is called; what fails later, in one line.
  @Test(
    .enabled(if: BuiltProgram.isBuilt("papers") && BuiltProgram.isBuilt("studies")),
    arguments: [
      ("papers baydin2019", "Error: no command named 'baydin2019'; did you mean 'baydin2018'?"),
      ("papers help baydin208", "Error: no command named 'baydin208'; did you mean 'baydin2018'?"),
      ("papers baydin2018", "Error: Missing expected argument '--data <data>'"),
      (
        "papers chu2025 --data . --perturbation 3",
        "Error: Unknown option '--perturbation'. Did you mean '--perturbations'?"
      ),
      ("papers baydin2018 --data nowhere --seeds 1", "Error: --seeds is 1, not in 2...10000"),
      ("papers chandra2022 --data nowhere --jobs 0", "Error: --jobs is 0, not in 1...1024"),
      ("papers chandra2022 --data nowhere --jobs -1", "Error: --jobs is -1, not in 1...1024"),
      (
        "papers chandra2022 --data nowhere --seeds many",
        "Error: The value 'many' is invalid for '--seeds <seeds>': a whole number is expected, such "
          + "as 3"
      ),
      ("papers chandra2022 --data nowhere", "papers: nowhere"),
      (
        "papers chu2025 --data . --reference nowhere.json",
        "papers: there is no file nowhere.json: expected the recorded runs, JSON"
      ),
      (
        "papers chu2025 --data . --reference . --perturbations 1001",
        "Error: --perturbations is 1001, not in 0...1000"
      ),
      ("studies stationarity", "Error: no command named 'stationarity'; "),
      ("studies stationarity-guard 0", "Error: <instances> is 0, not in 1...1000"),
      ("studies stationarity-guard few", "Error: The value 'few' is invalid for '<instances>': "),
      ("studies stationarity-guard --instances 3", "Error: Unknown option '--instances'"),
      ("studies default-controller", "Error: Missing expected argument '<folders> ...'"),
      (
        "studies default-controller nowhere",
        "studies: nowhere/manifest.json: there is no such file; name a folder that 'hypergrad compare' "
          + "wrote"
      ),
    ]) func aRefusalSaysWhatIsWrong(_ call: String, _ message: String) throws
  {
    let words = call.split(separator: " ").map(String.init)
    let outcome = try run(words[0], Array(words.dropFirst()))
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.first?.hasPrefix(message) == true, "\(outcome.errors)")
    if message.hasPrefix("Error: ") {
      #expect(outcome.code == 64)
      #expect(outcome.errors.contains { $0.hasPrefix("Usage: " + words[0]) }, "\(outcome.errors)")
    } else {
      #expect(outcome.code == 1 && outcome.errors.count == 1, "\(outcome.errors)")
    }
  }

  /// Every folder with a command is in its program's list, and every folder is in its room's index.
  @Test(
    .enabled(if: BuiltProgram.isBuilt("papers") && BuiltProgram.isBuilt("studies")),
    arguments: [("papers", "Papers"), ("studies", "Studies")])
  func everyFolderIsListed(_ program: String, _ room: String) throws {
    let manager = FileManager.default
    let place = Self.root + "/" + room
    let index = try String(contentsOfFile: place + "/README.md", encoding: .utf8)
    let help = try run(program, [])
    #expect(help.code == 0 && help.errors.isEmpty)
    let listed = help.output.split(separator: "\n").compactMap {
      $0.hasPrefix("  ") ? $0.split(separator: " ").first.map(String.init) : nil
    }
    var commands = 0
    for folder in try manager.contentsOfDirectory(atPath: place)
    where manager.fileExists(atPath: "\(place)/\(folder)/README.md") {
      #expect(index.contains("](\(folder)/README.md)"), "\(room)/README.md has no \(folder)")
      if manager.fileExists(atPath: "\(place)/\(folder)/Command.swift") {
        commands += 1
        let name = listed.first { $0.filter { $0 != "-" } == folder.lowercased() }
        #expect(name != nil, "'\(program)' has no \(folder)")
      }
    }
    #expect(commands >= 2)
  }

  @Test(
    .enabled(if: BuiltProgram.isBuilt("papers")),
    arguments: ["baydin2018", "chandra2022", "chu2025"])
  func papersTakeAllThreads(_ paper: String) throws {
    let help = try run("papers", [paper, "--help"]).output.split { $0.isWhitespace }
    #expect(
      help.joined(separator: " ").contains("default as many as the processor has"), "\(help)")
  }

  /// From stored results to tables: the introduction is for other runs.
  @Test(.enabled(if: BuiltProgram.isBuilt("studies") && BuiltProgram.isBuilt))
  func theDefaultControllersPageIsPrinted() throws {
    try BuiltProgram.inFolder { folder in
      let made = try BuiltProgram.run(
        [
          "compare", "--suite", Self.root + "/Studies/DefaultController/default-100.yaml",
          "--tasks",
          "ellipsoid-1e1", "--rules", "sgd", "--methods", "fixed,cosine,default", "--out", "out",
        ], in: folder)
      try #require(made.code == 0, "\(made.errors)")
      let other = try BuiltProgram.run(
        ["compare", "--suite", "smoke", "--steps", "40", "--tasks", "ellipsoid-1e1", "--rules"]
          + ["sgd", "--methods", "fixed,cosine", "--out", "smoke"], in: folder)
      try #require(other.code == 0, "\(other.errors)")
      func study(_ arguments: [String]) throws -> BuiltProgram.Outcome {
        try BuiltProgram.run(["default-controller"] + arguments, in: folder, program: "studies")
      }
      for (folders, message) in [
        (
          ["out", "smoke"], "smoke: suite 'smoke' is without the method that is studied, 'default'"
        ),
        (
          ["out", "--development", "out"],
          "out: these runs of suite 'default-100' are named twice"
        ),
      ] {
        let refused = try study(folders)
        #expect(refused.code == 1 && refused.output.isEmpty)
        #expect(refused.errors == ["studies: " + message])
      }
      let (page, runs) = (try study(["out"]), try study(["out", "--runs"]))
      #expect(page.code == 0 && page.errors.isEmpty)
      #expect(
        page.output.hasPrefix(
          "Tables alone: the introduction of this page was written for other runs.\n"))
      let headings = page.output.split(separator: "\n").filter { $0.hasPrefix("#") }
      let title = "## 100 steps, suite default-100"
      let line = runs.output.split { $0.isWhitespace }
      #expect(line.count == 2 && line[0] == "default-100", "\(runs)")
      #expect(page.output.contains("runs with SHA-256 \(line[1])"))
      let reported = [
        "", ", the default less the others", ", by starting rate", ", by task",
        ", what the default's rate did",
      ].map { title + $0 }
      #expect(headings.map(String.init) == reported)
    }
  }
}
