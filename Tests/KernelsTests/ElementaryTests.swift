import Foundation
import Kernels
import PortableMath
import Testing

/// The array functions have the bits of PortableMath's scalar ones on every instruction set at hand.
@Suite(.serialized) struct ElementaryTests {
  typealias Kernel<T> = @Sendable (UnsafeMutablePointer<T>?, UnsafePointer<T>?, Int) -> Void

  static let doubleFunctions: [(String, Kernel<Double>, @Sendable (Double) -> Double)] = [
    ("exp", { hg_exp_f64($0, $1, $2) }, { Portable.exp($0) }),
    ("log", { hg_log_f64($0, $1, $2) }, { Portable.log($0) }),
    ("log1p", { hg_log1p_f64($0, $1, $2) }, { Portable.log1p($0) }),
    ("tanh", { hg_tanh_f64($0, $1, $2) }, { Portable.tanh($0) }),
  ]
  static let floatFunctions: [(String, Kernel<Float>, @Sendable (Float) -> Float)] = [
    ("exp of Float", { hg_exp_f32($0, $1, $2) }, { Portable.exp($0) }),
    ("log of Float", { hg_log_f32($0, $1, $2) }, { Portable.log($0) }),
    ("tanh of Float", { hg_tanh_f32($0, $1, $2) }, { Portable.tanh($0) }),
  ]

  /// Ordinary arguments alone (no block needs care), then with special ones among them.
  @Test(arguments: ["plain", "avx2", "avx512", "neon"])
  func agreesWithScalars(isa: String) throws {
    try on(isa) {
      let hard = try Self.hardCases()
      for (name, kernel, scalar) in Self.doubleFunctions {
        compare(Self.ordinary, kernel, scalar, name)
        compare(Self.ordinary.map(\.magnitude), kernel, scalar, name)
        compare(Self.special + Self.ordinary, kernel, scalar, name)
        let cases = try #require(hard[name])
        #expect(cases.count >= 120)
        compare(cases, kernel, scalar, name)
      }
      for (name, kernel, scalar) in Self.floatFunctions {
        compare(Self.floats, kernel, scalar, name)
      }
    }
  }

  @Test(arguments: ["plain", "avx2", "avx512", "neon"])
  func everyLengthInPlaceAndNothingBeyond(isa: String) {
    on(isa) {
      for count in 0...100 {
        let x = (0..<count).map { Double($0) * 0.037 + 0.01 }
        for (name, kernel, scalar) in Self.doubleFunctions {
          expectOnly(x, kernel, scalar, name)
        }
        for (name, kernel, scalar) in Self.floatFunctions {
          expectOnly(x.map { Float($0) }, kernel, scalar, name)
        }
      }
    }
  }

  @Test(arguments: ["plain", "avx2", "avx512", "neon"])
  func tanhBackward(isa: String) {
    on(isa) {
      for count in [0, 1, 7, 8, 33, 100] {
        let y = (0..<count).map { Portable.tanh(Double($0) * 0.1 - 3) }
        let errors = y.indices.map { Double($0) * 0.3 - 2 }
        var found = errors + [99]
        hg_tanh_backward_f64(&found, y, count)
        #expect(found == zip(errors, y).map { $0 * (1 - $1 * $1) } + [99])
        let singles = y.map { Float($0) }
        var single = errors.map { Float($0) } + [99]
        hg_tanh_backward_f32(&single, singles, count)
        #expect(single == zip(errors, singles).map { Float($0) * (1 - $1 * $1) } + [99])
      }
    }
  }

  /// The definition, by the scalar functions.
  @Test(arguments: ["plain", "avx2", "avx512", "neon"])
  func logistic(isa: String) {
    on(isa) {
      for count in Array(0...40) + [1000] {
        let margins = (0..<count).map { i in
          count == 1000 && i < Self.special.count ? Self.special[i] : Double(i % 89) * 0.7 - 30
        }
        var slopes = margins + [99]
        var losses = [Double](repeating: 99, count: count + 1)
        hg_logistic_f64(&losses, &slopes, count)
        for (i, m) in margins.enumerated() {
          let small = Portable.exp(-m.magnitude)
          let loss = m >= 0 ? Portable.log1p(small) : Portable.log1p(small) - m
          let slope = -(m >= 0 ? small : 1) / (1 + small)
          #expect(same(losses[i], loss) && same(slopes[i], slope), "margin \(m)")
        }
        #expect(slopes[count] == 99 && losses[count] == 99)
        let singles = margins.map { Float($0) }
        var wideSlopes = singles.map { Double($0) }
        var wideLosses = wideSlopes
        hg_logistic_f64(&wideLosses, &wideSlopes, count)
        var singleSlopes = singles + [99]
        var singleLosses = [Float](repeating: 99, count: count + 1)
        hg_logistic_f32(&singleLosses, &singleSlopes, count)
        let isRounded = (0..<count).allSatisfy {
          same(singleLosses[$0], Float(wideLosses[$0]))
            && same(singleSlopes[$0], Float(wideSlopes[$0]))
        }
        #expect(isRounded && singleSlopes[count] == 99 && singleLosses[count] == 99)
      }
    }
  }

