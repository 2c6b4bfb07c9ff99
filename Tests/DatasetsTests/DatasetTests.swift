import Datasets
import Testing

@Suite struct DatasetTests {
  let data = Dataset<Float>(
    name: "d", features: [1, 10, 5, 20, 5, 60], labels: [0, 1, 1], featureCount: 2, classCount: 2)

  @Test func selectsRowsInOrder() {
    let chosen = data.selecting([2, 0])
    #expect(chosen.features == [5, 60, 1, 10])
    #expect(chosen.labels == [1, 0])
  }

  @Test func theFirstAreTakenOrAll() {
    #expect(data.first(2).features == [1, 10, 5, 20] && data.first(2).labels == [0, 1])
    for all in [3, 4, nil] { #expect(data.first(all).features == data.features) }
  }

  @Test func convertsPrecision() {
    #expect(data.converted(to: Double.self).features == [1, 10, 5, 20, 5, 60])
  }

  @Test func standardizesOverTheFittedExamplesAndKeepsConstants() {
    let wide = Dataset<Double>(
      name: "d", features: [1, 7, 3, 7, 5, 7, 7, 7], labels: [0, 1, 1, 0], featureCount: 2,
      classCount: 2)
    let map = Standardization(fitting: wide)
    #expect(map.means == [4, 7])
    #expect(map.deviations == [(5 as Double).squareRoot(), 1])
    let mapped = map.applied(to: wide).features
    #expect(mapped[1] == 0 && mapped[7] == 0)
    #expect((mapped[0] * mapped[0] - 9 / 5).magnitude < 1e-15)
    #expect(mapped[0] == -mapped[6])
  }

  @Test func sparseRowsSelectAndTakeAnIntercept() {
    let sparse = SparseDataset(
      name: "s", rowStarts: [0, 2, 2, 3], columns: [0, 2, 1], values: [1, 2, 3],
      labels: [1, -1, 1], featureCount: 3)
    let chosen = sparse.selecting([2, 0])
    #expect(chosen.rowStarts == [0, 1, 3])
    #expect(chosen.columns == [1, 0, 2])
    #expect(chosen.values == [3, 1, 2])
    #expect(chosen.labels == [1, 1])
    let extended = sparse.addingIntercept()
    #expect(extended.featureCount == 4)
    #expect(extended.rowStarts == [0, 3, 4, 6])
    #expect(extended.columns == [0, 2, 3, 3, 1, 3])
    #expect(extended.values == [1, 2, 1, 1, 3, 1])
  }
}
