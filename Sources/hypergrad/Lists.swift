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
    for part in argument.split(separator: ",") {
      let ends = part.split(separator: ".", omittingEmptySubsequences: true).map { Int($0) }
      switch (ends.count, ends.first ?? nil, ends.last ?? nil) {
      case (1, let number?, _): numbers.append(number)
      case (2, let low?, let high?) where part.contains("...") && low <= high:
        let (length, isTooLong) = high.subtractingReportingOverflow(low)
        guard !isTooLong, length < 10_000 else { return nil }
        numbers += Array(low...high)
      default: return nil
      }
    }
    if numbers.isEmpty { return nil }
  }
}
