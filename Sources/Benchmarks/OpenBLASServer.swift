internal import BenchmarkPeers
internal import Foundation

/// OpenBLAS in a process of its own, since it chooses its kernels once a process: talks like the
/// Python peers, and multiplies in a loop in C, since a call from Python costs as much as a small
/// product.
public enum OpenBLASServer {
  /// Answers requests on standard input until it ends.
  ///
  /// - Parameter library: a file, or a name that the system finds.
  public static func run(library: String) {
    guard let blas = peer_openblas_load(library) else {
      say(["error": "no OpenBLAS at \(library)"])
      return
    }
    let title = String(cString: peer_openblas_title(blas)).split(separator: " ")
    say([
      "name": "OpenBLAS", "version": String(title.first ?? ""),
      "detail": String(title.last ?? ""),
    ])
    var last: [String: Int]?
    var repeats: Contender.Repeat = { _ in 0 }
    while let line = readLine() {
      guard
        var request = (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any],
        let least = request["seconds"] as? Double
      else {
        say(["error": "not a request: \(line)"])
        continue
      }
      request["row"] = nil
      request["seconds"] = nil
      let numbers = request.compactMapValues { $0 as? Int }
      if numbers != last {
        last = numbers
        repeats = product(blas, numbers)
      }
      do { say(["seconds": try repeats(least)]) } catch { say(["error": "\(error)"]) }
    }
  }

  private static func product(
    _ blas: OpaquePointer, _ numbers: [String: Int]
  ) -> Contender.Repeat {
    let (m, n, k) = (numbers["m"] ?? 1, numbers["n"] ?? 1, numbers["k"] ?? 1)
    let operands = ProductOperands(m: m, n: n, k: k)
    let (transposesA, transposesB) = (numbers["transposeA"] == 1, numbers["transposeB"] == 1)
    peer_openblas_set_threads(blas, Int32(numbers["threads"] ?? 1))
    return Stopwatch.repeating { count in
      peer_openblas_sgemm(
        blas, count, transposesA, transposesB, m, n, k, operands.a, operands.b, operands.c)
    }
  }

  private static func say(_ answer: [String: Any]) {
    guard let line = try? JSONSerialization.data(withJSONObject: answer) else { return }
    FileHandle.standardOutput.write(line + Data("\n".utf8))
  }
}

/// Matrices of a product, aligned and filled alike for ours and the peer's.
final class ProductOperands: @unchecked Sendable {
  let a: UnsafeMutablePointer<Float>
  let b: UnsafeMutablePointer<Float>
  let c: UnsafeMutablePointer<Float>

  init(m: Int, n: Int, k: Int) {
    func filled(_ count: Int) -> UnsafeMutablePointer<Float> {
      let pointer = UnsafeMutableRawPointer.allocate(
        byteCount: 4 * count, alignment: 64
      ).assumingMemoryBound(to: Float.self)
      Pattern.fill(pointer, count: count, scale: 1)
      return pointer
    }
    a = filled(m * k)
    b = filled(k * n)
    c = filled(m * n)
  }

  deinit {
    UnsafeMutableRawPointer(a).deallocate()
    UnsafeMutableRawPointer(b).deallocate()
    UnsafeMutableRawPointer(c).deallocate()
  }
}
