internal import ArgumentParser

/// Which suite a command is about, its data, and which of its tasks.
struct SuiteOptions: ParsableArguments {
  @Option(help: "A built-in suite (see 'hypergrad list suites') or a file that ends in .yaml.")
  var suite = "core"
  @OptionGroup var data: DataOptions
  @Option(help: "Only these tasks: a,b,c.", transform: Words.init(text:))
  var tasks: Words?
}
