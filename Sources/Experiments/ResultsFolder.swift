internal import Foundation

/// `manifest.json`, `runs.jsonl`, `timings.csv` and `traces.csv` of a comparison.
public enum ResultsFolder {
  /// Runs in the order in which they are written.
  static func sorted(_ runs: [RunRecord]) -> [RunRecord] {
    runs.sorted { a, b in
      let left = (a.part.rawValue, a.task, a.rule, a.method, a.seed, a.rateIndex)
      let right = (b.part.rawValue, b.task, b.rule, b.method, b.seed, b.rateIndex)
      return left == right ? (a.hyperIndex ?? -1) < (b.hyperIndex ?? -1) : left < right
    }
  }

  static func sorted(_ traces: [RunTrace]) -> [RunTrace] {
    traces.sorted { a, b in
      (a.task, a.rule, a.method, a.seed, a.rateIndex)
        < (b.task, b.rule, b.method, b.seed, b.rateIndex)
    }
  }

  /// One line a run.
  static func lines(_ runs: [RunRecord]) throws -> String {
    var text = ""
    for run in runs { text += try JSONLines.encode(run) + "\n" }
    return text
  }

  static func traceTable(_ traces: [RunTrace]) -> String {
    var text = "task,rule,method,seed,rateIndex,step,gap,loss,learningRate\n"
    for trace in traces {
      let name = "\(trace.task),\(trace.rule),\(trace.method),\(trace.seed),\(trace.rateIndex)"
      for i in trace.steps.indices {
        text += "\(name),\(trace.steps[i]),\(trace.gaps[i]),\(trace.losses[i]),"
        text += "\(trace.learningRates[i])\n"
      }
    }
    return text
  }

  /// Reads a folder that a comparison wrote.
  ///
  /// - Throws: ``ExperimentError`` that says which file is missing or damaged, and where.
  public static func read(_ folder: String) throws -> Results {
    let manifest = try decode(Manifest.self, folder + "/manifest.json")
    let runsText = try text(folder + "/runs.jsonl")
    let digest = Digest.sha256(runsText)
    guard digest == manifest.digest else {
      throw ExperimentError(
        "\(folder)/runs.jsonl has the digest \(digest.prefix(12))…, the manifest names "
          + "\(manifest.digest.prefix(12))…: the file was changed after it was written")
    }
    var runs: [RunRecord] = []
    for (number, line) in runsText.split(separator: "\n").enumerated() {
      do { runs.append(try JSONLines.decode(RunRecord.self, from: line)) } catch {
        throw ExperimentError("\(folder)/runs.jsonl:\(number + 1): not a run")
      }
    }
    let traces = try readTraces(folder + "/traces.csv")
    return Results(
      suite: manifest.suite, runs: runs, traces: traces, digest: digest,
      provenance: manifest.provenance)
  }

  private static func readTraces(_ path: String) throws -> [RunTrace] {
    var traces: [RunTrace] = []
    for (number, line) in try text(path).split(separator: "\n").enumerated().dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard cells.count == 9, let seed = Int(cells[3]), let rate = Int(cells[4]),
        let step = Int(cells[5]), let gap = Double(cells[6]), let loss = Double(cells[7]),
        let learningRate = Double(cells[8])
      else { throw ExperimentError("\(path):\(number + 1): expected nine cells of a trace") }
      let isSame =
        traces.last.map {
          $0.task == cells[0] && $0.rule == cells[1] && $0.method == cells[2] && $0.seed == seed
            && $0.rateIndex == rate
        } ?? false
      if !isSame {
        traces.append(
          RunTrace(
            task: cells[0], rule: cells[1], method: cells[2], seed: seed, rateIndex: rate,
            steps: [], gaps: [], losses: [], learningRates: []))
      }
      traces[traces.count - 1].steps.append(step)
      traces[traces.count - 1].gaps.append(gap)
      traces[traces.count - 1].losses.append(loss)
      traces[traces.count - 1].learningRates.append(learningRate)
    }
    return traces
  }

  private static func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    do { return try JSONLines.decode(type, from: Substring(try text(path))) } catch let error
      as ExperimentError
    { throw error } catch {
      throw ExperimentError("\(path): not what a comparison writes")
    }
  }

  private static func text(_ path: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ExperimentError(
        "\(path): there is no such file; name a folder that 'hypergrad compare' wrote")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
