internal import Hypergradient
internal import Vectors

/// Gates of gradients and draws.
extension Gates {
  /// Exact and seen gradients against central differences; of a game, each player's part against
  /// those of the player's loss.
  func gradientFailures() -> [String] {
    if let game = task as? any GameTask { return fieldFailures(of: game) }
    var failures: [String] = []
    let bound = isDouble ? 1e-6 : 1e-2
    for step in steps {
      let draws = task.draws(seed: 1, steps: step..<(step + 1))
      for (index, point) in points().enumerated() {
        let place = "at probe \(index), step \(step), differs from finite differences by"
        let seen = task.gradient(at: point, step: step, draws: draws)
        let exact = effort == .quick ? nil : task.exactGradient(at: point, step: step)
        for direction in directions() {
          let seenError = FiniteDifferences.disagreement(
            of: { task.gradient(at: $0, step: step, draws: draws).loss }, gradient: seen.gradient,
            at: point, along: direction)
          if !(seenError <= bound) { failures.append("seen gradient \(place) \(seenError)") }
          guard let exact else { continue }
          let exactError = FiniteDifferences.disagreement(
            of: { task.loss(at: $0, step: step) }, gradient: exact, at: point, along: direction)
          if !(exactError <= bound) { failures.append("exact gradient \(place) \(exactError)") }
        }
      }
    }
    return failures
  }

  /// The mean of seen gradients and losses over draws against the exact ones.
  ///
  /// Samples are means over epochs, where a task has epochs that are short, since without
  /// replacement these vary far less; single steps elsewhere. A task without noise must agree to
  /// rounding.
  func meanFailures() -> [String] {
    let epoch = task.stepsPerEpoch ?? 1
    let group = epoch <= 256 ? epoch : 1
    let samples = min(256, max(8, 1024 / group))
    let point = points()[1]
    let directions = directions()
    var sums = [[Double]](repeating: [], count: directions.count + 1)
    for sample in 0..<samples {
      var means = [Double](repeating: 0, count: directions.count + 1)
      // Seeds, not steps, tell the samples apart, since a loss may depend on the step.
      let draws = task.draws(seed: 1000 + sample, steps: 0..<group)
      for step in draws.steps {
        let seen = task.gradient(at: point, step: step, draws: draws)
        means[0] += seen.loss / Double(group)
        for (index, direction) in directions.enumerated() {
          means[index + 1] += Arrays.dot(seen.gradient, direction) / Double(group)
        }
      }
      for index in means.indices { sums[index].append(means[index]) }
    }
    let exact = task.exactGradient(at: point)
    let exactLoss = task.loss(at: point)
    var failures: [String] = []
    for (index, values) in sums.enumerated() {
      let expected = index == 0 ? exactLoss : Arrays.dot(exact, directions[index - 1])
      let scale = index == 0 ? exactLoss.magnitude : Arrays.norm(exact)
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
      let tolerance = 6 * (variance / count).squareRoot() + (isDouble ? 1e-10 : 1e-3) * scale
      if !((mean - expected).magnitude <= tolerance) {
        failures.append(
          "the mean of seen \(index == 0 ? "losses" : "gradients") over draws is \(mean), not "
            + "\(expected)")
      }
    }
    return failures
  }

  /// Draws in one block and in two.
  func drawFailures() -> [String] {
    let last = effort == .quick ? 2 : max(6, min(40, task.stepsPerBlock))
    let middle = last / 2
    let whole = task.draws(seed: 3, steps: 0..<last)
    let first = task.draws(seed: 3, steps: 0..<middle)
    let second = task.draws(seed: 3, steps: middle..<last)
    var failures: [String] = []
    if whole.values != first.values + second.values || whole.labels != first.labels + second.labels
    {
      failures.append("draws depend on the block that they are made in")
    }
    if !whole.values.allSatisfy(\.isFinite) { failures.append("draws are not all finite") }
    let other = task.draws(seed: 4, steps: 0..<last)
    if !whole.values.isEmpty && whole.values == other.values && whole.labels == other.labels {
      failures.append("draws are the same for two seeds")
    }
    return failures
  }
}

/// The gate of a game's field.
extension Gates {
  private func fieldFailures(of game: some GameTask) -> [String] {
    Gates<_>(task: game, horizon: horizon, target: target, effort: effort).fieldFailures()
  }
}

extension Gates where Task: GameTask {
  func fieldFailures() -> [String] {
    var failures: [String] = []
    let bound = isDouble ? 1e-6 : 1e-2
    for step in steps {
      for (index, point) in points().enumerated() {
        let field = task.exactGradient(at: point, step: step)
        for (player, part) in task.players.enumerated() {
          func ofPlayer(_ vector: [Scalar]) -> [Scalar] {
            vector.indices.map { part.contains($0) ? vector[$0] : 0 }
          }
          for direction in directions() {
            let error = FiniteDifferences.disagreement(
              of: { task.loss(ofPlayer: player, at: $0, step: step) }, gradient: ofPlayer(field),
              at: point, along: ofPlayer(direction))
            if !(error <= bound) {
              failures.append(
                "field of player \(player) at probe \(index), step \(step), differs from finite "
                  + "differences by \(error)")
            }
          }
        }
      }
    }
    return failures
  }
}
