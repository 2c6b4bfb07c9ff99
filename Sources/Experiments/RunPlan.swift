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
  /// Texts with their variables bound.
  var ruleSpec: String
  var controllerSpec: String
  var variables: [String: Double]
}

/// What runs are measured against.
struct Goal: Sendable {
  var target: Double
  var commonTarget: Double
}
