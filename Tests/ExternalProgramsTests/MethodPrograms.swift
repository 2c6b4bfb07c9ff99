import ExternalPrograms
import Foundation
import Hypergradient

/// Programs that are methods, and what they are asked on.
enum MethodPrograms {
  /// f(θ) = Σ (i+1) θᵢ² / 2 + draw · Σ θᵢ; above ten the loss of a trial is no number.
  static func oracle<Scalar: ParameterScalar>(
    _: Scalar.Type, parameterCount: Int = 3, isDeterministic: Bool = false
  ) -> FunctionOracle<Scalar> {
    FunctionOracle(parameterCount: parameterCount, isDeterministic: isDeterministic) {
      point, gradient, draw in
      var loss = 0.0
      for i in point.indices {
        gradient[i] = Scalar(i + 1) * point[i] + Scalar(draw)
        loss += Double(i + 1) * Double(point[i]) * Double(point[i]) / 2
        loss += Double(draw) * Double(point[i])
      }
      return loss
    }
  }

  /// Steps of a method from (1, 0.5, 0.25).
  static func steps<Scalar: ParameterScalar>(
    _ method: inout some TrainingMethod<Scalar>, _ count: Int, of scalar: Scalar.Type = Scalar.self
  ) -> (theta: [Scalar], counts: EvaluationCounts) {
    var theta: [Scalar] = [1, 0.5, 0.25]
    var oracle = oracle(Scalar.self)
    method.begin(at: theta)
    for _ in 0..<count { method.step(&theta, &oracle) }
    return (theta, oracle.counts)
  }

  /// θ ← θ − rate·g in any format, which asks for its gradients or not; its arguments are the format
  /// and `given` or `asks`.
  static let descent =
    TestPrograms.wireFormat + #"""
      asks = sys.argv[2] == "asks"
      def round32(x): return struct.unpack("<f", struct.pack("<f", x))[0]
      def say(answer): print(json.dumps(answer), flush=True)
      rate = 0
      for line in sys.stdin:
          q = json.loads(line)
          if q["ask"] == "hello":
              rate = q["rate"]
              say({"version": 1, "numbers": form, "asks": asks})
              continue
          assert ("gradient" in q) != asks
          if asks:
              say({"want": "gradient", "at": q["at"]})
              g = decode(json.loads(sys.stdin.readline())["gradient"])
          else:
              g = decode(q["gradient"])
          x = [a - rate * b for a, b in zip(decode(q["at"]), g)]
          say({"at": encode(x), "rate": rate})
      """#

  /// A descent in three dimensions that does what it is told at its n-th step.
  static let faulty = #"""
    import json, os, sys, time
    kind, at, n = sys.argv[1], int(sys.argv[2]), 0
    def say(answer): print(json.dumps(answer), flush=True)
    for line in sys.stdin:
        q = json.loads(line)
        if q["ask"] == "hello":
            say({"version": 1, "numbers": "json"})
            continue
        n += 1
        x = [a - 0.1 * b for a, b in zip(q["at"], q["gradient"])]
        if n < at: say({"at": x, "rate": 0.1})
        elif kind == "crash": raise ValueError("no more of it")
        elif kind == "exit": sys.exit(7)
        elif kind == "signal": os.kill(os.getpid(), 11)
        elif kind == "hang": time.sleep(1000)
        elif kind == "chatter": print("step 3 of 10", flush=True)
        elif kind == "two": print(json.dumps({"at": x}) + "\n{}", flush=True)
        elif kind == "short": say({"at": x[1:]})
        elif kind == "long": say({"at": x + x})
        elif kind == "nan": say({"at": [x[0], float("nan"), x[2]]})
        elif kind == "infinite": say({"want": "loss", "at": [float("inf"), 1, 2]})
        elif kind == "rate": say({"at": x, "rate": float("inf")})
        elif kind == "rateText": say({"at": x, "rate": "0.1"})
        elif kind == "nothing": say({})
        elif kind == "want": say({"want": "hessian", "at": x})
        elif kind == "draw": say({"want": "loss", "at": x, "draw": -1})
        elif kind == "along": say({"want": "product", "at": x})
        elif kind == "key": say({"at": x, "raet": 0.1})
        elif kind == "misplaced": say({"at": x, "draw": 1})
        elif kind == "text": say({"at": "elsewhere"})
        elif kind == "endless":
            while True: print("x" * 100000, end="", flush=True)
        elif kind == "half":
            print('{"at": [1, ', end="", flush=True)
            sys.exit(0)
        elif kind == "closed": os.close(1); time.sleep(1000)
        elif kind == "error": say({"error": "the step is no longer mine"})
        elif kind == "always":
            while True:
                say({"want": "loss", "at": x})
                sys.stdin.readline()
    """#
}

extension ExternalMethod {
  /// What its program failed by; empty where it did not.
  var failureTold: String { (program?.failure as? ExternalFailure)?.description ?? "" }
}
