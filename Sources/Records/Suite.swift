/// A comparison as its YAML file describes it: tasks × rules × methods × starting rates × seeds.
public struct Suite: Codable, Sendable, Equatable {
  public var name: String
  /// Grows when numbers of this suite stop being comparable with those before.
  public var version: Int
  public var summary: String
  /// T, optimizer steps a run; or epochs, for tasks made of examples.
  public var steps: Int?
  public var epochs: Int?
  /// Log-spaced evaluations of the exact loss.
  public var evaluations: Int
  /// Seeds on which best-tuned results choose the starting rate, and those that are reported.
  public var tuningSeeds: [Int]
  public var reportSeeds: [Int]
  /// Seeds on which the references are computed; the tuning seeds where it is left out.
  public var referenceSeeds: [Int]?
  public var startingRates: StartingRates
  /// In the order of the tables. `spec` is the text of a recipe, in which `rate` stands for the
  /// starting rate and `steps` for T.
  public var rules: [Named]
  public var methods: [Method]
  /// What a controller that watches a metric is told after each epoch of held-out examples; the loss
  /// where it is left out.
  public var validationMetric: ValidationMetric?
  /// Of which loss gaps and targets are; of the one that is trained where it is left out.
  public var judgedBy: JudgedLoss?
  package var judgedLoss: JudgedLoss { judgedBy ?? .training }
  public var tasks: [SuiteTask]
  public var map: MapPlan?
  /// The dense grid of fixed rates, absolute, from which references are computed; 16 rates a decade
  /// from 10⁻⁸ to 10³ where it is left out.
  public var referenceGrid: StartingRates?
  /// SHA-256 of the data that the references were computed for; with other data they are computed
  /// again.
  public var dataHash: String?
  /// Exponents of the starting rates whose curves are kept for the pictures.
  public var tracedExponents: [Double]

  /// The longest run, in steps: more would not end.
  public static let mostSteps = 1_000_000_000
  /// The most evaluations of a run.
  public static let mostEvaluations = 100_000

  /// `count` rates, log-spaced from 10^low to 10^high times the reference rate.
  public struct StartingRates: Codable, Sendable, Equatable {
    public var low: Double
    public var high: Double
    public var count: Int

    public init(low: Double, high: Double, count: Int) {
      self.low = low
      self.high = high
      self.count = count
    }
  }
  public struct Named: Codable, Sendable, Equatable {
    public var name: String
    public var spec: String
    /// For a rule: numbers that its methods' texts may name, such as `additiveBeta`.
    public var variables: [String: Double]?

    public init(name: String, spec: String, variables: [String: Double]? = nil) {
      self.name = name
      self.spec = spec
      self.variables = variables
    }
  }
  public struct Method: Codable, Sendable, Equatable {
    public var name: String
    /// A controller, which runs over every rule; a method with the word `rule` in it, likewise; or
    /// one with a rule of its own: `rule + controller`, or a method that names none. One that does
    /// not name `rate` has no starting rate, and runs once for each task and seed.
    public var spec: String { didSet { if spec != oldValue { reading = nil } } }
    /// The suite's rules that it is listed with, whose references and targets are its own; where it
    /// is left out, all of them, or the first for a method with a rule of its own.
    public var rules: [String]?
    /// What `spec` says about how the method runs; no key of a suite's file. `nil` where it was not
    /// read: reading a file does so, and so does a run.
    public var reading: MethodReading?

    public init(name: String, spec: String, rules: [String]? = nil) {
      self.name = name
      self.spec = spec
      self.rules = rules
    }
  }
  public struct SuiteTask: Codable, Sendable, Equatable {
    public var name: String
    public var spec: String
    /// By rule: the best fixed rate of the dense grid, and the gap that it reaches at T/2 and keeps on
    /// the reference seeds; a run's own target is what the rate does on the run's seed. A file may
    /// leave them out: a comparison computes those that it has not.
    public var references: [String: Reference]
    /// The target that is common to all rules: the greatest of theirs where a file leaves it out.
    public var commonTarget: Double
    /// Runs only where the command names it.
    public var onRequest: Bool?

    public init(
      name: String, spec: String, references: [String: Reference] = [:],
      commonTarget: Double? = nil, onRequest: Bool? = nil
    ) {
      self.name = name
      self.spec = spec
      self.references = references
      self.commonTarget = commonTarget ?? Self.commonTarget(of: references)
      self.onRequest = onRequest
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        name: try container.decode(String.self, forKey: .name),
        spec: try container.decode(String.self, forKey: .spec),
        references: try container.decodeIfPresent([String: Reference].self, forKey: .references)
          ?? [:],
        commonTarget: try container.decodeIfPresent(Double.self, forKey: .commonTarget),
        onRequest: try container.decodeIfPresent(Bool.self, forKey: .onRequest))
    }

    /// The greatest target; ``Suite/leastTarget`` where there are none.
    package static func commonTarget(of references: [String: Reference]) -> Double {
      references.values.map(\.target).max() ?? Suite.leastTarget
    }
  }
  /// The least target: below it rounding has its say.
  package static let leastTarget = 1e-8

  public struct Reference: Codable, Sendable, Equatable {
    public var rate: Double
    public var target: Double
    /// The least and the greatest rate, and target, of each reference seed chosen alone.
    public var rates: [Double]?
    public var targets: [Double]?
    /// What it was computed for: a digest of the task, the rule, the length of the run, the seeds, the
    /// grid and the data. ``given`` for one that somebody chose; `nil` where nobody knows.
    public var key: String?
    /// Whether a comparison computed it, since its suite's file had none for what was to be run; no
    /// key of a file.
    public var isComputed: Bool?

    /// The key of a reference that was chosen, not computed: it is used for whatever is run.
    public static let given = "given"

    public init(
      rate: Double, target: Double, rates: [Double]? = nil, targets: [Double]? = nil,
      key: String? = nil
    ) {
      self.rate = rate
      self.target = target
      self.rates = rates
      self.targets = targets
      self.key = key
    }
  }
  /// Methods whose hyper-learning-rate is swept: in their spec `beta` stands for it.
  public struct MapPlan: Codable, Sendable, Equatable {
    public var startingRates: StartingRates
    public var seeds: [Int]
    public var methods: [MapMethod]
  }
  public struct MapMethod: Codable, Sendable, Equatable {
    public var name: String
    public var spec: String
    public var hyperLearningRates: [Double]
  }
}
