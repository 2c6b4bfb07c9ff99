internal import Foundation
internal import Testing

/// The user's data as a shell names them: pipes, names of any bytes, other separators.
@Suite struct DataTests {
  static let rows =
    "x;y;kind\n" + (0..<40).map { "\($0 % 7),5;\($0 % 5);\($0 % 3 == 0 ? "a" : "b")\n" }.joined()

  /// Runs a script with the program as its first argument; returns its exit code and all it says.
  private func shell(_ script: String, in folder: String) throws -> (code: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "exec 2>&1\n" + script, "sh", try #require(BuiltProgram.path(of: "hypergrad")),
    ]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let output = folder + ".out"
    _ = FileManager.default.createFile(atPath: output, contents: nil)
    defer { try? FileManager.default.removeItem(atPath: output) }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    try process.run()
    process.waitUntilExit()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: output))
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }

  private func inFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    try BuiltProgram.inFolder { folder in
      try Self.rows.write(toFile: folder + "/d.csv", atomically: false, encoding: .utf8)
      return try body(folder)
    }
  }

  private static let call =
    "train --task csvLogistic --method 'sgd + constant(0.1)' --steps 9 --evaluations 3 --decimal ,"

  /// The same training wherever the bytes come from.
  @Test(.enabled(if: BuiltProgram.isBuilt)) func pipesAndNames() throws {
    try inFolder { folder in
      let plain = try shell("\"$1\" \(Self.call) --data d.csv", in: folder)
      #expect(plain.code == 0 && plain.text.contains("held-out loss"), "\(plain.text)")
      for script in [
        "cat d.csv | \"$1\" \(Self.call) --data /dev/stdin",
        "\"$1\" \(Self.call) --data /dev/stdin < d.csv",
        "gzip -c d.csv | \"$1\" \(Self.call) --data=/dev/stdin",
        "mkfifo p; cat d.csv > p & \"$1\" \(Self.call) --data p",
        "f=$(printf 'caf\\351.csv'); cp d.csv \"$f\"; \"$1\" \(Self.call) --data \"$f\"",
        "f=$(printf '\\377'); cp d.csv \"$f\"; \"$1\" \(Self.call) \"--data=$f\"",
        "\"$1\" \(Self.call) --data d.csv --label-column kind",
        "\"$1\" \(Self.call) --data d.csv --label-column 3 --separator ';' --header",
      ] {
        let other = try shell(script, in: folder)
        #expect(other.code == 0 && other.text == plain.text, "\(script)\n\(other.text)")
      }
    }
  }

  @Test(.enabled(if: BuiltProgram.isBuilt)) func refusals() throws {
    let train = "\"$1\" train --task csvLogistic --method 'sgd + constant(0.1)'"
    try inFolder { folder in
      for (script, message) in [
        ("\(train) --data d.csv", "d.csv:1: expected at least one feature and a label"),
        (
          "f=$(printf 'a\\351'); \(train) --data \"$f\"",
          "hypergrad: a\\xE9: there is no such file or folder; --data names the data"
        ),
        (
          "cut -d ';' -f 1,2 d.csv > e.csv; \(train) --data e.csv --decimal , --label-column x",
          "e.csv:2:1: expected a class"
        ),
        (
          "\(train) --data d.csv --decimal , --label-column x",
          "d.csv:2:7: expected a finite number in column \"kind\", found \"a\""
        ),
        ("\(train) --separator ';'", "--separator says how to read --data, which is not given"),
        ("\(train) --data ''", "--data is empty"),
        ("\(train) --data d.csv --separator xx", "expected one character, 'tab' or 'space'"),
      ] {
        let found = try shell(script, in: folder)
        #expect(found.code != 0 && found.text.contains(message), "\(script)\n\(found.text)")
      }
      #expect(!FileManager.default.fileExists(atPath: folder + "/trace.csv"))
    }
  }

  /// A number is learned by every command, and none speaks of an accuracy.
  @Test(.enabled(if: BuiltProgram.isBuilt)) func numbers() throws {
    try BuiltProgram.inFolder { folder in
      let rows = (0..<60).map { "\($0 * 7 % 31),\($0 % 5),\(1000 + 3 * $0)\n" }.joined()
      try ("x,y,price\n" + rows).write(
        toFile: folder + "/d.csv", atomically: false, encoding: .utf8)
      let data = "--task csvRegression --data d.csv"
      let train = "\"$1\" train \(data) --method 'sgd + constant(0.1)' --epochs 5"
      let trained = try shell(train, in: folder)
      #expect(trained.code == 0 && !trained.text.contains("accuracy"), "\(trained.text)")
      #expect(trained.text.contains("\nheld-out loss 0."), "\(trained.text)")
      #expect(
        trained.text.hasPrefix(
          "d.csv: column \"price\" is learned less its mean, 1084.1875, over its deviation, 50."),
        "\(trained.text)")
      let trace = try String(contentsOfFile: folder + "/trace.csv", encoding: .utf8)
      #expect(trace.hasPrefix("step,gap,loss,learningRate,testLoss\n"))
      let refused = try shell(train + " --metric accuracy --out other.csv", in: folder)
      #expect(
        refused.code == 1
          && refused.text.hasSuffix(
            "hypergrad: task 'csvRegression' has no held-out accuracy, which --metric accuracy asks "
              + "for: leave it out\n"),
        "\(refused.text)")
      for call in [
        "\"$1\" compare --suite csv \(data) --methods fixed --rules sgd --out results",
        "\"$1\" find-lr \(data) --rates 20 --seeds 1,2 --out c.csv",
        "\"$1\" search \(data) --steps 16 --seeds 1,2 --from 1e-4 --finest 3",
      ] {
        let found = try shell(call, in: folder)
        #expect(found.code == 0 && !found.text.contains("ccuracy"), "\(call)\n\(found.text)")
      }
      let curves = try String(contentsOfFile: folder + "/c.csv", encoding: .utf8)
      #expect(curves.hasPrefix("seed,learningRate,loss,average,smoothed,heldOutLoss\n"))
      let page = try String(contentsOfFile: folder + "/results/report.html", encoding: .utf8)
      #expect(page.contains("test-loss-curves") && !page.contains("test-accuracy-curves"))
      #expect(page.contains("2 features, a number to learn"))
    }
  }

  /// What was doubtful is said beside the results.
  @Test(.enabled(if: BuiltProgram.isBuilt)) func notes() throws {
    try BuiltProgram.inFolder { folder in
      let text = "2019,2020,kind\n" + (0..<40).map { "\($0),\($0 % 3),\($0 % 2)\n" }.joined()
      try text.write(toFile: folder + "/d.csv", atomically: false, encoding: .utf8)
      let found = try shell(
        "\"$1\" train --task csvLogistic --method 'sgd + constant(0.1)' --steps 9 --data d.csv",
        in: folder)
      #expect(found.code == 0, "\(found.text)")
      #expect(found.text.hasPrefix("d.csv:1: taken for names of columns"), "\(found.text)")
    }
  }
}
