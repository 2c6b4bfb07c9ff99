import ExternalPrograms
import Foundation
import HypergradientRecipes
import Tasks

/// Programs in Python, those that answer for a task among them.
enum TestPrograms {
  static let hasPython = has("import sys")
  static let hasNumPy = has("import numpy")

  private static func has(_ line: String) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", line]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  /// What a program begins with whose first argument is the format of its numbers: the form of an
  /// array in each.
  static let wireFormat = """
    import base64, json, struct, sys
    form = sys.argv[1]
    code = {"float64": "d", "float32": "f"}.get(form)
    def encode(x):
        if code is None: return x
        return base64.b64encode(struct.pack("<%d%s" % (len(x), code), *x)).decode()
    def decode(t):
        if code is None: return t
        b = base64.b64decode(t, validate=True)
        return list(struct.unpack("<%d%s" % (len(b) // struct.calcsize(code), code), b))

    """

  /// The programs of the documentation.
  static let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Documentation/examples/external").standardized.path

  /// A task by its command.
  static func task(_ command: String, _ arguments: String = "") throws -> any BenchmarkTask {
    try TaskList.read("external(command: \(quoted(command))\(arguments))", among: [.external]).make(
      TaskContext(instance: 1, horizon: 100))
  }

  /// A file of its own, in the folder for such.
  static func file(_ ending: String) -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("hypergradient-\(UUID().uuidString).\(ending)").path
  }

  /// The command of a program in Python, which stands in a file of its own.
  static func command(_ program: String, _ arguments: String = "") throws -> String {
    let path = file("py")
    try program.write(toFile: path, atomically: true, encoding: .utf8)
    return "python3 \(path) \(arguments)"
  }

  /// f(θ) = Σ (i+1) θᵢ⁴ / 4, in three dimensions, which does what it is told at its n-th question; the
  /// check before a run asks less than forty.
  static let faulty = """
    import json, os, sys, time
    kind, last = sys.argv[1], int(sys.argv[2])
    form = {"version": 1, "dimension": 3, "start": [1, -2, 0.5], "numbers": "json",
            "deterministic": True, "scores": True}
    for count, line in enumerate(sys.stdin):
        q = json.loads(line)
        if count < last or kind == "nothing":
            if q["ask"] == "hello":
                print(json.dumps(form), flush=True)
                continue
            x = q["at"]
            answer = {"loss": sum((i + 1) * v**4 for i, v in enumerate(x)) / 4,
                      "gradient": [(i + 1) * v**3 for i, v in enumerate(x)]}
            if q["ask"] == "score": answer = {"loss": 1, "accuracy": 0.5}
            print(json.dumps(answer), flush=True)
        elif kind == "crash":
            raise ValueError("no more of it")
        elif kind == "exit":
            sys.exit(7)
        elif kind == "signal":
            os.kill(os.getpid(), 11)
        elif kind == "hang":
            time.sleep(1000)
        elif kind == "chatter":
            print("epoch 3 of 10", flush=True)
        elif kind == "two":
            print(json.dumps({"loss": 1, "gradient": [1, 2, 3]}) + "\\n{}", flush=True)
        elif kind == "short":
            print(json.dumps({"loss": 1, "gradient": [1, 2]}), flush=True)
        elif kind == "long":
            print(json.dumps({"loss": 1, "gradient": [1, 2, 3, 4]}), flush=True)
        elif kind == "nan":
            print(json.dumps({"loss": float("nan"), "gradient": [1, 2, 3]}), flush=True)
        elif kind == "nanGradient":
            print(json.dumps({"loss": 1, "gradient": [1, float("-inf"), 3]}), flush=True)
        elif kind == "noGradient":
            print(json.dumps({"loss": 1}), flush=True)
        elif kind == "text":
            print(json.dumps({"loss": "1", "gradient": [1, 2, 3]}), flush=True)
        elif kind == "endless":
            while True: print("x" * 100000, end="", flush=True)
        elif kind == "half":
            print('{"loss": 1, ', end="", flush=True)
            sys.exit(0)
        elif kind == "closed":
            os.close(1); time.sleep(1000)
        elif kind == "error":
            print(json.dumps({"error": "the simulator has no licence"}), flush=True)
    """
}
