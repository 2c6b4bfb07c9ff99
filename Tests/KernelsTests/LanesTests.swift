import Kernels
import PortableMath
import Testing
import Vectors

/// The loops over interleaved runs against each run by itself, bit for bit, on every instruction set
/// at hand.
@Suite(.serialized) struct LanesTests {
  @Test(arguments: ["plain", "avx2", "avx512", "neon"])
  func sumsAreThoseOfEachRun(isa: String) {
    onInstructionSet(isa) {
      var draw = RandomStream(RandomKey("kernels.lanes.sums"))
      for lanes in [8, 16, 24] {
        for count in Array(0...40) + [100, 255] {
          compareSums(count: count, lanes: lanes, &draw)
        }
      }
      for count in [16_383, 16_384, 16_385, 40_003] { compareSums(count: count, lanes: 8, &draw) }
    }
  }

  private func compareSums(count: Int, lanes: Int, _ draw: inout RandomStream) {
    let a = numbers(count * lanes, &draw)
    let b = numbers(count * lanes, &draw)
    let shared = numbers(count, &draw)
    let (floats, others) = (a.map { Float($0) }, b.map { Float($0) })
    var found = [[Double]](repeating: [Double](repeating: 99, count: lanes), count: 7)
    hg_lanes_dot_f64(&found[0], a, b, count, lanes)
    hg_lanes_dot_f32(&found[1], floats, others, count, lanes)
    hg_lanes_dot_shared_f64(&found[2], a, shared, count, lanes)
    hg_lanes_sum_f64(&found[3], a, count, lanes)
    hg_lanes_distance_f64(&found[4], a, shared, count, lanes)
    hg_lanes_distance_f32(&found[5], floats, shared.map { Float($0) }, count, lanes)
    hg_lanes_sum_f32(&found[6], floats, count, lanes)
    // As two rows of a half.
    var rows = [Double](repeating: 99, count: 2 * lanes)
    var floatRows = [Float](repeating: 99, count: 2 * lanes)
    hg_lanes_row_sums_f64(&rows, a, 2, count / 2, lanes)
    hg_lanes_row_sums_f32(&floatRows, floats, 2, count / 2, lanes)
    for row in 0..<2 {
      for run in 0..<lanes {
        func half(_ value: (Int) -> Double) -> Double {
          BlockSums.sum(count / 2) { value((row * (count / 2) + $0) * lanes + run) }
        }
        let at = row * lanes + run
        expectSame(rows[at], half { a[$0] }, "row sum of \(count / 2)")
        expectSame(
          Double(floatRows[at]), Double(Float(half { Double(floats[$0]) })),
          "row sum of \(count / 2) floats")
      }
    }
    for run in 0..<lanes {
      func term(_ value: (Int, Int) -> Double) -> Double {
        BlockSums.sum(count) { value($0, $0 * lanes + run) }
      }
      expectSame(found[0][run], term { _, at in a[at] * b[at] }, "dot of \(count)")
      expectSame(
        found[1][run], term { _, at in Double(floats[at]) * Double(others[at]) },
        "dot of \(count) floats")
      expectSame(found[2][run], term { i, at in a[at] * shared[i] }, "shared dot of \(count)")
      expectSame(found[3][run], term { _, at in a[at] }, "sum of \(count)")
      expectSame(found[6][run], term { _, at in Double(floats[at]) }, "sum of \(count) floats")
      let distance = (0..<count).reduce(0.0) { total, i in
        total + (a[i * lanes + run] - shared[i]) * (a[i * lanes + run] - shared[i])
      }
      expectSame(found[4][run], distance, "distance of \(count)")
      let floatDistance = (0..<count).reduce(0.0) { total, i in
        let difference = Double(floats[i * lanes + run]) - Double(Float(shared[i]))
        return total + difference * difference
      }
      expectSame(found[5][run], floatDistance, "distance of \(count) floats")
    }
  }

