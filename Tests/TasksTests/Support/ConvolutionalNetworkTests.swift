import PortableMath
import Tasks
import Testing

struct ConvolutionalNetworkTests {
  /// The logits by their definition, place by place.
  @Test(arguments: [(4, 3, 1), (4, 3, 2), (6, 3, 2), (6, 3, 4), (5, 2, 2), (7, 1, 7), (3, 3, 1)])
  func logitsAreTheirDefinition(_ side: Int, _ kernel: Int, _ pool: Int) {
    let (filters, classes, count) = (3, 4, 5)
    let network = ConvolutionalNetwork(
      side: side, kernel: kernel, pool: pool, filters: filters, classes: classes)
    var stream = RandomStream(RandomKey("tests.convolution", side, kernel, pool))
    let theta = stream.normals(network.parameterCount)
    let pictures = stream.normals(count * side * side)
    var scratch = [Double](repeating: .nan, count: network.scratchCount(pictures: count))
    for i in pictures.indices { scratch[i] = pictures[i] }
    let found = scratch.withUnsafeMutableBufferPointer { scratch in
      Array(
        UnsafeBufferPointer(
          start: network.logits(theta, pictures: count, scratch: scratch.baseAddress!),
          count: count * classes))
    }
    let places = side - kernel + 1
    let squares = places / pool
    let groups = network.parameterGroups
    for picture in 0..<count {
      var features: [Double] = []
      for filter in 0..<filters {
        for square in 0..<(squares * squares) {
          var best = -Double.infinity
          for place in 0..<(pool * pool) {
            let row = square / squares * pool + place / pool
            let column = square % squares * pool + place % pool
            var sum = theta[groups[1].lowerBound + filter]
            for i in 0..<(kernel * kernel) {
              let pixel = (row + i / kernel) * side + column + i % kernel
              sum += theta[filter * kernel * kernel + i] * pictures[picture * side * side + pixel]
            }
            best = max(best, Portable.tanh(sum))
          }
          features.append(best)
        }
      }
      for k in 0..<classes {
        var logit = theta[groups[3].lowerBound + k]
        for (j, feature) in features.enumerated() {
          logit += theta[groups[2].lowerBound + k * features.count + j] * feature
        }
        #expect((found[picture * classes + k] - logit).magnitude < 1e-12)
      }
    }
    #expect(groups.last?.upperBound == network.parameterCount)
  }
}
