internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

@Suite struct HyperbolicScheduleTests {
  @Test func closedForm() {
    let schedule = HyperbolicSchedule(from: 2, over: 10)
    #expect([0, 10, 20, 30].map { schedule($0) } == [2, 1, 0.4, 0.2])
  }

  @Test func theListHasIt() {
    #expect(Catalogue.standard.schedules.contains { $0.name == "hyperbolic" })
  }
}
