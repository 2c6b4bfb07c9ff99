import Foundation
import Hypergradient
import HypergradientCatalogue
import HypergradientTraining
import Testing

@testable import HypergradientTrainingFiles

@Suite struct TrainingCheckpointTests {
  private static let texts = TrainingTexts.pairs + TrainingTexts.methods

  /// Counts, so that there is something to remember.
  private struct Counter: TrainingCallback {
    var seen = 0.0
    mutating func stepped(_ context: inout TrainingContext) {
      seen += 1
      if Int(seen) == 12 { context.scaleRates(by: 0.5) }
    }
    var memory: [Double] {
      get { [seen, .nan] }
      set { seen = newValue[0] }
    }
  }

  private static func options() -> TrainingOptions {
    var options = TrainingOptions()
    options.validationInterval = 3
    options.historyInterval = 2
    options.keepsBest = true
    options.model = "noisy bowl"
    return options
  }

  private func trainer<S: ParameterScalar>(
    _ text: String, _ scalar: S.Type
  ) throws -> Trainer<NoisyBowl<S>> {
    var trainer = try TrainingTexts.trainer(text, scalar, options: Self.options())
    if trainer.method == nil { trainer.callbacks = [Counter()] }
    return trainer
  }

  /// Written after any step of a training that its patience ends, the last one included, a checkpoint
  /// ends where that training ended; told so once, a further call goes on.
  @Test func endsAreResumed() throws {
    func made() throws -> Trainer<NoisyBowl<Double>> {
      var options = Self.options()
      options.patience = 1
      options.validationInterval = 2
      return try TrainingTexts.trainer("sgd + constant(0.6)", Double.self, options: options)
    }
    var whole = try made()
    let ending = try whole.run(toStep: 100)
    #expect(ending == .noImprovement(1) && whole.step < 100)
    var first = try made()
    var stops = 0
    while try first.advance(toStep: 100) {
      let bytes = try TrainingCheckpoint.bytes(first, "file")
      var second = try made()
      try TrainingCheckpoint.restore(&second, from: bytes, "file")
      #expect(try TrainingCheckpoint.bytes(second, "file") == bytes)
      #expect(try second.run(toStep: 100) == ending, "stopped at \(first.step)")
      #expect(second.step == whole.step && second.parameters == whole.parameters)
      stops += 1
    }
    #expect(stops == whole.step)
  }

