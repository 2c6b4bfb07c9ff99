public import ArgumentParser
internal import Foundation
internal import Records

extension ParsableCommand {
  /// Parses the program's arguments and runs what they ask for. Any mistake of the user's ends in
  /// one line on standard error, `papers: --jobs is 0, …`, and exit code 1.
  public static func mainInOneLine() {
    StandardStreams.begin()
    let name = configuration.commandName ?? "\(Self.self)"
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch  where exitCode(for: error).isSuccess {
      let text = fullMessage(for: error)  // Help, or a shell's completions.
      if !text.isEmpty { print(text) }
    } catch {
      Progress.say(StandardStreams.oneLine("\(name): \(message(for: error))"))
      Foundation.exit(1)
    }
    if let failure = StandardStreams.failureOfOutput() {
      Progress.say("\(name): \(failure)")
      Foundation.exit(1)
    }
  }
}

/// - Throws: a `ValidationError` where an option's number is outside its range.
public func check(_ option: String, _ value: Int, in range: ClosedRange<Int>) throws {
  guard !range.contains(value) else { return }
  throw ValidationError(
    "\(option) is \(value), expected a number from \(range.lowerBound) to \(range.upperBound)")
}
