package import ArgumentParser
internal import Foundation
internal import HypergradientRecipes
internal import Records

extension ParsableCommand {
  /// Parses the program's arguments, runs what they ask for, and sees that all that was printed has
  /// arrived. A mistake in the arguments ends with what is wrong, how the command is called, and exit
  /// code 64; whatever goes wrong after that in one line on standard error, `papers: …`, and exit code 1.
  ///
  /// - Parameter run: runs the command. Commands are decoded from arguments; what they know beside these
  ///   is handed over here.
  package static func mainWithStreams(
    _ run: (any ParsableCommand) throws -> Void = {
      var command = $0
      try command.run()
    }
  ) {
    StandardStreams.begin()
    // Help is fitted to that width, and none is not one.
    if let columns = getenv("COLUMNS"), (Int(String(cString: columns)) ?? 0) < 20 {
      unsetenv("COLUMNS")
    }
    do {
      let arguments = OptionText.joiningNegativeNumbers(Array(CommandLine.arguments.dropFirst()))
      if let fault = faultOfCommand(arguments) { throw ValidationError(fault) }
      let command = try parseAsRoot(arguments)
      do { try run(command) } catch  where !isTheCallsOwn(error) {
        Progress.say(StandardStreams.oneLine("\(_commandName): \(words(error))"))
        throw ExitCode(1)
      }
    } catch  where exitCode(for: error).isSuccess {
      let text = fullMessage(for: error)  // Help, the version, or a shell's completions.
      if !text.isEmpty { print(text) }
    } catch {
      exit(withError: error)
    }
    if let failure = StandardStreams.failureOfOutput() {
      Progress.say("\(_commandName): \(failure)")
      Foundation.exit(1)
    }
  }

  /// Whether an error of a command is about how it was called, or says how the program is to end.
  private static func isTheCallsOwn(_ error: any Error) -> Bool {
    error is ValidationError || error is ExitCode || exitCode(for: error).isSuccess
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

/// What an error says; the system's own in its words for people.
private func words(_ error: any Error) -> String {
  error is CocoaError || error is POSIXError || type(of: error) == NSError.self
    ? error.localizedDescription : "\(error)"
}
