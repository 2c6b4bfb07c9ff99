import Kernels
import PortableMath
import Testing

/// The array functions have the bits of PortableMath's scalar ones on every instruction set at hand.
@Suite(.serialized) struct ElementaryTests {
  @Test(arguments: ["plain", "avx2", "avx512", "neon"])
  func agreesWithScalars(isa: String) {
    let before = String(cString: hg_isa_name())
    guard hg_use_isa(isa) else {
      print("this processor lacks \(isa): not compared")
      return
    }
    defer { _ = hg_use_isa(before) }
    let doubles = Self.doubles
    compare(doubles, hg_exp_f64, Portable.exp, "exp")
    compare(doubles, hg_log_f64, Portable.log, "log")
    compare(doubles, hg_log1p_f64, Portable.log1p, "log1p")
    compare(doubles, hg_tanh_f64, Portable.tanh, "tanh")
    let floats = Self.floats
    compare(floats, hg_exp_f32, Portable.exp, "exp of Float")
    compare(floats, hg_log_f32, Portable.log, "log of Float")
  }

  @Test func everyLengthAndNothingBeyond() {
    for count in 0...19 {
      let x = (0..<count).map { Double($0) * 0.37 - 2 }
      var y = [Double](repeating: 99, count: count + 3)
      hg_tanh_f64(&y, x, count)
      #expect(Array(y[..<count]) == x.map(Portable.tanh))
      #expect(y[count...].allSatisfy { $0 == 99 })
      var inPlace = x
      inPlace.withUnsafeMutableBufferPointer { hg_tanh_f64($0.baseAddress, $0.baseAddress, count) }
      #expect(inPlace == x.map(Portable.tanh))
    }
  }

  static let specials: [Double] = [
    0, -0.0, 1, -1, .infinity, -.infinity, .nan, -.nan, .signalingNaN,
    .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
    .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 709.782712893384, 709.7827128933841,
    -745.1332191019411, -745.1332191019412, 22, 22.000000000000004, -0.9999999999999999,
  ]

  /// Specials, random bit patterns, and ordinary numbers of several sizes.
  static let doubles: [Double] = {
    var draw = RandomStream(RandomKey("kernels.elementary.double"))
    var x = specials
    for _ in 0..<3000 { x.append(Double(bitPattern: draw.nextUInt64())) }
    for scale in [1e-9, 1e-3, 0.5, 1, 2, 20, 750] {
      for _ in 0..<1000 { x.append(scale * (2 * draw.uniform() - 1)) }
      for _ in 0..<300 { x.append(1 + scale * 0x1p-30 * (2 * draw.uniform() - 1)) }
    }
    return x
  }()

  static let floats: [Float] = {
    var draw = RandomStream(RandomKey("kernels.elementary.float"))
    var x = specials.map { Float($0) }
    for _ in 0..<3000 { x.append(Float(bitPattern: UInt32(draw.nextUInt64() >> 32))) }
    for scale in [1e-3, 1, 90] as [Float] {
      for _ in 0..<1000 { x.append(scale * Float(2 * draw.uniform() - 1)) }
    }
    return x
  }()
}

private func compare<T: BinaryFloatingPoint>(
  _ x: [T], _ kernel: (UnsafeMutablePointer<T>?, UnsafePointer<T>?, Int) -> Void,
  _ scalar: (T) -> T, _ name: String
) {
  var y = [T](repeating: 0, count: x.count)
  kernel(&y, x, x.count)
  var wrong: [T] = []
  for (argument, value) in zip(x, y) {
    let expected = scalar(argument)
    // Equal bits; the one NaN is quiet and positive.
    let same =
      expected.isNaN
      ? value.isNaN && !value.isSignalingNaN && value.sign == expected.sign
      : value == expected && value.sign == expected.sign
    if !same { wrong.append(argument) }
  }
  #expect(wrong.isEmpty, "\(name) on \(String(cString: hg_isa_name()))")
}
