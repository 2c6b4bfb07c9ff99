// swift-tools-version: 6.2
import PackageDescription

// A program of one's own with the commands of hypergrad, and a rule, a controller, a method, a
// schedule and a task that the package has not.
let package = Package(
  name: "OwnHypergrad",
  dependencies: [.package(name: "hypergradient", path: "../../..")],
  targets: [
    .executableTarget(
      name: "OwnHypergrad",
      dependencies: [.product(name: "HypergradientBenchmark", package: "hypergradient")])
  ]
)
