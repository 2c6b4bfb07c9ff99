/// What contests are made for: the machine's threads, the user's data, the peers.
public struct Setting: Sendable {
  /// Numbers of threads that ours are measured with, ascending.
  public var threads: [Int]
  /// The folder of MNIST's files; data of the same shape stand in where there is none.
  public var data: String?
  /// `nil` without Python peers.
  public var peers: PeerLibrary?
  /// Smaller sweeps and fewer epochs, to see that everything works.
  public var isQuick: Bool

  /// - Parameter threads: the largest number of threads.
  public init(threads: Int, data: String? = nil, peers: PeerLibrary? = nil, isQuick: Bool = false) {
    self.threads = threads > 1 ? [1, threads] : [1]
    self.data = data
    self.peers = peers
    self.isQuick = isQuick
  }

  /// Peers of the steps and epochs take as many threads as ours may.
  var mostThreads: Int { threads[threads.count - 1] }

  /// Ours with every number of threads.
  func ours(
    _ prepare: @escaping @Sendable (_ threads: Int) throws -> (_ count: Int) throws -> Void
  ) -> [Contender] {
    threads.map { count in Contender.ours(threads: count) { try prepare(count) } }
  }
}
