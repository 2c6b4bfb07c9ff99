internal import Foundation
internal import Testing

/// Results folders as they meet killed runs, other runs, and other hands.
@Suite struct FolderTests {
  private static var isBuilt: Bool { BuiltProgram.isBuilt }
  private static let call = "\"$hypergrad\" compare --suite small.yaml --jobs 1 --out"

  /// Killed at many moments, a run goes on to the same bytes, the report with it.
  @Test(.enabled(if: isBuilt)) func aKilledRunGoesOn() throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let begun = ContinuousClock.now
      #expect(try BuiltProgram.shell("\(Self.call) whole", in: folder).code == 0)
      let seconds = (ContinuousClock.now - begun) / .seconds(1)
      let whole = try contents(of: folder + "/whole")
      #expect(whole.count > 20)
      var killed = 0
      let moments = 8
      for moment in 1...moments {
        // Twice at the moment, then to the end.
        let delay = seconds * 1.1 * Double(moment) / Double(moments)
        let script =
          "for i in 1 2; do \(Self.call) part\(moment) >/dev/null 2>&1 & pid=$!; sleep \(delay); "
          + "kill -9 $pid 2>/dev/null && echo killed; wait $pid; done 2>/dev/null; "
          + "\(Self.call) part\(moment)"
        let outcome = try BuiltProgram.shell(script, in: folder)
        if outcome.output.contains("killed") { killed += 1 }
        #expect(outcome.code == 0, "\(outcome)")
        #expect(!outcome.errors.contains { $0.contains("dropped") }, "\(outcome.errors)")
        #expect(try contents(of: "\(folder)/part\(moment)") == whole)
      }
      #expect(killed >= moments / 2)
    }
  }

  /// Two at once in one folder: one of them ends with a line, and what is there belongs to one run.
  @Test(.enabled(if: isBuilt)) func twoRunsInOneFolder() throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let outcome = try BuiltProgram.shell(
        "\(Self.call) whole >/dev/null 2>&1\n"
          + "\(Self.call) out >/dev/null 2>one & a=$!\n"
          + "\(Self.call) out --steps 20 >/dev/null 2>two & b=$!\n"
          + "wait $a; echo $?; wait $b; echo $?; cat one two", in: folder)
      let codes = outcome.output.split(separator: "\n").prefix(2)
      #expect(codes.sorted() == ["0", "1"], "\(outcome)")
      let report = try BuiltProgram.shell("\"$hypergrad\" report out", in: folder)
      #expect(report.code == 0)
      let text = outcome.output
      #expect(
        text.contains("another hypergrad is writing to the folder out")
          || text.contains("out holds the results of another comparison"), "\(outcome)")
    }
  }

  /// A part of a suite has its own folder, and leaves the whole alone.
  @Test(.enabled(if: isBuilt)) func aPartOfASuiteHasItsFolder() throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let call = "\"$hypergrad\" compare --suite small.yaml"
      #expect(try BuiltProgram.shell(call, in: folder).code == 0)
      let whole = try contents(of: folder + "/results/small")
      let part = try BuiltProgram.shell("\(call) --tasks bowl --methods fixed", in: folder)
      #expect(part.code == 0, "\(part.errors)")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/results").sorted()
      #expect(names.count == 2 && names[1].hasPrefix("small-"), "\(names)")
      #expect(part.output.contains("report: results/\(names[1])/report.html"))
      #expect(try contents(of: folder + "/results/small") == whole)
      // All of it by name is the whole.
      #expect(try BuiltProgram.shell("\(call) --tasks noisy,bowl", in: folder).code == 0)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder + "/results").count == 2)
      // By --out into the other's place: refused, and as asked.
      let refused = try BuiltProgram.shell(
        "\(call) --tasks bowl --out results/small", in: folder)
      #expect(
        refused.code == 1
          && refused.errors == [
            "hypergrad: results/small holds the results of another comparison: name another folder "
              + "by --out, or write over them by --replace"
          ], "\(refused.errors)")
      #expect(try contents(of: folder + "/results/small") == whole)
      let replaced = try BuiltProgram.shell(
        "\(call) --tasks bowl --rules sgd --out results/small --replace", in: folder)
      #expect(replaced.code == 0)
      let left = try contents(of: folder + "/results/small").keys
      #expect(!left.contains { $0.contains("adam") } && left.contains { $0.contains("sgd") })
    }
  }

  /// Another comparison is told before its references are computed, and nothing of the first changes.
  @Test(.enabled(if: isBuilt)) func anotherComparisonIsToldFirst() throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      #expect(try BuiltProgram.shell("\(Self.call) out", in: folder).code == 0)
      let whole = try contents(of: folder + "/out")
      #expect(whole["references.jsonl"]?.isEmpty == false)
      let other = try BuiltProgram.shell("\(Self.call) out --steps 40", in: folder)
      #expect(
        other.code == 1
          && other.errors == [
            "hypergrad: out holds the results of another comparison: name another folder by --out, "
              + "or write over them by --replace"
          ], "\(other.errors)")
      #expect(try contents(of: folder + "/out") == whole)
    }
  }

  /// Whatever of the report was changed or taken away is made again from the results.
  @Test(.enabled(if: isBuilt)) func aReportIsMadeAgain() throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      #expect(try BuiltProgram.shell("\(Self.call) out", in: folder).code == 0)
      let whole = try contents(of: folder + "/out")
      let made = whole.keys.filter { $0.contains("/") || $0 == "report.html" }.sorted()
      for (number, name) in made.enumerated() {
        let url = URL(fileURLWithPath: folder + "/out/" + name)
        if number % 3 == 0 {
          try FileManager.default.removeItem(at: url)
        } else {
          var bytes = try Data(contentsOf: url)
          bytes[bytes.count * number / made.count] ^= 8
          try bytes.write(to: url)
        }
      }
      // Of an earlier report, as its list says.
      var list = try String(contentsOfFile: folder + "/out/report-files.txt", encoding: .utf8)
      for stale in ["tables/old.csv", "figures/old.svg", "tables/robustness.md.part"] {
        try "old".write(toFile: folder + "/out/" + stale, atomically: false, encoding: .utf8)
        if !stale.hasSuffix(".part") { list += stale + "\n" }
      }
      try list.write(
        toFile: folder + "/out/report-files.txt", atomically: false, encoding: .utf8)
      #expect(try BuiltProgram.shell("\"$hypergrad\" report out", in: folder).code == 0)
      #expect(try contents(of: folder + "/out") == whole)
    }
  }

  /// Known before the work: nothing is trained, replayed or computed.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      (
        "train --task 'ellipsoid' --method 'sgd + constant(1e-3)' --out", "nowhere/a.csv",
        "No such file or directory"
      ),
      (
        "train --task 'ellipsoid' --method 'sgd + constant(1e-3)' --out", "''",
        "an empty name is no file's"
      ),
      ("train --task 'ellipsoid' --method 'sgd + constant(1e-3)' --out", ".", "Is a directory"),
      (
        "train --task 'ellipsoid' --method 'sgd + constant(1e-3)' --out", "/dev/null/a",
        "Not a directory"
      ),
      ("replay --schedule 'constant(1)' --steps 3 --out", "''", "an empty name is no file's"),
      ("replay --schedule 'constant(1)' --steps 3 --out", "nowhere/a", "No such file or directory"),
      ("bench --quick --markdown", "nowhere/a.md", "No such file or directory"),
      ("bench --quick --json", "''", "an empty name is no file's"),
    ]) func aPlaceIsLookedAtFirst(_ call: String, _ place: String, _ reason: String) throws
  {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.shell("\"$hypergrad\" \(call) \(place)", in: folder)
      #expect(outcome.errors == ["hypergrad: \(place) can't be written: \(reason)"])
      #expect(outcome.code == 1 && outcome.output.isEmpty)
    }
  }

  @Test(.enabled(if: isBuilt)) func anEmptyNameIsNoFolder() throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let outcome = try BuiltProgram.shell("\(Self.call) ''", in: folder)
      #expect(
        outcome.errors == [
          "hypergrad: the folder '' can't be made: an empty name is no folder's"
        ])
    }
  }

  /// A symbolic link stays one; what it names is replaced.
  @Test(.enabled(if: isBuilt)) func linksAreFollowed() throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let outcome = try BuiltProgram.shell(
        "mkdir real; echo old > real/t.csv; chmod 600 real/t.csv; ln -s real/t.csv link.csv; "
          + "ln -s real out; "
          + "\"$hypergrad\" replay --schedule 'constant(1)' --steps 2 --out link.csv; "
          + "test -L link.csv && cat real/t.csv && stat -c %a real/t.csv && ls; "
          + "\(Self.call) out/deep/er; \(Self.call) out/deep/../deep/er ; ls real/deep/er",
        in: folder)
      #expect(
        outcome.output.hasPrefix(
          "step,learningRate\n0,1.0\n1,1.0\n600\nlink.csv\nout\nreal\nsmall.yaml\n"), "\(outcome)")
      #expect(outcome.output.contains("runs.jsonl\ntables\ntimings.csv\ntraces.csv\n"))
    }
  }

  /// Columns under other names, and what there is where one is missing.
  @Test(.enabled(if: isBuilt)) func columnsAreNamed() throws {
    try BuiltProgram.inFolder { folder in
      try "val_loss,step\n1,0\n2,1\n3,2\n".write(
        toFile: folder + "/log.csv", atomically: false, encoding: .utf8)
      let call =
        "\"$hypergrad\" replay --controller 'plateau(initial: 1, reduce: .by(0.5, after: 1), "
        + "watching: .metric)' --input log.csv"
      let renamed = try BuiltProgram.shell("\(call) --column metric=val_loss", in: folder)
      #expect(
        renamed.code == 0
          && renamed.output.hasSuffix("0,step,1.0\n1,step,0.5\n2,step,0.25\n"), "\(renamed)")
      for (column, message) in [
        (
          "",
          "log.csv:1: no column is named 'metric', a signal that the controller needs; there "
            + "are 'val_loss', 'step'"
        ),
        (
          "--column metric=val_los",
          "log.csv:1: no column named 'val_los'; did you mean 'val_loss'?"
        ),
        ("--column metric", "--column metric: expected signal=name, such as metric=val_loss"),
        (
          "--column metrik=val_loss",
          "--column metrik=val_loss: no signal named 'metrik'; did you mean 'metric'?"
        ),
      ] {
        let outcome = try BuiltProgram.shell("\(call) \(column)", in: folder)
        #expect(outcome.code == 1 && outcome.errors == ["hypergrad: " + message])
      }
    }
  }

  @Test(
    .enabled(if: isBuilt),
    arguments: [
      "1...", "...3", "1....3", "3...1", "1..3", "-1", "-2...9223372036854775807",
      "0...9223372036854775807", "9223372036854775808", "1,,2", ",", "", "1.5", "0x10", "1...2...3",
      "0...10000", "0...9999,10000",
    ]) func seedsThatAreNone(_ seeds: String) throws
  {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let outcome = try BuiltProgram.shell(
        "\(Self.call) out --seeds='\(seeds)'", in: folder)
      #expect(outcome.code == 64 && outcome.errors.first?.contains("--seeds") == true)
    }
  }
}
