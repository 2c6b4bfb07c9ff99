internal import Foundation
internal import Testing

/// What a command writes takes the place of its own files alone.
@Suite struct OwnFilesTests {
  private static var isBuilt: Bool { BuiltProgram.isBuilt }
  private static let call = "\"$hypergrad\" compare --suite small.yaml --jobs 1 --out"

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  /// Files of other hands stay, whichever command writes the report again.
  @Test(
    .enabled(if: isBuilt),
    arguments: ["\"$hypergrad\" report out", call + " out", call + " out --tasks bowl --replace"])
  func foreignFilesStay(_ again: String) throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      #expect(try BuiltProgram.shell("\(Self.call) out", in: folder).code == 0)
      let foreign = [
        "tables/paper.tex", "tables/mine.md", "tables/mine.csv.part", "figures/mine.svg",
        "mine.csv.part",
      ]
      for name in foreign {
        try "mine".write(toFile: "\(folder)/out/\(name)", atomically: false, encoding: .utf8)
      }
      let outcome = try BuiltProgram.shell(again, in: folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
      for name in foreign { #expect((try? text("\(folder)/out/\(name)")) == "mine", "\(name)") }
    }
  }

  /// Without results of its own a comparison takes nobody's place, and says so before its work.
  @Test(
    .enabled(if: isBuilt),
    arguments: ["report.html", "tables/mine.md", "figures/mine.svg", "journal/notes.md"],
    [false, true])
  func foreignFoldersAreRefused(_ name: String, _ hasJournal: Bool) throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let outcome = try BuiltProgram.shell(
        "mkdir -p out/\(hasJournal ? "journal" : ".") $(dirname out/\(name)); "
          + "echo mine > out/\(name); \(Self.call) out", in: folder)
      #expect(outcome.code == 1 && outcome.output.isEmpty)
      #expect(
        outcome.errors.count == 1
          && outcome.errors[0].contains("is there, and no results that it belongs to"),
        "\(outcome.errors)")
      #expect(try text("\(folder)/out/\(name)") == "mine\n")
    }
  }

  /// A link stays one, and what it names is written, there or not.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      "replay --schedule 'constant(1)' --steps 2 --out link",
      "train --task 'ellipsoid(dimension: 2)' --method 'sgd + constant(0.01)' --steps 3 --out link",
      "train --task 'ellipsoid(dimension: 2)' --method 'sgd + constant(0.01)' --steps 3 "
        + "--checkpoint link",
    ]) func aLinkToNothingYetIsFollowed(_ command: String) throws
  {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.shell(
        "mkdir real; ln -s middle link; ln -s real/file middle; \"$hypergrad\" \(command); "
          + "test -L link && test -L middle && test -s real/file && echo followed", in: folder)
      #expect(outcome.output.hasSuffix("followed\n"), "\(outcome)")
      let circle = try BuiltProgram.shell(
        "rm link middle; ln -s link middle; ln -s middle link; \"$hypergrad\" \(command)",
        in: folder)
      #expect(circle.code == 1 && circle.errors.count == 1, "\(circle)")
      #expect(circle.errors[0].hasSuffix("Too many levels of symbolic links"))
    }
  }

  /// An open file without a name is written to; its link in the system's folder stays.
  @Test(
    .enabled(if: isBuilt && FileManager.default.fileExists(atPath: "/proc/self/fd")))
  func aFileThatWasRemovedIsWrittenTo() throws {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.shell(
        "exec 7<>gone; rm gone; "
          + "\"$hypergrad\" replay --schedule 'constant(1)' --steps 2 --out /proc/self/fd/7; "
          + "cat /proc/self/fd/7; ls", in: folder)
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome)")
      #expect(outcome.output == "step,learningRate\n0,1.0\n1,1.0\n")
    }
  }

  /// A page among the report's own files would be written twice.
  @Test(.enabled(if: isBuilt)) func aPageIsNoFileOfTheReport() throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let outcome = try BuiltProgram.shell(
        "\(Self.call) out >/dev/null 2>&1; ln -s out/tables/robustness.md link; "
          + "for page in link out/report.html out/tables/robustness.md; do "
          + "\"$hypergrad\" report out --page $page; done; test -L link && echo kept", in: folder)
      #expect(outcome.output == "kept\n")
      #expect(outcome.errors.count == 3, "\(outcome.errors)")
      for line in outcome.errors {
        #expect(line.hasSuffix("which the report itself writes: name a copy"))
      }
    }
  }

  /// What has no end is not read to it, and an empty name is told so.
  @Test(
    .enabled(if: isBuilt && FileManager.default.fileExists(atPath: "/dev/zero")),
    arguments: [
      ("compare --suite zero.yaml --out o", "zero.yaml: more than 16777216 bytes"),
      ("compare --suite named.yaml --out o", "zero.yaml: more than 16777216 bytes"),
      ("report out --page zero.yaml", "zero.yaml: more than 16777216 bytes"),
      ("report out --page ''", "'' can't be written: an empty name is no file's"),
    ]) func textsHaveALength(_ command: String, _ message: String) throws
  {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      try (SmallSuite.text + "\nreferencesFrom: zero.yaml\n")
        .write(toFile: folder + "/named.yaml", atomically: false, encoding: .utf8)
      let outcome = try BuiltProgram.shell(
        "ln -s /dev/zero zero.yaml; \(Self.call) out >/dev/null 2>&1; \"$hypergrad\" \(command)",
        in: folder)
      #expect(outcome.code == 1 && outcome.output.isEmpty)
      #expect(outcome.errors == ["hypergrad: " + message], "\(outcome.errors)")
    }
  }

  // MARK: Runs

  /// A run without a step has the rate that it began with.
  @Test(.enabled(if: isBuilt)) func aRunWithoutAStepHasItsRate() throws {
    try BuiltProgram.inFolder { folder in
      let trained = try BuiltProgram.shell(
        "\"$hypergrad\" train --task rosenbrock --steps 3", in: folder)
      #expect(trained.code == 0 && !trained.output.contains("inf"), "\(trained)")
      let compared = try BuiltProgram.shell(
        "\"$hypergrad\" compare --suite smoke --steps 5 --tasks ellipsoid-1e1 "
          + "--methods startUp --rules sgd --out out >/dev/null 2>&1; "
          + "grep -c 'LearningRate\":\"-\\?inf' out/runs.jsonl; grep -c inf out/tables/movement.csv",
        in: folder)
      #expect(compared.output == "0\n0\n", "\(compared)")
    }
  }

  /// While it waits a training ends at once, and no child is left.
  @Test(.enabled(if: isBuilt), arguments: ["INT", "TERM"])
  func aWaitingTrainingEnds(_ signal: String) throws {
    try BuiltProgram.inFolder { folder in
      try """
      read -r line
      echo '{"version": 1, "dimension": 1, "start": [1.0], "numbers": "json", "deterministic": true}'
      while read -r line; do
        case "$line" in
          *'"step":3'*|*'"step": 3'*) echo $$ > child; touch asked; sleep 100 ;;
        esac
        x=$(echo "$line" | sed 's/.*"at": *\\[\\([^]]*\\)\\].*/\\1/')
        awk -v x="$x" 'BEGIN { printf "{\\"loss\\": %.17g, \\"gradient\\": [%.17g]}\\n", x * x / 2, x }'
      done
      """.write(toFile: folder + "/slow.sh", atomically: false, encoding: .utf8)
      let outcome = try BuiltProgram.shell(
        "\"$hypergrad\" train --task 'external(command: \"sh slow.sh\", seconds: 90)' "
          + "--method 'sgd + constant(0.1)' --steps 20 >/dev/null 2>said & pid=$!; "
          + "for i in $(seq 200); do test -e asked && break; sleep 0.05; done; "
          + "kill -\(signal) $pid; wait $pid; echo $?; sleep 0.5; "
          + "grep -qs '^State:.[^Z]' /proc/$(cat child)/status && echo alive; tail -1 said",
        in: folder)
      #expect(
        outcome.output == "130\ninterrupted while it waited: what was not written is lost\n",
        "\(outcome)")
      let pipe = try BuiltProgram.shell(
        "mkfifo pipe; \"$hypergrad\" train --task 'ellipsoid(dimension: 2)' --steps 5 --out pipe "
          + ">/dev/null 2>&1 & pid=$!; sleep 2; kill -\(signal) $pid; wait $pid; echo $?",
        in: folder)
      #expect(pipe.output == "130\n", "\(pipe)")
    }
  }

  /// A loss below the least that there is has no gap.
  @Test(.enabled(if: isBuilt)) func aStartBelowTheReferenceIsRefused() throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      try """
      read -r line
      echo '{"version": 1, "dimension": 1, "start": [1.0], "numbers": "json", \
      "deterministic": true, "reference": 9}'
      while read -r line; do
        x=$(echo "$line" | sed 's/.*"at": *\\[\\([^]]*\\)\\].*/\\1/')
        awk -v x="$x" 'BEGIN { printf "{\\"loss\\": %.17g, \\"gradient\\": [%.17g]}\\n", x * x / 2, x }'
      done
      """.write(toFile: folder + "/low.sh", atomically: false, encoding: .utf8)
      for command in ["train", "compare --suite small.yaml"] {
        let outcome = try BuiltProgram.shell(
          "\"$hypergrad\" \(command) --task 'external(command: \"sh low.sh\")' --steps 20 --out o",
          in: folder)
        #expect(outcome.code == 1 && outcome.output.isEmpty)
        #expect(
          outcome.errors.count == 1
            && outcome.errors[0].contains(
              "its loss at the start, 0.5, is not above its reference, 9.0"),
          "\(outcome.errors)")
      }
    }
  }

  @Test(.enabled(if: isBuilt)) func aSuiteInWhichNothingRunsIsRefused() throws {
    try BuiltProgram.inFolder { folder in
      let text = SmallSuite.text.replacing(
        "commonTarget: 0.1", with: "commonTarget: 0.1\n    onRequest: true")
      try text.write(toFile: folder + "/small.yaml", atomically: false, encoding: .utf8)
      let outcome = try BuiltProgram.shell("\(Self.call) out", in: folder)
      #expect(
        outcome.code == 1
          && outcome.errors == [
            "hypergrad: suite 'small': no task runs unless --tasks names it"
          ], "\(outcome)")
      #expect(try BuiltProgram.shell("\(Self.call) out --tasks bowl", in: folder).code == 0)
      #expect(
        try BuiltProgram.shell(
          "\"$hypergrad\" compare --suite small.yaml --tasks bowl", in: folder
        ).code == 0)
    }
  }

  // MARK: Words

  /// Columns belong together by their names.
  @Test(.enabled(if: isBuilt)) func gradientsAreMatchedByName() throws {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.shell(
        "printf 'a,b\\n0,0\\n' > i; printf 'b,a\\n1,2\\n' > g; printf 'c,a\\n1,2\\n' > other; "
          + "for file in g other; do \"$hypergrad\" replay --method 'sgd + constant(1)' "
          + "--gradients $file --initial i; done", in: folder)
      #expect(outcome.output == "step,learningRate,a,b\n0,1.0,-2.0,-1.0\n", "\(outcome)")
      #expect(
        outcome.errors == [
          "hypergrad: other:1: no column is named 'b', a parameter of i; there are 'c', 'a'"
        ])
    }
  }

  @Test(
    .enabled(if: isBuilt),
    arguments: [
      ("bench --markdown f --json ./f", "--markdown and --json name the same file, ./f"),
      ("bench --quick --rows 'exp, a' --rows zzz", "no row contains 'zzz'; the rows are: "),
      ("bench --quick --costs --rows dog --rows zzz", "no row contains 'zzz'; the rows are: "),
    ]) func eachWordOfBenchIsMeant(_ command: String, _ message: String) throws
  {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.shell("\"$hypergrad\" \(command)", in: folder)
      #expect(outcome.code == 1 && outcome.output.isEmpty)
      #expect(outcome.errors.last?.hasPrefix("hypergrad: " + message) == true, "\(outcome.errors)")
    }
  }

  /// What is shown as a default is what is meant without it.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      ("--schedule", "triangular(from: 0.1, to: 1, rise: 4", "fall: none"),
      ("--schedule", "oneCycle(peak: 0.1, over: 9", "from: none, to: none, fall: none"),
      (
        "--controller", "scheduled(warmupStableDecay(peak: 0.1, over: 9, warmup: 2",
        "decay: none)"
      ),
    ]) func shownDefaultsAreRead(_ option: String, _ text: String, _ defaults: String) throws
  {
    try BuiltProgram.inFolder { folder in
      let isNested = defaults.hasSuffix(")")
      let without = try BuiltProgram.shell(
        "\"$hypergrad\" replay \(option) '\(text)\(isNested ? "))" : ")")' --steps 9", in: folder)
      let with = try BuiltProgram.shell(
        "\"$hypergrad\" replay \(option) '\(text), \(defaults))' --steps 9", in: folder)
      #expect(without.code == 0 && with.output == without.output, "\(without)\n\(with)")
    }
  }

  /// A terminal without a width has the help of one that says none.
  @Test(.enabled(if: isBuilt), arguments: ["0", "1", "-3", "wide", ""])
  func helpNeedsNoWidth(_ columns: String) throws {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.shell(
        "unset COLUMNS; \"$hypergrad\" compare --help > one; "
          + "COLUMNS='\(columns)' \"$hypergrad\" compare --help > two; cmp one two && head -1 two",
        in: folder)
      #expect(outcome.output.hasPrefix("OVERVIEW: Runs a suite"), "\(outcome)")
    }
  }

  @Test(.enabled(if: isBuilt)) func tasksInBracketsAreToldSo() throws {
    try BuiltProgram.inFolder { folder in
      let head = SmallSuite.text.prefix(upTo: SmallSuite.text.firstRange(of: "tasks:")!.lowerBound)
      let text = head + "tasks: [{name: bowl, spec: \"ellipsoid(condition: 10, dimension: 4)\"}]\n"
      try String(text).write(toFile: folder + "/small.yaml", atomically: false, encoding: .utf8)
      let outcome = try BuiltProgram.shell(
        "\"$hypergrad\" calibrate --suite small.yaml --write", in: folder)
      #expect(outcome.code == 1 && outcome.errors.count == 1)
      #expect(
        outcome.errors[0].contains("'tasks:' is to have its items below it"), "\(outcome.errors)")
    }
  }

  // MARK: Data

  @Test(
    .enabled(if: isBuilt),
    arguments: [
      ("ein schöner Tag\\n".replacing("ö", with: "\\366"), "d:1:8: expected text in UTF-8"),
      ("ein guter Tag \\303", "d:1:15: expected text in UTF-8"),
    ]) func aTextIsUTF8(_ line: String, _ message: String) throws
  {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.shell(
        "for i in $(seq 99); do printf '\(line)'; done > d; "
          + "\"$hypergrad\" train --task characterModel --data d --steps 3", in: folder)
      #expect(outcome.code == 1 && outcome.errors.count == 1)
      #expect(outcome.errors[0].hasPrefix("hypergrad: " + message), "\(outcome.errors)")
    }
  }

  @Test(.enabled(if: isBuilt)) func hugeTargetsAreToldInFull() throws {
    try BuiltProgram.inFolder { folder in
      let rows = (0..<40).map { "\($0),\($0)e300\n" }.joined()
      try ("a,y\n" + rows).write(toFile: folder + "/d", atomically: false, encoding: .utf8)
      let outcome = try BuiltProgram.shell(
        "\"$hypergrad\" train --task csvRegression --data d --steps 3", in: folder)
      let note = outcome.errors.first { $0.contains("is learned less its mean") }
      #expect(note != nil && note?.contains("inf") == false, "\(outcome.errors)")
    }
  }
}
