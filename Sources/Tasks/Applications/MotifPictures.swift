internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// Which of a few motifs a small picture holds, wherever it is: a convolutional network on generated
/// pictures, f(θ) = (1/N) Σ −log softmax(network(xᵢ; θ))_yᵢ, by minibatches.
///
/// A picture is normal noise of standard deviation `noise`, with one motif added at a place drawn
/// from all where it fits. The motifs, of 3 × 3 pixels, are orthogonal to each other, with pixels of
/// root mean square 1; classes are equally frequent, up to one example. The network has `filters`
/// kernels of 3 × 3 with tanh, of each the greatest value in the picture, and an affine layer. f* is
/// bounded from below by 0. As many pictures more, drawn likewise, are held out. Difficulty grows with
/// `noise`.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `side` | 4…64 | 10 | pixels of a picture's side |
/// | `classes` | 2…9 | 4 | motifs |
/// | `noise` | [0, 10] | 0.3 | standard deviation of a pixel |
/// | `filters` | 1…100 | 8 | of the network |
/// | `examples` | 2…10⁵ | 256 | N; N·`side`² is at most 2·10⁷ |
/// | `batch` | 1…N | 16 | examples a step |
/// | `precision` | double, single | double | of parameters and gradients; in a text |
/// | `instance` | any | 1 | names motifs, pictures and start; the order by instance and seed |
///
/// > Source: the network is that of Y. LeCun et al., Gradient-based learning applied to document
/// > recognition (1998), with one layer of filters.
public struct MotifPictures: BenchmarkTask, WrappedTask {
  let base: PictureProblem

  public init(
    side: Int = 10, classes: Int = 4, noise: Double = 0.3, filters: Int = 8, examples: Int = 256,
    batch: Int = 16, instance: Int = 1
  ) {
    Recipe.motifPictures.check(
      side, classes, noise, filters, examples, batch, Precision.double)
    let name = "motifPictures"
    let motifs = HaarRotation.matrix(
      dimension: 9, key: RandomKey(name + ".motifs", instance)
    ).map { 3 * $0 }
    func drawn(_ part: String) -> PictureProblem.Pictures {
      var stream = RandomStream(RandomKey(name + part, instance))
      var pixels: [Double] = []
      for example in 0..<examples {
        var picture = stream.normals(side * side).map { noise * $0 }
        let corner =
          stream.integer(below: side - 2) * side + stream.integer(below: side - 2)
        for i in 0..<9 {
          picture[corner + i / 3 * side + i % 3] += motifs[example % classes * 9 + i]
        }
        pixels += picture
      }
      return .init(pixels: pixels, labels: (0..<examples).map { Int32($0 % classes) })
    }
    base = PictureProblem(
      network: ConvolutionalNetwork(
        side: side, kernel: 3, pool: side - 2, filters: filters, classes: classes),
      pictures: drawn(".pictures"), heldOut: drawn(".heldOut"), batch: batch, name: name,
      instance: instance)
  }
}

extension MotifPictures {
  /// What is wrong with these sizes together.
  fileprivate static func fault(side: Int, examples: Int, batch: Int) -> String? {
    if let fault = Minibatches.fault(examples: examples, batch: batch) { return fault }
    return Faults.size(examples: examples, features: side * side)
  }
}

extension Recipe where Product == TaskMaker {
  static let motifPictures = Recipe(
    "motifPictures",
    {
      (
        side: Int, classes: Int, noise: Double, filters: Int, examples: Int, batch: Int,
        kind: Precision
      ) in
      TaskMaker(isNetwork: true) {
        kind.task(
          MotifPictures(
            side: side, classes: classes, noise: noise, filters: filters, examples: examples,
            batch: batch, instance: $0.instance))
      }
    },
    .count("side", in: .between(4, 64), default: 10, "pixels"),
    .count("classes", in: .between(2, 9), default: 4, "motifs"),
    .number("noise", in: .between(0.0, 10.0), default: 0.3, "standard deviation of a pixel"),
    .count("filters", in: .between(1, 100), default: 8, "of the network"),
    .count("examples", in: .between(2, 1e5), default: 256, "pictures drawn"), .batch, .precision,
    unless: { side, _, _, _, examples, batch, _ in
      MotifPictures.fault(side: side, examples: examples, batch: batch)
    },
    summary: "a convolutional network finds motifs at random places of small pictures",
    examples: ["motifPictures(side: 6, classes: 3, filters: 3, examples: 24, batch: 8)"],
    standard: { TaskMaker { MotifPictures(instance: $0.instance) } })
}
