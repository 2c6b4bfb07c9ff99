// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "hypergradient",
  products: [
    // The one product: a package that depends on it resolves no other package.
    .library(name: "Hypergradient", targets: ["Hypergradient"])
  ],
  dependencies: [
    // The command line: help, validation and completion, kept by the Swift project.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    // Suite files are YAML, so that a reader can cite and comment them.
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    // SHA-256 of results, suites and the executable.
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
  ],
  targets: [
    // The library and what it stands on.
    .target(
      name: "Kernels",
      // sqrt and floor, exact on every machine, and fma where the processor has none.
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(name: "PortableMath", swiftSettings: strict),
    .target(
      name: "Hypergradient", dependencies: ["PortableMath", "Kernels"], swiftSettings: strict),

    // The benchmark.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "Datasets", dependencies: ["CZlib"], swiftSettings: strict),
    .target(
      name: "Tasks", dependencies: ["Hypergradient", "PortableMath", "Kernels", "Datasets"],
      swiftSettings: strict),
    .target(name: "Statistics", dependencies: ["PortableMath"], swiftSettings: strict),
    .target(
      name: "Experiments",
      dependencies: [
        "Hypergradient", "PortableMath", "Tasks", "Statistics",
        .product(name: "Yams", package: "Yams"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      resources: [.embedInCode("Suites")],
      swiftSettings: strict),
    .target(
      name: "Reporting", dependencies: ["Experiments", "Statistics", "PortableMath"],
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
        "BenchmarkPeers", "Reporting", "Experiments", "Statistics", "Tasks", "Datasets",
        "Hypergradient", "PortableMath", "Kernels",
      ],
      resources: [.embedInCode("Peers")],
      swiftSettings: strict),

    .executableTarget(
      name: "hypergrad",
      dependencies: [
        "Benchmarks", "Reporting", "Experiments", "Tasks", "Datasets", "Hypergradient",
        argumentParser,
      ],
      swiftSettings: strict),

    // What the programs below share: their options, and how they end.
    .target(
      name: "Programs", dependencies: ["Experiments", argumentParser], swiftSettings: strict),

    // Papers reproduced: a library each, and one program that lists them.
    .target(
      name: "Baydin2018",
      dependencies: [
        "Programs", "Reporting", "Experiments", "Statistics", "Tasks", "Datasets",
        "Hypergradient", "PortableMath", argumentParser,
      ],
      path: "Papers/Baydin2018", exclude: ["README.md"],
      resources: [.embedInCode("published.csv")], swiftSettings: strict),
    .target(
      name: "Chandra2022",
      dependencies: [
        "Programs", "Experiments", "Datasets", "Hypergradient", "PortableMath", "Kernels",
        argumentParser,
      ],
      path: "Papers/Chandra2022", exclude: ["README.md"], swiftSettings: strict),
    .target(
      name: "Chu2025",
      dependencies: [
        "Programs", "Experiments", "Datasets", "Hypergradient", "PortableMath", argumentParser,
      ],
      path: "Papers/Chu2025", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "papers",
      dependencies: ["Programs", "Baydin2018", "Chandra2022", "Chu2025", argumentParser],
      path: "Papers/Program", swiftSettings: strict),

    // Studies of this package's own, in the same way.
    .target(
      name: "DefaultController",
      dependencies: ["Programs", "Reporting", "Experiments", "Statistics", argumentParser],
      path: "Studies/DefaultController",
      exclude: [
        "README.md", "default-300.yaml", "default-3000.yaml", "development-300.yaml",
        "development-1000.yaml", "development-3000.yaml",
      ],
      resources: [.embedInCode("introduction.md")], swiftSettings: strict),
    .target(
      name: "StationarityGuard",
      dependencies: ["Programs", "Tasks", "Hypergradient", argumentParser],
      path: "Studies/StationarityGuard", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "studies",
      dependencies: ["Programs", "DefaultController", "StationarityGuard", argumentParser],
      path: "Studies/Program", swiftSettings: strict),

    // Literate programs: run by name from the package's root.
    .executableTarget(
      name: "HypergradientOnAQuadratic",
      dependencies: ["Hypergradient", "PortableMath", "Reporting"],
      path: "Notebooks-as-scripts/HypergradientOnAQuadratic", swiftSettings: strict),

    // What the measurement of PortableMath's accuracy reads: raw outputs on standard output.
    .executableTarget(
      name: "portable-math-outputs", dependencies: ["PortableMath"], swiftSettings: strict),

    .testTarget(
      name: "PortableMathTests", dependencies: ["PortableMath"], exclude: ["Accuracy"],
      resources: [.copy("Vectors")], swiftSettings: strict),
    .testTarget(
      name: "KernelsTests", dependencies: ["Kernels", "PortableMath"], swiftSettings: strict),
    .testTarget(
      name: "HypergradientTests", dependencies: ["Hypergradient", "PortableMath"],
      resources: [.copy("Conformance")], swiftSettings: strict),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets"], swiftSettings: strict),
    .testTarget(
      name: "TasksTests", dependencies: ["Tasks", "Datasets", "PortableMath"],
      swiftSettings: strict),
    .testTarget(
      name: "StatisticsTests", dependencies: ["Statistics", "PortableMath"], swiftSettings: strict),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: ["Experiments", "Tasks", "Hypergradient", "PortableMath"],
      swiftSettings: strict),
    .testTarget(
      name: "Baydin2018Tests", dependencies: ["Baydin2018", "Datasets", "Statistics", "Tasks"],
      swiftSettings: strict),
    .testTarget(
      name: "Chu2025Tests", dependencies: ["Chu2025", "Datasets"], swiftSettings: strict),
    .testTarget(
      name: "Chandra2022Tests",
      dependencies: ["Chandra2022", "Datasets", "Hypergradient", "PortableMath"],
      swiftSettings: strict),
    .testTarget(
      name: "StudiesTests",
      dependencies: [
        "DefaultController", "StationarityGuard", "Reporting", "Experiments", "Hypergradient",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ReportingTests",
      dependencies: ["Reporting", "Experiments", "Statistics", "PortableMath"],
      swiftSettings: strict),
    .testTarget(name: "BenchmarksTests", dependencies: ["Benchmarks"], swiftSettings: strict),
    // Runs the programs themselves, hence the dependencies.
    .testTarget(
      name: "CommandLineTests", dependencies: ["hypergrad", "papers", "studies"],
      swiftSettings: strict),
  ]
)
