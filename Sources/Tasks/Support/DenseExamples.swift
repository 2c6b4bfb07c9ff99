internal import Hypergradient
internal import Kernels
internal import PortableMath

/// Rows of features with one target each, and their minibatches.
///
/// A step's draw holds the batch's features twice, so that both products of a linear model run along
/// contiguous memory: features × batch, then batch × features, then the targets.
struct DenseExamples: Sendable {
  let dimension: Int
  /// Examples × dimension, row-major.
  let rows: [Double]
  /// One an example.
  let targets: [Double]
  let batches: Minibatches

  var count: Int { targets.count }
  var batch: Int { batches.batch }
  var valuesPerStep: Int { batch * (2 * dimension + 1) }
  /// As many steps as stay within a core's second-level cache.
  var stepsPerBlock: Int { max(1, 32_768 / valuesPerStep) }

  /// The minibatches of a block of steps.
  func draws(seed: Int, steps: Range<Int>) -> Draws<Double> {
    let d = dimension
    let indices = batches.indices(seed: seed, steps: steps)
    let values = [Double](unsafeUninitializedCapacity: valuesPerStep * steps.count) { out, count in
      for step in 0..<steps.count {
        let block = out.baseAddress! + step * valuesPerStep
        for slot in 0..<batch {
          let example = indices[step * batch + slot]
          for j in 0..<d {
            let feature = rows[example * d + j]
            block[j * batch + slot] = feature
            block[batch * d + slot * d + j] = feature
          }
          block[2 * batch * d + slot] = targets[example]
        }
      }
      count = out.count
    }
    return Draws(steps: steps, valuesPerStep: valuesPerStep, values: values)
  }

  /// Σ over examples of row·rowᵀ times `weights`, into a dimension × dimension matrix.
  func secondMoment(weights: [Double]? = nil) -> [Double] {
    let d = dimension
    var scaled = rows
    if let weights {
      for i in 0..<count {
        let root = weights[i].squareRoot()
        for j in 0..<d { scaled[i * d + j] *= root }
      }
    }
    var moment = [Double](repeating: 0, count: d * d)
    hg_matmul_f64(true, false, d, d, count, scaled, d, scaled, d, &moment, d, false)
    return moment
  }

  /// rows·θ, one number an example.
  func products(_ theta: [Double]) -> [Double] {
    var products = [Double](repeating: 0, count: count)
    hg_matmul_f64(
      false, false, count, 1, dimension, rows, dimension, theta, 1, &products, 1, false)
    return products
  }

  /// weightsᵀ·rows, one number a feature.
  func combination(_ weights: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: dimension)
    hg_matmul_f64(
      false, false, 1, dimension, count, weights, count, rows, dimension, &sum, dimension, false)
    return sum
  }

  /// Normal rows whose covariance has eigenvalues evenly spaced in their logarithm from
  /// 1/`condition` to 1, rotated; keyed by `name` and `instance`.
  static func normalRows(
    count: Int, dimension d: Int, condition: Double, name: String, instance: Int
  ) -> [Double] {
    let spectrum = RotatedQuadratic.logSpaced(count: d, condition: condition)
    let rotation = HaarRotation.matrix(
      dimension: d, key: RandomKey(name + ".rotation", instance))
    var stream = RandomStream(RandomKey(name + ".features", instance))
    let scales = spectrum.map { ($0 / condition).squareRoot() }
    var normals = stream.normals(count * d)
    for i in 0..<count {
      for j in 0..<d { normals[i * d + j] *= scales[j] }
    }
    var rows = [Double](repeating: 0, count: count * d)
    hg_matmul_f64(false, false, count, d, d, normals, d, rotation, d, &rows, d, false)
    return rows
  }
}
