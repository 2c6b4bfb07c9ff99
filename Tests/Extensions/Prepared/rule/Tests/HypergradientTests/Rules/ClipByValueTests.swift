internal import Hypergradient
internal import Testing

@Suite struct ClipByValueTests {
  @Test func equationByHand() {
    let rule = ClipByValue<Double>(limit: 2)
    #expect(directions(rule, [3, -3, 1, -1, 0]) == [2, -2, 1, -1, 0])
  }

  @Test func theLawsRunOverIt() { #expect(LawFixtures.rules.contains("clipByValue(limit: 0.5)")) }
}
