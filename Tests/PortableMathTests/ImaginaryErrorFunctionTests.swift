import PortableMath
import Testing

@Suite struct ImaginaryErrorFunctionTests {
  /// erfi of numbers from the least to where it overflows, by mpmath 1.3.0 with 60 digits, rounded.
  private static let values: [(x: Double, value: Double)] = [
    (0x0.0000000000001p-1022, 0x0.0000000000001p-1022),
    (Double(bitPattern: 0x12688b70e62b), 0x0.014c5898977c4p-1022),
    (0x1.56e1fc2f8f359p-997, 0x1.82e6d98711d3ap-997),
    (0x1.67e9c127b6e74p-532, 0x1.961e529c1ca0bp-532),
    (0x1.79ca10c924223p-67, 0x1.aa4a230244ae0p-67),
    (0x1.12e0be826d695p-30, 0x1.362a9ffc610ddp-30),
    (0x1.0000000000000p-27, 0x1.20dd750429b6dp-27),
    (0x1.4f8b588e368f1p-17, 0x1.7a9f084bcaae0p-17),
    (0x1.0624dd2f1a9fcp-10, 0x1.27cc44f144c9fp-10),
    (0x1.47ae147ae147bp-7, 0x1.71c275d9ae618p-7),
    (0x1.999999999999ap-4, 0x1.cfbab6e7828f7p-4),
    (0x1.0000000000000p-2, 0x1.26ff6476217cep-2),
    (0x1.0000000000000p-1, 0x1.3adb003ea80b2p-1),
    (0x1.6a09e667f3bcdp-1, 0x1.e8290f9260c5bp-1),
    (0x1.ccccccccccccdp-1, 0x1.5f1d748bcdda3p+0),
    (0x1.0000000000000p+0, 0x1.a6824d7282ed2p+0),
    (0x1.4cccccccccccdp+0, 0x1.7a610b81dc74ap+1),
    (0x1.b333333333333p+0, 0x1.e41b7234062b7p+2),
    (0x1.0000000000000p+1, 0x1.29096e41b4dc8p+4),
    (0x1.4000000000000p+1, 0x1.04caa066ae3f5p+7),
    (0x1.8000000000000p+1, 0x1.977fa7e58e659p+10),
    (0x1.d99999999999ap+1, 0x1.119b9d3bd5e74p+17),
    (0x1.2000000000000p+2, 0x1.31edd4b9ad8c1p+26),
    (0x1.4000000000000p+2, 0x1.ee9d9c58ad430p+32),
    (0x1.8000000000000p+2, 0x1.760d74f518e7ep+48),
    (0x1.d000000000000p+2, 0x1.1e6be0bd31214p+72),
    (0x1.0000000000000p+3, 0x1.6ea4c63861d48p+88),
    (0x1.4000000000000p+3, 0x1.17f8972fc1119p+140),
    (0x1.a000000000000p+3, 0x1.39c5b9e44ae3cp+239),
    (0x1.1000000000000p+4, 0x1.050be521ea8abp+412),
    (0x1.4800000000000p+4, 0x1.1479f4a971a52p+601),
    (0x1.7000000000000p+4, 0x1.c98891081cd2cp+757),
    (0x1.9000000000000p+4, 0x1.295625015654fp+896),
    (0x1.a000000000000p+4, 0x1.aa98bfe2071f8p+969),
    (0x1.a800000000000p+4, 0x1.7eab3f44bb415p+1007),
    (0x1.a99999999999ap+4, 0x1.2d55a168ee838p+1015),
    (0x1.aa3d70a3d70a4p+4, 0x1.3c5ba8ce6553dp+1018),
    (0x1.91d92816f122dp+2, 0x1.567eafe85c85fp+53),
    (0x1.5f427c92f32d9p+1, 0x1.a151402ee09d5p+8),
    (0x1.511ff153c0ae7p+3, 0x1.e033f7c68bd17p+155),
    (0x1.07d325aff92c5p+2, 0x1.9dcad55303c95p+21),
    (0x1.c4f0f230de4e1p+0, 0x1.24e98ef9eaf65p+3),
    (0x1.55d592d1a806fp+3, 0x1.4ffdd28c1ec06p+160),
    (0x1.86ae81af6510fp+4, 0x1.a822358f08fd2p+854),
    (0x1.54ac2a52ab58ap+4, 0x1.c0ed942d002c4p+648),
    (0x1.45a7385a54a66p+4, 0x1.643381aef2b3fp+592),
    (0x1.79cf7ea6ba6b1p+2, 0x1.e130a26bf1de8p+46),
    (0x1.c8d27018bae51p+3, 0x1.47d1b469c5990p+289),
    (0x1.d70647bdee0aep+2, 0x1.5e82b37e4ecd4p+74),
    (0x1.25f1b02ff552bp+2, 0x1.5c54dc04c1181p+27),
    (0x1.69886a6f634a1p+1, 0x1.3afdc6fdcfb76p+9),
    (0x1.6cfecbbf0fceep+2, 0x1.86728580f7a72p+43),
    (0x1.8abbcf17c3978p+4, 0x1.9141961dd22a9p+872),
    (0x1.60c9d2cc15aabp+4, 0x1.140c9ab27ba2bp+696),
    (0x1.574fad57d8741p+4, 0x1.f59b2b28f6877p+658),
    (0x1.54abac7274fcbp+4, 0x1.bea43a52503f0p+648),
    (0x1.494e071e45f8ap+2, 0x1.0649f6d8f8e6dp+35),
    (0x1.07be895f9e261p+3, 0x1.1b24114fe83cep+94),
    (0x1.0ad73fbe243a2p+4, 0x1.4f48d47b618a4p+396),
    (0x1.377e9037ebcd5p+4, 0x1.a040402184fecp+541),
    (0x1.6bbd03ed244a3p+4, 0x1.36f86cf65ca20p+740),
    (0x1.768cb29236189p+4, 0x1.2a2fed5255638p+785),
    (0x1.6246aad7377eep-37, 0x1.8fc1f923a9230p-37),
    (0x1.2d185780ecfb4p-16, 0x1.53bfda1637000p-16),
    (0x1.d3409d36f57d8p-14, 0x1.079e72af229c9p-13),
    (0x1.2df267ba2943cp-20, 0x1.54b5e8f9ad250p-20),
    (0x1.149720a2c7328p-33, 0x1.3819499bddf76p-33),
    (0x1.ec576bb521efdp-22, 0x1.15c620d7dbc40p-21),
    (0x1.7d0d98cd9455ep-37, 0x1.adf8eed1997d5p-37),
    (0x1.4df5f0db2bb64p-3, 0x1.7c33834db50e7p-3),
    (0x1.894474aa4419bp-6, 0x1.bbd70941f95eep-6),
    (0x1.df8e46bb407e1p-19, 0x1.0e8f744cca64ap-18),
    (0x1.01c00b4e2e3f9p-28, 0x1.22d70552acb03p-28),
    (0x1.4760a70a143dcp-4, 0x1.7231b25a5d90ep-4),
    (0x1.dbf3b1cda9695p-18, 0x1.0c86f17b10b70p-17),
    (0x1.399478d9861f3p-5, 0x1.62028f80dfffep-5),
    (0x1.e4f9569dd49dcp-7, 0x1.11a322926c6f3p-6),
    (0x1.ab33333333332p+4, 0x1.e42b238218b90p+1022),
  ]