  /// A text's names have the values that they had: another horizon would be another training.
  @Test func anotherHorizonIsRefused() throws {
    let text = "sgd + scheduled(cosine(from: 0.1, over: steps))"
    func made(_ steps: Double) throws -> Trainer<NoisyBowl<Double>> {
      let problem = NoisyBowl<Double>()
      return try Trainer(
        problem, from: problem.start,
        with: AnyOptimizer(
          text, parameterCount: problem.parameterCount, variables: ["steps": steps]))
    }
    var first = try made(50)
    try first.run(toStep: 10)
    let bytes = try TrainingCheckpoint.bytes(first, "file")
    var second = try made(100)
    let fault = try #require(throws: CheckpointError.self) {
      try TrainingCheckpoint.restore(&second, from: bytes, "file")
    }
    #expect("\(fault)".contains("steps = 50") && "\(fault)".contains("steps = 100"), "\(fault)")
    #expect(second.step == 0)
  }

  /// Stopped after any step and resumed in a new trainer, training has the bits of one that never
  /// stopped.
  @Test(arguments: texts) func resumedIsUninterrupted(_ text: String) throws {
    func check<S: ParameterScalar>(_: S.Type, stops: [Int]) throws {
      var whole = try trainer(text, S.self)
      try whole.run(toStep: 24)
      for stop in stops {
        var first = try trainer(text, S.self)
        for _ in 0..<stop { _ = try first.advance(toStep: 24) }
        let bytes = try TrainingCheckpoint.bytes(first, "file")
        var second = try trainer(text, S.self)
        try TrainingCheckpoint.restore(&second, from: bytes, "file")
        #expect(try TrainingCheckpoint.bytes(second, "file") == bytes, "\(text), \(stop)")
        try second.run(toStep: 24)
        #expect(second.parameters == whole.parameters, "\(text), stopped at \(stop)")
        // By their words, in which NaN is itself: some diverge.
        #expect("\(second.history)" == "\(whole.history)")
        #expect(second.bestParameters == whole.bestParameters)
        #expect(second.learningRates == whole.learningRates)
        #expect(second.evaluations == whole.evaluations)
      }
    }
    try check(Double.self, stops: Array(0...13) + [20])
    try check(Float.self, stops: [0, 4, 9])
  }

  /// Training that has ended and was stored goes on where it ended.
  @Test func whatHasEndedGoesOn() throws {
    let text = "adam + traceAligned(initial: 0.1, steps: 40)"
    var whole = try trainer(text, Double.self)
    try whole.run(toStep: 40)
    for end in [7, 15, 22] {
      var first = try trainer(text, Double.self)
      try first.run(toStep: end)
      var second = try trainer(text, Double.self)
      try TrainingCheckpoint.restore(
        &second, from: TrainingCheckpoint.bytes(first, "file"), "file")
      #expect(second.ending == .finished && second.history == first.history)
      try second.run(toStep: 40)
      #expect(second.parameters == whole.parameters && second.history == whole.history)
    }
  }

  /// What is refused changes nothing, and says so in a line with the file.
  private func refusal<S: ParameterScalar>(
    _ bytes: [UInt8], by trainer: Trainer<NoisyBowl<S>>
  ) throws -> String {
    var changed = trainer
    do {
      try TrainingCheckpoint.restore(&changed, from: bytes, "some/file")
      return "nothing"
    } catch {
      #expect(
        try TrainingCheckpoint.bytes(changed, "a") == TrainingCheckpoint.bytes(trainer, "a"))
      #expect(error.description.hasPrefix("some/file: ") && !error.description.contains("\n"))
      return error.description
    }
  }

  @Test func everyCutAndEveryFlippedBitIsRefused() throws {
    let text = "sgd + constant(0.1)"
    var trainer = try TrainingTexts.trainer(text, Double.self)
    try trainer.run(toStep: 1)
    let bytes = try TrainingCheckpoint.bytes(trainer, "file")
    func isRefused(_ bytes: [UInt8]) -> Bool {
      do {
        var other = trainer
        try TrainingCheckpoint.restore(&other, from: bytes, "file")
        return false
      } catch { return !"\(error)".contains("\n") }
    }
    #expect(!isRefused(bytes))
    for length in 0..<bytes.count where !isRefused(Array(bytes[..<length])) {
      Issue.record("cut after \(length) bytes")
    }
    for place in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << UInt8(bit)
        if !isRefused(changed) { Issue.record("bit \(bit) of byte \(place)") }
      }
    }
    #expect(isRefused(bytes + [0]) && isRefused([]))
    _ = try refusal(Array(bytes.dropLast()), by: trainer)
  }

  @Test func otherVersionsAndModelsAreRefused() throws {
    let text = "adam + constant(0.1)"
    let trainer = try trainer(text, Double.self)
    let bytes = try TrainingCheckpoint.bytes(trainer, "file")
    var version = bytes
    version[8] = 1
    #expect(try refusal(version, by: trainer).contains("version 1, expected 2"))
    #expect(try refusal(Array("step,loss\n1,2\n".utf8), by: trainer).contains("no checkpoint"))
    #expect(
      try refusal(bytes, by: self.trainer(text, Float.self)).contains("Double parameters"))
    for other in ["sgd + constant(0.1)", "adam + constant(0.2)", "dog()"] {
      let said = try refusal(bytes, by: self.trainer(other, Double.self))
      #expect(said.contains("it has") && said.contains("this training"), "\(said)")
    }
    var options = Self.options()
    options.model = "another"
    var other = try TrainingTexts.trainer(text, Double.self, options: options)
    other.callbacks = [Counter()]
    #expect(try refusal(bytes, by: other).contains("it has model 'noisy bowl'"))
    options = Self.options()
    options.accumulation = 2
    other = try TrainingTexts.trainer(text, Double.self, options: options)
    other.callbacks = [Counter()]
    #expect(try refusal(bytes, by: other).contains("batches a step"))
    // The best so far is a loss, and would be compared with accuracies.
    options = Self.options()
    options.metric = .accuracy
    other = try TrainingTexts.trainer(text, Double.self, options: options)
    other.callbacks = [Counter()]
    #expect(try refusal(bytes, by: other).contains("loss as the metric"))
  }

  @Test func otherOptionsAndFactsAreRefused() throws {
    let text = "adam + constant(0.1)"
    let trainer = try trainer(text, Double.self)
    let bytes = try TrainingCheckpoint.bytes(trainer, "file")
    let changes: [(String, (inout TrainingOptions) -> Void)] = [
      ("clipping norm", { $0.clippingNorm = 1 }), ("not finite", { $0.nonFinite = .pass }),
      ("in a row", { $0.mostSkippedInARow = 7 }), ("of validation", { $0.validationInterval = 4 }),
      ("patience", { $0.patience = 5 }), ("improvement", { $0.smallestImprovement = 0.1 }),
      ("at the best", { $0.endsAtBest = true }),
      ("nothing, and this", { $0.facts = ["these data"] }),
    ]
    for (word, change) in changes {
      var options = Self.options()
      change(&options)
      var other = try TrainingTexts.trainer(text, Double.self, options: options)
      other.callbacks = [Counter()]
      let said = try refusal(bytes, by: other)
      #expect(said.contains(word) && said.contains("this training"), "\(said)")
    }
  }

  /// A vector takes eight bytes a number, whatever its numbers.
  @Test func vectorsAreTheirBits() throws {
    var options = TrainingOptions()
    options.keepsBest = true
    func made(_ count: Int) throws -> Trainer<NoisyBowl<Double>> {
      var problem = NoisyBowl<Double>()
      problem.parameterCount = count
      return try Trainer(
        problem, from: problem.start,
        with: AnyOptimizer("adam + constant(0.001)", parameterCount: count), options: options)
    }
    func bytes(_ count: Int) throws -> Int {
      var trainer = try made(count)
      try trainer.run(toStep: 7)
      let bytes = try TrainingCheckpoint.bytes(trainer, "file")
      var read = try made(count)
      try TrainingCheckpoint.restore(&read, from: bytes, "file")
      #expect(read.parameters == trainer.parameters)
      return bytes.count
    }
    // Parameters and Adam's two moments, now and at the best.
    #expect(try (bytes(1100) - bytes(1000)) / 100 == 6 * 8)
  }

  /// What is no file is not replaced by a checkpoint, and not read for one: a device has no end.
  @Test func whatIsNoFileStays() throws {
    try inFolder { folder in
      var first = try trainer("adam + constant(0.1)", Double.self)
      let pipe = folder + "/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: "pipe")
      func said(_ body: () throws -> Void) -> String {
        do { try body() } catch { return "\(error)" }
        return "nothing"
      }
      for place in [pipe, folder + "/link", "/dev/null"] {
        #expect(said { try TrainingCheckpoint.write(first, to: place) }.contains("this is none"))
      }
      for place in [pipe, "/dev/zero"] {
        #expect(
          said { try TrainingCheckpoint.restore(&first, from: place) }.contains("this is none"))
      }
      var facts = stat()
      #expect(lstat(pipe, &facts) == 0 && facts.st_mode & S_IFMT == S_IFIFO)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
      // Of a file that is no checkpoint, the beginning says so.
      let long = folder + "/long"
      #expect(FileManager.default.createFile(atPath: long, contents: Data("no".utf8)))
      #expect(truncate(long, 1 << 40) == 0)
      #expect(said { try TrainingCheckpoint.restore(&first, from: long) }.contains("no checkpoint"))
    }
  }

  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "/training-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  /// A file is replaced whole; where it can't be, what was there stays and nothing is left beside it.
  @Test func filesAreWholeOrNotAtAll() throws {
    try inFolder { folder in
      var first = try trainer("adam + constant(0.1)", Double.self)
      let file = folder + "/a.checkpoint"
      for steps in [3, 9] {
        try first.run(toStep: steps)
        try TrainingCheckpoint.write(first, to: file)
        var second = try trainer("adam + constant(0.1)", Double.self)
        try TrainingCheckpoint.restore(&second, from: file)
        #expect(second.parameters == first.parameters && second.step == steps)
      }
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: "a.checkpoint")
      try TrainingCheckpoint.write(first, to: folder + "/link")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
          == ["a.checkpoint", "link"])
      for (place, reason) in [
        (folder, "Is a directory"), (folder + "/none/b", "No such file or directory"),
        (file + "/b", "Not a directory"), ("", "empty name"),
      ] {
        do {
          try TrainingCheckpoint.write(first, to: place)
          Issue.record("\(place) was written")
        } catch { #expect("\(error)".contains(reason), "\(error)") }
      }
      do {
        try TrainingCheckpoint.restore(&first, from: folder + "/none")
        Issue.record("nothing was read")
      } catch { #expect("\(error)".contains("No such file"), "\(error)") }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
          == ["a.checkpoint", "link"])
    }
  }
}
