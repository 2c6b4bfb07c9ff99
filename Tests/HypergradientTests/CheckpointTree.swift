internal import Foundation

/// A coded value as a tree, whose every node can be changed.
indirect enum CheckpointTree {
  case object([(key: String, node: CheckpointTree)])
  case list([CheckpointTree])
  /// As JSON writes it.
  case leaf(String)

  init(_ data: Data) throws {
    self.init(any: try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed))
  }

  private init(any: Any) {
    switch any {
    case let object as [String: Any]:
      self = .object(
        object.sorted { $0.key < $1.key }.map { ($0.key, CheckpointTree(any: $0.value)) })
    case let list as [Any]: self = .list(list.map { CheckpointTree(any: $0) })
    default:
      let data = try? JSONSerialization.data(withJSONObject: any, options: .fragmentsAllowed)
      self = .leaf(data.map { String(decoding: $0, as: UTF8.self) } ?? "null")
    }
  }

  var text: String {
    switch self {
    case .object(let entries):
      "{" + entries.map { "\"\($0.key)\":\($0.node.text)" }.joined(separator: ",") + "}"
    case .list(let items): "[" + items.map(\.text).joined(separator: ",") + "]"
    case .leaf(let token): token
    }
  }

  /// A change of one node.
  struct Change {
    let name: String
    let tree: CheckpointTree
    /// Whether every number stays of the size that it had, or becomes 0.
    let isModest: Bool
  }

  /// Every node: taken away, doubled, exchanged with its neighbour, with its sign turned, extreme, not a
  /// number, and of another type.
  var changes: [Change] {
    var all: [Change] = []
    visit("", self) { tree, name, isModest in
      all.append(Change(name: name, tree: tree, isModest: isModest))
    }
    return all
  }

  private func visit(
    _ path: String, _ node: CheckpointTree,
    _ put: (_ tree: CheckpointTree, _ name: String, _ isModest: Bool) -> Void
  ) {
    for (token, isModest) in node.replacements {
      put(.leaf(token), "\(path) := \(token)", isModest)
    }
    switch node {
    case .leaf: break
    case .object(let entries):
      for (i, entry) in entries.enumerated() {
        let place = "\(path).\(entry.key)"
        func with(_ node: CheckpointTree) -> CheckpointTree {
          var changed = entries
          changed[i].node = node
          return .object(changed)
        }
        visit(place, entry.node) { put(with($0), $1, $2) }
        var fewer = entries
        fewer.remove(at: i)
        put(.object(fewer), "\(place) deleted", true)
        if i + 1 < entries.count {
          var swapped = entries
          (swapped[i].node, swapped[i + 1].node) = (entries[i + 1].node, entry.node)
          put(.object(swapped), "\(place) exchanged", true)
        }
      }
    case .list(let items):
      for (i, item) in items.enumerated() {
        let place = "\(path)[\(i)]"
        visit(place, item) {
          var changed = items
          changed[i] = $0
          put(.list(changed), $1, $2)
        }
        var fewer = items
        fewer.remove(at: i)
        put(.list(fewer), "\(place) deleted", true)
        var more = items
        more.insert(item, at: i)
        put(.list(more), "\(place) doubled", true)
        if i + 1 < items.count {
          var swapped = items
          swapped.swapAt(i, i + 1)
          put(.list(swapped), "\(place) exchanged", true)
        }
      }
    }
  }

  private var replacements: [(String, Bool)] {
    let others = [("[]", true), ("{}", true), ("null", true)]
    guard case .leaf(let token) = self else { return others + [("0", true)] }
    var tokens = others + [("\"x\"", true), ("\"nan\"", false), ("\"inf\"", false)]
    tokens += [("\"-inf\"", false), ("true", true), ("false", true)]
    guard let number = Double(token) else { return tokens + [("0", true), ("-1", true)] }
    tokens += [
      ("0", true), ("1.5", true), (number < 0 ? String(token.dropFirst()) : "-" + token, true),
      ("1.7976931348623157e308", false), ("-1.7976931348623157e308", false), ("1e39", false),
      ("5e-324", false), ("9223372036854775807", false), ("-9223372036854775808", false),
      ("4611686018427387904", false), ("1000000000000", false),
    ]
    return tokens
  }
}
