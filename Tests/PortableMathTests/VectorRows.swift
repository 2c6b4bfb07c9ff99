import Foundation

/// The rows of a table in Vectors, its first line left out.
func vectorRows(_ file: String) throws -> [[String]] {
  let url = Bundle.module.bundleURL.appendingPathComponent("Vectors/" + file)
  let text = try String(contentsOf: url, encoding: .utf8)
  return text.split(separator: "\n").dropFirst().map { line in
    line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}

extension AccuracyPoints {
  /// The regions of a function in Vectors/regions.csv.
  static func regions(of function: Int) throws -> [Region] {
    let name = functions[function].name
    return try vectorRows("regions.csv").filter { $0[0] == name }.map { row in
      if row[1] == "multiples" { return .multiples(UInt64(row[2])!) }
      return .between(Double(row[1])!.bitPattern, Double(row[2])!.bitPattern)
    }
  }
}
