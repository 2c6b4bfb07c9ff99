internal import Datasets
internal import PortableMath

/// Our runs of one problem beside the recorded ones.
public struct Comparison: Sendable {
  public struct Row: Sendable {
    public let configuration: Reference.Configuration
    public let iterations: Int
    /// Fewest and most iterations from starts moved by 10⁻¹².
    public let perturbed: ClosedRange<Int>
    /// Largest relative differences of the twelve first losses and gradients, and of the hundredth
    /// loss.
    public let lossDifference: Double
    public let gradientDifference: Double
    public let lateDifference: Double
  }

  public let name: String
  public let rows: [Row]

  /// - Parameters:
  ///   - most: iterations a run.
  ///   - perturbations: further runs, each element of the start times 1 + 10⁻¹²·z, z normal.
  public init(
    _ name: String, _ problem: Problem, _ reference: Reference, most: Int = 1000,
    perturbations: Int = 5
  ) {
    self.name = name
    rows = reference.configurations.map { configuration in
      let run = Run(problem, reference, configuration, from: reference.start, most: most)
      var counts = [run.iterations]
      for draw in 0..<perturbations {
        var stream = RandomStream(RandomKey("chu2025.perturbation", draw))
        let start = reference.start.map { $0 * (1 + 1e-12 * stream.normal()) }
        counts.append(Run(problem, reference, configuration, from: start, most: most).iterations)
      }
      return Row(
        configuration: configuration, iterations: run.iterations,
        perturbed: counts.min()!...counts.max()!,
        lossDifference: Self.difference(run.losses, configuration.fv),
        gradientDifference: Self.difference(run.largestGradients, configuration.gn),
        // The hundredth recorded loss: the start's is the first.
        lateDifference: run.losses.count >= 100
          ? Self.difference([run.losses[99]], [configuration.f100]) : 0)
    }
  }

  private static func difference(_ ours: [Double], _ theirs: [Double]) -> Double {
    zip(ours, theirs).reduce(0) { max($0, ($1.0 - $1.1).magnitude / $1.1.magnitude) }
  }
}
