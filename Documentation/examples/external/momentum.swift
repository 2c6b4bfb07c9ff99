// Gradient descent with momentum, in Swift, with base64 of doubles:
//     swiftc -O -o momentum momentum.swift
//     hypergrad train --task 'ellipsoid(condition: 100)' \
//       --method 'external(command: "./momentum", initial: 1e-3)'
import Foundation

func encoded(_ numbers: [Double]) -> String {
  numbers.withUnsafeBytes { Data($0).base64EncodedString() }
}

func decoded(_ text: String) -> [Double] {
  let bytes = Data(base64Encoded: text)!
  return bytes.withUnsafeBytes { bytes in
    (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
  }
}

var rate = 1e-3
var velocity: [Double] = []

while let line = readLine() {
  let question = try JSONSerialization.jsonObject(with: Data(line.utf8)) as! [String: Any]
  var answer: [String: Any]
  if question["ask"] as! String == "hello" {
    rate = question["rate"] as? Double ?? rate
    velocity = [Double](repeating: 0, count: question["dimension"] as! Int)
    answer = ["version": 1]
  } else {
    var theta = decoded(question["at"] as! String)
    for (i, g) in decoded(question["gradient"] as! String).enumerated() {
      velocity[i] = 0.9 * velocity[i] + g
      theta[i] -= rate * velocity[i]
    }
    answer = ["at": encoded(theta), "rate": rate]
  }
  print(String(decoding: try JSONSerialization.data(withJSONObject: answer), as: UTF8.self))
  fflush(stdout)
}
