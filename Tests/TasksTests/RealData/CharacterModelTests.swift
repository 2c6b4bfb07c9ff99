import Datasets
import Foundation
import Hypergradient
import Testing

import Tasks

struct CharacterModelTests {
  private func make(
    _ text: String, length: Int = 4, hidden: Int = 3, batch: Int = 4
  ) throws -> CharacterModel {
    try CharacterModel(
      text: text.unicodeScalars.map(\.value), file: "text", length: length, hidden: hidden,
      characters: 10_000, batch: batch, instance: 1)
  }

  @Test(arguments: [2, 3, 5]) func everySlope(_ length: Int) throws {
    let text = String(repeating: "the quick brown fox ", count: 4)
    let task = try make(text, length: length)
    #expect(task.differenceError(task.start) < 1e-8)
  }

  /// A text that repeats itself is learned, those windows too that were held out.
  @Test func learnsARule() throws {
    let task = try make(String(repeating: "abcd", count: 60), hidden: 8)
    let before = try #require(task.heldOutScore(at: task.start))
    let after = try #require(task.heldOutScore(at: task.descended(rate: 1, steps: 400)))
    #expect(before.accuracy! < 0.9 && after.accuracy == 1, "\(before) \(after)")
    #expect(after.loss < 0.05)
  }

  /// With all parameters 0 every character is as likely: log 4.
  @Test func zeroIsUndecided() throws {
    let task = try make(String(repeating: "ab☃d", count: 20))
    let zero = [Double](repeating: 0, count: task.dimension)
    #expect((task.loss(at: zero) - 1.3862943611198906).magnitude < 1e-13)
  }

  /// More characters than classes share the last one.
  @Test func rareCharactersShareAClass() throws {
    var text = ""
    for number in UInt32(0x4e00)..<0x4e80 { text.unicodeScalars.append(Unicode.Scalar(number)!) }
    let task = try make(text)
    #expect(task.dimension == 3 * (64 + 3 + 1) + 64 * 4)
  }

  @Test(arguments: ["", "short", String(repeating: "a", count: 100)])
  func textsThatCannotBeLearnedAreRefused(_ text: String) {
    #expect {
      _ = try make(text)
    } throws: { error in
      "\(error)".hasPrefix("text: expected ") && !"\(error)".contains("\n")
    }
  }
}
