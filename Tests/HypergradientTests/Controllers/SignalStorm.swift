internal import Hypergradient
internal import PortableMath

/// Sequences of signals of every kind, for laws over a million steps: blocks of usual, constant,
/// rising, falling, enormous, tiny and zero ones, of all of these, and of NaN and infinities.
enum SignalStorm {
  private static let signalsPerBlock = 128
  private static let blocks: [[StepSignals]] = (0..<256).map { index in
    var draw = RandomStream(RandomKey("tests.laws.storm"), step: index)
    let steady = Portable.pow(10, 20 * draw.uniform() - 10)
    return (0..<signalsPerBlock).map { place in
      func value(positive: Bool) -> Double {
        let sign = positive || draw.uniform() < 0.5 ? 1.0 : -1
        let any = sign * Portable.pow(10, 600 * draw.uniform() - 300)
        let share = Double(place + 1) / Double(signalsPerBlock)
        switch index % 9 {
        case 0: return positive ? draw.uniform() : draw.normal()
        case 1: return steady
        case 2: return steady * share
        case 3: return steady * (1.01 - share)
        case 4: return sign * Portable.pow(10, 300 + 8 * draw.uniform())
        case 5: return sign * Portable.pow(10, -300 - 20 * draw.uniform())
        case 6: return draw.uniform() < 0.5 ? 0 : sign
        case 7: return any
        default:
          let strange = [Double.nan, .infinity, positive ? .infinity : -.infinity, any, 0, sign]
          return strange[draw.integer(below: strange.count)]
        }
      }
      return StepSignals(
        step: 0, epoch: Double(8 * index) + Double(place) / 16, loss: value(positive: false),
        metric: draw.integer(below: 8) == 0 ? nil : value(positive: false),
        alignment: value(positive: false), gradientNorm: value(positive: true),
        previousDirectionNorm: value(positive: true), directionAlignment: value(positive: false),
        directionNorm: value(positive: true), previousDirectionAlignment: value(positive: false),
        traceAlignment: value(positive: false), traceNorm: value(positive: true))
    }
  }

  /// Calls with this many signals, block after block; within a block in their order or scattered.
  static func pass(_ count: Int, to body: (StepSignals) -> Void) {
    var step = 0
    var block = 0
    while step < count {
      let signals = blocks[block % blocks.count]
      let isOrdered = block & 1 == 0
      let end = min(count, step + 3_907)
      while step < end {
        let place = isOrdered ? step : (step &* 0x9E37_79B9) >> 12
        var next = signals[place & (signalsPerBlock - 1)]
        next.step = step
        body(next)
        step += 1
      }
      block += 1
    }
  }
}
