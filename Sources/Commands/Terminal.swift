package import ArgumentParser
package import Experiments
internal import Foundation
internal import HypergradientRecipes
internal import Records

/// Ends the command with one line on standard error and exit code 1 where the body throws.
package func inOneLine(_ body: () throws -> Void) throws {
  do { try body() } catch let code as ExitCode { throw code } catch {
    Terminal.error(StandardStreams.oneLine("hypergrad: \(words(error))"))
    throw ExitCode(1)
  }
}

/// What an error says; the system's own in its words for people.
private func words(_ error: any Error) -> String {
  error is CocoaError || error is POSIXError || type(of: error) == NSError.self
    ? error.localizedDescription : "\(error)"
}

/// What is written to a person, on standard error; where it can't be written it is dropped.
package enum Terminal {
  /// Whether standard error is a terminal that can replace a line.
  package static var isInteractive: Bool { StandardStreams.isInteractive }
  static var columns: Int { StandardStreams.columns }

  package static func error(_ line: String) { StandardStreams.say(line) }

  /// A line in place of the last one, on a terminal.
  package static func replaceLine(_ line: String) { StandardStreams.replaceLine(line) }

  /// Leaves the live line as it is, and goes on below it.
  package static func endLine() { StandardStreams.endLine() }
}

extension ParsableCommand {
  /// Parses the program's arguments, runs what they ask for, and sees that all that was printed
  /// has arrived.
  package static func mainWithStreams(_ names: Names) {
    StandardStreams.begin()
    do {
      let arguments = OptionText.joiningNegativeNumbers(Array(CommandLine.arguments.dropFirst()))
      if let fault = faultOfCommand(arguments) { throw ValidationError(fault) }
      // Commands are decoded from arguments; what they know beside these is handed over here.
      var command = try parseAsRoot(arguments)
      if let command = command as? any NamingCommand {
        try command.run(names)
      } else {
        try command.run()
      }
    } catch  where exitCode(for: error).isSuccess {
      let text = fullMessage(for: error)  // Help, the version, or a shell's completions.
      if !text.isEmpty { print(text) }
    } catch {
      exit(withError: error)
    }
    if let failure = StandardStreams.failureOfOutput() {
      Terminal.error("hypergrad: \(failure)")
      Foundation.exit(1)
    }
  }

  /// What is wrong with the first word, or the one after `help`, where it is no command.
  private static func faultOfCommand(_ arguments: [String]) -> String? {
    let known = configuration.subcommands.map { $0._commandName }
    guard let word = arguments.first == "help" ? arguments.dropFirst().first : arguments.first,
      !word.hasPrefix("-"), !(known + ["help"]).contains(word)
    else { return nil }
    return unknownName(word, kind: "command", among: known)
  }
}
