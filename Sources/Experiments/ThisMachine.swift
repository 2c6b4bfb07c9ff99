internal import Foundation
internal import Records

extension Manifest {
  /// This machine, in words.
  static var thisMachine: [String: String] {
    let info = ProcessInfo.processInfo
    var machine = [
      "system": info.operatingSystemVersionString, "processors": "\(info.activeProcessorCount)",
      "memoryBytes": "\(info.physicalMemory)",
    ]
    #if arch(x86_64)
      machine["architecture"] = "x86_64"
    #elseif arch(arm64)
      machine["architecture"] = "arm64"
    #endif
    #if DEBUG
      machine["build"] = "debug"
    #else
      machine["build"] = "release"
    #endif
    #if swift(>=6.3)
      machine["compiler"] = "Swift 6.3 or later"
    #else
      machine["compiler"] = "Swift before 6.3"
    #endif
    if let text = FileManager.default.contents(atPath: "/proc/cpuinfo") {
      let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
      if let line = lines.first(where: { $0.hasPrefix("model name") }),
        let name = line.split(separator: ":").last
      {
        machine["processor"] = name.trimmingCharacters(in: .whitespaces)
      }
    }
    return machine
  }

  /// The rules by which the numbers were made.
  static let benchmarkProtocol = [
    "loss is the exact, noiseless one, evaluated at log-spaced steps off the clock; that of held-out "
      + "examples, with f* = 0, where the suite is judgedBy heldOut",
    "a method sees minibatch losses and gradients only; all methods see the same noise",
    "T counts gradient evaluations; a loss alone costs 1/3, a Hessian-vector product 2",
    "gap = (f - f*)/(f0 - f*)",
    "target: the gap that the rule's reference rate, fixed, has reached by T/2 on the same seed and "
      + "keeps, the median of it and of its neighbours an eighth of a decade away, not below 1e-8",
    "reference rate: the best fixed rate of a grid on other seeds",
    "common target: the largest of the rules' targets on the reference seeds",
    "robustness: share of (starting rate, seed) at or below the target throughout the last 5 % of T",
    "diverged: not finite, or final loss above the first, or past 1e8 times the starting distance",
    "best-tuned: the starting rate is chosen on tuning seeds, the result reported on others",
  ]
}
