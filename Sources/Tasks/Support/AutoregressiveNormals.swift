internal import HypergradientRecipes
internal import Hypergradient
internal import PortableMath

/// Standard normal vectors z_t, each element an AR(1) process in the step, E z_t z_{t+k} = ρ^|k|, that
/// may be asked for from any step on.
///
/// A recursion z_t = ρ z_{t−1} + √(1−ρ²) n_t would need all steps before. Here each step has a normal
/// vector n_t of its own, and z_t is drawn between the two steps around it that a higher power of two
/// divides, from the process's own conditional distribution: for t an odd multiple of m = 2^j,
///
///     z_t = r/(1+r²)·(z_{t−m} + z_{t+m}) + √((1−r²)/(1+r²))·n_t        r = ρ^m
///
/// Multiples of M, the least power of two with |ρ|^M ≤ 2⁻⁵³, are independent to rounding: z_t = n_t.
/// So z_t is a function of (key, t) alone: the cut of a block changes no bit, and costs at most
/// 2 log₂ M vectors more.
struct AutoregressiveNormals: Sendable {
  let dimension: Int
  let key: RandomKey
  /// r/(1+r²) and √((1−r²)/(1+r²)) for m = 1, 2, 4, …, M/2.
  private let weights: [(neighbours: Double, own: Double)]

  /// - Precondition: |correlation| < 1.
  init(dimension: Int, correlation: Double, key: RandomKey) {
    require(correlation.magnitude < 1, "correlation is \(correlation), not in (−1, 1)")
    self.dimension = dimension
    self.key = key
    var weights: [(neighbours: Double, own: Double)] = []
    var r = correlation
    while r.magnitude > 0x1p-53 {
      let square = r * r
      weights.append((r / (1 + square), ((1 - square) / (1 + square)).squareRoot()))
      r = square
    }
    self.weights = weights
  }

  /// z of these steps, row by row.
  ///
  /// - Precondition: the steps are at least 0.
  func values(_ steps: Range<Int>) -> [Double] {
    if steps.isEmpty { return [] }
    // The multiples of a power of two that enclose the steps, from M down to 1.
    func multiples(_ level: Int) -> ClosedRange<Int> {
      let size = 1 << level
      return (steps.lowerBound >> level)...((steps.upperBound - 1 + size - 1) >> level)
    }
    var coarse = multiples(weights.count)
    var known: [Double] = []
    for place in coarse { known.append(contentsOf: own(place << weights.count)) }
    for level in weights.indices.reversed() {
      let (neighbours, share) = weights[level]
      let fine = multiples(level)
      var values: [Double] = []
      values.reserveCapacity(fine.count * dimension)
      for place in fine {
        let left = (place / 2 - coarse.lowerBound) * dimension
        if place % 2 == 0 {
          values.append(contentsOf: known[left..<(left + dimension)])
          continue
        }
        let normals = own(place << level)
        for i in 0..<dimension {
          values.append(
            neighbours * (known[left + i] + known[left + dimension + i]) + share * normals[i])
        }
      }
      (coarse, known) = (fine, values)
    }
    return known
  }

  /// n_t.
  private func own(_ step: Int) -> [Double] {
    var stream = RandomStream(key, step: step)
    return stream.normals(dimension)
  }
}
