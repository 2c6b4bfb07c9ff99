internal import Foundation
internal import PortableMath

/// The rows of a trace in `traces.csv`, written and read.
package enum TraceRows {
  package static let head =
    "task,rule,method,seed,rateIndex,step,gap,loss,learningRate,testLoss,testAccuracy\n"

  package static func append(_ trace: RunTrace, to bytes: inout [UInt8]) {
    let name = "\(trace.task),\(trace.rule),\(trace.method),\(trace.seed),\(trace.rateIndex)"
    func cell(_ values: [Double], _ i: Int) -> String { values.isEmpty ? "" : values[i].spelled }
    for i in trace.steps.indices {
      bytes.append(contentsOf: name.utf8)
      for cell in [
        "\(trace.steps[i])", trace.gaps[i].spelled, trace.losses[i].spelled,
        trace.learningRates[i].spelled, cell(trace.testLosses, i), cell(trace.testAccuracies, i),
      ] {
        bytes.append(UInt8(ascii: ","))
        bytes.append(contentsOf: cell.utf8)
      }
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  /// Calls `body` with each trace of a file, in its order.
  ///
  /// - Throws: what `body` throws, and ``ExperimentError`` with the line that is damaged.
  static func forEach(of path: String, _ body: (RunTrace) throws -> Void) throws {
    var current: RunTrace?
    // The cells that name the run of `current`.
    var name: [UInt8] = []
    try TextFileReader.forEachLine(of: path) { line, number in
      if number == 1 { return }
      let damage = ExperimentError("\(path):\(number): expected eleven cells of a trace")
      var commas: [Int] = []
      for i in line.indices where line[i] == UInt8(ascii: ",") { commas.append(i) }
      guard commas.count == 10 else { throw damage }
      func cell(_ index: Int) -> String {
        let start = index == 0 ? 0 : commas[index - 1] + 1
        let end = index == 10 ? line.count : commas[index]
        return String(decoding: line[start..<end], as: UTF8.self)
      }
      func value(_ index: Int) -> Double? {
        let text = cell(index)
        return NumberSpelling.nonFinite(text.utf8) ?? Double(text)
      }
      guard let step = Int(cell(5)), let gap = value(6), let loss = value(7),
        let learningRate = value(8)
      else { throw damage }
      let scores = try (9...10).map { index -> Double? in
        if cell(index).isEmpty { return nil }
        guard let score = value(index) else { throw damage }
        return score
      }
      let isSame =
        current != nil && name.count == commas[4]
        && name.withUnsafeBytes { memcmp($0.baseAddress!, line.baseAddress!, commas[4]) == 0 }
      if !isSame {
        guard let seed = Int(cell(3)), let rate = Int(cell(4)) else { throw damage }
        if let current { try body(current) }
        name = Array(line[..<commas[4]])
        current = RunTrace(
          task: cell(0), rule: cell(1), method: cell(2), seed: seed, rateIndex: rate,
          steps: [], gaps: [], losses: [], learningRates: [])
      }
      current!.steps.append(step)
      current!.gaps.append(gap)
      current!.losses.append(loss)
      current!.learningRates.append(learningRate)
      if let loss = scores[0] { current!.testLosses.append(loss) }
      if let accuracy = scores[1] { current!.testAccuracies.append(accuracy) }
      // All of a run's steps have both, the loss alone, or neither.
      let here = [current!.testLosses, current!.testAccuracies]
      guard zip(scores, here).allSatisfy({ ($0 == nil) == $1.isEmpty }),
        here.allSatisfy({ [0, current!.steps.count].contains($0.count) }),
        here[0].count >= here[1].count
      else { throw damage }
    }
    if let current { try body(current) }
  }
}
