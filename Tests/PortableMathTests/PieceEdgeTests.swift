import PortableMath
import Testing

/// The functions are made of pieces, whose edges are numbers of few bits that a random point never
/// hits, a count's share always: ⅜ is one.
@Suite struct PieceEdgeTests {
  /// All numbers of seven bits, in every binade.
  static let edges: [Double] = (-1074...1023).flatMap { exponent in
    (64...127).flatMap { bits -> [Double] in
      let size = Double(sign: .plus, exponent: exponent, significand: Double(bits) / 64)
      return [size, -size]
    }
  }

  @Test(arguments: AccuracyPoints.functions.indices)
  func valuesGoOnAcrossThem(function: Int) {
    let (name, value) = AccuracyPoints.functions[function]
    for x in Self.edges {
      for y in name == "pow" ? [0.5, -1.5, 3] : [0] {
        let here = value(x, y)
        let sides = [value(x.nextDown, y), value(x.nextUp, y)]
        guard ([here] + sides).allSatisfy(\.isFinite) else { continue }
        // Between large neighbours lie whole turns.
        if ["sin", "cos"].contains(name), x.magnitude > 0x1p30 { continue }
        let (least, most) = (min(sides[0], sides[1]), max(sides[0], sides[1]))
        // A function may turn, or climb by many of its last places, between neighbours.
        let slack = 4 * max(here.ulp, most - least)
        let goesOn = here >= least - slack && here <= most + slack
        #expect(goesOn, "\(name)(\(x)) = \(here), beside \(sides)")
      }
    }
  }

  @Test func quantilesAtEighths() {
    // By mpmath, with forty digits.
    #expect(abs(Portable.inverseNormal(0.375) + 0.31863936396437516) <= 1e-16)
    #expect(abs(Portable.inverseNormal(0.625) - 0.31863936396437516) <= 1e-16)
    #expect(abs(Portable.inverseNormal(0.125) + 1.1503493803760083) <= 5e-16)
    #expect(abs(Portable.inverseNormal(0.25) + 0.6744897501960817) <= 3e-16)
  }
}
