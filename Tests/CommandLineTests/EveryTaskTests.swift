internal import Foundation
internal import Testing

/// The range test and the search on every task there is, with data where it needs some.
@Suite struct EveryTaskTests {
  private static let words = "the quick brown fox jumps over the lazy dog, and over it again. "

  /// Data that a task reads, by the beginning of its name.
  private static func data(for task: String, in folder: String) throws -> [String] {
    func write(_ bytes: some Sequence<UInt8>, _ name: String) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
    }
    if task == "csvRegression" {
      let rows = (0..<120).map { "\($0 * 37 % 101),\($0 % 7),\(Double($0 * 37 % 101) / 7)\n" }
      try write(rows.joined().utf8, "d.csv")
      return ["--data", "d.csv"]
    }
    if task.hasPrefix("csv") {
      try write(FindRateTests.examples(120).utf8, "d.csv")
      return ["--data", "d.csv"]
    }
    if task.hasPrefix("libsvm") {
      let lines = (0..<120).map { i in
        "\(i * 37 % 101 > 50 ? 1 : -1) 1:\(Double(i * 37 % 101) / 101) 3:\(Double(i % 7) / 7)\n"
      }
      try write(lines.joined().utf8, "d.svm")
      return ["--data", "d.svm"]
    }
    if task == "characterModel" {
      try write(String(repeating: words, count: 40).utf8, "d.txt")
      return ["--data", "d.txt"]
    }
    guard task.hasPrefix("mnist") else { return [] }
    for (part, count) in [("train", 60), ("t10k", 20)] {
      func header(_ words: [Int]) -> [UInt8] {
        words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
      }
      let pixels = (0..<count * 28 * 28).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 37) }
      try write(header([0x803, count, 28, 28]) + pixels, "\(part)-images-idx3-ubyte")
      try write(
        header([0x801, count]) + (0..<count).map { UInt8($0 % 10) }, "\(part)-labels-idx1-ubyte")
    }
    return ["--data", "."]
  }

  /// Both end well, with the same bytes from any number of threads; where there are held-out examples
  /// their loss goes with each rate, and where there are data the coarse part is on a part of them.
  @Test(.enabled(if: BuiltProgram.isBuilt)) func bothEndWellOnAll() throws {
    let listed = try BuiltProgram.inFolder { try BuiltProgram.run(["list", "tasks"], in: $0) }
    let names = listed.output.matches(of: /(?m)^([a-zA-Z]+)/).map { String($0.1) }
    #expect(names.count > 25 && names.contains("mixtureGAN") && names.contains("mnistConvolution"))
    // A program's objective is asked by the same lines, see ExternalTaskTests.
    for name in names where name != "external" {
      // A thousand units are slow in debug, and show nothing more.
      let text = name == "mnistPerceptron" ? "mnistPerceptron(hidden: [8])" : name
      for call in [
        ["find-lr", "--rates", "20", "--seeds", "1...3"],
        ["search", "--steps", "16", "--seeds", "1,2", "--from", "1e-4", "--finest", "3"],
      ] {
        let results = try ["1", "3"].map { jobs in
          try BuiltProgram.inFolder { folder in
            let data = try Self.data(for: name, in: folder)
            let isSearched = call[0] == "search" && !data.isEmpty
            let outcome = try BuiltProgram.run(
              call + ["--task", text, "--jobs", jobs, "--out", "o.csv", "--plot", "o.svg"] + data
                + (isSearched ? ["--subset", "20"] : []), in: folder)
            #expect(outcome.code == 0, "\(call[0]) \(name): \(outcome.errors)")
            if isSearched {
              #expect(outcome.output.contains("powers of ten on 20 of"), "\(name)")
            }
            let files = try ["o.csv", "o.svg"].map {
              try String(contentsOfFile: folder + "/" + $0, encoding: .utf8)
            }
            #expect(files[0].contains("\n") && files[1].hasSuffix("</svg>\n"))
            if call[0] == "find-lr", !data.isEmpty {
              #expect(files[0].hasPrefix("seed,learningRate,loss,average,smoothed,heldOutLoss"))
            }
            return [outcome.output] + files
          }
        }
        #expect(results[0] == results[1], "\(call[0]) \(name)")
      }
    }
  }
}
