internal import Hypergradient

/// A number by its bits, whatever it is.
struct CodedBits: Codable {
  let value: Double
  init(_ value: Double) { self.value = value }
  init(from decoder: any Decoder) throws {
    value = Double(bitPattern: try decoder.singleValueContainer().decode(UInt64.self))
  }
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value.bitPattern)
  }
}

extension Trainer: Encodable {
  enum Key: String, CodingKey {
    case parameters, groups, method, progress, history, callbacks, counts, best, identity, options,
      endsNext
  }

  enum GroupKey: String, CodingKey { case name, isFrozen, optimizer }
  enum BestKey: String, CodingKey { case parameters, optimizers, method }

  /// What a checkpoint of this training must agree with, a line each: the model, the type of its
  /// numbers, how many they are, its callbacks with the lengths of their memories, its groups with their
  /// texts or types, what a method and an optimizer without a text were made with, how batches are
  /// counted, and what the best is judged by. It must agree with the options that change numbers, too.
  public var identity: [String] {
    var lines = [
      "model '\(options.model)'", "\(Scalar.self) parameters", "\(parameters.count) parameters",
      "\(oracle.shape.batchesPerEpoch.map { "\($0)" } ?? "no") batches an epoch",
      "\(options.accumulation) batches a step", "\(options.metric.rawValue) as the metric",
      "\(callbacks.count) callbacks",
    ]
    lines += callbacks.map {
      "callback \(type(of: $0))" + ($0.memoryGrows ? "" : " with \($0.memory.count) numbers")
    }
    lines += groups.flatMap(\.identity)
    if let made {
      lines.append("method \(type(of: made))")
      lines += CodedWords.lines(of: made, as: "method")
    }
    return lines
  }

