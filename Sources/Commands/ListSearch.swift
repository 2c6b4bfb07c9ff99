internal import HypergradientCatalogue

/// Finds what a word that is no name may mean: in names, arguments and sentences, and by the names
/// that other libraries and papers have for it.
struct ListSearch {
  /// Words of others, without case, spaces and signs, and our names for them.
  static let synonyms: [(words: [String], names: [String])] = [
    (["momentum", "polyakmomentum"], ["heavyBall", "nesterov", "oneCycleMomentum", "varying"]),
    (["nag", "nesterovmomentum"], ["nesterov"]),
    (
      ["lr", "learningrate", "stepsize", "fixedlr", "constantlr", "constantwithwarmup"],
      ["constant", "scheduled", "hypergradient", "traceAligned"]
    ),
    (
      ["learningratefinder", "lrfinder", "lrfind", "lrrangetest", "rangetest", "findlr"],
      ["startUp", "traceAligned", "geometric"]
    ),
    (
      ["onecyclelr", "1cycle", "superconvergence"], ["oneCycle", "torchOneCycle", "fastaiOneCycle"]
    ),
    (
      ["weightdecay", "decoupledweightdecay", "l2", "ridge"], ["weightDecay", "adamw", "penalized"]
    ),
    (
      ["reduceonplateau", "reducelronplateau", "lrplateau", "plateaus"],
      ["plateau", "torchPlateau", "kerasPlateau", "optaxPlateau", "fastaiPlateau", "gated"]
    ),
    (
      [
        "sgdr", "cosineannealingwarmrestarts", "cosinerestarts", "warmrestart",
        "cosinewithrestarts",
      ],
      ["warmRestarts", "kerasCosineDecayRestarts"]
    ),
    (["cosineannealing", "cosineannealinglr", "cosinedecay"], ["cosine", "torchCosineAnnealing"]),
    (["exponentiallr", "expdecay", "exponentialdecay"], ["geometric", "exponential"]),
    (["steplr", "step", "stepwise", "staircase"], ["stepDecay", "multiStep", "geometric"]),
    (["multisteplr", "milestones"], ["multiStep"]),
    (["polynomiallr", "poly", "polynomialdecay"], ["polynomial", "kerasPolynomialDecay"]),
    (["linearlr", "lineardecay"], ["linear"]),
    (["cycliclr", "clr", "cyclical"], ["triangular", "triangular2", "expRange"]),
    (["sequentiallr", "joinschedules", "chain", "sequence"], ["followed"]),
    (["chainedscheduler", "product", "multiplicativelr"], ["times", "scaled"]),
    (["lambdalr", "closure", "custom"], ["table", "piecewise"]),
    (["wsd", "trapezoidal", "cooldown"], ["warmupStableDecay"]),
    (["invsqrt", "rsqrt", "transformer", "vaswani"], ["inverseSquareRoot", "noam"]),
    (["warmups", "rampup", "gradualwarmup"], ["warmup", "linearWarmup", "warmedUp"]),
    (
      ["gradientclipping", "clip", "clipping", "clipgradnorm", "maxnorm"],
      ["clipByNorm", "clamped"]
    ),
    (["hd", "hdsgd", "hdadam", "hypergradientdescent", "baydin"], ["hypergradient", "smd"]),
    (["gdtuo", "ultimateoptimizer", "chandra"], ["hyperparameterTower", "hypergradientTower"]),
    (["hdm", "osgmbest", "chu"], ["hdmBest", "osgm", "osgmBest"]),
    (["linesearch", "backtracking", "wolfe"], ["armijo", "multidimensionalBacktracking"]),
    (
      ["parameterfree", "learningratefree", "lrfree", "tuningfree"],
      ["dog", "dowg", "prodigy", "mechanic", "dAdaptSGD", "dAdaptAdam", "cocob", "scheduleFreeSGD"]
    ),
    (["dadaptation", "dadapt"], ["dAdaptSGD", "dAdaptAdam"]),
    (["distanceovergradients"], ["dog", "dowg"]),
    (["bb", "barzilai", "borwein"], ["barzilaiBorwein"]),
    (["sps", "polyakstep", "polyakstepsize"], ["polyak", "alig", "momo"]),
    (["vsgd", "gradientdescent", "plainsgd"], ["sgd"]),
    (["schedulefree"], ["scheduleFreeSGD", "scheduleFreeAdam"]),
    (["bounds", "clamp", "bound", "min", "max", "minlr", "maxlr"], ["clamped"]),
    (
      ["layerwise", "pergroup", "parametergroups", "groups", "lars", "lamb"],
      ["byGroup", "hierarchicalHypergradient"]
    ),
    (["ascent", "maximise", "maximize"], ["maximizing"]),
  ]

  /// Letters and digits alone, in lower case.
  private static func plain(_ text: String) -> String {
    String(text.lowercased().filter { $0.isLetter || $0.isNumber })
  }

  /// What a word may mean, the likeliest first, each once.
  static func found(_ word: String, among listings: [Listing]) -> [Listing] {
    let sought = plain(word)
    guard !sought.isEmpty else { return [] }
    let words = word.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber })
    var found: [Listing] = []
    func add(_ more: [Listing]) {
      for listing in more
      where !found.contains(where: { $0.name == listing.name && $0.kind == listing.kind }) {
        found.append(listing)
      }
    }
    add(listings.filter { plain($0.name) == sought })
    for entry in synonyms
    where entry.words.contains(where: { sought == $0 || sought == $0 + "s" }) {
      add(entry.names.flatMap { name in listings.filter { $0.name == name } })
    }
    guard sought.count >= 2 else { return found }
    add(listings.filter { sought.count >= 3 && plain($0.name).contains(sought) })
    add(listings.filter { listing in listing.parameters.contains { plain($0.label) == sought } })
    guard sought.count >= 3 else { return found }
    add(
      listings.filter { listing in
        let text = ([listing.summary] + listing.parameters.map { $0.label + " " + $0.summary })
          .joined(separator: " ").lowercased()
        return words.allSatisfy { text.contains($0) }
      })
    return found
  }
}
