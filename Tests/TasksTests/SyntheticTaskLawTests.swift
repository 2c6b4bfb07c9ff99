import Hypergradient
import HypergradientRecipes
import Tasks
import Testing

/// Laws that hold for every synthetic task.
struct SyntheticTaskLawTests {
  @Test(arguments: syntheticTasks)
  func passesTheGates(_ task: SyntheticTask) {
    for instance in [1, 2] {
      #expect(TaskGates.failures(of: task.make(instance), horizon: 1000) == [])
    }
  }

  @Test(arguments: syntheticTasks)
  func instanceDecidesAllBits(_ task: SyntheticTask) {
    let (first, again, other) = (task.make(1), task.make(1), task.make(2))
    #expect(first.start == again.start)
    #expect(first.reference == again.reference)
    #expect(first.exactGradient(at: first.start) == again.exactGradient(at: first.start))
    let draws = first.draws(seed: 7, steps: 3..<9)
    #expect(draws.values == again.draws(seed: 7, steps: 3..<9).values)
    #expect(first.start != other.start)
    // The loss there may be the same for all: a start may be made to lie at one height.
    #expect(first.exactGradient(at: first.start) != other.exactGradient(at: other.start))
  }

  @Test(arguments: syntheticTasks)
  func drawsDifferByStepAndSeed(_ task: SyntheticTask) {
    let task = task.make(1)
    let draws = task.draws(seed: 1, steps: 0..<2)
    guard draws.valuesPerStep > 0 else { return }
    #expect(draws.values.prefix(draws.valuesPerStep) != draws.values.suffix(draws.valuesPerStep))
    #expect(draws.values != task.draws(seed: 2, steps: 0..<2).values)
  }

  /// Whether anything but the point matters is what the task says.
  @Test(arguments: syntheticTasks)
  func determinismIsAsDeclared(_ task: SyntheticTask) {
    let task = task.make(1)
    let seen = [(1, 0), (1, 3), (2, 3), (1, 700)].map { seed, step in
      task.gradient(
        at: task.start, step: step, draws: task.draws(seed: seed, steps: step..<step + 1)
      ).gradient
    }
    #expect(seen.allSatisfy { $0 == seen[0] } == task.isDeterministic)
  }

  @Test(arguments: syntheticTasks)
  func groupsCoverTheParametersInOrder(_ task: SyntheticTask) {
    let task = task.make(1)
    let groups = task.parameterGroups
    #expect(groups.first?.lowerBound == 0 && groups.last?.upperBound == task.dimension)
    #expect(zip(groups, groups.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    #expect(groups.allSatisfy { !$0.isEmpty })
  }

  /// Tasks are asked for with the steps that a user names, however few.
  @Test func aRunMayBeOneStepLong() throws {
    func check<T: BenchmarkTask>(_ task: T, _ text: String, at step: Int) {
      #expect(task.loss(at: task.start, step: step).isFinite, "\(text), step \(step)")
    }
    for recipe in TaskList.all where !needsData(recipe) {
      for horizon in [1, 2, 3] {
        let task = try TaskList.read(recipe.texts[0]).make(
          TaskContext(instance: 1, horizon: horizon))
        check(task, recipe.texts[0], at: horizon - 1)
      }
    }
  }

  @Test func tasksDiffer() {
    // The two curvature shifts differ only after the shift.
    let gaps = syntheticTasks.map { task in
      let made = task.make(1)
      return [0, 999].map { made.loss(at: made.start, step: $0) - made.reference.value }
    }
    for (i, gap) in gaps.enumerated() {
      let same = gaps[..<i].firstIndex(of: gap).map { syntheticTasks[$0].description }
      #expect(same == nil, "\(syntheticTasks[i]) never differs from \(same ?? "")")
    }
  }

  @Test(arguments: syntheticTasks)
  func descentLowersTheLoss(_ task: SyntheticTask) {
    let task = task.make(1)
    #expect(task.bestGap(steps: 60, powers: -16...0) < 0.75)
  }

