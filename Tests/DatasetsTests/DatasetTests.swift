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

  @Test func targetsGoWithTheirRows() {
    let data = Dataset<Double>(
      name: "d", features: [1, 2, 3, 5], targets: [10, 20, 30, 40], featureCount: 1)
    #expect(data.labels == [0, 0, 0, 0] && data.classCount == 1)
    #expect(data.selecting([2, 0]).targets == [30, 10] && data.first(1).targets == [10])
    #expect(data.converted(to: Float.self).targets == [10, 20, 30, 40])
    let map = Standardization(fitting: data.selecting([0, 1, 2]))
    let deviation = (200.0 / 3).squareRoot()
    #expect(map.target?.mean == 20)
    #expect((map.target!.deviation - deviation).magnitude < 1e-14)
    let mapped = map.applied(to: data).targets
    #expect(mapped[1] == 0 && (mapped[3] - 20 / deviation).magnitude < 1e-15)
    #expect(map.narrowed(data).targets == mapped.map { Float($0) })
    let constant = Dataset<Double>(name: "d", features: [1, 2], targets: [7, 7], featureCount: 1)
    #expect(Standardization(fitting: constant).target == .init(mean: 7, deviation: 0))
    #expect(Standardization(fitting: self.data.converted(to: Double.self)).target == nil)
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
