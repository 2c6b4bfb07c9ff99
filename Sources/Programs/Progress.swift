internal import Records

/// What a program says to a person while it works, on standard error; results go to standard output.
public enum Progress {
  /// Says one line; where it can't be written it is dropped.
  public static func say(_ line: String) { StandardStreams.say(line) }
}
