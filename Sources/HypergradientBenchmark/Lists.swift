internal import ArgumentParser

/// `a,b,c` on the command line.
struct Words: ExpressibleByArgument {
  var words: [String]
  init?(argument: String) {
    words = argument.split(separator: ",").map { String($0.trimmingPrefix(while: { $0 == " " })) }
    if words.isEmpty { return nil }
  }
}

/// `1,2,101...105` on the command line.
struct Seeds: ExpressibleByArgument {
  var numbers: [Int] = []
  init?(argument: String) {
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "...", omittingEmptySubsequences: false).map { Int($0) }
      // No seed is below zero, so that no difference is too large.
      guard let low = ends[0], low >= 0, let high = ends.last ?? nil, ends.count <= 2, low <= high,
        high - low < Self.most, numbers.count + (high - low) < Self.most
      else { return nil }
      numbers += Array(low...high)
    }
  }

  /// Seeds of a comparison.
  private static let most = 10_000
}
