extension UpdateRule {
  /// A survey of a whole gradient in parts of ``stripLength`` elements, so that sums over them depend
  /// on neither the threads nor the room for directions.
  @usableFromInline
  func survey(parts strip: Strip<Scalar>, _ step: RuleStep) {
    let makesGradient = penalty != 0 || maximizes
    var start = 0
    while start < strip.count {
      var part = strip.part(from: start, count: min(stripLength, strip.count - start))
      start += part.count
      if makesGradient { part = part.withGradient(penalty: penalty, maximizes: maximizes) }
      survey(part, step)
    }
  }
}
