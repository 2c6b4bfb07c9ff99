internal import Hypergradient
internal import PortableMath
internal import Testing

/// NewBob, by hand, and SpeechBrain's form against its order of events written out.
@Suite struct NewBobTests {
  private func rates(_ control: NewBob, _ observations: [Double]) -> [Double] {
    var control = control
    return observations.map {
      control.observe($0)
      return control.learningRate
    }
  }

  /// The example of SpeechBrain's documentation.
  @Test func theDocumentedExample() {
    #expect(rates(NewBob(initial: 1), [10, 2, 2.5]) == [1, 1, 0.5])
    #expect(rates(.speechBrain(initialValue: 1), [10, 2, 2.5]) == [1, 1, 0.5])
  }

  @Test func violationsAreCountedInTotal() {
    // Violations at 10, 9.99 and 8: two are borne, good ones between them do not help.
    let control = NewBob(initial: 1, patience: 2)
    #expect(
      rates(control, [10, 10, 9, 8.99, 8, 8, 8, 8, 8]) == [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25])
  }

  @Test func theThresholdIsAShareOfTheObservationBefore() {
    let control = NewBob(initial: 1, threshold: 0.25)
    #expect(rates(control, [8, 6, 4.6]) == [1, 1, 0.5])
    // Below zero: −10 gains a quarter of 8, −11 less of 10; and a worsening is a violation.
    #expect(rates(control, [-8, -10, -11]) == [1, 1, 0.5])
    #expect(rates(control, [-8, -7]) == [1, 0.5])
    #expect(rates(control, [0, -1e-300, 0]) == [1, 1, 0.5])
    let up = NewBob(initial: 1, threshold: 0.25, improving: .maximize)
    #expect(rates(up, [4, 5, 6]) == [1, 1, 0.5])
  }

  /// With τ = 0 an observation that is not less is a violation still.
  @Test func withoutAThresholdItAsksForLess() {
    #expect(rates(NewBob(initial: 1, threshold: 0), [3, 3, 2]) == [1, 0.5, 0.5])
    #expect(
      rates(.speechBrain(initialValue: 1, improvementThreshold: 0), [3, 3, 2]) == [1, 1, 1])
  }

  @Test func whatIsNotFiniteIsAViolation() {
    for x in [Double.nan, .infinity, -.infinity] {
      // 5 is compared with 8.
      #expect(rates(NewBob(initial: 1), [8, x, 5]) == [1, 0.5, 0.5])
      #expect(rates(NewBob(initial: 1), [x, 5, 4]) == [0.5, 0.5, 0.5])
    }
    #expect(rates(.speechBrain(initialValue: 1), [8, .nan, 9]) == [1, 1, 1])
  }

  @Test func boundsHold() {
    let control = NewBob(initial: 1, factor: 0.1, within: 0.25...1)
    #expect(rates(control, [1, 1, 1]) == [1, 0.25, 0.25])
  }

  /// As described: improvement, threshold, patience.
  struct Order {
    var rate: Double
    let factor, threshold: Double
    let patient: Int
    var left: Int
    var metrics: [Double] = []

    mutating func observe(_ x: Double) {
      if let before = metrics.last {
        let improvement = before == 0 ? 0 : (before - x) / before
        if improvement < threshold {
          if left == 0 {
            rate *= factor
            left = patient
          } else {
            left -= 1
          }
        }
      }
      metrics.append(x)
    }
  }

  @Test func speechBrainOnRandomObservations() {
    var draw = RandomStream(RandomKey("tests.newbob"))
    for _ in 0..<300 {
      let patient = draw.integer(below: 4)
      var expected = Order(
        rate: 1, factor: draw.uniform(), threshold: [0, 0.0025, 0.5][draw.integer(below: 3)],
        patient: patient, left: patient)
      var control = NewBob.speechBrain(
        initialValue: 1, annealingFactor: expected.factor,
        improvementThreshold: expected.threshold, patient: patient)
      for _ in 0..<40 {
        let x = PlateauPresetsTests.observation(&draw)
        expected.observe(x)
        control.observe(x)
        #expect(control.learningRate == expected.rate)
      }
    }
  }
}
