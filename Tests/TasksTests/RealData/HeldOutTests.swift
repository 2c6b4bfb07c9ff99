import Datasets
import Tasks
import Testing

@Suite struct HeldOutTests {
  @Test func holdsOutAFifthOnce() {
    let data = syntheticDense(count: 103, features: 3, classes: 2)
    let (train, heldOut) = HeldOut.split(data)
    #expect(heldOut.count == 20 && train.count == 83)
    func numbers(_ data: Dataset<Double>) -> [Int] {
      (0..<data.count).map { Int((data.features[$0 * 3] * 100).rounded()) }
    }
    #expect((numbers(train) + numbers(heldOut)).sorted() == Array(0..<103))
    #expect(numbers(heldOut) != Array(0..<20))
    #expect(HeldOut.split(data).train.features == train.features)
  }

  @Test func prefersTheTestFile() {
    let (train, test) = (
      syntheticSparse(count: 10, features: 4), syntheticSparse(count: 7, features: 4)
    )
    let given = HeldOut.split(LIBSVM(train: train, test: test))
    #expect(given.train == train && given.heldOut == test)
    let made = HeldOut.split(LIBSVM(train: train, test: nil))
    #expect(made.train.count == 8 && made.heldOut.count == 2)
  }
}
