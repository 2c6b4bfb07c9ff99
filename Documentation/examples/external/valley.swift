// Rosenbrock's valley in d dimensions, in Swift, with base64 of doubles:
//     swiftc -O -o valley valley.swift
//     hypergrad train --task 'external(command: "./valley")' --method 'adam + constant(1e-2)'
import Foundation

let dimension = 20

func encoded(_ numbers: [Double]) -> String {
  numbers.withUnsafeBytes { Data($0).base64EncodedString() }
}

func decoded(_ text: String) -> [Double] {
  let bytes = Data(base64Encoded: text)!
  return bytes.withUnsafeBytes { bytes in
    (0..<dimension).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
  }
}

func objective(_ theta: [Double]) -> (loss: Double, gradient: [Double]) {
  var loss = 0.0
  var gradient = [Double](repeating: 0, count: dimension)
  for i in 0..<(dimension - 1) {
    let valley = theta[i + 1] - theta[i] * theta[i]
    let slope = 1 - theta[i]
    loss += 10 * valley * valley + slope * slope
    gradient[i] -= 40 * theta[i] * valley + 2 * slope
    gradient[i + 1] += 20 * valley
  }
  return (loss, gradient)
}

while let line = readLine() {
  let question = try JSONSerialization.jsonObject(with: Data(line.utf8)) as! [String: Any]
  var answer: [String: Any]
  if question["ask"] as! String == "hello" {
    let start = (0..<dimension).map { $0 % 2 == 0 ? -1.2 : 1 }
    answer = [
      "version": 1, "dimension": dimension, "start": encoded(start), "deterministic": true,
    ]
  } else {
    let (loss, gradient) = objective(decoded(question["at"] as! String))
    answer = ["loss": loss, "gradient": encoded(gradient)]
  }
  print(String(decoding: try JSONSerialization.data(withJSONObject: answer), as: UTF8.self))
  fflush(stdout)
}
