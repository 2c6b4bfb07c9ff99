internal import BenchmarkPeers
internal import Foundation
internal import Kernels
internal import Records

/// Where and with what times were measured.
public struct Machine: Sendable, Equatable, Codable {
  public var processor: String
  public var processors: Int
  /// The instruction set that our kernels run on.
  public var instructionSet: String
  public var system: String
  public var memoryBytes: UInt64
  public var libraryOfC: String
  public var packageVersion: String
  public var isOptimized: Bool

  public init(
    processor: String, processors: Int, instructionSet: String, system: String,
    memoryBytes: UInt64, libraryOfC: String, packageVersion: String, isOptimized: Bool
  ) {
    self.processor = processor
    self.processors = processors
    self.instructionSet = instructionSet
    self.system = system
    self.memoryBytes = memoryBytes
    self.libraryOfC = libraryOfC
    self.packageVersion = packageVersion
    self.isOptimized = isOptimized
  }

  public static var this: Machine {
    let info = ProcessInfo.processInfo
    #if DEBUG
      let isOptimized = false
    #else
      let isOptimized = true
    #endif
    return Machine(
      processor: fact("model name") ?? "unknown", processors: info.activeProcessorCount,
      instructionSet: String(cString: hg_isa_name()),
      system: info.operatingSystemVersionString, memoryBytes: info.physicalMemory,
      libraryOfC: String(cString: peer_libc_name()), packageVersion: Records.packageVersion,
      isOptimized: isOptimized)
  }

  /// One line for a table's end.
  public var text: String {
    "\(processor), \(processors) processors, \(instructionSet); \(system), \(libraryOfC), "
      + "\(memoryBytes >> 30) GiB; hypergradient \(packageVersion), "
      + (isOptimized ? "release build" : "DEBUG BUILD, whose times mean nothing")
  }

  /// What the processor can do, in the words of the system.
  static var processorFlags: Set<String> {
    Set((fact("flags") ?? "").split(separator: " ").map(String.init))
  }

  /// The first processor's entry of that name.
  private static func fact(_ name: String) -> String? {
    guard let bytes = FileManager.default.contents(atPath: "/proc/cpuinfo") else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix(name) }),
      let colon = line.firstIndex(of: ":")
    else { return nil }
    return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
  }
}
