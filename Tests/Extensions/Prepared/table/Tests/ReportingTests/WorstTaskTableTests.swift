import Reporting
import Testing

@Suite struct WorstTaskTableTests {
  @Test func sharesByHand() throws {
    let table = try #require(Report.tables(Sample.results).first { $0.name == "worst-task" })
    // fixed diverges from one rate of three on both tasks, broken always, the other never.
    #expect(
      table.rows.map { $0.last?.content } == [.number(1.0 / 3), .number(0), .number(1)])
  }
}
