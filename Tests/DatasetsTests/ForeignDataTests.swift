import Datasets
import Foundation
import Testing

/// Files that are not what they should be, names and pipes.
@Suite struct ForeignDataTests {
  @Test(
    arguments: [
      ([0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59], "bzip2"),
      ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4], "xz"), ([0x50, 0x4b, 3, 4, 20], "zip"),
      ([0x28, 0xb5, 0x2f, 0xfd, 4], "Zstandard"), ([0x1f, 0x9d, 0x90], "compress"),
      (
        Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12\n".utf8),
        "Git LFS"
      ),
      (Array("/annex/objects/SHA256E-s1--a\n".utf8), "git-annex"),
      (Array("<!DOCTYPE html><html>".utf8), "web page"), (Array("\n<HTML>".utf8), "web page"),
      (Array("sep=;\na;b\n1;x\n".utf8), "a spreadsheet's line of the separator"),
      (Array("\u{feff}SEP=,\r\na,b\r\n1,x\r\n".utf8), "a spreadsheet's line of the separator"),
      (Array("@RELATION iris\n".utf8), "ARFF"), (Array("{\"a\": 1}".utf8), "JSON"),
      ([0x93] + Array("NUMPY".utf8), "NumPy"), ([0x89] + Array("HDF\r\n".utf8), "HDF5"),
      (Array("PAR1".utf8) + [0x15, 4], "Parquet"), (Array("SQLite format 3\0".utf8), "SQLite"),
      ([0, 0, 8, 3, 0, 0], "binary"),
    ] as [([UInt8], String)])
  func namesTheFormat(bytes: [UInt8], what: String) throws {
    for (name, stored) in [("a1a", bytes), ("a1a.gz", bytes), ("a1a.gz", storedGzip(bytes))] {
      for kind in ["libsvm", "csv", "log"] {
        let found = try failure(stored, name: name) { path throws(DataError) in
          switch kind {
          case "libsvm": _ = try LIBSVM.load(file: path)
          case "csv": _ = try CSV.load(file: path)
          default: _ = try NumericTable(file: path)
          }
        }
        #expect(found.contains(what), "\(found)")
        #expect(found.hasPrefix(name + ": expected"), "\(found)")
      }
    }
    if what != "binary" && !["web page", "ARFF", "JSON"].contains(what), !what.hasPrefix("a s") {
      let found = try failure(bytes) { path throws(DataError) in _ = try IDXReader.images(path) }
      #expect(found.contains(what), "\(found)")
    }
  }

  @Test func gzipInGzip() throws {
    let found = try failure(storedGzip(storedGzip([1, 2, 3]))) { path throws(DataError) in
      _ = try CSV.load(file: path)
    }
    #expect(found.contains("gzip data in gzip data"))
  }

  /// A small file that unpacks to a large one is given up at the bound.
  @Test func bombsAreBounded() throws {
    var limits = DataLimits()
    limits.textBytes = 100_000
    let member = storedGzip([UInt8](repeating: 10, count: 1000), blockSize: 1000)
    let bytes = (0..<200).flatMap { _ in member }
    do throws(DataError) {
      let reader = try DataReader(bytes, file: "b", .text, limit: limits.textBytes)
      _ = try CSV.read(reader, CSV.Format(), limits)
      Issue.record("no error")
    } catch {
      #expect(error.message == "expected at most 100000 bytes when unpacked, found more")
    }
    // More than the file says, or than is read of pictures.
    var pictures = DataLimits()
    pictures.pixels = 50
    try withFolder { folder in
      for (sizes, count, message) in [
        ([100, 1, 1], 100, "expected at most 50 bytes after the header, found 100×1×1"),
        ([1, 1, 1], 1_200_000, "expected 1×1×1 bytes after the header, found more than 1"),
        ([1 << 31, 1 << 31, 4], 1_200_000, "found more than 50"),
      ] {
        let packed = storedGzip(idx(sizes, [UInt8](repeating: 0, count: count)), blockSize: 60_000)
        try write(packed, to: folder + "i")
        do throws(DataError) {
          _ = try IDXReader.array(folder + "i", dimensions: 3, of: "images", pictures)
          Issue.record("no error")
        } catch { #expect(error.message.contains(message), "\(error)") }
      }
    }
  }

  @Test func namesWhyAFileIsNotRead() throws {
    try withFolder { folder in
      func reason(_ path: String) -> String {
        do throws(DataError) {
          _ = try DataFile.bytes(path)
          return "no error"
        } catch { return error.message }
      }
      #expect(reason(folder + "absent") == "no such file")
      #expect(reason(folder + "absent/x") == "no such file")
      try write([1], to: folder + "file")
      #expect(reason(folder + "file/x") == "no such file")
      #expect(
        reason(folder + String(repeating: "n", count: 300)) == "can't be read: File name too long")
      symlink(folder + "loop", folder + "loop")
      #expect(reason(folder + "loop").hasPrefix("can't be read: "))
      if geteuid() != 0 {
        chmod(folder + "file", 0)
        #expect(reason(folder + "file") == "can't be read: Permission denied")
      }
    }
  }

  // MARK: Names

  @Test(
    arguments: [
      Array("plain".utf8), Array("caf\u{e9}".utf8), [0x63, 0x61, 0x66, 0xe9], [0xff, 0xfe, 0x80],
      [0xf4, 0x8f, 0xbe, 0x80], [0xe2, 0x82], [0x61, 0xc3, 0x28], Array("\u{10ffe9}".utf8),
    ] as [[UInt8]])
  func keepsNamesThatAreNoUTF8(name: [UInt8]) throws {
    let text = FileName.text(name)
    let back = FileName.withBytes(text) { bytes in
      (0..<strlen(bytes)).map { UInt8(bitPattern: bytes[$0]) }
    }
    #expect(back == name)
    try withFolder { folder in
      var path = Array((folder + "").utf8) + name
      path.append(0)
      let file = path.withUnsafeBytes {
        fopen($0.baseAddress!.assumingMemoryBound(to: CChar.self), "w")
      }
      // A file system may refuse such names.
      guard let file else { return }
      fputs("1,a\n2,b\n", file)
      fclose(file)
      let names = try DataFile.names(inFolder: folder)
      #expect(names == [text])
      #expect(try CSV.load(file: folder + text).features == [1, 2])
    }
    #expect(!DataError(text, "x").description.unicodeScalars.contains { $0.value >= 0x10_ff80 })
  }

  @Test func errorsShowWhatCannotBeSeen() {
    #expect(DataError("a\nb\u{202e}\u{a0}é", "x").description == "a\\nb\\u{202E}\\u{A0}é: x")
    #expect(DataError(FileName.text([0x61, 0xe9]), "x").description == "a\\xE9: x")
    #expect(DataError("", "x").description == "\"\": x")
  }

  // MARK: Pipes

  @Test func readsAPipeOnce() throws {
    try withFolder { folder in
      for (text, packed) in [("x,k\n1,a\n2,b\n", false), ("x,k\n1,a\n2,b\n", true)] {
        let path = folder + "pipe\(packed)"
        #expect(mkfifo(path, 0o600) == 0)
        let bytes = packed ? storedGzip(Array(text.utf8)) : Array(text.utf8)
        let writer = Thread {
          guard let file = fopen(path, "w") else { return }
          fwrite(bytes, 1, bytes.count, file)
          fclose(file)
        }
        writer.start()
        let source = DataSource(path)
        #expect(try CSV.read(source).data.features == [1, 2])
        var again: [UInt8] = []
        try source.forEachPiece { again += $0 }
        #expect(again == bytes)
        #expect(try CSV.read(source).data.features == [1, 2])
      }
    }
  }

  @Test func devicesAreBounded() {
    var limits = DataLimits()
    limits.streamBytes = 1 << 20
    for (path, message) in [
      ("/dev/zero", "expected at most 1048576 bytes of a pipe or device"),
      ("/dev/null", "the file is empty"),
    ] {
      do throws(DataError) {
        _ = try CSV.read(DataSource(path, limits: limits))
        Issue.record("no error")
      } catch { #expect(error.message.hasPrefix(message)) }
    }
  }
}
