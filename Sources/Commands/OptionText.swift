internal import ArgumentParser
internal import Datasets

/// What an option's text names.
package enum OptionText {
  /// A file's name, whatever its bytes are.
  package static func name(_ argument: String) throws -> String {
    guard let name = FileName.argument(argument) else {
      throw ValidationError(
        "the names of two files differ only in bytes that are no UTF-8")
    }
    return name
  }

  /// The name of a file or folder that is written.
  package static func output(_ argument: String) throws -> String {
    // Other bytes have become U+FFFD, which may also be in a name itself.
    guard argument.unicodeScalars.contains("\u{fffd}") else { return argument }
    guard let name = FileName.argument(argument),
      FileName.withBytes(name, { String(validatingCString: $0) }) == argument
    else { throw ValidationError("the name of what is written is to be UTF-8") }
    return argument
  }
}
