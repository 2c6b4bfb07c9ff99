internal import Experiments
internal import Foundation
internal import Synchronization

/// Shows how far a comparison is: a bar with the time left on a terminal, plain lines otherwise.
final class ProgressLine: Sendable {
  private struct State {
    var start = ContinuousClock.now
    var total = 0
    var finished = 0
    var lastTenth = 0
  }
  private let state = Mutex(State())

  func show(_ event: Runner.Event) {
    switch event {
    case .begun(let units, let resumed, let dropped, let runs):
      if dropped > 0 {
        Terminal.error(
          "the suite, the data or the program changed: \(dropped) stored parts are dropped, "
            + "all runs are made again")
      }
      if resumed > 0 { Terminal.error("going on: \(resumed) parts are there from an earlier call") }
      Terminal.error("\(runs) runs in \(units) parts")
      state.withLock {
        $0.start = .now
        $0.total = units
      }
    case .finished(let units, let total): step(units, total)
    case .note(let text): Terminal.error(text)
    }
  }

  /// What an interruption leaves.
  var summary: String {
    state.withLock { "\($0.finished) of \($0.total) parts are kept" }
  }

  private func step(_ units: Int, _ total: Int) {
    state.withLock { state in
      state.finished = max(state.finished, units)
      let seconds = Double((ContinuousClock.now - state.start).components.seconds)
      let share = Double(units) / Double(max(1, total))
      if Terminal.isInteractive {
        let width = 30
        let filled = Int(share * Double(width))
        let bar =
          String(repeating: "█", count: filled)
          + String(repeating: "░", count: width - filled)
        let left = Int((seconds / share - seconds).rounded(.up))
        Terminal.replaceLine("\(bar) \(units)/\(total), \(left) s left")
        if units == total { Terminal.error("") }
      } else if units == total || Int(share * 10) > state.lastTenth {
        state.lastTenth = Int(share * 10)
        Terminal.error("\(units) of \(total) parts, \(Int(seconds)) s")
      }
    }
  }
}
