internal import PortableMath
internal import Testing

/// NaN and the infinities as programs write them.
@Suite struct NumberSpellingTests {
  @Test func everySpellingIsRead() {
    // C and C++ (glibc, musl, Apple, Microsoft), Python, NumPy, Java, JavaScript, Julia, R, Go, C#, Rust.
    let infinities = [
      "inf", "Inf", "INF", "infinity", "Infinity", "INFINITY", "∞", "1.#INF", "1.#INF00",
    ]
    let nans = [
      "nan", "NaN", "NAN", "nan(0x8000000000000)", "nan()", "nan(ind)", "nan(snan)", "1.#QNAN",
      "1.#IND00", "1.#SNAN", "qnan", "sNaN",
    ]
    for sign in ["", "+", "-"] {
      for text in infinities {
        #expect(
          NumberSpelling.nonFinite((sign + text).utf8) == (sign == "-" ? -.infinity : .infinity))
      }
      for text in nans {
        #expect(NumberSpelling.nonFinite((sign + text).utf8)?.isNaN == true, "\(sign)\(text)")
      }
    }
    for text in [
      "", "+", "-", "--nan", "+-inf", "n", "na", "nano", "in", "infi", "info", "infinityx", "nan(",
      "nan)", "nan(é)", "1.#", "1.#INFx", "1", "-1.5", "1e400", " nan", "nan ",
    ] { #expect(NumberSpelling.nonFinite(text.utf8) == nil, "\(text)") }
  }

  @Test func aNumberThatIsTooSmallIsNoZero() {
    for text in ["1e-400", "-0.01E-330", "0x1p-2000", "0x0.ep-9999"] {
      #expect(Double(text) == 0 && NumberSpelling.isTooSmall(text.utf8), "\(text)")
    }
    for text in ["0", "-0.000", "0e-9", ".0e12", "0x0", "0x0p-3"] {
      #expect(Double(text) == 0 && !NumberSpelling.isTooSmall(text.utf8), "\(text)")
    }
  }

  @Test func oneSpellingIsWritten() {
    for nan in [
      Double.nan, -Double.nan, .signalingNaN, Double(nan: 5, signaling: false), 0 * .infinity,
    ] {
      #expect(nan.spelled == "nan" && (-nan).spelled == "nan")
      #expect(NumberSpelling.nonFinite(nan.spelled.utf8)?.isNaN == true)
    }
    #expect((-Float.nan).spelled == "nan" && (-Float.infinity).spelled == "-inf")
    for x in [0, -0.0, 1, -1.5, 1e300, .leastNonzeroMagnitude, .infinity, -.infinity] {
      #expect(Double(x.spelled)?.bitPattern == x.bitPattern)
      #expect(NumberSpelling.nonFinite(x.spelled.utf8) == (x.isInfinite ? x : nil))
      #expect(x.spelled == "\(x)")
    }
  }

  @Test func whatIsWholeButForRoundingIsWhole() {
    for k in 1...1000 {
      let x = Double(k)
      for y in [x, x.nextUp, x.nextDown, x * (1 + 5e-16), x * (1 - 5e-16)] {
        #expect(Rounding.whole(y) == x && Rounding.floor(y) == x && Rounding.whole(-y) == -x)
      }
      for y in [x * (1 + 1e-13), x * (1 - 1e-13), x + 0.5] { #expect(Rounding.whole(y) == y) }
    }
    for x in [0, .leastNonzeroMagnitude, 1e-16, 0.5, .infinity, -.infinity, 1e300] {
      #expect(Rounding.whole(x) == x)
    }
    #expect(Rounding.whole(.nan).isNaN)
  }
}
