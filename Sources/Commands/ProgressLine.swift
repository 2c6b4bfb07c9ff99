internal import Experiments
internal import Foundation
internal import Synchronization

/// Shows how far a comparison is: a bar with the time left on a terminal, plain lines otherwise.
final class ProgressLine: Sendable {
  private struct State {
    var start = ContinuousClock.now
    var total = 0
    var resumed = 0
    var finished = 0
    var runs = 0
    var lastTenth = 0
  }
  private let state = Mutex(State())

  func show(_ event: Runner.Event) {
    switch event {
    case .begun(let parts, let resumed, let dropped, let runs):
      if dropped > 0 {
        Terminal.error(
          "\(dropped) stored parts of another suite, program or other data are dropped, as asked")
      }
      if resumed > 0 { Terminal.error("going on: \(resumed) parts are there from an earlier call") }
      Terminal.error("\(runs) runs in \(parts) parts")
      state.withLock {
        $0.start = .now
        $0.total = parts
        $0.resumed = resumed
        $0.runs = runs
      }
    case .finished(let parts, let total): step(parts, total)
    case .note(let text): Terminal.error(text)
    }
  }

  /// What an interruption leaves.
  var summary: String {
    state.withLock { state in
      let all = state.resumed + state.total
      if all == 0 { return "before the first part, references that were computed are kept" }
      let kept = state.resumed + state.finished
      return kept == all
        ? "all \(all) parts are kept, the report is not written"
        : "\(kept) of \(all) parts are kept"
    }
  }

  /// What the runs of this call took of `seconds`, which is not the same from call to call.
  func speed(_ seconds: Double) -> String {
    let runs = state.withLock { $0.runs }
    let perSecond = Int((Double(runs) / max(seconds, 1e-3)).rounded())
    return "\(runs) runs in \((seconds * 10).rounded() / 10) s, \(perSecond) runs a second"
  }

  private func step(_ parts: Int, _ total: Int) {
    state.withLock { state in
      state.finished = max(state.finished, parts)
      let seconds = Double((ContinuousClock.now - state.start).components.seconds)
      let share = Double(parts) / Double(max(1, total))
      if Terminal.isInteractive {
        let left = Int((seconds / share - seconds).rounded(.up))
        let rest = " \(parts)/\(total), \(left) s left"
        // The last column stays free.
        let width = max(0, min(30, Terminal.columns - 1 - rest.count))
        let filled = Int(share * Double(width))
        let bar =
          String(repeating: "█", count: filled)
          + String(repeating: "░", count: width - filled)
        Terminal.replaceLine(bar + rest)
        if parts == total { Terminal.endLine() }
      } else if parts == total || Int(share * 10) > state.lastTenth {
        state.lastTenth = Int(share * 10)
        Terminal.error("\(parts) of \(total) parts, \(Int(seconds)) s")
      }
    }
  }
}
