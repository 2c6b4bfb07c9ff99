internal import Foundation
internal import Testing

/// Words that are no names lead to what they may mean.
@Suite struct ListSearchTests {
  private static var isBuilt: Bool { BuiltProgram.isBuilt }

  @Test(
    .enabled(if: isBuilt),
    arguments: [
      ("momentum", ["heavyBall", "nesterov", "oneCycleMomentum"]),
      ("learning rate finder", ["startUp"]), ("onecycle", ["oneCycle", "torchOneCycle"]),
      ("OneCycleLR", ["oneCycle", "torchOneCycle"]), ("lr", ["constant", "scheduled"]),
      ("weight decay", ["weightDecay", "adamw"]), ("weight_decay", ["weightDecay", "adamw"]),
      ("reduce on plateau", ["plateau", "torchPlateau"]),
      ("ReduceLROnPlateau", ["plateau", "torchPlateau"]), ("SGDR", ["warmRestarts"]),
      ("sgdr", ["warmRestarts"]), ("CosineAnnealingWarmRestarts", ["warmRestarts"]),
      ("nag", ["nesterov"]), ("gradient clipping", ["clipByNorm"]), ("line search", ["armijo"]),
      ("StepLR", ["stepDecay"]), ("WSD", ["warmupStableDecay"]), ("d-adaptation", ["dAdaptAdam"]),
      ("parameter-free", ["dog", "prodigy"]), ("beta1", ["adam"]), ("milestones", ["multiStep"]),
    ]) func aWordLeadsToNames(_ word: String, _ names: [String]) throws
  {
    let outcome = try BuiltProgram.inFolder { try BuiltProgram.run(["list", word], in: $0) }
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome)")
    let lines = outcome.output.split(separator: "\n")
    for name in names {
      #expect(
        lines.contains { line in
          let text = line.drop { $0 == " " || $0 == "." }
          return text.hasPrefix(name + ",") || text.hasPrefix(name + "(") || text == name
        }, "\(word) finds no \(name): \(outcome.output)")
    }
  }

  /// Every name that a synonym leads to is one.
  @Test(.enabled(if: isBuilt)) func synonymsLeadToWhatThereIs() throws {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    // The command line's folder may have another name.
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: source.appendingPathComponent("Sources").path)
    let file = try #require(
      folders.map { source.appendingPathComponent("Sources/\($0)/ListSearch.swift") }
        .first { FileManager.default.fileExists(atPath: $0.path) })
    let text = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(text.range(of: "static let synonyms"))
    let table = text[start.lowerBound...].prefix(while: { $0 != "}" })
    let known = try BuiltProgram.inFolder { try BuiltProgram.run(["list"], in: $0) }.output
      .split { !$0.isLetter && !$0.isNumber }.map(String.init)
    // The second list of each entry.
    var count = 0
    for part in table.components(separatedBy: "[").dropFirst() {
      let list = part.prefix { $0 != "]" }
      count += 1
      guard count % 2 == 0, count > 4 else { continue }
      let quoted = list.split(separator: "\"", omittingEmptySubsequences: false)
      for name in quoted.enumerated().filter({ $0.offset % 2 == 1 }) {
        #expect(known.contains(String(name.element)), "\(name.element) is no name")
      }
    }
    #expect(count > 40)
  }
}
