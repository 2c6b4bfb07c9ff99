import Foundation
import PortableMath
import Records
import Testing

/// The fast form of a run's line is the encoder's, byte for byte, and reads back.
@Suite struct RunLineTests {
  static let sample = RunRecord(
    part: .sweep, task: "valley", rule: "adam", method: "plateau-both", seed: 101, rateIndex: 12,
    startingRate: 1e-7, rateExponent: -2.5, status: .finished, initialLoss: 1, finalLoss: 0.25,
    finalGap: 0.25, bestGap: 0.125, worstGap: 1, halfGap: 1.0 / 3, areaUnderLogGap: -0.1,
    reached: true, firstPassage: nil, firstPassageCommon: nil, gradientEvaluations: 1000,
    lossEvaluations: 0, finalLearningRate: 1e-5, smallestLearningRate: 1e-9,
    largestLearningRate: 12345.678, negativeSteps: 0, skippedSteps: 3, retakenSteps: 0)

  private func line(_ run: RunRecord) -> String {
    var bytes: [UInt8] = []
    RunLine.append(run, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func read(_ line: String) -> RunRecord? {
    Array(line.utf8).withUnsafeBytes { RunLine.read($0) }
  }

  private func check(_ run: RunRecord, readsBack: Bool = true) throws {
    let written = line(run)
    #expect(try written == JSONLines.encode(run) + "\n")
    let back = read(String(written.dropLast()))
    if readsBack { #expect(back.map(line) == written) } else { #expect(back == nil) }
  }

  @Test func numbersOfEveryKind() throws {
    var stream = RandomStream(RandomKey("test.run-lines"))
    for value in [
      0, -0.0, 1, -1, 0.1, 1e15, 1e16, 123456789012345680, 1e-4, 1e-5, .leastNonzeroMagnitude,
      .infinity, -.infinity, .nan, .greatestFiniteMagnitude, .leastNormalMagnitude,
      9007199254740992,
    ] + (0..<200).map({ _ in Double(bitPattern: stream.nextUInt64()) }) {
      var run = Self.sample
      run.finalGap = value
      run.hyperLearningRate = value
      run.testLoss = value
      try check(run)
    }
  }

  @Test func fieldsThatMayBeAbsent() throws {
    try check(Self.sample)
    var run = Self.sample
    (run.part, run.status, run.reached) = (.map, .nonFinite, false)
    (run.hyperIndex, run.hyperLearningRate) = (0, 1e-3)
    (run.firstPassage, run.firstPassageCommon) = (7, .max)
    (run.testLoss, run.testAccuracy, run.bestTestAccuracy) = (0.5, 0.9, 1)
    run.seed = .max
    try check(run)
    run.firstPassage = nil
    run.testAccuracy = nil
    try check(run)
    run.restoredSteps = 4
    try check(run)
    #expect(line(run).contains("\"restoredSteps\":4,\"retakenSteps\":"))
    #expect(!line(Self.sample).contains("restoredSteps"))
  }

  /// By more than a hundredth of a decade, up or down.
  @Test func whenARateHasMoved() {
    var run = Self.sample
    for start in [1e-7, 0.3, 1, 4e9] {
      run.startingRate = start
      for (up, down, hasMoved) in [
        (1, 1, false), (1.0232, 1, false), (1, 1 / 1.0232, false), (1.0234, 1, true),
        (1, 1 / 1.0234, true), (1, 0, true), (1, -1, true), (1.0232, 1 / 1.0232, false),
      ] {
        (run.largestLearningRate, run.smallestLearningRate) = (start * up, start * down)
        #expect(run.moved == hasMoved, "\(start), \(up), \(down)")
      }
    }
    // The factor is 10^0.01 to the last bit.
    let factor = 1.0232929922807541
    (run.startingRate, run.smallestLearningRate) = (1, 1)
    for (up, hasMoved) in [(factor, false), (factor.nextUp, true)] {
      run.largestLearningRate = up
      #expect(run.moved == hasMoved)
    }
    run.startingRate = nil
    #expect(run.moved == nil)
  }

  @Test func names() throws {
    for name in ["", "ε₀ × 10", "a b", "a/b", "naïve", "\u{7f}", "{,:}"] {
      var run = Self.sample
      (run.task, run.rule, run.method) = (name, name, name)
      try check(run)
    }
    // Written as the encoder does, and left to the decoder.
    for name in ["a\"b", "a\\b", "a\tb", "a\u{1}b", "\n\r\u{8}\u{c}\u{1f}"] {
      var run = Self.sample
      run.method = name
      try check(run, readsBack: false)
    }
  }

  @Test func whatIsNotALineIsNotRead() {
    let good = String(line(Self.sample).dropLast())
    #expect(read(good) == Self.sample)
    for (spelling, value) in [("-Infinity", -Double.infinity), ("Infinity", .infinity)] {
      let line = good.replacing("\"bestGap\":0.125", with: "\"bestGap\":\"\(spelling)\"")
      #expect(read(line)?.bestGap == value, "\(spelling)")
    }
    for spelling in ["-nan", "NaN", "NAN"] {
      let line = good.replacing("\"bestGap\":0.125", with: "\"bestGap\":\"\(spelling)\"")
      #expect(read(line)?.bestGap.isNaN == true, "\(spelling)")
    }
    for bad in [
      "", "{", "{}", "null", String(good.dropLast()), good + " ", " " + good, good + "}",
      good.replacing("\"seed\":101", with: "\"seed\":101.5"),
      good.replacing("\"seed\":101,", with: ""),
      good.replacing("\"seed\":101", with: "\"seed\":\"101\""),
      good.replacing("\"status\":\"finished\"", with: "\"status\":\"done\""),
      good.replacing("\"bestGap\":0.125", with: "\"bestGap\":inf"),
      good.replacing("\"bestGap\":0.125", with: "\"bestGap\":\"big\""),
      good.replacing("\"reached\":true", with: "\"reached\":1"),
    ] {
      #expect(read(bad) == nil, "\(bad)")
    }
    for length in 0..<good.utf8.count { #expect(read(String(good.prefix(length))) == nil) }
  }
}
