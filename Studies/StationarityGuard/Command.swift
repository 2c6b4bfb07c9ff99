public import ArgumentParser
internal import Programs

public struct Command: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "stationarity-guard",
    abstract: "Trains under guards against learning from noise, and prints the tables.")

  @Argument(
    help: "Instances of each kind of noise, from 101; default 5.", transform: OptionText.whole)
  var instances = 5

  public init() {}

  public func validate() throws { try check("<instances>", instances, in: 1...1000) }

  public func run() throws {
    GuardTables(instances: 101...(100 + instances)).forEachLine { print($0) }
  }
}
