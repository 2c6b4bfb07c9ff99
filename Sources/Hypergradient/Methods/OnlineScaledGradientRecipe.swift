extension Recipe where Product == MethodPair {
  /// `osgm(scalingRate: 0.1)`.
  static let osgm = Recipe(
    "osgm",
    [
      Parameter(
        "scaling", .choice(OnlineScaledGradient<Double>.Scaling.allCases.map(\.rawValue)),
        default: ".diagonal", "what is learned"),
      Parameter(
        "feedback", .choice(OnlineScaledGradient<Double>.Feedback.allCases.map(\.rawValue)),
        default: ".hypergradient", "what it is learned from"),
      Parameter(
        "learner", .choice(OnlineScaledGradient<Double>.Learner.allCases.map(\.rawValue)),
        default: ".adaGrad", "how it is learned"),
      Parameter(
        "scalingRate", .number(.atLeast(0)), unit: "learning rate", "η, the rate of the scaling"),
      Parameter(
        "initial", .number(.atLeast(0)), default: "0", unit: "learning rate",
        "the scaling at the start"),
      Parameter(
        "monotone", .choice(["no", "yes"]), default: ".yes",
        "whether a step that does not lower the loss is not taken"),
      Parameter(
        "lowerBound", .number(.any), default: "none", unit: "loss", "z of the ratio feedback"),
      Parameter(
        "lookAheadCurvature", .number(.above(0)), default: "none", unit: "1/learning rate",
        "L of a gradient step that follows the trial"),
      Parameter(
        "sample", .choice(OnlineScaledGradient<Double>.Sample.allCases.map(\.rawValue)),
        default: ".same", "whether the trial is judged on the gradient's own sample"),
    ], summary: "gradient descent with online scaling and null steps (Gao et al. 2024)"
  ) { arguments in
    func make<Scalar>(_: Scalar.Type) -> OnlineScaledGradient<Scalar> {
      OnlineScaledGradient(
        .init(rawValue: arguments.choice("scaling"))!,
        from: .init(rawValue: arguments.choice("feedback"))!,
        by: .init(rawValue: arguments.choice("learner"))!,
        scalingRate: arguments.number("scalingRate"), initial: arguments.number("initial"),
        isMonotone: arguments.choice("monotone") == "yes",
        lowerBound: arguments.optionalNumber("lowerBound"),
        lookAheadCurvature: arguments.optionalNumber("lookAheadCurvature"),
        sample: .init(rawValue: arguments.choice("sample"))!)
    }
    return MethodPair(make(Float.self), make(Double.self))
  }
}
