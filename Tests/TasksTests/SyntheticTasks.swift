import Hypergradient
import HypergradientRecipes
import Tasks

/// The synthetic tasks over which the laws run: the texts of every task of the list that needs no
/// data, and more of some, at sizes that a debug build can bear.
let syntheticTasks =
  TaskList.all.filter { !needsData($0) }.flatMap(\.texts).map(SyntheticTask.init) + moreTasks

/// Whether a task can't be made without the user's data, and says so.
func needsData(_ recipe: Recipe<TaskMaker>) -> Bool {
  do {
    _ = try TaskList.read(recipe.texts[0]).make(TaskContext(instance: 1))
    return false
  } catch { return "\(error)".contains("--data") }
}

/// Other arguments, and what no text names.
private let moreTasks: [SyntheticTask] = [
  SyntheticTask("ellipsoid") { EllipsoidQuadratic(dimension: 20, condition: 1e3, instance: $0) },
  SyntheticTask("ellipsoid, steep") {
    EllipsoidQuadratic(dimension: 20, condition: 1e5, instance: $0)
  },
  SyntheticTask("powerLaw") { PowerLawQuadratic(dimension: 20, instance: $0) },
  SyntheticTask("noisyQuadratic") { NoisyQuadratic(dimension: 20, instance: $0) },
  SyntheticTask("diagonalQuadratic") {
    DiagonalQuadratic<Double>(dimension: 20, instance: $0)
  },
  SyntheticTask("leastSquares, interpolated") {
    LeastSquares(dimension: 12, examples: 48, batch: 8, instance: $0)
  },
  SyntheticTask("leastSquares, noisy labels") {
    LeastSquares(dimension: 12, examples: 48, labelNoise: 1, batch: 8, instance: $0)
  },
  SyntheticTask("leastSquares, batch that does not divide") {
    LeastSquares(dimension: 12, examples: 50, labelNoise: 1, batch: 8, instance: $0)
  },
  SyntheticTask("logisticRegression") {
    LogisticRegression(dimension: 12, examples: 64, batch: 16, instance: $0)
  },
  SyntheticTask("rosenbrock") { Rosenbrock(dimension: 20, instance: $0) },
  SyntheticTask("curvatureShift, up") {
    CurvatureShift(dimension: 20, factor: 10, horizon: 1000, instance: $0)
  },
  SyntheticTask("curvatureShift, down") {
    CurvatureShift(dimension: 20, factor: 0.1, horizon: 1000, instance: $0)
  },
  SyntheticTask("teacherStudent") {
    TeacherStudent(inputs: 4, hidden: 6, examples: 64, batch: 16, instance: $0)
  },
  SyntheticTask("twoSpirals") {
    TwoSpirals(hidden: 6, examples: 64, batch: 16, instance: $0)
  },
  // Other dimensions than the noisy quadratic's, at whose start these begin.
  SyntheticTask("correlatedQuadratic") { CorrelatedQuadratic(dimension: 18, instance: $0) },
  SyntheticTask("correlatedQuadratic, alternating") {
    CorrelatedQuadratic(dimension: 19, noiseVariance: 1, correlation: -0.9, instance: $0)
  },
]

struct SyntheticTask: Sendable, CustomStringConvertible {
  let description: String
  let make: @Sendable (_ instance: Int) -> any BenchmarkTask<Double>

  init(_ name: String, _ make: @escaping @Sendable (Int) -> any BenchmarkTask<Double>) {
    description = name
    self.make = make
  }

  /// A task of Doubles, by its text.
  init(_ text: String) {
    self.init(text) { instance in
      let made = try! TaskList.read(text).make(TaskContext(instance: instance, horizon: 1000))
      return made as! any BenchmarkTask<Double>
    }
  }
}

extension BenchmarkTask<Double> {
  /// Plain gradient descent at a fixed rate; the parameters after `steps`.
  func descended(rate: Double, steps: Int, seed: Int = 1) -> [Double] {
    var theta = start
    var gradient = [Double](repeating: 0, count: dimension)
    var scratch = [Double](repeating: 0, count: max(1, scratchCount))
    var step = 0
    while step < steps {
      let block = step..<min(steps, step + stepsPerBlock)
      let draws = draws(seed: seed, steps: block)
      for step in block {
        _ = self.gradient(
          at: theta, step: step, draws: draws, into: &gradient, scratch: &scratch)
        for i in 0..<dimension { theta[i] -= rate * gradient[i] }
      }
      step = block.upperBound
    }
    return theta
  }

  /// (f − f*)/(f₀ − f*) after `steps` at the best of the rates 2ᵏ.
  func bestGap(steps: Int, powers: ClosedRange<Int>) -> Double {
    let worst = loss(at: start) - reference.value
    var best = Double.infinity
    for power in powers {
      let rate = Double(sign: .plus, exponent: power, significand: 1)
      let final = loss(at: descended(rate: rate, steps: steps), step: steps - 1)
      let gap = (final - reference.value) / worst
      if gap < best { best = gap }
    }
    return best
  }
}

/// √(Σ vᵢ²).
func norm(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
