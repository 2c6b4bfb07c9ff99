import Foundation
import Records
import Testing

@testable import Experiments

/// The numbers by which runs are judged stand once in the code. Words name them for a reader, in
/// comments, captions, fields and documentation: wherever they do, they agree.
@Suite struct ThresholdTests {
  /// A number and the words around it, in which N stands for the number.
  struct Threshold: CustomTestStringConvertible {
    let name: String
    let value: Double
    let words: [String]
    /// How often they are there at least.
    let count: Int
    var testDescription: String { name }
  }

  static let thresholds = [
    Threshold(
      name: "a run escaped", value: escapeFactor,
      words: ["N times the starting distance", "N starting distances"], count: 8),
    Threshold(
      name: "a target holds", value: 100 / Double(EvaluationSteps.parts),
      words: ["the last N %", "last N % of"], count: 20),
    Threshold(
      name: "the least gap", value: RunRecord.leastGap,
      words: [
        "[Gg]aps below N count as", "[Gg]aps below [^ ]+ count as N", "gap within N…",
        "and not below N, where",
      ], count: 12),
    Threshold(
      name: "the least target", value: Calibration.leastTarget,
      words: ["away, not below N", "beside it, not below N"], count: 2),
    Threshold(
      name: "a rate moved", value: RunRecord.movedDecades, words: ["by more than N decades"],
      count: 5),
  ]

  /// Sources and documentation, what is wrapped on one line.
  private static let texts: [(file: String, text: String)] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    var files = ["README.md"]
    for folder in ["Sources", "Documentation"] {
      let inside = FileManager.default.enumerator(atPath: "\(root)/\(folder)")
      while let file = inside?.nextObject() as? String {
        if file.hasSuffix(".swift") || file.hasSuffix(".md") { files.append("\(folder)/\(file)") }
      }
    }
    return files.map { file in
      // What is there can be read.
      let text = try! String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)
      let line = text.replacing("\\u{a0}", with: " ").replacing("\u{a0}", with: " ")
        .replacing(/"\n *\+ "/, with: "").replacing(/\n *(?:\/\/\/?)? */, with: " ")
      return (file, line)
    }
  }()

  /// 1e8, 10⁻¹⁶ or 0.01.
  private func number(_ text: Substring) -> Double? {
    guard text.contains(/10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]/) else { return Double(text) }
    let exponent = text.dropFirst(2).map { digit -> Character in
      let raised: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
      return raised.firstIndex(of: digit).map { Character(String($0)) } ?? "-"
    }
    return Double("1e" + String(exponent))
  }

  @Test(arguments: thresholds) func wordsAgree(_ threshold: Threshold) throws {
    var count = 0
    for words in threshold.words {
      let pattern = try Regex<(Substring, Substring)>(
        words.replacing("N", with: "([0-9](?:[0-9.e⁻⁰¹²³⁴⁵⁶⁷⁸⁹-]*[0-9⁰¹²³⁴⁵⁶⁷⁸⁹])?)"))
      for (file, text) in Self.texts {
        for match in text.matches(of: pattern) {
          count += 1
          #expect(number(match.output.1) == threshold.value, "\(file): \(match.output.0)")
        }
      }
    }
    #expect(count >= threshold.count, "\(count) times")
  }
}
