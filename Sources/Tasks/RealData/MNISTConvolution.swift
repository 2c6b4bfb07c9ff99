internal import Datasets
internal import HypergradientRecipes
internal import Hypergradient

/// A small convolutional network on MNIST's pictures at half their size:
/// f(θ) = (1/N) Σ −log softmax(network(xᵢ; θ))_yᵢ, by minibatches.
///
/// A pixel is the mean of four of the file's. The first `examples` training pictures are learned, or
/// a subset of them that the context asks for, and as many of the first test pictures held out. The
/// network has `filters` kernels of 3 × 3 with tanh, the greatest value in each square of two by two
/// places, and an affine layer. f* is bounded from below by 0.
struct MNISTConvolution: WrappedTask {
  let base: PictureProblem

  init(
    train: Dataset<Float>, test: Dataset<Float>, shape: (rows: Int, columns: Int), filters: Int,
    examples: Int, batch: Int,
    instance: Int
  ) {
    let side = min(shape.rows, shape.columns) / 2
    func halved(_ part: Dataset<Float>) -> PictureProblem.Pictures {
      let count = min(examples, part.count)
      var pixels: [Double] = []
      pixels.reserveCapacity(count * side * side)
      for example in 0..<count {
        for row in 0..<side {
          for column in 0..<side {
            let corner =
              example * part.featureCount + 2 * row * shape.columns + 2 * column
            func pixel(_ offset: Int) -> Double { Double(part.features[corner + offset]) }
            pixels.append(
              ((pixel(0) + pixel(1)) + (pixel(shape.columns) + pixel(shape.columns + 1))) * 0.25)
          }
        }
      }
      return .init(pixels: pixels, labels: Array(part.labels.prefix(count)))
    }
    let pictures = halved(train)
    base = PictureProblem(
      network: ConvolutionalNetwork(
        side: side, kernel: 3, pool: 2, filters: filters, classes: train.classCount),
      pictures: pictures, heldOut: halved(test), batch: min(batch, pictures.labels.count),
      name: "mnistConvolution", instance: instance)
  }
}

extension Recipe where Product == TaskMaker {
  static let mnistConvolution = Recipe(
    "mnistConvolution",
    { (filters: Int, examples: Int, batch: Int, kind: Precision) in
      TaskMaker(isNetwork: true) { context in
        let source = try context.source("mnistConvolution", "the folder of IDX files")
        let data = try context.store.mnist(source)
        let side = Int(Double(data.train.featureCount).squareRoot().rounded())
        guard side * side == data.train.featureCount, side >= 8, side % 4 == 0 else {
          throw DataError(
            source.path,
            "expected square pictures whose side is a multiple of 4, at least 8, found "
              + "\(data.train.featureCount) pixels")
        }
        let train = data.train.first(examples)
        return kind.task(
          MNISTConvolution(
            train: try context.chosen(train), test: data.test, shape: (side, side),
            filters: filters, examples: examples, batch: batch,
            instance: context.instance))
      }
    },
    .count("filters", in: .between(1, 100), default: 8, "of the network"),
    .examples(1024, "the first of the file"), .dataBatch(32), .precision,
    summary: "a convolutional network on MNIST's pictures at half their size",
    examples: ["mnistConvolution(filters: 2, examples: 30, batch: 8)"])
}
