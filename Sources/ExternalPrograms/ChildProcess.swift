internal import Foundation
internal import Synchronization

/// What is wrong with a program that answers, in words that follow its command and the question.
package struct ChildFault: Error {
  package let description: String
  package init(_ description: String) { self.description = description }

  /// What a program said, short enough for a line.
  package static func shown(_ bytes: some Collection<UInt8>) -> String {
    let text = String(
      String(decoding: bytes.prefix(160), as: UTF8.self).map { $0.isNewline ? " " : $0 })
    return "'\(text)'" + (bytes.count > 160 ? "…" : "")
  }
}

/// A shell's command in a process group of its own, which is asked and answers by lines.
///
/// The group ends with this object, and with this program however that ends: a second process of the
/// group reads a socket that only this program could write to, and ends the group when it is closed.
///
/// Not Foundation's `Process`: that knows no groups, so that what a command itself has begun would
/// live on, and its pipes know no time limit.
package final class ChildProcess {
  private let pid: pid_t
  /// Its standard input; writing to a socket can fail without a signal.
  private let input: Int32
  private let output: Int32
  private let errors: Int32
  /// What keeps the group alive.
  private let guardSocket: Int32
  /// Of its standard output, what was read and not yet handed out.
  private var buffer: [UInt8] = []
  /// The end of what it said on standard error.
  private var lastWords: [UInt8] = []
  private var hasErrors = true
  /// Whether it kept to the protocol so far; one that did not is ended at once.
  private var isSound = true

  /// - Throws: ``ChildFault`` where the system has no room for another process.
  package init(_ command: String) throws(ChildFault) {
    var opened: [Int32] = []
    func fail(_ what: String) -> ChildFault {
      let reason = String(cString: strerror(errno))
      for descriptor in opened { close(descriptor) }
      return ChildFault("can't be begun: no \(what): \(reason)")
    }
    // Sockets, not pipes: they are made closed to other children in one call.
    func pair() -> (Int32, Int32)? {
      var ends: [Int32] = [-1, -1]
      #if canImport(Darwin)
        let kind = SOCK_STREAM
      #else
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
      #endif
      guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
      // Above those that the child is to have, so that none is overwritten before it is copied.
      for i in 0..<2 where ends[i] < 10 {
        let moved = fcntl(ends[i], F_DUPFD_CLOEXEC, 10)
        close(ends[i])
        ends[i] = moved
      }
      opened += ends.filter { $0 >= 0 }
      for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      return ends.contains(-1) ? nil : (ends[0], ends[1])
    }
    guard let (mine, its) = pair(), let (output, itsOutput) = pair(),
      let (errors, itsErrors) = pair(), let (guardSocket, itsGuard) = pair()
    else { throw fail("socket") }
    #if canImport(Darwin)
      var yes: Int32 = 1
      setsockopt(mine, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (place, descriptor) in [its, itsOutput, itsErrors, itsGuard].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(place))
    }
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    var flags = Int32(POSIX_SPAWN_SETPGROUP) | Int32(POSIX_SPAWN_SETSIGDEF)
    flags |= Int32(POSIX_SPAWN_SETSIGMASK)
    #if canImport(Darwin)
      flags |= Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
    #endif
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var pid: pid_t = 0
    let arguments = ["/bin/sh", "-c", Self.script, "sh", command]
    let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
    let reason = Self.withCStrings(arguments) { arguments in
      Self.withCStrings(environment) { environment in
        posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, environment)
      }
    }
    guard reason == 0 else {
      errno = reason
      throw fail("process")
    }
    for descriptor in [its, itsOutput, itsErrors, itsGuard] { close(descriptor) }
    for descriptor in [output, errors] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    self.pid = pid
    input = mine
    self.output = output
    self.errors = errors
    self.guardSocket = guardSocket
  }

  /// The guard of the group, the command, and once it has ended the guard's end.
  private static let script = """
    { read -r line; kill -s KILL 0; } <&3 >/dev/null 2>&1 &
    sh -c "$1" 3<&-
    status=$?
    kill -s KILL $! 2>/dev/null
    wait $! 2>/dev/null
    exit $status
    """

  private static func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }

  deinit {
    end(gently: isSound)
    close(output)
    close(errors)
    close(guardSocket)
  }

  // MARK: Asking

  /// Sends a line, and waits for the line that answers it.
  ///
  /// - Parameters:
  ///   - line: with the line break.
  ///   - seconds: the time limit.
  ///   - most: bytes of an answer.
  /// - Returns: the answer without its line break.
  package func ask(
    _ line: [UInt8], within seconds: Double, most: Int
  ) throws(ChildFault) -> [UInt8] {
    Self.asking.add(1, ordering: .relaxed)
    defer { Self.asking.subtract(1, ordering: .relaxed) }
    do throws(ChildFault) {
      return try asked(line, within: seconds, most: most)
    } catch {
      isSound = false
      throw error
    }
  }

  /// Whether a thread waits for an answer.
  package static var isAsked: Bool { asking.load(ordering: .relaxed) > 0 }
  private static let asking = Atomic(0)

  private func asked(
    _ line: [UInt8], within seconds: Double, most: Int
  ) throws(ChildFault) -> [UInt8] {
    let deadline = ContinuousClock.now + .seconds(seconds)
    let isOpen = readOutput()
    if !buffer.isEmpty {
      throw ChildFault(
        "said \(ChildFault.shown(buffer)) before it was asked: standard output is for one line an "
          + "answer")
    }
    if !isOpen { throw ended() }
    var sent = 0
    var searched = 0
    while true {
      if sent < line.count { sent += try send(line, from: sent) }
      let isOpen = readOutput()
      readErrors()
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let answer = Array(buffer[..<end])
        guard sent == line.count else {
          throw ChildFault("said \(ChildFault.shown(answer)) before it had read the question")
        }
        guard end + 1 == buffer.count else {
          throw ChildFault(
            "said more than one line: \(ChildFault.shown(buffer)); standard output is for one line "
              + "an answer")
        }
        buffer.removeAll(keepingCapacity: true)
        return answer
      }
      searched = buffer.count
      if buffer.count > most {
        throw ChildFault(
          "said more than \(most) bytes without a line break: \(ChildFault.shown(buffer))")
      }
      if !isOpen { throw ended() }
      let left = (deadline - ContinuousClock.now) / .seconds(1)
      guard left > 0 else {
        throw ChildFault(
          "did not answer within \(Self.short(seconds)) s"
            + (buffer.isEmpty ? "" : ", and said only \(ChildFault.shown(buffer))") + saidLast
            + " ('seconds' sets the limit)")
      }
      wait(sending: sent < line.count, seconds: left)
    }
  }

  private static func short(_ seconds: Double) -> String {
    Int(exactly: seconds).map { "\($0)" } ?? "\(seconds)"
  }

  /// Waits until there is something to read, or to write if there is more to send.
  private func wait(sending: Bool, seconds: Double) {
    var events = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
    if hasErrors { events.append(pollfd(fd: errors, events: Int16(POLLIN), revents: 0)) }
    if sending { events.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
    _ = poll(&events, nfds_t(events.count), Int32(min(3600, seconds) * 1000) + 1)
  }

  /// - Returns: how many bytes were taken.
  private func send(_ line: [UInt8], from first: Int) throws(ChildFault) -> Int {
    #if canImport(Darwin)
      let flags = Int32(MSG_DONTWAIT)
    #else
      let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    #endif
    let count = line.withUnsafeBytes {
      Foundation.send(input, $0.baseAddress! + first, $0.count - first, flags)
    }
    if count >= 0 { return count }
    if errno == EAGAIN || errno == EINTR || errno == EWOULDBLOCK { return 0 }
    throw ended()
  }

  /// Takes what is there; whether there may be more.
  private func readOutput() -> Bool {
    while true {
      let count = Self.read(output, into: &buffer)
      if count == 0 { return false }
      if count < 0 {
        if errno == EINTR { continue }
        return true
      }
      // One that never breaks its line is not to fill the memory.
      if count == Self.piece { return true }
    }
  }

  private func readErrors() {
    while hasErrors {
      let count = Self.read(errors, into: &lastWords)
      if lastWords.count > 8192 { lastWords.removeFirst(lastWords.count - 4096) }
      if count == 0 { hasErrors = false }
      if count < 0, errno != EINTR { return }
    }
  }

  private static let piece = 1 << 16

  private static func read(_ descriptor: Int32, into bytes: inout [UInt8]) -> Int {
    withUnsafeTemporaryAllocation(byteCount: piece, alignment: 1) { room in
      let count = Foundation.read(descriptor, room.baseAddress!, piece)
      if count > 0 { bytes += room[..<count] }
      return count
    }
  }

  // MARK: The end

  /// What a program that is gone says.
  private func ended() -> ChildFault {
    var status: Int32 = 0
    for _ in 0..<400 where !isReaped { if !reap(&status) { usleep(5000) } }
    readErrors()
    let how: String
    if !isReaped {
      how = "closed its standard output"
    } else if status & 0x7f != 0 {
      how = "was ended by signal \(status & 0x7f)"
    } else if (status >> 8) & 0xff > 128 {
      how = "was ended by signal \(((status >> 8) & 0xff) - 128)"
    } else {
      how = "ended with code \((status >> 8) & 0xff)"
    }
    return ChildFault(
      how + (buffer.isEmpty ? "" : " after \(ChildFault.shown(buffer))") + saidLast)
  }

  /// The last line on standard error, in words.
  private var saidLast: String {
    let lines = lastWords.split(separator: UInt8(ascii: "\n"))
    guard
      let last = lines.last(where: { line in
        line.contains { $0 > UInt8(ascii: " ") }
      })
    else { return "" }
    return ", with \(ChildFault.shown(last)) as its last line on standard error"
  }

  private var isReaped = false

  private func reap(_ status: inout Int32) -> Bool {
    if isReaped { return true }
    isReaped = waitpid(pid, &status, WNOHANG) == pid
    // What the command left behind.
    if isReaped { kill(-pid, SIGKILL) }
    return isReaped
  }

  /// Closes the input, and ends the group; `gently` leaves it two seconds to end by itself.
  private func end(gently: Bool) {
    close(input)
    var status: Int32 = 0
    if gently {
      for _ in 0..<1000 {
        readErrors()
        if reap(&status) { break }
        usleep(2000)
      }
    }
    if !isReaped { kill(-pid, SIGKILL) }
    while !isReaped {
      isReaped = waitpid(pid, &status, 0) == pid || errno != EINTR
    }
  }
}
