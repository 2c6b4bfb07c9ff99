/// What a training takes of its problem once, and another problem in its place has, too.
struct ProblemShape: Equatable {
  let parameterCount: Int
  let batchesPerEpoch: Int?
  let hasValidation: Bool

  init(_ problem: some TrainingProblem) {
    parameterCount = problem.parameterCount
    batchesPerEpoch = problem.batchesPerEpoch
    hasValidation = problem.hasValidation
  }

  /// Why a training of this shape can't go on with a problem of another; `nil` where it can.
  func fault(of other: ProblemShape) -> String? {
    func words(_ batches: Int?) -> String {
      batches.map { "\($0) batches an epoch" } ?? "no epochs"
    }
    if other.parameterCount != parameterCount {
      return
        "the problem has now \(other.parameterCount) parameters, and the training \(parameterCount)"
    }
    if other.batchesPerEpoch != batchesPerEpoch {
      return "the problem has now \(words(other.batchesPerEpoch)), and the training "
        + words(batchesPerEpoch)
    }
    if other.hasValidation != hasValidation {
      return "the problem has now \(other.hasValidation ? "a" : "no") validation, and the training "
        + (hasValidation ? "one" : "none")
    }
    return nil
  }
}
