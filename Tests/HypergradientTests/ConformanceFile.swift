internal import Foundation
internal import Testing

/// Values recorded from another library, with the configuration that gave them.
struct ConformanceFile: Decodable {
  let source: String
  let version: String
  let cases: [ConformanceCase]

  init(_ name: String) throws {
    let url = try #require(
      Bundle.module.url(forResource: "Conformance/\(name)", withExtension: "json"),
      "Conformance/\(name).json is not among the test resources")
    self = try JSONDecoder().decode(ConformanceFile.self, from: Data(contentsOf: url))
  }

  private enum CodingKeys: String, CodingKey { case source, version, cases }
}

struct ConformanceCase: Decodable {
  let name: String
  let config: [String: Setting]
  private let rates: [Double]?
  /// Relative; where the library computes in single precision.
  let tolerance: Double?
  let metrics: [Double]?
  let initial: [Double]?
  let gradients: [[Double]]?
  let parameters: [[Double]]?

  enum CodingKeys: String, CodingKey {
    case name, config, tolerance, metrics, initial, gradients, parameters
    case rates = "learning_rates"
  }

  /// Empty where the file has none.
  var learningRates: [Double] { rates ?? [] }

  enum Setting: Decodable {
    case number(Double)
    case flag(Bool)
    case word(String)
    case list([Double])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else if let word = try? container.decode(String.self) {
        self = .word(word)
      } else {
        self = .list(try container.decode([Double].self))
      }
    }
  }

  func number(_ key: String) throws -> Double {
    guard case .number(let x) = config[key] else { throw Missing(key: key, name: name) }
    return x
  }

  func number(_ key: String, default standard: Double) throws -> Double {
    config[key] == nil ? standard : try number(key)
  }

  func integer(_ key: String) throws -> Int { Int(try number(key)) }

  func word(_ key: String) throws -> String {
    guard case .word(let word) = config[key] else { throw Missing(key: key, name: name) }
    return word
  }

  func list(_ key: String) throws -> [Double] {
    guard case .list(let list) = config[key] else { throw Missing(key: key, name: name) }
    return list
  }

  /// False where it is absent.
  func flag(_ key: String) -> Bool {
    if case .flag(let flag) = config[key] { return flag }
    return false
  }

  struct Missing: Error {
    let key: String
    let name: String
  }
}

/// |a − b| relative to |b|; 0 where they are equal.
func relativeDifference(_ a: Double, _ b: Double) -> Double {
  a == b ? 0 : abs(a - b) / abs(b)
}
