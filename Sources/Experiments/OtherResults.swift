internal import Foundation
internal import Records

// Results of another comparison are not written over without being asked.

extension Runner {
  /// What is known of a comparison before its references are computed.
  struct Known {
    /// The suite without them; see ``Suite/planHash(dataHash:)``.
    let plan: String
    /// What begins the key of each part that is stored.
    let key: String

    init(_ suite: Suite, program: String, dataHash: String?) throws {
      plan = try suite.planHash(dataHash: dataHash)
      key = [plan, program, dataHash ?? "none"].joined(separator: " ")
    }
  }

  /// Looks before the references are computed whether results or parts of another comparison are in the
  /// folder. Those that differ in references alone are found by the run.
  ///
  /// - Throws: ``ExperimentError`` where there are such and they are to be kept.
  package func checkOthers() throws {
    if options.replaces { return }
    let known = try Known(
      suite, program: programHash(), dataHash: options.data.map { try DataFiles.digest($0) })
    let (journal, _) = try Journal.open(
      in: options.output, key: Journal.Key(text: known.key, isOpen: true), replacing: false)
    try checkOthers(journal) { $0.planHash == nil || $0.planHash == known.plan }
  }

  /// - Parameter isOwn: whether a manifest is of this comparison.
  func checkOthers(
    _ journal: Journal, _ isOwn: (ManifestHashes) -> Bool
  ) throws(ExperimentError) {
    if options.replaces { return }
    let (manifest, runs) = (options.output + "/manifest.json", options.output + "/runs.jsonl")
    guard access(manifest, F_OK) == 0 || access(runs, F_OK) == 0 else { return }
    let text = try? String(decoding: Files.read(manifest), as: UTF8.self)
    if let text, let hashes = try? JSONLines.decode(ManifestHashes.self, from: text[...]),
      isOwn(hashes)
    {
      return
    }
    // Its own, cut short while they were put in place.
    if text == nil, try journal.isBegun() { return }
    throw ExperimentError(
      "\(options.output) holds the results of another comparison"
        + (text == nil ? ", without a manifest that could tell which" : "")
        + ": name another folder by --out, or write over them by --replace")
  }
}

/// What a manifest says of which comparison it is.
struct ManifestHashes: Decodable {
  var suiteHash: String
  var planHash: String?
}
