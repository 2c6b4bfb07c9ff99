internal import Foundation
internal import Testing

/// Names of what is written, and data that can't be read: one line, and nothing is made.
@Suite struct OutputNameTests {
  private static var isBuilt: Bool { BuiltProgram.isBuilt }

  /// A name with a byte that is part of no character is refused; one of any characters is written.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      "train --task 'ellipsoid(dimension: 2)' --method 'sgd + constant(0.01)' --steps 3 --out",
      "replay --schedule 'constant(1)' --steps 3 --out",
      "replay --schedule 'constant(1)' --steps 3 --plot",
      "find-lr --task 'ellipsoid(dimension: 2)' --rates 20 --seeds 1 --out",
      "find-lr --task 'ellipsoid(dimension: 2)' --rates 20 --seeds 1 --plot",
      "list schedules --markdown --pictures",
    ]) func aNameThatIsNoUTF8IsRefused(_ call: String) throws
  {
    let ending = call.hasSuffix("--plot") ? ".svg" : call.hasSuffix("--out") ? ".csv" : ""
    for argument in [" \"$(printf 'a\\377')\(ending)\"", "=\"$(printf '\\303(b')\(ending)\""] {
      try BuiltProgram.inFolder { folder in
        let outcome = try BuiltProgram.shell("$hypergrad \(call)\(argument)", in: folder)
        #expect(outcome.code != 0)
        #expect(
          outcome.errors.first?.contains("the name of what is written is to be UTF-8") == true,
          "\(outcome.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
      }
    }
    try BuiltProgram.inFolder { folder in
      let name = "η \u{fffd} \u{10ff80}" + ending
      let outcome = try BuiltProgram.shell("$hypergrad \(call) '\(name)'", in: folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [name])
    }
  }

  /// A picture's name is one, and what can't be written is told before the work.
  @Test(.enabled(if: isBuilt), arguments: ["find-lr --rates 20 --seeds 1", "search --steps 20"])
  func aPicturesNameIsOne(_ call: String) throws {
    for (name, message) in [
      ("p.png", "give a name that ends in .svg"),
      ("nowhere/p.svg", "nowhere/p.svg can't be written"),
    ] {
      try BuiltProgram.inFolder { folder in
        let outcome = try BuiltProgram.shell(
          "$hypergrad \(call) --task 'ellipsoid(dimension: 2)' --out o.csv --plot \(name)",
          in: folder)
        #expect(outcome.code != 0 && outcome.output.isEmpty)
        #expect(outcome.errors.first?.contains(message) == true, "\(outcome.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
      }
    }
  }

  /// No output takes the place of what is read, nor of another output, by whatever name.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      ("find-lr --task csvLogistic --data d.csv --rates 20 --out ./d.csv", "--data reads"),
      ("search --task csvLogistic --data d.csv --steps 8 --out link", "--data reads"),
      (
        "train --task csvLogistic --data d.csv --method 'sgd + constant(0.1)' --steps 8 --out d.csv",
        "--data reads"
      ),
      (
        "train --task csvLogistic --data d.csv --method 'sgd + constant(0.1)' --steps 8 "
          + "--checkpoint link", "--data reads"
      ),
      ("replay --controller 'constant(1)' --input d.csv --out d.csv", "--input reads"),
      ("find-lr --task ellipsoid --rates 20 --out a.svg --plot ./a.svg", "the same file"),
      ("search --task ellipsoid --steps 8 --out a.svg --plot a.svg", "the same file"),
      ("replay --schedule 'constant(1)' --steps 8 --out a.csv --plot a.csv", "a.csv"),
      (
        "train --task ellipsoid --method 'sgd + constant(0.1)' --steps 8 --out a --checkpoint a",
        "the same file"
      ),
      (
        "train --task ellipsoid --method 'sgd + constant(0.1)' --steps 8 --page p/q "
          + "--out p/q/history.csv", "the same file"
      ),
    ]) func noFileIsNamedTwice(_ call: String, _ message: String) throws
  {
    try BuiltProgram.inFolder { folder in
      let data = "a,b,label\n" + (0..<40).map { "\($0),\(-$0),\($0 % 2)\n" }.joined()
      try data.write(toFile: folder + "/d.csv", atomically: false, encoding: .utf8)
      let outcome = try BuiltProgram.shell("ln -s d.csv link; $hypergrad \(call)", in: folder)
      #expect(outcome.code != 0 && outcome.output.isEmpty, "\(outcome)")
      #expect(outcome.errors.first?.contains(message) == true, "\(outcome.errors)")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["d.csv", "link"])
      #expect(try String(contentsOfFile: folder + "/d.csv", encoding: .utf8) == data)
    }
  }

  /// Data that are there and can't be read are not absent.
  @Test(
    .enabled(if: isBuilt),
    arguments: [
      ("nowhere", "nowhere: there is no such file or folder; --data names the data"),
      ("file/data", "file/data: there is no such file or folder; --data names the data"),
      ("loop", "loop can't be read: Too many levels of symbolic links"),
      (String(repeating: "n", count: 300), "can't be read: File name too long"),
    ]) func dataThatCanNotBeReadAreToldSo(_ path: String, _ message: String) throws
  {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.shell(
        "touch file; ln -s loop loop; $hypergrad bench --quick --rows nothing --data \(path)",
        in: folder)
      #expect(outcome.code == 1 && outcome.output.isEmpty)
      #expect(
        outcome.errors.count == 1 && outcome.errors[0].hasSuffix(message), "\(outcome.errors)")
    }
  }
}
