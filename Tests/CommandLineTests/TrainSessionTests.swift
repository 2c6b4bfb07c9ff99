internal import Datasets
internal import Experiments
internal import Foundation
internal import Hypergradient
internal import Records
internal import Testing

/// `train` with a page, a checkpoint and what else a trainer has.
@Suite struct TrainSessionTests {
  private static var isBuilt: Bool { BuiltProgram.isBuilt }

  private func text(_ folder: String, _ file: String) throws -> String {
    try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
  }

  /// With a page or without one it is the run of a comparison: the same trace, byte for byte.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      ("ellipsoid(dimension: 8, condition: 100)", "sgd + constant(1e-3)"),
      ("noisyQuadratic", "adam + scheduled(cosine(from: 0.1, over: steps))"),
      ("twoSpirals", "adam + traceAligned(initial: 0.01, steps: steps)"),
      ("leastSquares", "heavyBall(momentum: 0.9) + scheduled(constant(1e-3), in: .epochs)"),
      ("rosenbrock", "armijo(adam, initial: 1)"), ("twoSpirals", "dog()"),
      ("twoSpirals", "startUp(adam, rate: constant(1e-6))"),
      (
        "logistic",
        "independentAlignment(sgd, by: hypergradient(initial: 0.1, "
          + "hyperLearningRate: 1e-3), every: 3)"
      ),
    ])
  func aSessionChangesNoNumber(_ task: String, _ method: String) throws {
    try BuiltProgram.inFolder { folder in
      let call = ["train", "--task", task, "--method", method, "--steps", "150"]
      let plain = try BuiltProgram.run(call + ["--out", "plain.csv"], in: folder)
      let paged = try BuiltProgram.run(
        call + ["--out", "paged.csv", "--page", "run", "--checkpoint", "run/point"], in: folder)
      #expect(plain.code == 0, "\(plain)")
      #expect(paged.code == 0, "\(paged)")
      #expect(try text(folder, "plain.csv") == text(folder, "paged.csv"), "\(task), \(method)")
      let run = try SingleTraining.run(
        SingleTraining.Request(
          task: task, method: method, seed: 1, steps: 150, epochs: 3, data: nil, evaluations: 40)
      ) { _, _ in }
      #expect(
        try text(folder, "plain.csv") == SingleTraining.csv(run.trace), "\(task), \(method)")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/run").sorted()
      #expect(files == ["history.csv", "history.svg", "point", "training.html"])
      #expect(try !text(folder, "run/training.html").contains("http-equiv=\"refresh\""))
      #expect(try text(folder, "run/history.csv").hasPrefix("step,epoch,loss,validationLoss,"))
    }
  }

  /// Its ends are those of a comparison, too.
  @Test(.enabled(if: isBuilt), arguments: [1e-3, 3e-3, 0.1, 1e4, 1e300])
  func itEndsAsAComparisonDoes(_ rate: Double) throws {
    try BuiltProgram.inFolder { folder in
      let (task, method) = ("ellipsoid(dimension: 8, condition: 1e3)", "sgd + constant(\(rate))")
      let outcome = try BuiltProgram.run(
        ["train", "--task", task, "--method", method, "--steps", "150"], in: folder)
      let run = try SingleTraining.run(
        SingleTraining.Request(
          task: task, method: method, seed: 1, steps: 150, epochs: 1, data: nil, evaluations: 40)
      ) { _, _ in }
      let status = run.record.status
      let ending = status == .finished ? "finished" : "diverged (\(status.rawValue))"
      #expect(outcome.code == 0 && outcome.output.hasPrefix(ending), "\(outcome)")
      #expect(try text(folder, "trace.csv") == SingleTraining.csv(run.trace))
    }
  }

  /// Killed where it happens to be and resumed, it writes what it would have written.
  @Test(.enabled(if: isBuilt)) func resumedIsUninterrupted() throws {
    try BuiltProgram.inFolder { folder in
      let call =
        "\"$hypergrad\" train --task twoSpirals --method 'adam + traceAligned(initial: 0.01, steps: steps)'"
        + " --steps 4000 --page"
      let whole = try BuiltProgram.shell(call + " whole --out whole.csv", in: folder)
      #expect(whole.code == 0, "\(whole)")
      // As soon as there is a checkpoint: an interruption, then a kill.
      let part = call + " part --out part.csv --checkpoint part.point"
      let wait = "while [ ! -e part.point ]; do sleep 0.02; done;"
      let first = try BuiltProgram.shell(
        part + " >out & pid=$!; \(wait) kill -INT $pid; wait $pid", in: folder)
      #expect(first.code == 130 || first.code == 0, "\(first)")
      if first.code == 130 { #expect(try text(folder, "out").contains("--resume")) }
      _ = try BuiltProgram.shell(
        part + " --resume >out & pid=$!; sleep 0.3; kill -KILL $pid; wait $pid", in: folder)
      let last = try BuiltProgram.shell(part + " --resume", in: folder)
      #expect(last.code == 0, "\(last)")
      #expect(try text(folder, "part.csv") == text(folder, "whole.csv"))
      for file in ["history.csv", "history.svg", "training.html"] {
        #expect(try text(folder, "part/" + file) == text(folder, "whole/" + file), "\(file)")
      }
    }
  }

  /// A held-out loss that is not a number is written as such: the trace of a comparison.
  @Test(.enabled(if: isBuilt)) func aHeldOutLossThatIsNaNStaysOne() throws {
    try BuiltProgram.inFolder { folder in
      // The first of twenty examples is held out, and far from the others.
      let rows = (0..<20).map { i in
        (0..<40).map { j in
          i == 0
            ? "\(j % 2 == 0 ? -1e38 : 1e38)"
            : "\(Double((i * 37 + j * j * 53 + i * j) % 101 - 50) / 50)"
        }.joined(separator: ",") + ",\(i % 3)\n"
      }.joined()
      try rows.write(toFile: folder + "/d.csv", atomically: false, encoding: .utf8)
      let outcome = try BuiltProgram.run(
        [
          "train", "--task", "csvLogistic", "--data", "d.csv", "--no-header", "--steps", "200",
          "--method", "sgd + constant(20)", "--evaluations", "5",
        ], in: folder)
      #expect(outcome.code == 0 && outcome.output.contains("\nheld-out loss nan, "), "\(outcome)")
      #expect(outcome.errors.last?.contains("held-out loss nan  accuracy ") == true)
      let run = try SingleTraining.run(
        SingleTraining.Request(
          task: "csvLogistic", method: "sgd + constant(20)", seed: 1, steps: 200, epochs: 1,
          data: DataSource(folder + "/d.csv", format: CSV.Format(hasHeader: false)),
          evaluations: 5)
      ) { _, _ in }
      let trace = try text(folder, "trace.csv")
      #expect(trace == SingleTraining.csv(run.trace) && trace.contains(",nan,"), "\(trace)")
    }
  }

  /// A run that ends in the search for the first rate says so, and has no rate.
  @Test(.enabled(if: isBuilt)) func aSearchAloneIsNoTraining() throws {
    try BuiltProgram.inFolder { folder in
      func train(_ steps: Int) throws -> BuiltProgram.Outcome {
        try BuiltProgram.run(
          ["train", "--task", "twoSpirals", "--steps", "\(steps)", "--evaluations", "3"],
          in: folder)
      }
      func rates() throws -> [Substring] {
        try text(folder, "trace.csv").split(separator: "\n").dropFirst()
          .map { $0.split(separator: ",")[3] }
      }
      let short = try train(5)
      #expect(short.code == 0 && short.output.hasPrefix("finished without a step\n"), "\(short)")
      #expect(!short.output.contains("learning rate"))
      #expect(
        short.errors.last
          == "5 of 5 gradients went to the search for a rate, and no step was taken: give it more steps "
          + "or epochs", "\(short.errors)")
      #expect(!short.errors.contains { $0.contains("learning rate") })
      #expect(try rates().allSatisfy { $0 == "nan" })
      let long = try train(60)
      #expect(long.code == 0 && long.output.contains("\nlearning rate "), "\(long)")
      #expect(try rates().first == "nan" && Double(rates().last ?? "")! > 0)
    }
  }

  /// Without a method it is the default that needs no tuning, over Adam; what is for a rule with a
  /// controller is refused with the method's text.
  @Test(.enabled(if: isBuilt)) func withoutAMethodItIsTheDefault() throws {
    try BuiltProgram.inFolder { folder in
      let call = ["train", "--task", "twoSpirals", "--steps", "150"]
      let method = Untuned.text("adam", initial: "1e-3")
      let own = try BuiltProgram.run(call + ["--out", "own.csv"], in: folder)
      let named = try BuiltProgram.run(
        call + ["--out", "named.csv", "--method", method], in: folder)
      #expect(own.code == 0 && named.code == 0, "\(own) \(named)")
      #expect(try text(folder, "own.csv") == text(folder, "named.csv"))
      let clipped = try BuiltProgram.run(call + ["--clip", "1"], in: folder)
      #expect(
        clipped.errors == [
          "hypergrad: --clip is for 'rule + controller': method '\(method)' takes its gradients itself"
        ])
    }
  }

  /// A line each, and nothing is written.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      (["--resume"], "--resume needs --checkpoint"), (["--accumulate", "0"], "--accumulate is 0"),
      (["--early-stopping", "0"], "--early-stopping is 0"), (["--clip", "0"], "--clip is 0"),
      (["--clip", "nan"], "--clip is nan"), (["--rate-per-epoch", "0"], "--rate-per-epoch is 0"),
      (["--validation"], "has no held-out data"),
      (
        ["--rate-per-epoch", "0.9"],
        "--rate-per-epoch: task 'ellipsoid(dimension: 4)' is not made of examples: leave it out"
      ),
      (["--checkpoint", "none/point"], "can't be written"),
      (["--checkpoint", "point", "--resume"], "can't be read"),
      (["--page", "/dev/null/x"], "can't be made"),
      // A folder that was made for the page goes, too.
      (["--page", "a/b", "--validation"], "has no held-out data"),
      (["--page", "a/b", "--checkpoint", "point", "--resume"], "can't be read"),
      (["--page", "a", "--out", "none/trace.csv"], "can't be written"),
      (["--page", "a", "--method", "sgdd + constant(1)"], "did you mean 'sgd'"),
      (["--page", "a", "--task", "elipsoid"], "did you mean 'ellipsoid'"),
      (["--checkpoint", "/dev/null"], "a checkpoint is a file, and this is none"),
      (["--checkpoint", "/dev/zero", "--resume"], "a checkpoint is a file, and this is none"),
    ])
  func whatCannotBeIsSaid(_ options: [String], _ message: String) throws {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.run(
        ["train", "--task", "ellipsoid(dimension: 4)", "--method", "sgd + constant(1e-3)"]
          + ["--steps", "20"] + options, in: folder)
      #expect(outcome.code != 0, "\(outcome)")
      #expect(outcome.errors.first?.contains(message) == true, "\(outcome.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  /// The trace and the checkpoint may stand in the page's folder; one of its files that can't be written
  /// is told before the work.
  @Test(.enabled(if: isBuilt)) func allMayStandInOneFolder() throws {
    try BuiltProgram.inFolder { folder in
      let call = [
        "train", "--task", "ellipsoid(dimension: 4)", "--method", "sgd + constant(1e-3)", "--steps",
        "20", "--page", "run/first", "--out", "run/first/trace.csv", "--checkpoint",
        "run/first/checkpoint",
      ]
      let outcome = try BuiltProgram.run(call, in: folder)
      #expect(outcome.code == 0, "\(outcome)")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/run/first")
      #expect(
        files.sorted()
          == ["checkpoint", "history.csv", "history.svg", "trace.csv", "training.html"])
      let taken = try BuiltProgram.shell(
        "mkdir -p b/training.html; \"$hypergrad\" train --task ellipsoid --method 'sgd + constant(1)' "
          + "--page b", in: folder)
      #expect(taken.code == 1 && taken.errors.count == 1, "\(taken)")
      #expect(taken.errors.first?.contains("b/training.html can't be written") == true)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder + "/b") == ["training.html"])
    }
  }

  @Test(.enabled(if: isBuilt)) func aCheckpointOfAnotherTrainingIsRefused() throws {
    try BuiltProgram.inFolder { folder in
      func train(_ method: String, _ options: [String]) throws -> BuiltProgram.Outcome {
        try BuiltProgram.run(
          ["train", "--task", "ellipsoid(dimension: 4)", "--method", method, "--steps", "20"]
            + ["--checkpoint", "point"] + options, in: folder)
      }
      #expect(try train("sgd + constant(1e-3)", []).code == 0)
      let before = try Data(contentsOf: URL(fileURLWithPath: folder + "/point"))
      let other = try train("adam + constant(1e-3)", ["--resume"])
      #expect(other.code == 1 && other.errors.count == 1, "\(other)")
      #expect(other.errors[0].contains("point: the checkpoint is of another training"))
      var damaged = before
      damaged[before.count / 2] ^= 1
      try damaged.write(to: URL(fileURLWithPath: folder + "/point"))
      let said = try train("sgd + constant(1e-3)", ["--resume"])
      #expect(said.code == 1 && said.errors.count == 1 && said.errors[0].contains("damaged"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/point")) == damaged)
    }
  }

  /// The training that goes on is the one that was stored: its data and its options.
  @Test(.enabled(if: isBuilt)) func otherDataAndOptionsAreRefused() throws {
    try BuiltProgram.inFolder { folder in
      func data(_ factor: Double, _ file: String) throws {
        let rows = (0..<40).map { "\(Double($0) * factor),\(-$0),\($0 % 2)\n" }.joined()
        try ("a,b,label\n" + rows).write(
          toFile: folder + "/" + file, atomically: false, encoding: .utf8)
      }
      try data(1, "d.csv")
      try data(1, "same.csv")
      try data(1.5, "other.csv")
      func train(_ options: [String]) throws -> BuiltProgram.Outcome {
        try BuiltProgram.run(
          [
            "train", "--task", "csvLogistic", "--method", "sgd + constant(0.01)", "--epochs", "2",
            "--checkpoint", "point",
          ] + options, in: folder)
      }
      #expect(try train(["--data", "d.csv"]).code == 0)
      let before = try Data(contentsOf: URL(fileURLWithPath: folder + "/point"))
      for (options, message) in [
        (["--data", "other.csv"], "it has data with SHA-256 "),
        (["--data", "d.csv", "--clip", "1"], "none as the clipping norm, and this training 1.0"),
        (["--data", "d.csv", "--skip-non-finite"], "pass where numbers are not finite"),
        (["--data", "d.csv", "--early-stopping", "3"], "none as the patience"),
        (["--data", "d.csv", "--validate-every", "3"], "as the interval of validation"),
        (["--data", "d.csv", "--best"], "ends, and this training an end at the best"),
      ] {
        let outcome = try train(options + ["--resume"])
        #expect(outcome.code == 1 && outcome.errors.count == 1, "\(outcome)")
        #expect(outcome.errors.first?.contains(message) == true, "\(outcome.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/point")) == before)
      }
      #expect(try train(["--data", "same.csv", "--resume"]).code == 0)
      let rate = try train(["--data", "d.csv", "--rate-per-epoch", "0.5"])
      #expect(rate.code == 0)
      let other = try train(["--data", "d.csv", "--rate-per-epoch", "0.6", "--resume"])
      #expect(other.errors.first?.contains("0.5 as the rate's factor at each epoch") == true)
    }
  }

  /// A loss that is maximised is best where it is highest, and training that raises it is no failure.
  @Test(.enabled(if: isBuilt)) func climbingIsJudgedByTheHighest() throws {
    try BuiltProgram.inFolder { folder in
      func train(_ more: [String]) throws -> BuiltProgram.Outcome {
        try BuiltProgram.run(
          [
            "train", "--task", "rosenbrock", "--steps", "200", "--method",
            "sgd.maximizing + constant(1e-5)", "--validate-every", "5",
          ] + more, in: folder)
      }
      let plain = try train([])
      let judged = try train(["--best", "--early-stopping", "3"])
      #expect(plain.code == 0 && plain.output.hasPrefix("finished\n"), "\(plain)")
      #expect(judged.output == plain.output, "\(judged)")
    }
  }

  /// A plateau whose metric is to go the other way is refused before anything is written.
  @Test(.enabled(if: isBuilt)) func aMetricOfTheOtherDirectionIsRefused() throws {
    try BuiltProgram.inFolder { folder in
      let rows = (0..<40).map { "\($0),\(-$0),\($0 % 2)\n" }.joined()
      try ("a,b,label\n" + rows).write(
        toFile: folder + "/d.csv", atomically: false, encoding: .utf8)
      for (direction, metric, isRight) in [
        ("minimize", "loss", true), ("minimize", "accuracy", false), ("maximize", "loss", false),
        ("maximize", "accuracy", true),
      ] {
        let outcome = try BuiltProgram.run(
          [
            "train", "--task", "csvLogistic", "--data", "d.csv", "--epochs", "3", "--metric",
            metric, "--out", "t.csv", "--method",
            "adam + plateau(initial: 1e-2, reduce: .by(0.5, after: 1), "
              + "comparing: .absolute(0, direction: .\(direction)), watching: .metric)",
          ], in: folder)
        #expect((outcome.code == 0) == isRight, "\(outcome)")
        #expect(isRight || outcome.errors.last?.contains("the other direction") == true)
        let trace = folder + "/t.csv"
        #expect(FileManager.default.fileExists(atPath: trace) == isRight)
        try? FileManager.default.removeItem(atPath: trace)
      }
    }
  }

  /// The steps of a program can't be taken back.
  @Test(.enabled(if: isBuilt)) func aProgramSkipsNothing() throws {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.run(
        [
          "train", "--task", "rosenbrock", "--steps", "5", "--skip-non-finite", "--method",
          "external(command: \"sh none.sh\", initial: 0.1)",
        ], in: folder)
      #expect(outcome.code == 1, "\(outcome)")
      #expect(
        outcome.errors.last
          == "hypergrad: 'sh none.sh' is a program, whose steps can't be taken back: leave "
          + "--skip-non-finite out", "\(outcome.errors)")
    }
  }

  /// A checkpoint takes the place of a checkpoint alone.
  @Test(.enabled(if: isBuilt)) func aForeignFileStays() throws {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.shell(
        "echo mine > notes; \"$hypergrad\" train --task rosenbrock --method 'sgd + constant(1e-3)' "
          + "--steps 5 --checkpoint notes", in: folder)
      #expect(outcome.code == 1 && outcome.errors.count == 1, "\(outcome)")
      #expect(
        outcome.errors[0]
          == "hypergrad: notes: the file is there and no checkpoint: it would be lost")
      #expect(try text(folder, "notes") == "mine\n")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["notes"])
    }
  }
}
