internal import HypergradientRecipes
internal import Kernels
package import PortableMath
internal import Vectors

/// A convolutional network on square grey pictures: one layer of filters, tanh, the greatest value in
/// each square of places, and an affine layer of classes.
///
/// Parameters: the filters (filters × kernel²), their biases, the classes' weights
/// (classes × filters · pooled²), their biases. All arrays of a batch keep positions contiguous.
package struct ConvolutionalNetwork: Sendable {
  package let side: Int
  package let kernel: Int
  /// Places along the side of a square of which the greatest value is taken, the first where several
  /// are.
  package let pool: Int
  package let filters: Int
  package let classes: Int

  /// - Precondition: the kernel fits into a picture, and squares of `pool` fill its places.
  package init(side: Int, kernel: Int, pool: Int, filters: Int, classes: Int) {
    require(
      kernel <= side && (side - kernel + 1) % pool == 0,
      "squares of \(pool) do not fill the places of a kernel of \(kernel) in pictures of \(side)")
    self.side = side
    self.kernel = kernel
    self.pool = pool
    self.filters = filters
    self.classes = classes
  }

  /// Places of a kernel along a side.
  private var places: Int { side - kernel + 1 }
  private var pooled: Int { places / pool }
  private var area: Int { kernel * kernel }
  private var features: Int { filters * pooled * pooled }

  package var parameterGroups: [Range<Int>] {
    var groups: [Range<Int>] = []
    var start = 0
    for count in [filters * area, filters, classes * features, classes] {
      groups.append(start..<start + count)
      start += count
    }
    return groups
  }
  package var parameterCount: Int { filters * (area + 1) + classes * (features + 1) }

  /// Scratch elements for so many pictures.
  package func scratchCount(pictures: Int) -> Int {
    let positions = pictures * places * places
    return positions * (area + 2 * filters) + pictures * (2 * features + classes)
      + pictures * side * side
  }

  /// Where in scratch what stands.
  private struct Places {
    let pictures, patches, maps, slopes, pooled, back, logits: UnsafeMutablePointer<Double>
  }

  private func layout(
    _ scratch: UnsafeMutablePointer<Double>, _ count: Int
  ) -> Places {
    let positions = count * places * places
    let patches = scratch + count * side * side
    let maps = patches + positions * area
    let slopes = maps + positions * filters
    let pooled = slopes + positions * filters
    let back = pooled + count * features
    return Places(
      pictures: scratch, patches: patches, maps: maps, slopes: slopes, pooled: pooled, back: back,
      logits: back + count * features)
  }

  /// The logits, pictures × classes, of the pictures that stand first in `scratch`; they lie in
  /// `scratch`.
  package func logits(
    _ theta: UnsafePointer<Double>, pictures count: Int, scratch: UnsafeMutablePointer<Double>
  ) -> UnsafeMutablePointer<Double> {
    let at = layout(scratch, count)
    let (n, p) = (places, pooled)
    let positions = count * n * n
    for i in 0..<kernel {
      for j in 0..<kernel {
        var out = at.patches + (i * kernel + j) * positions
        for picture in 0..<count {
          let corner = at.pictures + picture * side * side + i * side + j
          for row in 0..<n {
            out.update(from: corner + row * side, count: n)
            out += n
          }
        }
      }
    }
    let biases = theta + filters * area
    for filter in 0..<filters {
      (at.maps + filter * positions).update(repeating: biases[filter], count: positions)
    }
    hg_matmul_f64(
      false, false, filters, positions, area, theta, area, at.patches, positions, at.maps,
      positions, true)
    hg_tanh_f64(at.maps, at.maps, filters * positions)
    for picture in 0..<count {
      for filter in 0..<filters {
        let map = at.maps + filter * positions + picture * n * n
        let out = at.pooled + picture * features + filter * p * p
        for square in 0..<(p * p) { out[square] = map[greatest(of: map, in: square)] }
      }
    }
    let weights = biases + filters
    let offsets = weights + classes * features
    for picture in 0..<count {
      (at.logits + picture * classes).update(from: offsets, count: classes)
    }
    hg_matmul_f64(
      false, true, count, classes, features, at.pooled, features, weights, features, at.logits,
      classes, true)
    return at.logits
  }

  /// The place of the greatest value of a square of a map.
  private func greatest(of map: UnsafePointer<Double>, in square: Int) -> Int {
    let corner = square / pooled * pool * places + square % pooled * pool
    var best = corner
    for row in 0..<pool {
      for place in (corner + row * places)..<(corner + row * places + pool)
      where map[place] > map[best] { best = place }
    }
    return best
  }

  /// Writes, or adds, the gradient after ``logits(_:pictures:scratch:)`` with the same scratch, whose
  /// logits were replaced by the loss's derivatives.
  package func backward(
    _ theta: UnsafePointer<Double>, pictures count: Int,
    into gradient: UnsafeMutablePointer<Double>, adding: Bool,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let at = layout(scratch, count)
    let (n, p) = (places, pooled)
    let positions = count * n * n
    let weights = theta + filters * (area + 1)
    let slope = gradient + filters * (area + 1)
    hg_matmul_f64(
      true, false, classes, features, count, at.logits, classes, at.pooled, features, slope,
      features, adding)
    let offsets = slope + classes * features
    if !adding { offsets.update(repeating: 0, count: classes) }
    for picture in 0..<count {
      for k in 0..<classes { offsets[k] += at.logits[picture * classes + k] }
    }
    hg_matmul_f64(
      false, false, count, features, classes, at.logits, classes, weights, features, at.back,
      features, false)
    at.slopes.update(repeating: 0, count: filters * positions)
    for picture in 0..<count {
      for filter in 0..<filters {
        let map = at.maps + filter * positions + picture * n * n
        let back = at.back + picture * features + filter * p * p
        let slope = at.slopes + filter * positions + picture * n * n
        for square in 0..<(p * p) { slope[greatest(of: map, in: square)] = back[square] }
      }
    }
    hg_tanh_backward_f64(at.slopes, at.maps, filters * positions)
    hg_matmul_f64(
      false, true, filters, area, positions, at.slopes, positions, at.patches, positions, gradient,
      area, adding)
    for filter in 0..<filters {
      let sum = BlockSums.sum(at.slopes + filter * positions, count: positions)
      let place = filters * area + filter
      gradient[place] = adding ? gradient[place] + sum : sum
    }
  }

  /// Weights of standard deviation 1/√fan, biases 0.
  package func start(_ key: RandomKey) -> [Double] {
    var stream = RandomStream(key)
    let first = stream.normals(filters * area).map { $0 / Double(kernel) }
    let second = stream.normals(classes * features).map { $0 / Double(features).squareRoot() }
    return first + [Double](repeating: 0, count: filters) + second
      + [Double](repeating: 0, count: classes)
  }
}
