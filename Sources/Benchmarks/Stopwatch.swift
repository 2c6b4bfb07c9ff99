/// Times work by the monotonic clock.
enum Stopwatch {
  /// The seconds that a body takes.
  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    let duration = (ContinuousClock.now - start).components
    return Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
  }

  /// A repeat of an operation that `body` does so many times: it finds the number that takes about
  /// as long as is asked, and returns the seconds of one operation.
  static func repeating(_ body: @escaping (_ count: Int) throws -> Void) -> Contender.Repeat {
    var count = 1
    var isSettled = false
    return { least in
      var elapsed = try seconds { try body(count) }
      while !isSettled {
        if elapsed >= least / 2 {
          isSettled = true
        } else {
          count = nextCount(count, elapsed: elapsed, least: least)
          elapsed = try seconds { try body(count) }
        }
      }
      return elapsed / Double(count)
    }
  }

  /// A number of operations nearer to `least` seconds, after `count` took `elapsed`: at most a
  /// hundred times as many, since the first ones may have met cold caches.
  static func nextCount(_ count: Int, elapsed: Double, least: Double) -> Int {
    let wanted = Double(count) * least / max(elapsed, 1e-9)
    return max(count + 1, Int(min(wanted, Double(count) * 100)))
  }
}
