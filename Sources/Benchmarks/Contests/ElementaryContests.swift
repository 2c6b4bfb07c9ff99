internal import BenchmarkPeers
internal import Kernels

/// Elementary functions over arrays of Double, an element.
enum ElementaryContests {
  typealias Loop = @Sendable (UnsafeMutablePointer<Double>?, UnsafePointer<Double>?, Int) -> Void

  enum Function: String, CaseIterable, Sendable {
    case exp, log, tanh

    var ours: Loop {
      switch self {
      case .exp: { hg_exp_f64($0, $1, $2) }
      case .log: { hg_log_f64($0, $1, $2) }
      case .tanh: { hg_tanh_f64($0, $1, $2) }
      }
    }
    var peer: Loop {
      switch self {
      case .exp: { peer_libm_exp($0, $1, $2) }
      case .log: { peer_libm_log($0, $1, $2) }
      case .tanh: { peer_libm_tanh($0, $1, $2) }
      }
    }
    /// Where networks and likelihoods use it.
    var range: ClosedRange<Double> {
      switch self {
      case .exp: -10...10
      case .log: 1e-6...100
      case .tanh: -4...4
      }
    }
  }

  static func all(_ setting: Setting) -> [Contest] {
    Function.allCases.map { function in
      Contest(
        "\(function.rawValue), a Double element", part: "elementary functions",
        ours: [Contender.ours(threads: 1) { operation(function, function.ours) }],
        peers: [
          Contender.native(
            "\(String(cString: peer_libc_name())), scalar", threads: 1, goal: .timesAsFast(5)
          ) { operation(function, function.peer) }
        ],
        remark: "arrays of \(length) elements, in the fastest cache")
    }
  }

  private static let length = 1024

  /// Counts elements: an array is one call.
  static func operation(_ function: Function, _ loop: @escaping Loop) -> (_ count: Int) -> Void {
    let range = function.range
    let inputs = (0..<length).map { i in
      range.lowerBound
        + (range.upperBound - range.lowerBound) * Double((i * 389) % length) / Double(length)
    }
    var outputs = [Double](repeating: 0, count: length)
    return { count in
      var left = count
      while left > 0 {
        // Whole arrays, but for the last.
        loop(&outputs, inputs, min(left, length))
        left -= length
      }
    }
  }
}
