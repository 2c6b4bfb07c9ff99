internal import Hypergradient

/// One run before it begins: its place in the suite and what it is made of.
struct RunPlan: Sendable {
  var part: RunRecord.Part
  var rule: Int
  var methodName: String
  var seed: Int
  var rateIndex: Int
  var startingRate: Double
  var rateExponent: Double
  var hyperLearningRate: Double?
  var hyperIndex: Int?
  var isTraced: Bool
  var update: RulePair
  var controller: any LearningRateController
}

/// What runs are measured against.
struct Goal: Sendable {
  var target: Double
  var commonTarget: Double
}
