internal import ArgumentParser
internal import Programs
internal import Records

/// Where a command's picture goes.
struct PictureOption: ParsableArguments {
  @Option(help: "The file of the picture, SVG.", transform: OptionText.output)
  var plot: String?

  func validate() throws {
    guard let plot else { return }
    let name = plot.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard name.lowercased().hasSuffix(".svg"), name.count > 4 else {
      throw ValidationError(
        "--plot \(plot): a picture is written as SVG; give a name that ends in .svg")
    }
  }

  /// Writes the picture of a command's work, where one is asked for.
  func write(
    of command: String, rule: String, task: String, _ svg: (_ provenance: String) -> String
  ) throws {
    guard let plot else { return }
    try Files.write(
      svg("hypergrad \(command), rule \(rule), task \(task), version \(packageVersion)"),
      to: plot)
  }
}
