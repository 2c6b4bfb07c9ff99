internal import Foundation

/// A suite of twelve parts that is run in a moment.
enum SmallSuite {
  static let text = """
    name: small
    version: 1
    summary: For tests.
    steps: 30
    evaluations: 5
    tuningSeeds: [1]
    reportSeeds: [101, 102]
    startingRates: {low: -2, high: 0, count: 3}
    tracedExponents: [-2, 0]
    rules:
      - {name: sgd, spec: sgd}
      - {name: adam, spec: adam}
    methods:
      - {name: fixed, spec: "constant(rate)"}
      - {name: cosine, spec: "scheduled(cosine(from: rate, over: steps))"}
    tasks:
      - name: bowl
        spec: "ellipsoid(condition: 10, dimension: 4)"
        references:
          sgd: {rate: 0.18, target: 1e-2}
          adam: {rate: 0.2, target: 1e-2}
        commonTarget: 0.1
      - name: noisy
        spec: "noisyQuadratic(noiseVariance: 0.05, dimension: 4)"
        references:
          sgd: {rate: 0.3, target: 0.1}
          adam: {rate: 0.05, target: 0.1}
        commonTarget: 0.1
    """

  /// Writes it as `small.yaml`.
  static func write(to folder: String) throws {
    try text.write(toFile: folder + "/small.yaml", atomically: false, encoding: .utf8)
  }
}

/// The files below a folder with what they hold; those that tell a run's times apart.
func contents(of folder: String) throws -> [String: Data] {
  let manager = FileManager.default
  var contents: [String: Data] = [:]
  for name in try manager.subpathsOfDirectory(atPath: folder) {
    var isFolder: ObjCBool = false
    let path = folder + "/" + name
    guard manager.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
      continue
    }
    let hasTimes = name == "timings.csv" || name == "manifest.json"
    contents[name] = hasTimes ? Data() : manager.contents(atPath: path)
  }
  return contents
}
