import Foundation
import Testing

/// Every number comes from PortableMath: no other mathematics in the package, whose bits would
/// depend on the machine.
@Suite struct NoForeignMathematicsTests {
  @Test func noneInThePackage() throws {
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let root = here.deletingLastPathComponent().deletingLastPathComponent().standardizedFileURL
    var scanned = 0
    for folder in ["Sources", "Tests", "Notebooks-as-scripts", "Papers", "Studies"] {
      let files = FileManager.default.enumerator(
        at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil,
        options: [.skipsHiddenFiles])
      while let file = files?.nextObject() as? URL {
        let path = String(file.standardizedFileURL.path.dropFirst(root.path.count + 1))
        if path.hasPrefix("Tests/PortableMathTests/") { continue }
        // The C library's functions as a peer that is timed; no result of theirs is kept.
        if path == "Sources/BenchmarkPeers/libm.c" { continue }
        let found: [String]
        switch file.pathExtension {
        case "swift":
          let text = try String(contentsOf: file, encoding: .utf8)
          found = ForeignMathematics.inSwift(text)
          if path.hasPrefix("Sources/PortableMath/") {
            #expect(!text.contains("import "), "\(path): PortableMath imports nothing")
            continue  // and so can only mean its own functions.
          }
        case "c", "h", "inc":
          found = ForeignMathematics.inC(try String(contentsOf: file, encoding: .utf8))
        default: continue
        }
        scanned += 1
        #expect(found.isEmpty, "\(path) takes mathematics from elsewhere; use PortableMath")
      }
    }
    #expect(scanned > 20, "only \(scanned) files found under \(root.path)")
  }

  @Test(arguments: [
    "import Glibc", "internal import Darwin", "import func Musl.exp", "import Darwin.C",
    "let y = exp(x)", "let y = Foundation.log(x)", "y += 2*sqrt (x)", "x.map(tanh)",
    "print(\"loss \\(log(x)) of \\(n)\")", "f(\"a\", pow(2, k))",
    "let s = \"\"\"\n \\(floor(x))\n\"\"\"",
    "let d = \"\\(f(\"(\"))\"; let y = sin(x)",
  ])
  func findsInSwift(text: String) {
    #expect(!ForeignMathematics.inSwift(text).isEmpty)
  }

  @Test(arguments: [
    "import Foundation", "let y = Portable.exp(x)", "// exp(x)", "/* log(x) */ f(x)",
    "let label = \"log(loss)\"", "func log(_ s: String) {}; log(text)", "x.squareRoot()",
    "let exp = 3; g(exp)", "clog(x); logger(x)", "x.rounded(); y.pow(2)",
    "let s = \"\"\"\n exp(x) \\(y)\n\"\"\"",
  ])
  func passesSwift(text: String) {
    #expect(ForeignMathematics.inSwift(text) == [])
  }

  @Test func findsInC() {
    for text in [
      "#include <math.h>", "y = exp(x);", "y = expf(x);", "y = __builtin_log(x);",
      "v = __builtin_elementwise_sin(v);", "y = fma(a, b, c);",
    ] {
      #expect(!ForeignMathematics.inC(text).isEmpty, "\(text)")
    }
    for text in [
      "#include <stdbool.h>", "y = NAME(exp)(x);", "y = __builtin_elementwise_fma(a, b, c);",
      "hg_exp_f64(y, x, n);", "// exp(x)",
    ] {
      #expect(ForeignMathematics.inC(text) == [], "\(text)")
    }
  }
}
