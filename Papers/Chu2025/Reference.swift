internal import Foundation

/// The recorded experiments: starting points, constants, and the first iterates of 20 configurations.
public struct Reference: Decodable, Sendable {
  public struct Configuration: Decodable, Sendable {
    /// The rate of the scaling, times L.
    public let lrmul: Double
    /// The rate of the momentum.
    public let betalr: Double
    /// Iterations until the largest element of the gradient is below 10⁻⁴, or 1000.
    public let iters: Int
    /// The first losses, and the largest elements of the gradients there.
    public let fv: [Double]
    public let gn: [Double]
    /// The loss after 100 iterations.
    public let f100: Double
  }

  /// A bound of the Hessian's norm.
  public let curvature: Double
  public let start: [Double]
  public let configurations: [Configuration]

  private enum CodingKeys: String, CodingKey {
    case curvature = "L"
    case start = "x0"
    case configurations = "hdm"
  }

  /// By the problem's name, such as `svm_a1a`.
  public static func load(_ path: String) throws -> [String: Reference] {
    try JSONDecoder().decode(
      [String: Reference].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }
}
