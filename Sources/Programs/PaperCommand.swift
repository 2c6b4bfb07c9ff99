public import ArgumentParser
internal import Experiments
internal import Records

/// One paper in the program `papers`: does what was published again, and shows both side by side.
public protocol PaperCommand: ParsableCommand {
  /// The first author and the year, `baydin2018`: on the command line, and of what is written.
  static var name: String { get }
  /// What is done again, in one line.
  static var abstract: String { get }
  /// What the folder is that `--data` names.
  static var data: String { get }
}

extension PaperCommand {
  public static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: name, abstract: abstract)
  }

  /// ``data`` of papers that train on MNIST.
  public static var mnistFolder: String { "The folder of MNIST's four IDX files, plain or .gz." }
}

/// The options of every paper, and what becomes of its tables.
public struct PaperOptions<Paper: PaperCommand>: ParsableArguments {
  @Option(help: ArgumentHelp(Paper.data), transform: OptionText.name) public var data: String
  @OptionGroup var threads: JobsOption
  @Option(
    help: "The folder for the tables; default results/\(Paper.name).",
    transform: OptionText.output)
  public var out = "results/\(Paper.name)"

  public init() {}

  public var jobs: Int { threads.jobs }

  /// Before the work, so that a folder that can't be made stops it.
  public func makeFolder() throws { try Files.makeFolder(out) }

  /// Writes the page, `baydin2018.md`, and other files beside it, and prints the page, the digest of
  /// the record and where the page is.
  ///
  /// - Parameters:
  ///   - tables: what the page is called in the last line.
  ///   - record: the file that holds every number.
  ///   - others: more files, by name.
  public func publish(
    _ page: String, called tables: String = "tables", record: (name: String, text: String)? = nil,
    others: [(name: String, text: String)] = []
  ) throws {
    let path = "\(out)/\(Paper.name).md"
    for (name, text) in [record].compactMap({ $0 }) + others {
      try Files.write(text, to: "\(out)/\(name)")
    }
    try Files.write(page, to: path)
    print(page)
    if let record { print("SHA-256 of \(record.name): \(Digest.sha256(record.text))") }
    print("\(tables): \(path)")
  }
}
