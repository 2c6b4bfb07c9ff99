import Kernels
import PortableMath
import Testing
import Vectors

/// The kernels over rows against the plain loops that define them, bit for bit.
@Suite(.serialized) struct RowKernelsTests {
  /// Small shapes, and some that are shared out over threads.
  static let shapes = [
    (0, 3), (1, 1), (1, 10), (2, 7), (3, 33), (5, 16), (8, 9), (20, 20), (33, 5), (65, 10),
    (33, 1000), (1001, 33),
  ]

  @Test(arguments: ["plain", "avx2", "avx512", "neon"])
  func equalTheirDefinitions(isa: String) {
    let before = String(cString: hg_isa_name())
    guard hg_use_isa(isa) else {
      print("this processor lacks \(isa): not compared")
      return
    }
    defer { _ = hg_use_isa(before) }
    for (rows, width) in Self.shapes {
      // Only what is large is shared out.
      for threads in rows * width < 1 << 15 ? [1] : [1, 3] {
        compareAll(Float.self, rows: rows, width: width, threads: threads)
        compareAll(Double.self, rows: rows, width: width, threads: threads)
      }
    }
  }

  private func compareAll<Scalar: BinaryFloatingPoint>(
    _ type: Scalar.Type, rows: Int, width: Int, threads: Int
  ) {
    typealias Kernel = RowKernels<Scalar>
    typealias Plain = RowOperations
    let count = rows * width
    var draw = RandomStream(RandomKey("test.rowKernels", rows, width))
    let values = elements(count, type, &draw, special: true)
    let others = elements(max(count, width), type, &draw, special: true)
    let what = "\(type) \(rows) × \(width), \(threads) threads"

    same(values, what) {
      Kernel.fill($0, with: others, rows: rows, width: width, threads: threads)
    } as: {
      Plain.fill($0, with: others, rows: rows, width: width)
    }
    same(values, what) {
      Kernel.rectify($0, count: count, threads: threads)
    } as: {
      Plain.rectify($0, count: count)
    }
    same(values, what) {
      Kernel.rectifierDerivative($0, outputs: others, count: count, threads: threads)
    } as: {
      Plain.rectifierDerivative($0, outputs: others, count: count)
    }
    for accumulate in [false, true] {
      same(others, what) {
        Kernel.columnSums(
          values, rows: rows, width: width, into: $0, accumulate: accumulate, threads: threads)
      } as: {
        Plain.columnSums(values, rows: rows, width: width, into: $0, accumulate: accumulate)
      }
    }
    let indices = (0..<rows).map { _ in Int32(draw.integer(below: rows)) }
    same(others, what) {
      Kernel.gather(indices[...], of: values, width: width, into: $0, threads: threads)
    } as: {
      Plain.gather(indices[...], of: values, width: width, into: $0)
    }
    let labels = (0..<rows).map { _ in Int32(draw.integer(below: width)) }
    for special in [false, true] where threads == 1 {
      let logits = elements(count, type, &draw, special: special).map { 8 * $0 }
      sameResult(logits, what) {
        Kernel.crossEntropy($0, labels: labels, rows: rows, width: width)
      } as: {
        Plain.crossEntropy($0, labels: labels, rows: rows, width: width)
      }
      same(logits, what) {
        _ = Kernel.crossEntropy($0, labels: labels, rows: rows, width: width)
        Kernel.crossEntropyDerivative($0, labels: labels, rows: rows, width: width, weight: 0.01)
      } as: {
        _ = Plain.crossEntropy($0, labels: labels, rows: rows, width: width)
        Plain.crossEntropyDerivative($0, labels: labels, rows: rows, width: width, weight: 0.01)
      }
    }
  }

  /// Both change `start` into the same, and return the same.
  private func sameResult<Scalar: BinaryFloatingPoint>(
    _ start: [Scalar], _ what: String,
    _ kernel: (UnsafeMutablePointer<Scalar>) -> Double,
    as plain: (UnsafeMutablePointer<Scalar>) -> Double, line: Int = #line
  ) {
    var found = start
    var expected = start
    #expect(equal([kernel(&found)], [plain(&expected)]), "\(what), line \(line)")
    #expect(equal(found, expected), "\(what), line \(line)")
  }

  private func same<Scalar: BinaryFloatingPoint>(
    _ start: [Scalar], _ what: String, _ kernel: (UnsafeMutablePointer<Scalar>) -> Void,
    as plain: (UnsafeMutablePointer<Scalar>) -> Void, line: Int = #line
  ) {
    sameResult(
      start, what,
      {
        kernel($0)
        return 0
      },
      as: {
        plain($0)
        return 0
      }, line: line)
  }

  /// NaN apart, whose payload is no one's promise.
  private func equal<Scalar: BinaryFloatingPoint>(_ a: [Scalar], _ b: [Scalar]) -> Bool {
    zip(a, b).allSatisfy { ($0 == $1 && $0.sign == $1.sign) || ($0.isNaN && $1.isNaN) }
  }

  private func elements<Scalar: BinaryFloatingPoint>(
    _ count: Int, _ type: Scalar.Type, _ draw: inout RandomStream, special: Bool
  ) -> [Scalar] {
    (0..<count).map { _ in
      let value = Scalar(draw.normal())
      switch special ? draw.integer(below: 60) : 60 {
      case 0: return 0
      case 1: return -0.0
      case 2: return Scalar.leastNonzeroMagnitude * (value * 1000).rounded()
      case 3: return value > 0 ? .infinity : -.infinity
      case 4: return .nan
      default: return value
      }
    }
  }
}
