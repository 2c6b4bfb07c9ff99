// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

// The commands of hypergrad, for a program that adds what is one's own to the comparison. A package
// manager resolves for a client what any product's targets need, used or not; so this product, whose
// targets need two packages, is there for who asks for it alone, and a client of the library resolves
// none.
let commands: [Product] =
  Context.environment["HYPERGRADIENT_BENCHMARK"] == nil
  ? [] : [.library(name: "HypergradientBenchmark", targets: ["HypergradientBenchmark"])]

let package = Package(
  name: "hypergradient",
  products: [
    // The library, and the language of texts beside it, imported by its own name: a package that
    // depends on the product resolves no other package.
    .library(
      name: "Hypergradient",
      targets: [
        "Hypergradient", "HypergradientCatalogue", "HypergradientTraining",
        "HypergradientTrainingFiles",
      ]),
    // The same from C, and by it from other languages: the header is CHypergradient's.
    .library(name: "HypergradientC", type: .dynamic, targets: ["HypergradientC"]),
    // For models in Swift that are Differentiable; apart, since not every toolchain has the module
    // _Differentiation.
    .library(name: "DifferentiableModels", targets: ["DifferentiableModels"]),
  ] + commands,
  dependencies: [
    // The command line: help, validation and completion, kept by the Swift project.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    // Suite files are YAML, so that a reader can cite and comment them.
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    // No package for SHA-256, the only digest that is taken here (of results, suites, data and the
    // executable): Kernels has a file of its own, held to FIPS 180-4's vectors. With swift-crypto a
    // first build compiled BoringSSL, a third of all its time.
  ],
  targets: [
    // The library and what it stands on.
    .target(
      name: "Kernels",
      // sqrt and floor, exact on every machine, and fma where the processor has none.
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(name: "PortableMath", swiftSettings: strict),
    // Loops over arrays.
    .target(name: "Vectors", dependencies: ["PortableMath", "Kernels"], swiftSettings: strict),
    // How things are declared and made from texts; below what has recipes, above it the lists.
    .target(
      name: "HypergradientRecipes", dependencies: ["PortableMath"], swiftSettings: strict),
    .target(
      name: "Hypergradient",
      dependencies: ["HypergradientRecipes", "PortableMath", "Kernels", "Vectors"],
      swiftSettings: strict),
    .target(
      name: "HypergradientCatalogue", dependencies: ["HypergradientRecipes", "Hypergradient"],
      swiftSettings: strict),

    // How to find a rate, and train with it.
    .target(
      name: "HypergradientTraining",
      dependencies: ["HypergradientRecipes", "Hypergradient", "PortableMath"],
      swiftSettings: strict),
    // Its checkpoints: the one module of the product that imports Foundation.
    .target(
      name: "HypergradientTrainingFiles",
      dependencies: ["HypergradientTraining", "Hypergradient", "Kernels"],
      swiftSettings: strict),

    // The C interface: a header, and the functions that the compiler holds to it.
    .systemLibrary(name: "CHypergradient"),
    .target(
      name: "HypergradientC",
      dependencies: [
        "CHypergradient", "Hypergradient", "HypergradientCatalogue", "HypergradientRecipes",
        "Kernels",
      ],
      swiftSettings: strict),
    // Optimizers of Differentiable models: the one module that imports _Differentiation.
    .target(
      name: "DifferentiableModels", dependencies: ["HypergradientRecipes", "Hypergradient"],
      swiftSettings: strict),

    // The benchmark.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "Datasets", dependencies: ["CZlib", "PortableMath"], swiftSettings: strict),
    .target(
      name: "Tasks",
      dependencies: [
        "HypergradientRecipes", "Hypergradient", "PortableMath", "Kernels", "Vectors", "Datasets",
      ],
      swiftSettings: strict),
    // Programs in any language: the lines between them and this one, and the tasks and methods that
    // are such.
    .target(
      name: "ExternalPrograms",
      dependencies: ["Tasks", "HypergradientRecipes", "Hypergradient", "PortableMath", "Vectors"],
      swiftSettings: strict),
    .target(name: "Statistics", dependencies: ["PortableMath"], swiftSettings: strict),
    // What runs write and reports read, so that both are compiled beside each other.
    .target(
      name: "Records", dependencies: ["Kernels", "PortableMath"],
      swiftSettings: strict),
    // The YAML files of the built-in suites, taken in by the C compiler, in no time.
    .target(name: "BuiltInSuites"),
    .target(
      name: "Experiments",
      dependencies: [
        "BuiltInSuites", "Records", "Statistics", "HypergradientCatalogue", "HypergradientRecipes",
        "Hypergradient", "PortableMath", "Kernels", "Vectors", "Tasks", "ExternalPrograms",
        "Datasets",
        .product(name: "Yams", package: "Yams"),
      ],
      exclude: ["Suites"],
      swiftSettings: strict),
    .target(
      name: "Reporting", dependencies: ["Records", "Statistics", "PortableMath"],
      swiftSettings: strict),
    // The speed of all this, beside peers that are no part of it.
    .target(
      name: "BenchmarkPeers",
      linkerSettings: [
        .linkedLibrary("m", .when(platforms: [.linux])),
        .linkedLibrary("dl", .when(platforms: [.linux])),
      ]),
    .target(
      name: "Benchmarks",
      dependencies: [
        "BenchmarkPeers", "Reporting", "Experiments", "Records", "Statistics", "Tasks", "Datasets",
        "HypergradientCatalogue", "Hypergradient", "PortableMath", "Kernels",
      ],
      resources: [.embedInCode("Peers")],
      swiftSettings: strict),

    // What all programs share: how their options are read, and how they end.
    .target(
      name: "Programs",
      dependencies: [
        "Experiments", "Records", "Datasets", "HypergradientRecipes", "PortableMath",
        argumentParser,
      ],
      swiftSettings: strict),

    // The command line, and the program that is no more than it. Commands and Benchmarks are compiled
    // beside each other, so the command that measures speed stands above both.
    .target(
      name: "Commands",
      dependencies: [
        "Programs", "Reporting", "Experiments", "Records", "Tasks", "Datasets",
        "HypergradientTrainingFiles", "HypergradientTraining", "HypergradientCatalogue",
        "HypergradientRecipes", "Hypergradient", "PortableMath", argumentParser,
      ],
      swiftSettings: strict),
    .target(
      name: "HypergradientBenchmark",
      dependencies: [
        "Programs", "Commands", "Benchmarks", "Reporting", "Experiments", "Records", "Tasks",
        "Datasets",
        "HypergradientCatalogue", "Hypergradient", "PortableMath", argumentParser,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "hypergrad", dependencies: ["HypergradientBenchmark"], swiftSettings: strict),

    // Papers reproduced: a library each, and one program that lists them.
    .target(
      name: "Baydin2018",
      dependencies: [
        "Programs", "Reporting", "Experiments", "Records", "Statistics", "Tasks", "Datasets",
        "HypergradientTraining", "HypergradientCatalogue", "HypergradientRecipes", "Hypergradient",
        "PortableMath", argumentParser,
      ],
      path: "Papers/Baydin2018", exclude: ["README.md"],
      resources: [.embedInCode("published.csv")], swiftSettings: strict),
    .target(
      name: "Chandra2022",
      dependencies: [
        "Programs", "Experiments", "Records", "Datasets", "HypergradientTraining",
        "HypergradientCatalogue", "HypergradientRecipes", "Hypergradient", "PortableMath",
        "Kernels", argumentParser,
      ],
      path: "Papers/Chandra2022", exclude: ["README.md"], swiftSettings: strict),
    .target(
      name: "Chu2025",
      dependencies: [
        "Programs", "Experiments", "Records", "Datasets", "HypergradientCatalogue",
        "HypergradientRecipes", "Hypergradient", "PortableMath", argumentParser,
      ],
      path: "Papers/Chu2025", exclude: ["README.md", "reference.json"], swiftSettings: strict),
    .executableTarget(
      name: "papers",
      dependencies: ["Programs", "Baydin2018", "Chandra2022", "Chu2025", argumentParser],
      path: "Papers/Program", swiftSettings: strict),

    // Studies of this package's own, in the same way.
    .target(
      name: "DefaultController",
      dependencies: [
        "Programs", "Reporting", "Experiments", "Records", "Statistics", "Tasks", "PortableMath",
        argumentParser,
      ],
      path: "Studies/DefaultController",
      exclude: [
        "README.md", "ablation.yaml", "default-100.yaml", "default-300.yaml", "default-3000.yaml",
        "default-10000.yaml", "default-a1a.yaml", "default-mnist.yaml", "development-100.yaml",
        "development-300.yaml", "development-1000.yaml", "development-3000.yaml",
        "csv_sets.py", "development-csv.yaml",
      ],
      resources: [.embedInCode("introduction.md"), .embedInCode("introduction.runs")],
      swiftSettings: strict),
    .target(
      name: "StationarityGuard",
      dependencies: [
        "Programs", "Experiments", "Tasks", "HypergradientCatalogue", "HypergradientRecipes",
        "Hypergradient", argumentParser,
      ],
      path: "Studies/StationarityGuard", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "studies",
      dependencies: ["Programs", "DefaultController", "StationarityGuard", argumentParser],
      path: "Studies/Program", swiftSettings: strict),

    // Literate programs: run by name from the package's root.
    .executableTarget(
      name: "HypergradientOnAQuadratic",
      dependencies: [
        "HypergradientCatalogue", "HypergradientRecipes", "Hypergradient", "PortableMath",
        "Programs", "Reporting",
      ],
      path: "Notebooks-as-scripts/HypergradientOnAQuadratic", swiftSettings: strict),
    .executableTarget(
      name: "TooSmallTooLargeJustRight",
      dependencies: [
        "HypergradientTraining", "HypergradientRecipes", "Hypergradient", "PortableMath",
        "Programs",
        "Reporting",
      ],
      path: "Notebooks-as-scripts/TooSmallTooLargeJustRight", swiftSettings: strict),
    .executableTarget(
      name: "Plateaus",
      dependencies: [
        "HypergradientRecipes", "Hypergradient", "PortableMath", "Programs", "Reporting",
      ],
      path: "Notebooks-as-scripts/Plateaus", swiftSettings: strict),
    .executableTarget(
      name: "FromNoIdeaToATrainedModel",
      dependencies: [
        "HypergradientTrainingFiles", "HypergradientTraining", "HypergradientRecipes",
        "Hypergradient",
        "PortableMath", "Programs", "Reporting",
      ],
      path: "Notebooks-as-scripts/FromNoIdeaToATrainedModel", swiftSettings: strict),

    // What the measurement of PortableMath's accuracy reads: raw outputs on standard output.
    .executableTarget(
      name: "portable-math-outputs", dependencies: ["PortableMath"], swiftSettings: strict),

    .testTarget(
      name: "PortableMathTests", dependencies: ["PortableMath"], exclude: ["Accuracy"],
      resources: [.copy("Vectors")], swiftSettings: strict),
    .testTarget(
      name: "KernelsTests", dependencies: ["Kernels", "PortableMath", "Vectors"],
      swiftSettings: strict),
    .testTarget(
      name: "VectorsTests", dependencies: ["Vectors", "Kernels", "PortableMath"],
      swiftSettings: strict),
    .testTarget(
      name: "HypergradientTests",
      dependencies: [
        "HypergradientCatalogue", "HypergradientRecipes", "Hypergradient", "PortableMath",
      ],
      resources: [.copy("Conformance")], swiftSettings: strict),
    .testTarget(
      name: "HypergradientTrainingTests",
      dependencies: [
        "HypergradientTrainingFiles", "HypergradientTraining", "HypergradientCatalogue",
        "HypergradientRecipes", "Hypergradient", "PortableMath",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DifferentiableModelsTests",
      dependencies: [
        "DifferentiableModels", "HypergradientCatalogue", "Hypergradient", "PortableMath",
      ],
      swiftSettings: strict),
    // Documentation/examples/swift/LearnedRate.swift against MLX-Swift's public protocols.
    .testTarget(
      name: "MLXAdapterTests", dependencies: ["Hypergradient"], swiftSettings: strict),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Datasets", "PortableMath"], swiftSettings: strict),
    .testTarget(
      name: "ExternalProgramsTests",
      dependencies: [
        "ExternalPrograms", "Tasks", "HypergradientCatalogue", "HypergradientRecipes",
        "Hypergradient", "PortableMath",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "TasksTests",
      dependencies: [
        "Tasks", "Datasets", "PortableMath", "HypergradientCatalogue", "HypergradientRecipes",
        "Hypergradient",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "StatisticsTests", dependencies: ["Statistics", "PortableMath"], swiftSettings: strict),
    .testTarget(
      name: "RecordsTests", dependencies: ["Records", "PortableMath"], swiftSettings: strict),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Experiments", "Records", "Tasks", "Datasets", "Hypergradient", "PortableMath",
        "HypergradientCatalogue", "HypergradientRecipes",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "Baydin2018Tests",
      dependencies: [
        "Baydin2018", "Datasets", "Statistics", "Tasks", "HypergradientCatalogue",
        "HypergradientRecipes", "Hypergradient",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "Chu2025Tests", dependencies: ["Chu2025", "Datasets"], swiftSettings: strict),
    .testTarget(
      name: "Chandra2022Tests",
      dependencies: [
        "Chandra2022", "Datasets", "Hypergradient", "PortableMath", "HypergradientCatalogue",
        "HypergradientRecipes",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "StudiesTests",
      dependencies: [
        "DefaultController", "StationarityGuard", "Reporting", "Experiments", "Tasks",
        "Hypergradient", "Records", "HypergradientCatalogue", "HypergradientRecipes",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ReportingTests",
      dependencies: [
        "Reporting", "Datasets", "Experiments", "Records", "Statistics", "PortableMath",
        "HypergradientCatalogue", "HypergradientRecipes", "Hypergradient",
      ],
      swiftSettings: strict),
    .testTarget(name: "BenchmarksTests", dependencies: ["Benchmarks"], swiftSettings: strict),
    // Runs the programs themselves, hence the dependencies.
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "Experiments", "Records", "Datasets", "Hypergradient", "hypergrad", "papers", "studies",
      ],
      swiftSettings: strict),
  ]
)
