/// The rank of each value, from 1 for the least; equal values share the mean of their ranks.
///
/// - Precondition: no value is NaN.
public func midranks(_ values: [Double]) -> [Double] {
  precondition(!values.contains { $0.isNaN }, "a rank of NaN")
  let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
  var ranks = [Double](repeating: 0, count: values.count)
  var first = 0
  while first < order.count {
    var end = first + 1
    while end < order.count && values[order[end]] == values[order[first]] { end += 1 }
    // Ranks first + 1 … end.
    let rank = Double(first + 1 + end) / 2
    for position in first..<end { ranks[order[position]] = rank }
    first = end
  }
  return ranks
}
