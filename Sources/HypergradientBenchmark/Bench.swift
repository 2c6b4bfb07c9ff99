internal import ArgumentParser
internal import Benchmarks
internal import Commands
internal import Datasets
internal import Foundation
internal import Programs
internal import Records
internal import Reporting

struct Bench: NamingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures the speed of the package on this machine, beside its peers.",
    discussion: """
      Examples:
        swift run -c release hypergrad bench
        hypergrad bench --rows sgd-hd --rows sgemm --repeats 15
        hypergrad bench --compare --python PYTHON --data FOLDER --markdown speed.md
        hypergrad bench --quick --json -
        hypergrad bench --costs --markdown Documentation/Costs.md
        hypergrad bench --costs --rows dog --rows adam

      Peers of --compare: PyTorch, JAX and OpenBLAS, as pinned in
      Sources/Benchmarks/Peers/requirements.txt; one that is not installed is left
      out with a line.
      """)

  @Option(
    parsing: .singleValue,
    help: "Only the rows that contain this, such as sgd-hd, 1e6 or 128x1000; may be repeated.")
  var rows: [String] = []
  @Flag(help: "Three repeats and smaller sweeps, to see that everything works.")
  var quick = false
  @Option(
    help: "Repeats of each measurement; default 9, or 3 with --quick.",
    transform: OptionText.whole)
  var repeats: Int?
  @Option(
    help:
      "The largest number of threads; rows that gain from it are measured with 1 too; default all.",
    transform: OptionText.whole)
  var threads = ProcessInfo.processInfo.activeProcessorCount
  @Flag(help: "In place of all this what every rule, controller and method costs over its base.")
  var costs = false
  @Flag(help: "Measure the peers beside ours, in the same run.")
  var compare = false
  @Option(help: "A Python interpreter that has the peers.")
  var python = "python3"
  @Option(
    help: "The folder of MNIST's files; random data of its shape stand in.",
    transform: OptionText.name)
  var data: String?
  @Option(help: "Also write the tables to this file, as Markdown.", transform: OptionText.output)
  var markdown: String?
  @Option(
    help: "Also write everything to this file, as JSON; - for standard output.",
    transform: OptionText.output)
  var json: String?

  @Option(help: .hidden)
  var instructions: String?
  @Option(help: .hidden)
  var steps = 1
  @Option(help: .hidden)
  var serveOpenBLAS: String?

  func validate() throws {
    try check("--repeats", repeats ?? 1, in: 1...10_000)
    try check("--threads", threads, in: 1...64)
    if costs, compare || json != nil {
      throw ValidationError("--costs takes --rows, --quick, --repeats and --markdown alone")
    }
    if steps < 1 { throw ValidationError("--steps is \(steps), not at least 1") }
  }

  func run(_ names: Names) throws {
    try OutputFiles.check([("--markdown", markdown), ("--json", json == "-" ? nil : json)])
    if let serveOpenBLAS { return OpenBLASServer.run(library: serveOpenBLAS) }
    if let instructions { return try Instructions.run(instructions, steps: steps) }
    if costs { return try measureCosts(names) }
    try measure()
  }

  private func measureCosts(_ names: Names) throws {
    let machine = Machine.this
    warnOfDebug(machine)
    let costs = try MethodCosts(
      repeats: repeats ?? (quick ? 3 : 9), words: rows, names: names
    ) {
      if Terminal.isInteractive { Terminal.replaceLine($0) } else { Terminal.error($0) }
    }
    Terminal.endLine()
    print(costs.table(provenance: machine.text).terminal(width: 160))
    if let markdown { try Files.write(costs.page(machine: machine), to: markdown) }
  }

  private func warnOfDebug(_ machine: Machine) {
    if !machine.isOptimized {
      Terminal.error("this is a debug build: its times mean nothing; swift run -c release …")
    }
  }

  private func measure() throws {
    if let data { try DataFiles.check(data) }
    let setting = Setting(
      threads: threads, data: data,
      peers: compare ? PeerLibrary(python: python, program: Program.path) : nil, isQuick: quick)
    let contests = try Contests.chosen(rows, setting)
    let machine = Machine.this
    warnOfDebug(machine)
    let referee = Referee(
      repeats: repeats ?? (quick ? 3 : 9), leastSeconds: quick ? 0.02 : 0.05)
    var report = SpeedReport(
      machine: machine, outcomes: [], notes: [],
      command: SpeedReport.command(arguments: Array(CommandLine.arguments.dropFirst())))
    if data == nil { report.notes.append("no --data: epochs run on random data of MNIST's shape") }
    if !compare { report.notes.append("no --compare: the peers in Python were not measured") }
    for (index, contest) in contests.enumerated() {
      let line = "\(index + 1)/\(contests.count) \(contest.name)"
      if Terminal.isInteractive { Terminal.replaceLine(line) } else { Terminal.error(line) }
      report.outcomes += try referee.outcomes(of: contest) { report.notes.append($0) }
    }
    Terminal.endLine()
    if json != "-" { print(report.terminal(width: 160)) }
    if let markdown { try Files.write(report.markdown, to: markdown) }
    if let json {
      try json == "-" ? print(report.json(), terminator: "") : Files.write(report.json(), to: json)
    }
  }
}
