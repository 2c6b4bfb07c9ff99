/// Arguments as other libraries name them, and ours that may be meant by them, the likeliest first.
private let foreignLabels: [(words: [String], ours: [String])] = [
  (
    ["stepsize", "period", "interval", "t0", "decaysteps", "cycle"],
    ["every", "decaySteps"]
  ),
  (
    ["lr", "learningrate", "eta", "alpha", "rate", "baselr", "initlr", "stepsize", "initial"],
    [
      "initial", "from", "peak", "initialRate", "maxLr", "lrMax", "lr", "initialLearningRate",
      "peakValue", "initValue", "_",
    ]
  ),
  (["gamma", "decayrate", "decayfactor"], ["factor", "decayRate", "decay", "rate", "growth"]),
  (["milestones", "boundaries", "steps"], ["at", "boundaries"]),
  (
    [
      "tmax", "totalsteps", "steps", "numtrainingsteps", "trainingsteps", "horizon", "epochs",
      "totaliters", "transitionsteps", "decaysteps", "maxsteps", "maxiterations",
    ],
    ["over", "tMax", "totalSteps", "steps", "numTrainingSteps", "transitionSteps", "decaySteps"]
  ),
  (
    ["etamin", "minlr", "endlr", "end", "final", "endlearningrate", "endvalue", "lrend"],
    ["to", "etaMin", "minimum", "minLr", "endValue", "floor"]
  ),
  (["tmult", "mult", "multiplier"], ["growth", "tMul", "factor"]),
  (["warmupsteps", "numwarmupsteps", "warmup"], ["warmup", "numWarmupSteps", "warmupSteps"]),
  (["beta", "beta1", "momentum", "mu", "rho"], ["momentum", "beta1", "decay"]),
  (["beta2", "alpha", "rho"], ["beta2", "decay"]),
  (["eps"], ["epsilon"]),
  (["weightdecay", "wd", "l2"], ["weightDecay"]),
  (["power", "exponent", "p"], ["power", "degree", "exponent"]),
  (["hypergradlr", "hyperlr", "beta", "metalr"], ["hyperLearningRate", "metaRate"]),
  (["patience"], ["after", "patience"]),
  (["maxnorm", "norm", "value", "v"], ["_"]),
]

/// A label without case and underscores.
private func plain(_ label: String) -> String { label.filter { $0 != "_" }.lowercased() }

/// The one of a recipe's labels that another library's name for an argument stands for; `nil` where
/// none does.
func ownLabel(for foreign: String, among labels: [String]) -> String? {
  let word = plain(foreign)
  if let same = labels.first(where: { plain($0) == word && $0 != "_" }) { return same }
  for entry in foreignLabels where entry.words.contains(word) {
    if let own = entry.ours.first(where: labels.contains) { return own }
  }
  return nil
}

/// Whether a label asks for a learning rate.
func meansLearningRate(_ label: String) -> Bool {
  ["lr", "learningrate", "eta", "stepsize", "baselr"].contains(plain(label))
}
