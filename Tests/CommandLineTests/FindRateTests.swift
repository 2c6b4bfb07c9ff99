internal import Foundation
internal import Testing

/// `hypergrad find-lr` and `hypergrad search`, as a user calls them.
@Suite struct FindRateTests {
  private static var isBuilt: Bool { BuiltProgram.isBuilt }

  private func inFolder(
    _ arguments: [String], files: [String: String] = [:]
  ) throws -> (outcome: BuiltProgram.Outcome, written: [String: String]) {
    try BuiltProgram.inFolder { folder in
      for (name, text) in files {
        try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
      }
      let outcome = try BuiltProgram.run(arguments, in: folder)
      var written: [String: String] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: folder)
      where files[name] == nil {
        written[name] = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
      }
      return (outcome, written)
    }
  }

  /// Two overlapping classes of two features.
  static func examples(_ count: Int) -> String {
    var lines = "a,b,label\n"
    for i in 0..<count {
      let (x, y) = (Double(i * 37 % 101) / 101, Double(i * 59 % 97) / 97)
      lines += "\(x),\(y),\(x + y + Double(i * 13 % 7) / 20 > 1.2 ? "up" : "down")\n"
    }
    return lines
  }

  // MARK: find-lr

  /// The README trains with a rate that its own command suggests.
  @Test(.enabled(if: isBuilt)) func theReadmeTrainsWithASuggestion() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let readme = try String(
      contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    let method = try #require(readme.firstMatch(of: /--method '(adam \+ constant\([^)]*\))'/)).1
    let (outcome, _) = try inFolder(["find-lr", "--task", "twoSpirals", "--rule", "adam"])
    #expect(outcome.output.contains(method), "\(outcome.output)")
  }

  /// Where all curvatures are λ the largest rate is the last one below 2/λ; files as promised.
  @Test(.enabled(if: isBuilt)) func findsTheStableRate() throws {
    let (outcome, written) = try inFolder([
      "find-lr", "--task", "ellipsoid(condition: 1)", "--rule", "sgd", "--from", "1.3e-4", "--to",
      "13", "--rates", "51", "--seeds", "1,2", "--out", "c.csv", "--plot", "c.svg",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(Set(written.keys) == ["c.csv", "c.svg"])
    // 1.3e-4·10^(k/10): 1.64 is the last one below 2.
    #expect(outcome.output.contains("sgd + scheduled(cosine(from: 1.64, over: steps))"))
    #expect(outcome.output.contains("scheduled(triangular(from: 0.409, to: 1.64, rise: steps/8))"))
    #expect(outcome.output.contains("●") && outcome.output.contains("┊"))
    let lines = try #require(written["c.csv"]).split(separator: "\n")
    #expect(lines[0] == "seed,learningRate,loss,average,smoothed")
    #expect(lines.count { $0.hasPrefix("1,") } > 40 && lines.count { $0.hasPrefix("2,") } > 40)
    let svg = try #require(written["c.svg"])
    #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
    for name in ["largest", "smallest", "smoothed, seed 2"] { #expect(svg.contains(">\(name)<")) }
  }

  /// The texts to go on with are read by `train`.
  @Test(.enabled(if: isBuilt)) func itsTextsCanBeTrained() throws {
    let (outcome, _) = try inFolder([
      "find-lr", "--task", "rosenbrock", "--rule", "adam(beta1: 0.8)", "--seeds", "1",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let texts = outcome.output.split(separator: "\n").filter {
      $0.hasPrefix("  adam(beta1: 0.8) + ")
    }
    #expect(texts.count >= 4, "\(outcome.output)")
    for text in texts {
      let (trained, _) = try inFolder([
        "train", "--task", "rosenbrock", "--steps", "40", "--method",
        text.trimmingCharacters(in: .whitespaces),
      ])
      #expect(trained.code == 0, "\(text): \(trained.errors)")
    }
  }

  @Test(.enabled(if: isBuilt)) func threadsChangeNothing() throws {
    func output(_ jobs: String) throws -> (String, [String: String]) {
      let (outcome, written) = try inFolder([
        "find-lr", "--task", "logistic", "--rates", "40", "--out", "c.csv", "--plot", "c.svg",
        "--jobs", jobs,
      ])
      #expect(outcome.code == 0, "\(outcome.errors)")
      return (outcome.output, written)
    }
    let (one, four) = (try output("1"), try output("4"))
    #expect(one.0 == four.0 && one.1 == four.1)
  }

  @Test(.enabled(if: isBuilt)) func accuracyIsRecordedWhereThereIsOne() throws {
    let (outcome, written) = try inFolder(
      [
        "find-lr", "--task", "csvLogistic(batch: 16)", "--data", "d.csv", "--accuracy", "--seeds",
        "1", "--rates", "30", "--out", "c.csv",
      ], files: ["d.csv": Self.examples(200)])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = try #require(written["c.csv"]).split(separator: "\n")
    #expect(lines[0] == "seed,learningRate,loss,average,smoothed,heldOutLoss,accuracy")
    let accuracies = lines.dropFirst().compactMap { $0.split(separator: ",").last }
      .compactMap { Double($0) }
    #expect(accuracies.count > 20 && accuracies.allSatisfy { $0 >= 0 && $0 <= 1 })
    #expect(Set(accuracies).count > 1)
  }

  /// Rows of the committed page are what the command gives.
  @Test(.enabled(if: isBuilt)) func thePageIsOfThisProgram() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    let page = try String(
      contentsOfFile: root + "/Documentation/FindLearningRate.md", encoding: .utf8)
    let (outcome, _) = try inFolder([
      "find-lr", "--suite", "core", "--tasks", "rosenbrock,noisy-quadratic", "--rates",
      "300", "--markdown",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let rows = outcome.output.split(separator: "\n").filter {
      $0.hasPrefix("| rosenbrock") || $0.hasPrefix("| noisy-quadratic")
    }
    #expect(rows.count == 6)
    for row in rows { #expect(page.contains(row + "\n"), "\(row)") }
    let head = outcome.output.components(separatedBy: "## All of them together")[0]
    #expect(page.hasPrefix(head))
  }

  // MARK: search

  @Test(.enabled(if: isBuilt)) func searchesTheSameWithAnyThreads() throws {
    func output(_ jobs: String) throws -> (String, [String: String]) {
      let (outcome, written) = try inFolder([
        "search", "--task", "ellipsoid(condition: 10)", "--steps", "60", "--seeds", "1,2",
        "--out", "r.csv", "--plot", "r.svg", "--jobs", jobs,
      ])
      #expect(outcome.code == 0, "\(outcome.errors)")
      return (outcome.output, written)
    }
    let (one, four) = (try output("1"), try output("4"))
    #expect(one.0 == four.0 && one.1 == four.1)
    #expect(one.0.contains("best rate: ") && one.0.contains("times as many"))
    let lines = try #require(one.1["r.csv"]).split(separator: "\n")
    #expect(lines[0] == "part,learningRate,step,seed,loss,fate")
    // Nothing twice: a line a rate, step and seed.
    let runs = lines.dropFirst().map { $0.split(separator: ",").prefix(4).joined(separator: ",") }
    #expect(Set(runs).count == runs.count)
    #expect(one.1["r.svg"]?.hasSuffix("</svg>\n") == true)
  }

  @Test(.enabled(if: isBuilt)) func searchesOnASubsetFirst() throws {
    let (outcome, written) = try inFolder(
      [
        "search", "--task", "csvLogistic(batch: 16)", "--data", "d.csv", "--subset", "40",
        "--seeds",
        "1,2", "--out", "r.csv",
      ], files: ["d.csv": Self.examples(400)])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("powers of ten on 40 of 320 examples"))
    let lines = try #require(written["r.csv"]).split(separator: "\n").dropFirst()
    let rates = { (part: String) in
      Set(lines.filter { $0.hasPrefix(part) }.map { $0.split(separator: ",")[1] })
    }
    #expect(rates("subset").count == 8 && rates("whole").count >= 2)
  }

  // MARK: Wrong calls

  /// Exactly one line, an exit code that is not zero, and no file.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      (
        ["find-lr", "--task", "ellipsoid", "--from", "0.1", "--to", "0.1"],
        "the range from 0.1 to 0.1 is empty: give two different rates"
      ),
      (
        ["find-lr", "--task", "ellipsoid", "--from", "1", "--to", "0.1"],
        "the range from 1.0 to 0.1 is reversed: the smallest rate comes first"
      ),
      (
        ["find-lr", "--task", "ellipsoid", "--from", "0"],
        "the smallest rate is 0.0, not a number above 0"
      ),
      (
        ["find-lr", "--task", "ellipsoid", "--to", "inf"],
        "the largest rate is inf, not a finite number"
      ),
      (
        ["find-lr", "--task", "ellipsoid", "--rates", "1"],
        "1 rates make no range: give at least 2"
      ),
      (
        ["find-lr", "--task", "ellipsoid", "--smoothing", "1"],
        "the smoothing is 1.0, not in [0, 1)"
      ),
      (
        ["find-lr", "--task", "ellipsoid", "--accuracy"],
        "task 'ellipsoid' has no held-out data to measure an accuracy on: leave out --accuracy"
      ),
      (
        ["find-lr", "--task", "csvLogistic", "--accuracy"],
        "csvLogistic: needs a CSV file: --data names it"
      ),
      (
        ["find-lr", "--task", "csvRegression", "--data", "n.csv", "--accuracy"],
        "task 'csvRegression' learns a number, which has no accuracy: leave out --accuracy"
      ),
      (
        ["search", "--task", "csvRegression", "--data", "d.csv"],
        "d.csv:2:9: expected a finite number to learn in column \"label\", found \"down\": a column of "
          + "classes is learned by csvLogistic; --label-column names another column"
      ),
      (
        ["search", "--task", "ellipsoid", "--from", "1", "--to", "1e-3"],
        "the range from 1e0 to 1e-3 is reversed: the smallest comes first"
      ),
      (
        ["search", "--task", "ellipsoid", "--from", "2e-3"], "--from is 0.002, not a power of ten"
      ),
      (
        ["search", "--task", "ellipsoid", "--finest", "1"],
        "the finest ratio of two rates is 1.0, not above 1"
      ),
      (
        ["search", "--task", "ellipsoid", "--data", "d.csv", "--subset", "4"],
        "--data d.csv: task 'ellipsoid' takes no data: leave --data out"
      ),
      (
        ["search", "--task", "csvLogistic", "--data", "d.csv", "--subset", "1000"],
        "d.csv: a subset of 1000 examples is not in 1...80, those to learn from"
      ),
    ]) func isRefusedInOneLine(_ arguments: [String], _ message: String) throws
  {
    let (outcome, written) = try inFolder(
      arguments + ["--out", "o.csv", "--plot", "o.svg"],
      files: ["d.csv": Self.examples(100), "n.csv": "x,y\n1,2.5\n2,3\n3,5\n4,1\n"])
    #expect(outcome.errors == ["hypergrad: " + message])
    #expect(outcome.code == 1 && outcome.output.isEmpty && written.isEmpty, "\(outcome)")
  }

  /// A search whose every rate diverges says so, last, and writes nothing.
  @Test(.enabled(if: isBuilt)) func everyRateMayDiverge() throws {
    let (outcome, written) = try inFolder([
      "search", "--task", "ellipsoid(condition: 1e5)", "--from", "1e3", "--to", "1e5", "--out",
      "r.csv", "--plot", "r.svg",
    ])
    #expect(
      outcome.errors.last?.hasPrefix("hypergrad: every rate from 1000.0 to 100000.0 diverges")
        == true)
    #expect(outcome.errors.count { $0.hasPrefix("hypergrad:") } == 1)
    #expect(outcome.code == 1 && outcome.output.isEmpty && written.isEmpty, "\(outcome)")
  }

  @Test(
    .enabled(if: isBuilt),
    arguments: [
      (["find-lr"], "one of --task and --suite"),
      (["find-lr", "--task", "rosenbrock", "--markdown"], "for --suite"),
      (["find-lr", "--task", "rosenbrock", "--jobs", "0"], "--jobs is 0"),
      (
        ["find-lr", "--task", "rosenbrock", "--from", "1e-400"],
        "'1e-400' is invalid for '--from <from>': it is smaller than a Double holds"
      ),
      (["find-lr", "--task", "rosenbrock", "--seeds", "-1"], "--seeds"),
      (["find-lr", "--task", "rosenbrock", "--seeds", "1...3,2"], "names seed 2 twice"),
      (["search", "--task", "rosenbrock", "--subset", "4"], "--data, which is not given"),
      (["search", "--task", "rosenbrock", "--steps", "0"], "--steps is 0"),
    ]) func isRefusedWithTheUsage(_ arguments: [String], _ word: String) throws
  {
    let (outcome, written) = try inFolder(arguments)
    #expect(outcome.code != 0 && written.isEmpty)
    #expect(outcome.errors.first?.contains(word) == true, "\(outcome.errors)")
  }
}