  /// All that the next step depends on, but for the problem: ``restore(from:)`` reads it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(identity, forKey: .identity)
    try container.encode(options.words, forKey: .options)
    try container.encode(coded(parameters), forKey: .parameters)
    var list = container.nestedUnkeyedContainer(forKey: .groups)
    for group in groups {
      var one = list.nestedContainer(keyedBy: GroupKey.self)
      try one.encode(group.name, forKey: .name)
      try one.encode(group.isFrozen, forKey: .isFrozen)
      try one.encode(group.optimizer, forKey: .optimizer)
    }
    if let method { try encode(method, to: &container, .method) }
    try container.encode(progress, forKey: .progress)
    // Ended by its last step, and not told so yet.
    if endsNext || (isUnderWay && progress.ending != nil) {
      try container.encode(true, forKey: .endsNext)
    }
    try container.encode(oracle.counts, forKey: .counts)
    try container.encode(history.map(CodedRow.init), forKey: .history)
    try container.encode(callbacks.map { $0.memory.map(CodedDouble.init) }, forKey: .callbacks)
    if let best {
      var one = container.nestedContainer(keyedBy: BestKey.self, forKey: .best)
      try one.encode(coded(best.parameters), forKey: .parameters)
      var list = one.nestedUnkeyedContainer(forKey: .optimizers)
      for name in best.optimizers.keys.sorted() {
        var group = list.nestedContainer(keyedBy: GroupKey.self)
        try group.encode(name, forKey: .name)
        try group.encode(best.optimizers[name]!, forKey: .optimizer)
      }
      if let method = best.method { try encode(method, to: &one, .method) }
    }
  }

  private func encode<K: CodingKey>(
    _ method: any TrainingMethod<Scalar>, to container: inout KeyedEncodingContainer<K>, _ key: K
  ) throws {
    func open<M: TrainingMethod<Scalar>>(_ method: M) throws {
      try container.encode(method, forKey: key)
    }
    try open(method)
  }

  private func coded(_ vector: [Scalar]) -> [CodedDouble] {
    vector.map { CodedDouble(Double($0)) }
  }

  /// Takes over what a trainer of the same problem, groups and callbacks has written, and goes on
  /// with its bits.
  ///
  /// - Throws: `DecodingError` where it was another's or is damaged; the trainer is then as it was.
  public mutating func restore(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func fail(_ key: Key, _ message: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: message)
    }
    func expect(_ lines: [String], _ mine: [String], _ key: Key) throws {
      for place in 0..<max(lines.count, mine.count) {
        let (theirs, own) = (
          place < lines.count ? lines[place] : "nothing",
          place < mine.count ? mine[place] : "nothing"
        )
        if theirs != own { throw fail(key, "it has \(theirs), and this training \(own)") }
      }
    }
    try expect(try container.decode([String].self, forKey: .identity), identity, .identity)
    try expect(try container.decode([String].self, forKey: .options), options.words, .options)
    func vector<K: CodingKey>(
      _ container: KeyedDecodingContainer<K>, _ key: K
    ) throws -> [Scalar] {
      let numbers = try container.decode([CodedDouble].self, forKey: key)
      guard numbers.count == parameters.count else {
        throw fail(.parameters, "\(numbers.count) numbers, expected \(parameters.count)")
      }
      return numbers.map { Scalar.nearest(to: $0.value) }
    }
    func method<K: CodingKey>(
      _ container: KeyedDecodingContainer<K>, _ key: K
    ) throws -> (any TrainingMethod<Scalar>)? {
      func read<M: TrainingMethod<Scalar>>(_: M) throws -> any TrainingMethod<Scalar> {
        try container.decode(M.self, forKey: key)
      }
      return try self.method.map { try read($0) }
    }
    var read = self
    read.parameters = try vector(container, .parameters)
    var list = try container.nestedUnkeyedContainer(forKey: .groups)
    for k in groups.indices {
      let one = try list.nestedContainer(keyedBy: GroupKey.self)
      read.groups[k].isFrozen = try one.decode(Bool.self, forKey: .isFrozen)
      try read.groups[k].optimizer.restore(from: one.superDecoder(forKey: .optimizer))
    }
    read.method = try method(container, .method)
    read.progress = try container.decode(TrainingProgress.self, forKey: .progress)
    guard read.progress.rates.count == progress.rates.count else {
      throw fail(.progress, "\(read.progress.rates.count) rates, expected \(progress.rates.count)")
    }
    read.oracle.counts = try container.decode(EvaluationCounts.self, forKey: .counts)
    read.history = try container.decode([CodedRow].self, forKey: .history).map(\.row)
    guard !read.progress.hasPartialRow || !read.history.isEmpty else {
      throw fail(.history, "there is no row")
    }
    let memories = try container.decode([[CodedDouble]].self, forKey: .callbacks)
    guard memories.count == callbacks.count else {
      throw fail(.callbacks, "\(memories.count) callbacks, expected \(callbacks.count)")
    }
    for (place, memory) in memories.enumerated() {
      guard callbacks[place].memoryGrows || memory.count == callbacks[place].memory.count else {
        throw fail(
          .callbacks,
          "\(memory.count) numbers of a callback, expected \(callbacks[place].memory.count)")
      }
      read.callbacks[place].memory = memory.map(\.value)
    }
    read.best = nil
    if container.contains(.best) {
      let one = try container.nestedContainer(keyedBy: BestKey.self, forKey: .best)
      var kept = Best(
        parameters: try vector(one, .parameters), optimizers: [:], method: try method(one, .method))
      var list = try one.nestedUnkeyedContainer(forKey: .optimizers)
      while !list.isAtEnd {
        let group = try list.nestedContainer(keyedBy: GroupKey.self)
        let name = try group.decode(String.self, forKey: .name)
        guard var optimizer = groups.first(where: { $0.name == name })?.optimizer else {
          throw fail(.best, "there is no group '\(name)'")
        }
        try optimizer.restore(from: group.superDecoder(forKey: .optimizer))
        kept.optimizers[name] = optimizer
      }
      read.best = kept
    }
    read.isUnderWay = false
    read.endsNext = try container.decodeIfPresent(Bool.self, forKey: .endsNext) ?? false
    self = read
  }
}

