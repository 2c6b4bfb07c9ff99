/// Files that are no data that can be read, told by how they begin.
enum ForeignFormat {
  /// So many bytes tell.
  static let neededBytes = 512

  /// What to say of a file that begins so; `nil` where it may be what it should.
  static func error(
    _ bytes: [UInt8], _ content: DataReader.Content, file: String
  ) -> DataError? {
    for (signature, what) in signatures where bytes.starts(with: signature) {
      return DataError(file, "expected the data, plain or as gzip, found \(what)")
    }
    if bytes.count > 262, bytes[257..<262].elementsEqual("ustar".utf8) {
      return DataError(file, "expected the data, plain or as gzip, found a tar archive: unpack it")
    }
    if bytes.starts(with: "BZh".utf8), bytes.count > 9, bytes[4] == 0x31, bytes[5] == 0x41 {
      return DataError(file, "expected the data, plain or as gzip, found bzip2 data: unpack them")
    }
    let pointers = [
      ("version https://git-lfs.github.com/spec/", "Git LFS", "git lfs pull"),
      ("/annex/objects/", "git-annex", "git annex get"),
    ]
    for (beginning, tool, command) in pointers where bytes.starts(with: beginning.utf8) {
      return DataError(
        file, "expected the data, found a pointer of \(tool) to them: '\(command)' fetches them")
    }
    guard content == .text else { return nil }
    // UTF-32 begins as UTF-16 does.
    for mark: [UInt8] in [[0xff, 0xfe], [0xfe, 0xff], [0, 0, 0xfe, 0xff]]
    where bytes.starts(with: mark) {
      return DataError(
        file, "expected text in UTF-8, found UTF-16 or UTF-32: 'iconv -t utf-8' converts it")
    }
    if let place = bytes.prefix(4096).firstIndex(of: 0) {
      return DataError(
        file,
        "expected text in UTF-8, found the byte 0 as its byte \(place + 1): binary data, or UTF-16?"
      )
    }
    let text = String(decoding: bytes.prefix(64), as: UTF8.self)
      .drop { $0.isWhitespace || $0 == "\u{feff}" }.lowercased()
    for (beginning, what) in texts where text.hasPrefix(beginning) {
      return DataError(file, "expected lines of data, found \(what)")
    }
    return nil
  }

  private static let signatures: [(bytes: [UInt8], what: String)] = [
    ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xz data: unpack them"),
    ([0x50, 0x4b, 3, 4], "a zip archive (or a spreadsheet, or NumPy's npz): unpack it"),
    ([0x50, 0x4b, 5, 6], "an empty zip archive"),
    ([0x28, 0xb5, 0x2f, 0xfd], "Zstandard data: unpack them"),
    ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "a 7z archive: unpack it"),
    ([0x04, 0x22, 0x4d, 0x18], "LZ4 data: unpack them"),
    ([0x1f, 0x9d], "data of compress (.Z): unpack them"),
    (Array("LZIP".utf8) + [1], "lzip data: unpack them"),
    (Array("Rar!".utf8) + [0x1a], "a RAR archive: unpack it"),
    (Array("PAR1".utf8) + [0x15], "Parquet data: export them as CSV"),
    (Array("ARROW1".utf8) + [0], "Arrow data: export them as CSV"),
    (Array("FEA1".utf8) + [0], "Feather data: export them as CSV"),
    ([0x89] + Array("HDF".utf8), "HDF5 data: export them as CSV"),
    ([0x93] + Array("NUMPY".utf8), "a NumPy array: export it as CSV"),
    (Array("MATLAB 5.0".utf8), "MATLAB data: export them as CSV"),
    (Array("SQLite format 3".utf8), "a SQLite database: export it as CSV"),
    ([0xd0, 0xcf, 0x11, 0xe0], "an old spreadsheet: export it as CSV"),
    (Array("%PDF-".utf8), "a PDF document"),
    ([0x89] + Array("PNG".utf8), "a PNG picture"),
    ([0xff, 0xd8, 0xff], "a JPEG picture"),
    (Array("RDX2\n".utf8), "data of R: export them as CSV"),
    (Array("RDX3\n".utf8), "data of R: export them as CSV"),
  ]

  private static let texts: [(beginning: String, what: String)] = [
    ("<!doctype", "a web page: was the download refused?"),
    ("<html", "a web page: was the download refused?"),
    ("<?xml", "XML"),
    ("@relation", "ARFF: export them as CSV"),
    ("{\"", "JSON: export them as CSV"),
    ("[{", "JSON: export them as CSV"),
    ("[[", "JSON: export them as CSV"),
    ("sep=", "a spreadsheet's line of the separator: leave it out, and name that by --separator"),
  ]
}
