internal import Foundation
internal import Testing

/// Every option of every command with the numbers at which arithmetic ends: a message or a result,
/// never a trap. The options are those that the program itself declares.
@Suite struct ExtremeOptionTests {
  private static var isBuilt: Bool { BuiltProgram.isBuilt }

  private struct Command: Decodable {
    let commandName: String
    let subcommands: [Command]?
    let arguments: [Argument]?
  }
  private struct Argument: Decodable {
    struct Name: Decodable {
      let kind, name: String
    }
    let kind: String
    let names: [Name]?
    let isOptional: Bool?
  }

  static let numbers = [
    "0", "-0", "1", "-1", "5e-324", "1.7976931348623157e308", "-1.7976931348623157e308", "nan",
    "inf",
    "9223372036854775807", "-9223372036854775808", "9223372036854775808", "4611686018427387904",
    "-2...9223372036854775807", "-9223372036854775808...9223372036854775807", "1,1", "",
  ]

  /// What a command needs beside the option, so that its numbers are looked at; each ends soon.
  private static let calls: [String: [String]] = [
    "compare": ["--suite", "nowhere.yaml"],
    "calibrate": ["--suite", "nowhere.yaml"],
    "train": ["--task", "ellipsoid(dimension: 2)", "--method", "sgd + constant(0.01)"],
    "replay": ["--schedule", "constant(1)"],
    "bench": ["--rows", "nothing", "--quick"],
    "list": [], "report": ["nowhere"],
  ]

  @Test(.enabled(if: isBuilt)) func noOptionTraps() throws {
    let help = try BuiltProgram.inFolder { folder in
      try BuiltProgram.run(["--experimental-dump-help"], in: folder)
    }
    struct Tool: Decodable { let command: Command }
    let tool = try JSONDecoder().decode(Tool.self, from: Data(help.output.utf8))
    let commands = (tool.command.subcommands ?? []).filter { $0.commandName != "help" }
    var options = 0
    for command in commands {
      guard let call = Self.calls[command.commandName] else { continue }
      for argument in command.arguments ?? [] where argument.kind == "option" {
        guard let name = argument.names?.first(where: { $0.kind == "long" })?.name else { continue }
        options += 1
        for number in Self.numbers {
          var arguments = [command.commandName] + call
          if let place = arguments.firstIndex(of: "--" + name) {
            arguments.removeSubrange(place...(place + 1))
          }
          // A run of as many steps as can be counted does not end by itself.
          if command.commandName == "train", name != "steps", name != "epochs" {
            arguments += ["--steps", "3"]
          }
          if command.commandName == "train", name == "epochs" || name == "steps",
            (Int(number) ?? 0) > 1
          {
            continue
          }
          if command.commandName == "replay", name != "steps" { arguments += ["--steps", "3"] }
          // Rows are named by a part of their names, and most have a 0 or a 1: no row has this one.
          arguments.append("--\(name)=\(name == "rows" ? "nothing" : "")\(number)")
          let outcome = try BuiltProgram.inFolder { folder in
            try BuiltProgram.run(arguments, in: folder)
          }
          #expect((0...64).contains(outcome.code), "\(arguments): \(outcome)")
        }
      }
    }
    #expect(options > 20)
  }

  /// Numbers of steps that no run can have.
  @Test(
    .enabled(if: isBuilt),
    arguments: ["9223372036854775807", "4611686018427387904", "1000000000001"])
  func aRunHasAnEnd(_ steps: String) throws {
    for arguments in [
      [
        "train", "--task", "ellipsoid(dimension: 2)", "--method", "sgd + constant(1)", "--steps",
        steps,
      ],
      ["compare", "--suite", "smoke", "--steps", steps],
      ["replay", "--schedule", "constant(1)", "--steps", steps],
      [
        "train", "--task", "ellipsoid(dimension: 2)", "--method", "sgd + constant(1)",
        "--evaluations",
        steps,
      ],
    ] {
      let outcome = try BuiltProgram.inFolder { folder in
        try BuiltProgram.run(arguments, in: folder)
      }
      #expect(outcome.code != 0 && outcome.output.isEmpty, "\(outcome)")
      #expect(outcome.errors.first?.contains("is \(steps), not in") == true, "\(outcome.errors)")
    }
  }
}
