/// Numbers to work on whose values do not matter, as long as they are no special ones.
enum Pattern {
  /// Numbers spread evenly over ±scale/2, in a repeating order.
  static func floats(_ count: Int, scale: Float) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { space, written in
      if let start = space.baseAddress { fill(start, count: count, scale: scale) }
      written = count
    }
  }

  /// ``floats(_:scale:)`` into memory.
  static func fill(_ pointer: UnsafeMutablePointer<Float>, count: Int, scale: Float) {
    var state: UInt32 = 1
    for i in 0..<count {
      // 37 generates most of the numbers modulo 1009, a prime.
      state = state * 37 % 1009
      pointer[i] = (Float(state) / 1009 - 0.5) * scale
    }
  }
}