  /// Correctly rounded in the main, and never the second neighbour.
  @Test func equalsTheExactValues() {
    var wrong = 0
    for (x, value) in Self.values {
      let found = Portable.erfi(x)
      #expect(Portable.erfi(-x) == -found)
      let away =
        (found.bitPattern > value.bitPattern)
        ? found.bitPattern - value.bitPattern : value.bitPattern - found.bitPattern
      #expect(away <= 1, "\(x): \(found), \(value)")
      if away > 0 { wrong += 1 }
    }
    #expect(wrong <= 2, "\(wrong) of \(Self.values.count)")
  }

  /// The derivative is 2/√π exp(x²), by differences.
  @Test func hasItsDerivative() {
    for i in 1..<200 {
      let (x, h) = (Double(i) / 32, 0x1p-18)
      let slope = (Portable.erfi(x + h) - Portable.erfi(x - h)) / (2 * h)
      // h²/6 of the third derivative over the first: (4x² + 2) h²/6.
      #expect(abs(slope / (1.1283791670955126 * Portable.exp(x * x)) - 1) < 2e-9, "\(x)")
    }
  }

  @Test func ends() {
    #expect(Portable.erfi(0) == 0 && Portable.erfi(-0.0).sign == .minus)
    #expect(Portable.erfi(.infinity) == .infinity && Portable.erfi(-.infinity) == -.infinity)
    #expect(
      Portable.erfi(0x1.ab6cadfb62b43p+4).isFinite
        && Portable.erfi(0x1.ab6cadfb62b44p+4) == .infinity)
    #expect(Portable.erfi(27.5) == .infinity && Portable.erfi(1e300) == .infinity)
    #expect(Portable.erfi(.nan).bitPattern == 0x7ff8_0000_0000_0000)
  }
}
