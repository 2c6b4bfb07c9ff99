internal import HypergradientRecipes
public import Datasets
internal import PortableMath

/// Examples set apart for the score.
///
/// Where a source has no test file of its own, a fifth of its examples (rounded down, at least one)
/// are held out: the first of a permutation that is keyed by the data's name, the same for every
/// instance and seed.
public enum HeldOut {
  /// - Precondition: at least two examples.
  public static func split<Scalar>(
    _ data: Dataset<Scalar>
  ) -> (train: Dataset<Scalar>, heldOut: Dataset<Scalar>) {
    let rows = split(data.name, count: data.count)
    return (data.selecting(rows.train), data.selecting(rows.heldOut))
  }

  /// - Precondition: at least two examples.
  public static func split(
    _ data: SparseDataset
  ) -> (train: SparseDataset, heldOut: SparseDataset) {
    let rows = split(data.name, count: data.count)
    return (data.selecting(rows.train), data.selecting(rows.heldOut))
  }

  /// The test file's examples where there is one, a fifth of the examples otherwise.
  public static func split(_ data: LIBSVM) -> (train: SparseDataset, heldOut: SparseDataset) {
    data.test.map { (data.train, $0) } ?? split(data.train)
  }

  /// Rows in their old order.
  private static func split(_ name: String, count: Int) -> (train: [Int], heldOut: [Int]) {
    require(count >= 2, "one example can't be both learned from and held out")
    var stream = RandomStream(RandomKey(name + ".split"))
    let order = stream.permutation(count)
    let size = max(1, count / 5)
    return (order[size...].sorted(), order[..<size].sorted())
  }
}
