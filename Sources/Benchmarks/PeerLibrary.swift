internal import Foundation
internal import Synchronization

/// The peers in processes of their own, each begun when first asked for, and kept.
public final class PeerLibrary: Sendable {
  /// Which program, and with which settings.
  struct Key: Hashable, Sendable {
    enum Program: Hashable, Sendable {
      case torch, jax
      /// OpenBLAS from a file or by a name that the system finds, with the kernels of a processor;
      /// with its own choice for the empty name.
      case openBLAS(library: String, coreType: String)
    }
    var program: Program
    init(_ program: Program) { self.program = program }
  }

  private struct State {
    var processes: [Key: Result<PeerProcess, BenchmarkError>] = [:]
    var preparations: [String: Double] = [:]
  }
  private let state = Mutex(State())
  private let python: String
  private let program: String
  /// The forms of OpenBLAS, of which the fastest counts.
  let openBLAS: [Key]

  /// - Parameters:
  ///   - python: an interpreter that has the peers' libraries.
  ///   - program: this program's file, which serves OpenBLAS in a process of its own.
  public init(python: String, program: String) {
    self.python = python
    self.program = program
    var libraries = ["libopenblas.so.0"]
    if let file = Self.openBLASOfNumPy(python) { libraries.append(file) }
    openBLAS = libraries.flatMap { library in
      Self.coreTypes.map { Key(.openBLAS(library: library, coreType: $0)) }
    }
  }

  /// The library that NumPy brings along.
  private static func openBLASOfNumPy(_ python: String) -> String? {
    let script = """
      import glob, numpy, os
      folder = os.path.join(os.path.dirname(os.path.dirname(numpy.__file__)), "numpy.libs")
      print(*glob.glob(os.path.join(folder, "libscipy_openblas64_*")))
      """
    return OneShot.output(of: [python, "-c", script])?.split(separator: " ").first.map(String.init)
  }

  /// The processors whose kernels OpenBLAS is measured with, of those that this one can run.
  private static var coreTypes: [String] {
    let flags = Machine.processorFlags
    return [""] + (flags.contains("avx2") ? ["Haswell"] : [])
      + (flags.contains("avx512f") ? ["SkylakeX"] : [])
  }

  /// A peer that answers `row`.
  func contender(
    _ name: String, _ key: Key, row: String, threads: Int? = nil, goal: Goal? = nil,
    _ parameters: [String: PeerValue] = [:]
  ) -> Contender {
    let place = "\(key) \(row) \(parameters.sorted { $0.key < $1.key })"
    return Contender(
      name, threads: threads, goal: goal,
      facts: { [self] in
        Contender.Facts(
          title: (try? process(key).title) ?? "", detail: try? process(key).detail,
          preparation: state.withLock { $0.preparations[place] })
      }
    ) { [self] in
      let process = try process(key)
      return { [self] least in
        let (seconds, preparation) = try process.measure(row, least: least, parameters)
        if let preparation { state.withLock { $0.preparations[place] = preparation } }
        return seconds
      }
    }
  }

  private func process(_ key: Key) throws -> PeerProcess {
    let known = state.withLock { $0.processes[key] }
    if let known { return try known.get() }
    let made = Result { () throws(BenchmarkError) in
      do { return try begin(key) } catch let error as BenchmarkError { throw error } catch {
        throw BenchmarkError("\(error)")
      }
    }
    state.withLock { $0.processes[key] = made }
    return try made.get()
  }

  private func begin(_ key: Key) throws -> PeerProcess {
    func script(_ text: [UInt8]) -> [String] {
      let whole = [PackageResources.protocol_py, text].map { String(decoding: $0, as: UTF8.self) }
      return [python, "-u", "-c", whole.joined(separator: "\n")]
    }
    switch key.program {
    case .torch: return try PeerProcess(script(PackageResources.torch_peer_py))
    case .jax: return try PeerProcess(script(PackageResources.jax_peer_py))
    case .openBLAS(let library, let coreType):
      return try PeerProcess(
        [program, "bench", "--serve-open-blas", library],
        environment: coreType.isEmpty ? [:] : ["OPENBLAS_CORETYPE": coreType])
    }
  }
}