  static let special: [Double] = {
    let points: [Double] = [
      0, 1, .infinity, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
      708, 709.782712893384, 745.1332191019411, 710, 746, 0.9, 22, 0x1.6a09e667f3bcdp-1,
      0x1.6a09e667f3bcdp+0, 0x1.62e42fefa39efp-2, 0x1p-53, 0x1p-54, 2, 1024, 0x1.5p-1050,
    ]
    let near = points.flatMap { [$0, $0.nextUp, $0.nextDown] }
    return near + near.map { -$0 } + [.nan, -.nan, .signalingNaN]
  }()

  /// Numbers of several sizes, within what every function takes without care, but for signs.
  static let ordinary: [Double] = {
    var draw = RandomStream(RandomKey("kernels.elementary.double"))
    var x: [Double] = []
    for scale in [1e-9, 1e-3, 0.5, 1, 2, 20, 700] {
      for _ in 0..<1000 { x.append(scale * (2 * draw.uniform() - 1)) }
      for _ in 0..<300 { x.append(1 + scale * 0x1p-30 * (2 * draw.uniform() - 1)) }
    }
    for _ in 0..<3000 { x.append(Double(bitPattern: draw.nextUInt64())) }
    return x.filter { $0.isNormal && $0.magnitude <= 708 }
  }()

  static let floats: [Float] = {
    var draw = RandomStream(RandomKey("kernels.elementary.float"))
    var x = special.map { Float($0) }
    for _ in 0..<3000 { x.append(Float(bitPattern: UInt32(draw.nextUInt64() >> 32))) }
    for scale in [1e-3, 1, 90] as [Float] {
      for _ in 0..<1000 { x.append(scale * Float(2 * draw.uniform() - 1)) }
    }
    return x
  }()

  /// The arguments of PortableMath's hard cases, by function.
  static func hardCases() throws -> [String: [Double]] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = tests.appendingPathComponent("PortableMathTests/Vectors/hard-cases.csv")
    var cases: [String: [Double]] = [:]
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst() {
      let words = line.split(separator: ",", omittingEmptySubsequences: false)
      let bits = try #require(UInt64(words[1], radix: 16))
      cases[String(words[0]), default: []].append(Double(bitPattern: bits))
    }
    return cases
  }
}

/// Runs `body` on an instruction set, where the processor has it.
private func on(_ isa: String, _ body: () throws -> Void) rethrows {
  let before = String(cString: hg_isa_name())
  guard hg_use_isa(isa) else {
    print("this processor lacks \(isa): not compared")
    return
  }
  defer { _ = hg_use_isa(before) }
  try body()
}

/// Equal bits; the one NaN is quiet and positive.
private func same<T: BinaryFloatingPoint>(_ value: T, _ expected: T) -> Bool {
  if expected.isNaN {
    return value.isNaN && !value.isSignalingNaN && value.sign == expected.sign
  }
  return value == expected && value.sign == expected.sign
}

private func compare<T: BinaryFloatingPoint>(
  _ x: [T], _ kernel: ElementaryTests.Kernel<T>, _ scalar: (T) -> T, _ name: String
) {
  var y = [T](repeating: 0, count: x.count)
  kernel(&y, x, x.count)
  let wrong = zip(x, y).filter { !same($1, scalar($0)) }.map(\.0)
  #expect(wrong.isEmpty, "\(name) on \(String(cString: hg_isa_name()))")
}

/// The values, in place too, and not an element more.
private func expectOnly<T: BinaryFloatingPoint>(
  _ x: [T], _ kernel: ElementaryTests.Kernel<T>, _ scalar: (T) -> T, _ name: String
) {
  let expected = x.map(scalar) + [99, 99, 99]
  var y = [T](repeating: 99, count: x.count + 3)
  kernel(&y, x, x.count)
  #expect(y == expected, "\(x.count) of \(name)")
  var inPlace = x + [99, 99, 99]
  inPlace.withUnsafeMutableBufferPointer {
    kernel($0.baseAddress, UnsafePointer($0.baseAddress), x.count)
  }
  #expect(inPlace == expected, "\(x.count) of \(name) in place")
}
