internal import ArgumentParser
internal import Foundation
internal import Programs

/// How many threads a command works with.
struct JobsOption: ParsableArguments {
  @Option(
    help: "Threads, on which no number depends; default as many as the processor has.",
    transform: OptionText.whole)
  var jobs = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws { try check("--jobs", jobs, in: 1...1024) }
}
