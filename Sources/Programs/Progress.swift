internal import Foundation

/// What a program says to a person while it works, on standard error; results go to standard output.
public enum Progress {
  public static func say(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }
}
