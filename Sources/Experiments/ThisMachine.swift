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
}
