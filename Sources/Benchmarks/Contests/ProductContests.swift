internal import Kernels

/// Single-precision matrix products as the networks on real data need them.
enum ProductContests {
  struct Shape: Sendable {
    /// c is m × n, the inner length k.
    var m: Int
    var n: Int
    var k: Int
    /// a transposed, b transposed: N or T.
    var kind: String
    var share: Double
    var name: String { "sgemm \(m)×\(n)×\(k) \(kind)" }
    var transposesA: Bool { kind.hasPrefix("T") }
    var transposesB: Bool { kind.hasSuffix("T") }
    var operations: Double { 2 * Double(m) * Double(n) * Double(k) }
  }

  static let shapes = [
    Shape(m: 128, n: 1000, k: 1000, kind: "NN", share: 0.95),
    Shape(m: 128, n: 784, k: 1000, kind: "NT", share: 0.95),
    Shape(m: 1000, n: 1000, k: 128, kind: "TN", share: 0.95),
    Shape(m: 128, n: 10, k: 784, kind: "NN", share: 0.9),
    Shape(m: 32, n: 32, k: 10, kind: "NN", share: 0.9),
  ]

  static func all(_ setting: Setting) -> [Contest] {
    shapes.map { shape in
      let counts = shape.operations < 1e7 ? [1] : setting.threads
      var peers: [Contender] = []
      if let library = setting.peers {
        for threads in counts {
          for key in library.openBLAS {
            peers.append(
              library.contender(
                "OpenBLAS", key, row: "product", threads: threads,
                goal: .shareOfSpeed(shape.share),
                [
                  "m": .integer(shape.m), "n": .integer(shape.n), "k": .integer(shape.k),
                  "transposeA": .integer(shape.transposesA ? 1 : 0),
                  "transposeB": .integer(shape.transposesB ? 1 : 0),
                  "threads": .integer(threads),
                ]))
          }
        }
      }
      return Contest(
        shape.name, part: "matrix products, Float",
        ours: counts.map { threads in
          Contender.ours(threads: threads) { operation(shape, threads: threads) }
        }, peers: peers, remark: "\(shape.operations / 1e6) million operations")
    }
  }

  static func operation(_ shape: Shape, threads: Int) -> (_ count: Int) -> Void {
    let operands = ProductOperands(m: shape.m, n: shape.n, k: shape.k)
    let lda = shape.transposesA ? shape.m : shape.k
    let ldb = shape.transposesB ? shape.k : shape.n
    return { count in
      for _ in 0..<count {
        hg_matmul_threads_f32(
          Int32(threads), shape.transposesA, shape.transposesB, shape.m, shape.n, shape.k,
          operands.a, lda,
          operands.b, ldb, operands.c, shape.n, false)
      }
    }
  }
}
