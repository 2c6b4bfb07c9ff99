/// A perceptually uniform map from [0, 1] to colours, dark blue to yellow: the nine even steps of
/// matplotlib's viridis (CC0), and straight lines between them.
enum ColourMap {
  private static let steps: [(Double, Double, Double)] = [
    (68, 1, 84), (71, 45, 123), (59, 82, 139), (44, 114, 142), (33, 145, 140), (40, 174, 128),
    (94, 201, 98), (173, 220, 48), (253, 231, 37),
  ]

  /// As `#rrggbb`; values outside [0, 1] take the colour of the end.
  static func colour(_ value: Double) -> String {
    let position = min(1, max(0, value)) * Double(steps.count - 1)
    let index = min(Int(position), steps.count - 2)
    let fraction = position - Double(index)
    func mixed(_ a: Double, _ b: Double) -> String {
      let text = String(Int((a + (b - a) * fraction).rounded()), radix: 16)
      return text.count == 1 ? "0" + text : text
    }
    let (a, b) = (steps[index], steps[index + 1])
    return "#" + mixed(a.0, b.0) + mixed(a.1, b.1) + mixed(a.2, b.2)
  }
}
