// What Documentation/examples/swift/LearnedRate.swift uses of MLX, MLXNN and MLXOptimizers, with their
// names and signatures: arrays of floats in reference types, a tree of named parameters, optimizers
// that update a module, and the state that `compile` is told of.

public final class MLXArray {
  let values: [Float]
  init(_ values: [Float]) { self.values = values }

  func sum() -> MLXArray { MLXArray([values.reduce(0, +)]) }
  func item(_: Float.Type) -> Float { values[0] }

  static func - (a: MLXArray, b: MLXArray) -> MLXArray {
    MLXArray(zip(a.values, b.values).map { $0 - $1 })
  }
  static func * (a: MLXArray, b: MLXArray) -> MLXArray {
    MLXArray(zip(a.values, b.values).map { $0 * $1 })
  }
  static func * (a: Float, b: MLXArray) -> MLXArray { MLXArray(b.values.map { a * $0 }) }
}

/// MLX's is a NestedDictionary<String, MLXArray>, which flattens in the order of its keys.
public struct ModuleParameters {
  var items: [String: MLXArray]
  func flattened() -> [(String, MLXArray)] { items.sorted { $0.key < $1.key } }
}

public class Module {
  var items: [String: MLXArray]
  init(_ items: [String: MLXArray]) { self.items = items }
  func parameters() -> ModuleParameters { ModuleParameters(items: items) }
  func update(parameters: ModuleParameters) { items = parameters.items }
}

public protocol Updatable {
  func innerState() -> [MLXArray]
}

public protocol Optimizer: Updatable {
  func update(model: Module, gradients: ModuleParameters)
}

/// MLXOptimizers' SGD without momentum.
public final class SGD: Optimizer {
  public var learningRate: Float
  init(learningRate: Float) { self.learningRate = learningRate }

  public func update(model: Module, gradients: ModuleParameters) {
    let rate = learningRate
    model.update(
      parameters: ModuleParameters(
        items: model.items.merging(gradients.items) { $0 - rate * $1 }))
  }
  public func innerState() -> [MLXArray] { [] }
}
