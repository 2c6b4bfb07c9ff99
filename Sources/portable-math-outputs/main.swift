// portable-math-outputs <function>: reads little-endian doubles from standard input (pairs for pow)
// and writes the function's values. Tests/PortableMathTests/Accuracy/measure.py calls it.
internal import Foundation
internal import PortableMath

let functions: [String: (Double) -> Double] = [
  "exp": Portable.exp, "expm1": Portable.expm1, "log": Portable.log, "log1p": Portable.log1p,
  "sin": Portable.sin, "cos": Portable.cos, "tanh": Portable.tanh, "erf": Portable.erf,
  "inverseNormal": Portable.inverseNormal,
]

let name = CommandLine.arguments.dropFirst().first ?? ""
let input = FileHandle.standardInput.readDataToEndOfFile()
let arguments = input.withUnsafeBytes { bytes in
  (0..<bytes.count / 8).map {
    Double(
      bitPattern: UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)))
  }
}
let values: [Double]
if name == "pow" {
  values = (0..<arguments.count / 2).map { Portable.pow(arguments[2 * $0], arguments[2 * $0 + 1]) }
} else if let function = functions[name] {
  values = arguments.map(function)
} else {
  let known = (functions.keys + ["pow"]).sorted().joined(separator: ", ")
  FileHandle.standardError.write(Data("unknown function '\(name)'; one of \(known)\n".utf8))
  exit(2)
}
let output = values.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
FileHandle.standardOutput.write(output)
