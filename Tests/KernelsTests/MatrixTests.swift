import Kernels
import PortableMath
import Testing

/// Matrix products against their definition, bit for bit, on every instruction set at hand.
@Suite(.serialized) struct MatrixTests {
  static let sizes = [
    0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 49, 64, 65,
    97, 100,
  ]

  @Test(arguments: ["plain", "avx2", "avx512", "neon"])
  func agreesWithDefinition(isa: String) {
    let before = String(cString: hg_isa_name())
    guard hg_use_isa(isa) else {
      print("this processor lacks \(isa): not compared")
      return
    }
    defer { _ = hg_use_isa(before) }
    var draw = RandomStream(RandomKey("kernels.matrix"))
    for _ in 0..<60 {
      let shape = Shape.random(&draw, budget: 3000)
      compare(shape, Double.self, hg_matmul_f64, definition, &draw)
      compare(shape, Float.self, hg_matmul_f32, definition, &draw)
    }
  }

  /// Larger shapes against the plain form: several blocks of k, panels packed, many tiles.
  @Test(arguments: ["avx2", "avx512", "neon"])
  func agreesWithPlain(isa: String) {
    let before = String(cString: hg_isa_name())
    guard hg_use_isa(isa) else {
      print("this processor lacks \(isa): not compared")
      return
    }
    defer { _ = hg_use_isa(before) }
    var draw = RandomStream(RandomKey("kernels.matrix.plain"))
    func compareBoth(_ shape: Shape) {
      func plainly<T>(_ multiply: @escaping Product<T>) -> Product<T> {
        {
          _ = hg_use_isa("plain")
          multiply($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
          _ = hg_use_isa(isa)
        }
      }
      compare(shape, Double.self, hg_matmul_f64, plainly(hg_matmul_f64), &draw)
      compare(shape, Float.self, hg_matmul_f32, plainly(hg_matmul_f32), &draw)
    }
    for _ in 0..<60 { compareBoth(Shape.random(&draw, budget: 100_000)) }
    for (m, n, k) in [
      (3, 5, 601), (1, 77, 301), (83, 1, 299), (19, 11, 257), (1, 1, 513), (27, 109, 101),
      (31, 205, 43),
    ] {
      for transposes in 0..<4 {
        compareBoth(
          Shape(
            m: m, n: n, k: k, transposeA: transposes & 1 == 1, transposeB: transposes & 2 == 2,
            padding: 1, accumulate: transposes == 3))
      }
    }
  }

  /// A large odd shape in every storage, over threads, strides larger than the rows.
  @Test(arguments: ["avx2", "avx512", "neon"])
  func agreesWithPlainInEveryStorage(isa: String) {
    let before = String(cString: hg_isa_name())
    guard hg_use_isa(isa) else {
      print("this processor lacks \(isa): not compared")
      return
    }
    defer { _ = hg_use_isa(before) }
    let (m, n, k) = (127, 199, 783)
    var draw = RandomStream(RandomKey("kernels.matrix.large"))
    let a = elements(m * k, Float.self, &draw)
    let b = elements(k * n, Float.self, &draw)
    let old = elements(m * (n + 5), Float.self, &draw)
    var expected = old
    _ = hg_use_isa("plain")
    hg_matmul_f32(false, false, m, n, k, a, k, b, n, &expected, n + 5, true)
    _ = hg_use_isa(isa)
    for storage in 0..<4 {
      let (ta, tb) = (storage & 1 == 1, storage & 2 == 2)
      let left = padded(a, rows: m, columns: k, by: 3, transposed: ta)
      let right = padded(b, rows: k, columns: n, by: 1, transposed: tb)
      for threads in [1, 2, 5] {
        var found = old
        hg_matmul_threads_f32(
          Int32(threads), ta, tb, m, n, k, left, (ta ? m : k) + 3, right, (tb ? k : n) + 1, &found,
          n + 5, true)
        #expect(equal(found, expected), "\(ta) \(tb), \(threads) threads")
      }
    }
  }

  @Test func threadsDoNotChangeABit() {
    var draw = RandomStream(RandomKey("kernels.matrix.threads"))
    for (m, n, k) in [(300, 10, 100), (10, 301, 97), (64, 64, 65), (400, 50, 31), (49, 1, 7000)] {
      for (threads, accumulate) in [(2, false), (3, true), (16, true)] {
        let shape = Shape(
          m: m, n: n, k: k, transposeA: threads == 2, transposeB: threads == 3, padding: 2,
          accumulate: accumulate)
        compare(
          shape, Double.self,
          {
            hg_matmul_threads_f64(
              Int32(threads), $0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
          }, hg_matmul_f64, &draw)
        compare(
          shape, Float.self,
          {
            hg_matmul_threads_f32(
              Int32(threads), $0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
          }, hg_matmul_f32, &draw)
      }
    }
  }

  @Test func fusesWithoutRounding() {
    // (1 + 2⁻⁵²)² − (1 + 2⁻⁵¹) is 2⁻¹⁰⁴ when the product is not rounded.
    let a = [1.0, 1 + 0x1p-52]
    let b = [-(1 + 0x1p-51), 1 + 0x1p-52]
    var c = [0.0]
    hg_matmul_f64(false, false, 1, 1, 2, a, 2, b, 1, &c, 1, false)
    #expect(c[0] == 0x1p-104)
  }
}

private struct Shape {
  var m, n, k: Int
  var transposeA, transposeB: Bool
  var padding: Int
  var accumulate: Bool

  static func random(_ draw: inout RandomStream, budget: Int) -> Shape {
    func size() -> Int { MatrixTests.sizes[draw.integer(below: MatrixTests.sizes.count)] }
    while true {
      let shape = Shape(
        m: size(), n: size(), k: size(), transposeA: draw.integer(below: 2) == 1,
        transposeB: draw.integer(below: 2) == 1, padding: draw.integer(below: 3),
        accumulate: draw.integer(below: 2) == 1)
      if shape.m * shape.n * shape.k <= budget { return shape }
    }
  }
}

private typealias Product<T> = (
  Bool, Bool, Int, Int, Int, UnsafePointer<T>?, Int, UnsafePointer<T>?, Int,
  UnsafeMutablePointer<T>?, Int, Bool
) -> Void

/// One chain of fused multiply-adds an element, over k ascending.
private func definition<T: BinaryFloatingPoint>(
  _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<T>?,
  _ lda: Int, _ b: UnsafePointer<T>?, _ ldb: Int, _ c: UnsafeMutablePointer<T>?, _ ldc: Int,
  _ accumulate: Bool
) {
  guard let a, let b, let c else { return }
  for i in 0..<m {
    for j in 0..<n {
      var sum: T = accumulate ? c[i * ldc + j] : 0
      for p in 0..<k {
        sum = sum.addingProduct(
          transposeA ? a[p * lda + i] : a[i * lda + p], transposeB ? b[j * ldb + p] : b[p * ldb + j]
        )
      }
      c[i * ldc + j] = sum
    }
  }
}

private func compare<T: BinaryFloatingPoint>(
  _ s: Shape, _ type: T.Type, _ multiply: Product<T>, _ reference: Product<T>,
  _ draw: inout RandomStream
) {
  let lda = max(1, (s.transposeA ? s.m : s.k) + s.padding)
  let ldb = max(1, (s.transposeB ? s.k : s.n) + s.padding)
  let ldc = max(1, s.n + s.padding)
  let a = elements(max(1, lda * (s.transposeA ? s.k : s.m)), type, &draw)
  let b = elements(max(1, ldb * (s.transposeB ? s.n : s.k)), type, &draw)
  // One row more than c has, which must stay as it is.
  let old = elements(ldc * (s.m + 1), type, &draw)
  var expected = old
  var found = old
  reference(
    s.transposeA, s.transposeB, s.m, s.n, s.k, a, lda, b, ldb, &expected, ldc, s.accumulate)
  multiply(s.transposeA, s.transposeB, s.m, s.n, s.k, a, lda, b, ldb, &found, ldc, s.accumulate)
  #expect(equal(found, expected), "\(type) \(s) on \(String(cString: hg_isa_name()))")
}

/// NaN apart, whose payload is no one's promise.
private func equal<T: BinaryFloatingPoint>(_ a: [T], _ b: [T]) -> Bool {
  zip(a, b).allSatisfy { ($0 == $1 && $0.sign == $1.sign) || ($0.isNaN && $1.isNaN) }
}

/// The matrix, or its transpose, with so many more elements between rows.
private func padded(
  _ matrix: [Float], rows: Int, columns: Int, by padding: Int, transposed: Bool
) -> [Float] {
  let stride = (transposed ? rows : columns) + padding
  var out = [Float](repeating: 7, count: stride * (transposed ? columns : rows))
  for i in 0..<rows {
    for j in 0..<columns {
      out[transposed ? j * stride + i : i * stride + j] = matrix[i * columns + j]
    }
  }
  return out
}

/// Mostly ordinary numbers; some zeros of both signs, subnormals, infinities.
private func elements<T: BinaryFloatingPoint>(
  _ count: Int, _ type: T.Type, _ draw: inout RandomStream
) -> [T] {
  (0..<count).map { _ in
    let u = T(2 * draw.uniform() - 1)
    switch draw.integer(below: 200) {
    case 0: return 0
    case 1: return -0.0
    case 2: return T.leastNonzeroMagnitude * (u * 1000).rounded()
    case 3: return T.leastNormalMagnitude * u
    case 4: return u > 0.9 ? .infinity : -.greatestFiniteMagnitude * u
    default: return u
    }
  }
}