  /// Each knob, from easy to hard, with plain descent at the best of a grid of fixed rates.
  @Test(arguments: [
    Knob("condition of the ellipsoid", [10, 1e3, 1e5], powers: -18...(-2)) {
      EllipsoidQuadratic(dimension: 20, condition: $0)
    },
    Knob("exponent of the power law", [0.5, 1, 2], powers: -3...0) {
      PowerLawQuadratic(dimension: 20, exponent: $0)
    },
    Knob("noise of the quadratic", [0, 0.01, 1], powers: -6...0) {
      NoisyQuadratic(dimension: 20, noiseVariance: $0)
    },
    Knob("correlation of the noise", [-0.5, 0, 0.9], powers: -6...0) {
      CorrelatedQuadratic(dimension: 20, noiseVariance: 1, correlation: $0)
    },
    Knob("condition of least squares", [1, 10, 1e3], powers: -4...0) {
      LeastSquares(dimension: 12, examples: 48, condition: $0, batch: 12)
    },
    Knob("label noise of least squares", [0, 0.1, 10], powers: -6...0) {
      LeastSquares(dimension: 12, examples: 48, condition: 10, labelNoise: $0, batch: 12)
    },
    Knob("condition of logistic regression", [1, 100], powers: -3...4) {
      LogisticRegression(dimension: 12, examples: 64, condition: $0, batch: 64)
    },
    Knob("coefficient of Rosenbrock's function", [1, 10, 100], powers: -12...(-3)) {
      Rosenbrock(dimension: 4, coefficient: $0)
    },
    Knob("factor of the curvature shift", [1, 10, 100], powers: -14...(-3)) {
      CurvatureShift(dimension: 20, condition: 20, factor: $0, horizon: 100)
    },
    Knob("turns of the spirals", [0.25, 1, 2], powers: -3...2) {
      TwoSpirals(turns: $0, hidden: 8, examples: 32, batch: 32)
    },
    Knob("steepness of the teacher", [0.3, 1, 4], powers: -4...0) {
      TeacherStudent(inputs: 4, hidden: 6, steepness: $0, examples: 64, batch: 64)
    },
    Knob("noise of the recorded system", [0.001, 0.03, 0.3], powers: -6...1) {
      SystemIdentification(states: 4, controls: 1, noise: $0, length: 128, batch: 8)
    },
    Knob("memory of the regulated system", [0.5, 0.9, 0.99], powers: -8...0) {
      LinearQuadraticRegulator(memory: $0, batch: 64)
    },
    Knob("states of the chain", [3, 6, 12], powers: -3...4) {
      ChainPolicy(states: Int($0), batch: 64)
    },
    Knob("lack of penalty of the smallest game", [-1, -0.3, -0.1], powers: -6...0) {
      DiracGAN(penalty: -$0)
    },
    Knob("noise of the pictures", [0, 0.3, 1], powers: -4...1) {
      MotifPictures(side: 6, noise: $0, examples: 32, batch: 32)
    },
  ])
  func knobIsMonotone(_ knob: Knob) {
    let gaps = knob.values.map { knob.make($0).bestGap(steps: 100, powers: knob.powers) }
    for (easier, harder) in zip(gaps, gaps.dropFirst()) {
      #expect(easier < harder, "\(knob): gaps \(gaps) at \(knob.values)")
    }
  }
}

/// A task's difficulty knob, with values from easy to hard.
struct Knob: Sendable, CustomStringConvertible {
  let description: String
  let values: [Double]
  let powers: ClosedRange<Int>
  let make: @Sendable (Double) -> any BenchmarkTask<Double>

  init(
    _ name: String, _ values: [Double], powers: ClosedRange<Int>,
    make: @escaping @Sendable (Double) -> any BenchmarkTask<Double>
  ) {
    description = name
    self.values = values
    self.powers = powers
    self.make = make
  }
}
