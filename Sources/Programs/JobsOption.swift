internal import ArgumentParser
internal import Foundation

/// How many threads a command works with.
package struct JobsOption: ParsableArguments {
  @Option(
    help: "Threads, on which no number depends; default as many as the processor has.",
    transform: OptionText.whole)
  package var jobs = ProcessInfo.processInfo.activeProcessorCount

  package init() {}

  package func validate() throws { try check("--jobs", jobs, in: 1...1024) }
}
