import Benchmarks
import Testing

@Suite struct ContestsTests {
  private let setting = Setting(threads: 2, isQuick: true)

  @Test func wordsChooseRows() throws {
    let all = try Contests.chosen([], setting)
    #expect(Set(all.map(\.name)).count == all.count, "names differ")
    let products = try Contests.chosen(["SGEMM"], setting)
    #expect(products.count == 5 && products.allSatisfy { $0.name.hasPrefix("sgemm") })
    let two = try Contests.chosen(["sgd-hd step", "tanh, a"], setting)
    #expect(
      two.map(\.name) == [
        "SGD-HD step, n = 10²", "SGD-HD step, n = 10⁶", "SGD-HD step, n = 2.5·10⁷",
        "tanh, a Double element",
      ])
  }

  @Test func wordsOfAKeyboard() throws {
    let steps = try Contests.chosen(["n = 1e6", "2.5e7"], setting)
    #expect(steps.count == 8 && steps.allSatisfy { $0.name.contains("step, n = ") })
    #expect(try Contests.chosen(["sgemm 128x10x784"], setting).count == 1)
  }

  @Test func aWordThatChoosesNothingIsRefused() throws {
    let error = #expect(throws: BenchmarkError.self) { try Contests.chosen(["nix"], setting) }
    #expect(error?.description.hasPrefix("no row contains 'nix'; the rows are: SGD-HD") == true)
  }

  /// At the largest size a step stands beside its floor, with each number of threads.
  @Test func largeStepsHaveFloors() throws {
    let words = ["SGD": 3, "SGD-HD": 5, "Adam": 7, "Adam-HD": 10]
    for (name, count) in words {
      let contest = try #require(
        try Contests.chosen(["\(name) step, n = 2.5"], setting).first {
          $0.name.hasPrefix(name + " ")
        })
      let floors = contest.peers.filter { $0.name == "floor, \(count) words" }
      #expect(Set(floors.compactMap(\.threads)) == [1, 2])
      #expect(floors.allSatisfy { $0.goal == .timesTheFloor(1.25) })
    }
  }

  /// Small work is done, and takes a positive time.
  @Test(arguments: ["SGD-HD step, n = 10²", "sgemm 32×32×10", "exp, a Double"])
  func smallRowsRun(word: String) throws {
    let contest = try Contests.chosen([word], setting)[0]
    let rows = try Referee(repeats: 1, warmUps: 0, leastSeconds: 1e-6, pause: 0)
      .outcomes(of: contest) { Issue.record("\($0)") }
    #expect(rows.allSatisfy { $0.ours.median > 0 && $0.peer?.spread.median ?? 1 > 0 })
  }

  @Test func instructionWorkloads() throws {
    #expect(Instructions.names.count >= 8)
    for name in Instructions.names where !name.contains("sweep") {
      try Instructions.run(name, steps: 1)
    }
    let error = #expect(throws: BenchmarkError.self) { try Instructions.run("nix", steps: 1) }
    #expect(error?.description.hasPrefix("no workload named 'nix'; they are sgd-step-1e2") == true)
  }
}