  @Test(arguments: ["plain", "avx2", "avx512", "neon"])
  func elementwiseLoops(isa: String) {
    onInstructionSet(isa) {
      var draw = RandomStream(RandomKey("kernels.lanes.elements"))
      for (count, lanes) in [(0, 8), (1, 8), (7, 8), (13, 16), (100, 24)] {
        let x = numbers(count * lanes, &draw)
        let y = numbers(count, &draw)
        let rates = numbers(lanes, &draw)
        let u = numbers(count * lanes, &draw)
        var out = [Double](repeating: 7, count: count * lanes + 1)
        for (name, kernel, operation) in [
          ("subtract", hg_lanes_subtract_f64, { (a: Double, b: Double) in a - b }),
          ("add", hg_lanes_add_f64, { $0 + $1 }), ("multiply", hg_lanes_multiply_f64, { $0 * $1 }),
        ] {
          kernel(&out, x, y, count, lanes)
          for i in x.indices { expectSame(out[i], operation(x[i], y[i / lanes]), name) }
        }
        var moved = x
        hg_lanes_move_f64(&moved, rates, u, count, lanes)
        for i in x.indices { expectSame(moved[i], x[i] - rates[i % lanes] * u[i], "move") }
        let (xs, ys, us) = (x.map { Float($0) }, y.map { Float($0) }, u.map { Float($0) })
        let floatRates = rates.map { Float($0) }
        var floats = [Float](repeating: 7, count: count * lanes + 1)
        for (name, kernel, operation) in [
          ("subtract", hg_lanes_subtract_f32, { (a: Float, b: Float) in a - b }),
          ("add", hg_lanes_add_f32, { $0 + $1 }), ("multiply", hg_lanes_multiply_f32, { $0 * $1 }),
        ] {
          kernel(&floats, xs, ys, count, lanes)
          for i in xs.indices {
            expectSame(Double(floats[i]), Double(operation(xs[i], ys[i / lanes])), name)
          }
        }
        var movedFloats = xs
        hg_lanes_move_f32(&movedFloats, floatRates, us, count, lanes)
        for i in xs.indices {
          let expected = xs[i] - floatRates[i % lanes] * us[i]
          expectSame(Double(movedFloats[i]), Double(expected), "move of floats")
        }
        #expect(out.last == 7 && floats.last == 7)
      }
    }
  }

  /// A move, the gradient after it and its alignments in one pass are those of three.
  @Test(arguments: ["plain", "avx2", "avx512", "neon"])
  func diagonalStepsAreThoseOfThreePasses(isa: String) {
    onInstructionSet(isa) {
      var draw = RandomStream(RandomKey("kernels.lanes.step"))
      for (count, lanes) in (0...35).map({ ($0, 8 + 8 * ($0 % 4)) }) + [(100, 16), (16_390, 8)] {
        let (theta, u) = (numbers(count * lanes, &draw), numbers(count * lanes, &draw))
        let rates = numbers(lanes, &draw)
        let (centres, curvatures, noise) = (
          numbers(count, &draw), numbers(count, &draw), numbers(count, &draw)
        )
        compareStep(
          hg_lanes_diagonal_step_f64, hg_lanes_move_f64, hg_lanes_diagonal_f64, hg_lanes_dot_f64,
          theta, rates, u, centres, curvatures, count % 3 == 0 ? nil : noise)
        func single(_ x: [Double]) -> [Float] { x.map { Float($0) } }
        compareStep(
          hg_lanes_diagonal_step_f32, hg_lanes_move_f32, hg_lanes_diagonal_f32, hg_lanes_dot_f32,
          single(theta), single(rates), single(u), single(centres), single(curvatures),
          count % 3 == 0 ? nil : single(noise))
      }
    }
  }

  typealias Step<T> = (
    UnsafeMutablePointer<Double>?, UnsafeMutablePointer<T>?, UnsafeMutablePointer<T>?,
    UnsafePointer<T>?, UnsafePointer<T>?, UnsafePointer<T>?, UnsafePointer<T>?, UnsafePointer<T>?,
    Int, Int
  ) -> Void
  typealias Move<T> = (
    UnsafeMutablePointer<T>?, UnsafePointer<T>?, UnsafePointer<T>?, Int, Int
  ) -> Void
  typealias Diagonal<T> = (
    UnsafeMutablePointer<Double>?, UnsafeMutablePointer<T>?, UnsafePointer<T>?, UnsafePointer<T>?,
    UnsafePointer<T>?, UnsafePointer<T>?, Int, Int
  ) -> Void
  typealias Dot<T> = (
    UnsafeMutablePointer<Double>?, UnsafePointer<T>?, UnsafePointer<T>?, Int, Int
  ) -> Void

  private func compareStep<T: BinaryFloatingPoint>(
    _ step: Step<T>, _ move: Move<T>, _ diagonal: Diagonal<T>, _ dot: Dot<T>, _ start: [T],
    _ rates: [T], _ u: [T], _ centres: [T], _ curvatures: [T], _ noise: [T]?
  ) {
    let (count, lanes) = (centres.count, rates.count)
    var (theta, moved) = (start, start)
    var (gradient, expected) = (
      [T](repeating: 99, count: start.count), [T](repeating: 99, count: start.count)
    )
    var (sums, expectedSums) = (
      [Double](repeating: 99, count: lanes), [Double](repeating: 99, count: lanes)
    )
    func run(_ noise: UnsafePointer<T>?) {
      step(&sums, &theta, &gradient, rates, u, centres, curvatures, noise, count, lanes)
      move(&moved, rates, u, count, lanes)
      diagonal(nil, &expected, moved, centres, curvatures, noise, count, lanes)
    }
    if let noise { noise.withUnsafeBufferPointer { run($0.baseAddress) } } else { run(nil) }
    dot(&expectedSums, u, expected, count, lanes)
    #expect(zip(theta, moved).allSatisfy { $0 == $1 && $0.sign == $1.sign })
    #expect(zip(gradient, expected).allSatisfy { $0 == $1 && $0.sign == $1.sign })
    #expect(sums.map(\.bitPattern) == expectedSums.map(\.bitPattern), "\(count), \(lanes)")
  }