extension ValidationScore {
  fileprivate var bits: [CodedBits] { [CodedBits(loss)] + (accuracy.map { [CodedBits($0)] } ?? []) }

  fileprivate init?(_ bits: [CodedBits]) {
    guard let loss = bits.first?.value else { return nil }
    self.init(loss: loss, accuracy: bits.count > 1 ? bits[1].value : nil)
  }
}

private struct CodedRow: Codable {
  let step: Int
  let epoch: CodedBits?
  let loss: CodedBits
  let validation: [CodedBits]
  let learningRates: [CodedBits]

  init(_ row: TrainingRow) {
    step = row.step
    epoch = row.epoch.map(CodedBits.init)
    loss = CodedBits(row.loss)
    validation = row.validation?.bits ?? []
    learningRates = row.learningRates.map(CodedBits.init)
  }

  var row: TrainingRow {
    TrainingRow(
      step: step, epoch: epoch?.value, loss: loss.value, validation: ValidationScore(validation),
      learningRates: learningRates.map(\.value))
  }
}

extension TrainingProgress: Codable {
  private enum Key: String, CodingKey {
    case step, thirds, idleThirds, skipped, skippedInARow, epochsBegun, epochsEnded, lossSum
    case lossCount, lastLoss, lastScore, metric, bestMetric, scoresSinceBest, rates, ending
    case hasPartialRow, scoredSum, scoredCount
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for (key, count) in counts { try container.encode(self[keyPath: count], forKey: key) }
    for (key, number) in [(Key.lossSum, lossSum), (.scoredSum, scoredSum), (.lastLoss, lastLoss)] {
      try container.encode(CodedBits(number), forKey: key)
    }
    try container.encode(lastScore?.bits ?? [], forKey: .lastScore)
    try container.encodeIfPresent(metric.map(CodedBits.init), forKey: .metric)
    try container.encodeIfPresent(bestMetric.map(CodedBits.init), forKey: .bestMetric)
    try container.encode(rates.map(CodedBits.init), forKey: .rates)
    try container.encodeIfPresent(ending, forKey: .ending)
    try container.encode(hasPartialRow, forKey: .hasPartialRow)
  }

  private var counts: [(Key, WritableKeyPath<TrainingProgress, Int>)] {
    [
      (.step, \.step), (.thirds, \.thirds), (.idleThirds, \.idleThirds), (.skipped, \.skipped),
      (.skippedInARow, \.skippedInARow), (.epochsBegun, \.epochsBegun),
      (.epochsEnded, \.epochsEnded), (.lossCount, \.lossCount),
      (.scoresSinceBest, \.scoresSinceBest), (.scoredCount, \.scoredCount),
    ]
  }

  init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: Key.self)
    func number(_ key: Key) throws -> Double {
      try container.decode(CodedBits.self, forKey: key).value
    }
    func numberOrNone(_ key: Key) throws -> Double? {
      try container.decodeIfPresent(CodedBits.self, forKey: key)?.value
    }
    for (key, count) in counts {
      let value = try container.decode(Int.self, forKey: key)
      guard 0...(1 << 53) ~= value else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container, debugDescription: "\(value) is no count")
      }
      self[keyPath: count] = value
    }
    lossSum = try number(.lossSum)
    scoredSum = try number(.scoredSum)
    lastLoss = try number(.lastLoss)
    lastScore = ValidationScore(try container.decode([CodedBits].self, forKey: .lastScore))
    metric = try numberOrNone(.metric)
    bestMetric = try numberOrNone(.bestMetric)
    rates = try container.decode([CodedBits].self, forKey: .rates).map(\.value)
    ending = try container.decodeIfPresent(TrainingEnding.self, forKey: .ending)
    hasPartialRow = try container.decode(Bool.self, forKey: .hasPartialRow)
  }
}
