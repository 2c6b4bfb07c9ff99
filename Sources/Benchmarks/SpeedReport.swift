internal import Foundation
internal import Reporting

/// What was measured, as tables for the terminal and the documentation, and as JSON.
public struct SpeedReport: Sendable {
  public var machine: Machine
  public var outcomes: [Outcome]
  /// What was left out, and why.
  public var notes: [String]
  /// The command that measured.
  public var command: String

  public init(machine: Machine, outcomes: [Outcome], notes: [String], command: String) {
    self.machine = machine
    self.outcomes = outcomes
    // A peer that is not there is missed by each row and repeat.
    var said: Set<String> = []
    self.notes = notes.filter { said.insert($0).inserted }
    self.command = command
  }

  /// The command of these arguments, with words for the paths of the machine that it ran on.
  public static func command(arguments: [String]) -> String {
    let words = ["--data": "FOLDER", "--python": "PYTHON", "--markdown": "FILE", "--json": "FILE"]
    var shown = ["hypergrad"]
    var last = ""
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1)
      if let word = words[last] {
        shown.append(word)
      } else if parts.count == 2, let word = words[String(parts[0])] {
        shown.append("\(parts[0]) \(word)")
      } else {
        shown.append(argument)
      }
      last = argument
    }
    return shown.joined(separator: " ")
  }

  /// One table for each part.
  var tables: [Table] {
    var parts: [String] = []
    for outcome in outcomes where !parts.contains(outcome.part) { parts.append(outcome.part) }
    return parts.map { part in table(part, outcomes.filter { $0.part == part }) }
  }

  private func table(_ part: String, _ outcomes: [Outcome]) -> Table {
    Table(
      name: part, title: part,
      caption: "Medians, with quartiles in brackets, of \(repeats(outcomes)) repeats in turns.",
      provenance: machine.text,
      columns: [
        .bare("work"), .bare("threads", format: .fixed(0)), .bare("ours"), .bare("beside"),
        .bare("its time"), .bare("ratio", format: .significant(3)), .bare("goal"),
        .bare("goal is"),
      ], rows: outcomes.map { row($0) })
  }

  private func repeats(_ outcomes: [Outcome]) -> String {
    let counts = Set(outcomes.map(\.ours.repeats)).sorted()
    return counts.map { "\($0)" }.joined(separator: " or ")
  }

  private func row(_ outcome: Outcome) -> [Table.Cell] {
    let work = outcome.contest
    guard let peer = outcome.peer else {
      return [
        .text(work), .number(Double(outcome.threads)), .text(TimeText.text(outcome.ours)),
        .missing, .missing, .missing, .missing, .missing,
      ]
    }
    var name = peer.name
    if let variant = peer.variant { name += " (\(variant))" }
    if let preparation = peer.preparation {
      name += ", compiled in \(TimeText.text(preparation))"
    }
    return [
      .text(work), .number(Double(outcome.threads)), .text(TimeText.text(outcome.ours)),
      .text(name), .text(TimeText.text(peer.spread)), .optional(outcome.ratio),
      peer.goal.map { .text($0.text) } ?? .missing,
      outcome.isMet.map { .text($0 ? "met" : "missed") } ?? .missing,
    ]
  }

  /// The versions of the peers' libraries.
  public var versions: [String] {
    Set(outcomes.compactMap { $0.peer?.version }.filter { !$0.isEmpty }).sorted()
  }

  /// How many goals there are, and how many are met.
  public var summary: String {
    let judged = outcomes.compactMap(\.isMet)
    guard !judged.isEmpty else { return "no goals: nothing was compared" }
    return "\(judged.count { $0 }) of \(judged.count) goals met"
  }

  /// For a terminal of that width.
  public func terminal(width: Int) -> String {
    var text = tables.map { $0.terminal(width: width) }.joined(separator: "\n")
    for note in notes { text += "note: \(note)\n" }
    return text + "\(summary)\n\(machine.text)\n"
  }

  /// A page of the documentation.
  public var markdown: String {
    var lines = [
      "# Speed", "",
      "Measured by `\(command)` on this machine:", "",
      "- \(machine.text)",
    ]
    if !versions.isEmpty { lines.append("- beside " + versions.joined(separator: ", ")) }
    lines += [
      "",
      "Ours and theirs take turns in one run, after a warm-up; times are medians with the quartiles "
        + "in brackets. The ratio is the other's time over ours, so that more is better; beside a "
        + "floor it is our time over the floor's. A floor is what plain loops in C take that read "
        + "and write as many vectors in as many passes. A goal that is missed is shown as missed.",
      "", "\(summary).", "",
    ]
    for table in tables { lines.append(table.markdown) }
    if !notes.isEmpty {
      lines += ["## Left out", ""] + notes.map { "- \($0)" } + [""]
    }
    return lines.joined(separator: "\n")
  }

  /// Everything, in seconds.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    let file = File(
      command: command, machine: machine, notes: notes, peers: versions,
      rows: outcomes.map { File.Row($0) })
    return String(decoding: try encoder.encode(file), as: UTF8.self) + "\n"
  }

  private struct File: Encodable {
    struct Row: Encodable {
      var part: String
      var work: String
      var threads: Int
      var ours: Spread
      var peer: String?
      var peerVersion: String?
      var peerVariant: String?
      var peerTime: Spread?
      var peerPreparation: Double?
      var ratio: Double?
      var goal: String?
      var isMet: Bool?
      var remark: String?

      init(_ outcome: Outcome) {
        part = outcome.part
        work = outcome.contest
        threads = outcome.threads
        ours = outcome.ours
        peer = outcome.peer?.name
        peerVersion = outcome.peer?.version
        peerVariant = outcome.peer?.variant
        peerTime = outcome.peer?.spread
        peerPreparation = outcome.peer?.preparation
        ratio = outcome.ratio
        goal = outcome.peer?.goal?.text
        isMet = outcome.isMet
        remark = outcome.remark
      }
    }
    var command: String
    var machine: Machine
    var notes: [String]
    var peers: [String]
    var rows: [Row]
  }
}