  /// Every tile's edges, both kinds of right side, each kind of start, transposed strides.
  @Test(arguments: ["plain", "avx2", "avx512", "neon"])
  func productsAreThoseOfEachRun(isa: String) {
    onInstructionSet(isa) {
      var draw = RandomStream(RandomKey("kernels.lanes.products"))
      for case_ in 0..<90 {
        let (m, n, k) = (
          draw.integer(below: 10), draw.integer(below: 9), draw.integer(below: 6)
        )
        let lanes = case_ % 3 == 0 ? 16 : 8
        compareProduct(hg_lanes_matmul_f64, m, n, k, lanes: lanes, case_, &draw)
        compareProduct(hg_lanes_matmul_f32, m, n, k, lanes: lanes, case_, &draw)
      }
    }
  }

  typealias Product<T> = (
    Int, Int, Int, Int, UnsafePointer<T>?, Int, Int, UnsafePointer<T>?, Int, Int, Bool,
    UnsafeMutablePointer<T>?, Int, UnsafePointer<T>?, Int, Int
  ) -> Void

  private func compareProduct<T: BinaryFloatingPoint>(
    _ product: Product<T>, _ m: Int, _ n: Int, _ k: Int, lanes: Int, _ kind: Int,
    _ draw: inout RandomStream
  ) {
    func numbers(_ count: Int, _ draw: inout RandomStream) -> [T] {
      KernelsTests.numbers(count, &draw).map { T($0) }
    }
    let shared = kind % 2 == 0
    let width = shared ? 1 : lanes
    let (aRow, aColumn) = kind % 4 < 2 ? (k + 1, 1) : (1, m + 1)
    let (bRow, bColumn) = kind % 8 < 4 ? (n + 1, 1) : (1, k + 1)
    let cRow = n + 1
    let a = numbers((m + 1) * (k + 1) * lanes, &draw)
    let b = numbers((k + 1) * (n + 1) * width, &draw)
    let old = numbers((m + 1) * cRow * lanes, &draw)
    let column = numbers(m * lanes, &draw)
    var c = old
    switch kind % 3 {
    case 0:
      product(lanes, m, n, k, a, aRow, aColumn, b, bRow, bColumn, shared, &c, cRow, nil, 0, 0)
    case 1:
      product(lanes, m, n, k, a, aRow, aColumn, b, bRow, bColumn, shared, &c, cRow, column, 1, 0)
    default:
      c.withUnsafeMutableBufferPointer { c in
        product(
          lanes, m, n, k, a, aRow, aColumn, b, bRow, bColumn, shared, c.baseAddress, cRow,
          UnsafePointer(c.baseAddress), cRow, 1)
      }
    }
    var expected = old
    for run in 0..<lanes {
      for i in 0..<m {
        for j in 0..<n {
          let at = (i * cRow + j) * lanes + run
          var sum: T = kind % 3 == 0 ? 0 : kind % 3 == 1 ? column[i * lanes + run] : old[at]
          for p in 0..<k {
            let right = (p * bRow + j * bColumn) * width + (shared ? 0 : run)
            sum = sum.addingProduct(a[(i * aRow + p * aColumn) * lanes + run], b[right])
          }
          expected[at] = sum
        }
      }
    }
    #expect(
      zip(c, expected).allSatisfy { $0 == $1 && $0.sign == $1.sign },
      "\(m)×\(n)×\(k), \(lanes) lanes, \(kind)")
  }
}

private func onInstructionSet(_ isa: String, _ body: () -> Void) {
  let before = String(cString: hg_isa_name())
  guard hg_use_isa(isa) else {
    print("this processor lacks \(isa): not compared")
    return
  }
  defer { _ = hg_use_isa(before) }
  body()
}

private func numbers(_ count: Int, _ draw: inout RandomStream) -> [Double] {
  (0..<count).map { _ in 2 * draw.uniform() - 1 }
}

private func expectSame(_ found: Double, _ expected: Double, _ name: @autoclosure () -> String) {
  if found.bitPattern != expected.bitPattern {
    Issue.record("\(name()): \(found), not \(expected), on \(String(cString: hg_isa_name()))")
  }
}
