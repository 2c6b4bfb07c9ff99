/// How a series is drawn. Colours differ for readers with any colour vision, dashes and markers for
/// print without colour.
struct SeriesStyle {
  let colour: String
  /// An SVG dash array; empty for a solid line.
  let dashes: String
  let marker: Marker

  enum Marker: CaseIterable {
    case circle, square, triangle, diamond, cross, downTriangle, star, ring, box, arrow
  }

  /// Styles by position: ten colours, then the same with other dashes.
  ///
  /// > Paul Tol. *Colour schemes*. Technical note SRON/EPS/TN/09-002, 2021: the scheme "muted",
  /// > with black, and sand darkened for a white ground.
  init(_ index: Int) {
    let colours = [
      "#000000", "#88CCEE", "#44AA99", "#117733", "#999933", "#CC6677", "#882255", "#DDAA33",
      "#AA4499", "#332288",
    ]
    let patterns = ["", "5 2", "2 2", "7 2 2 2", "9 3", "", "5 2", "", "5 2", "2 2"]
    let later = ["1 3", "3 4", "8 4"]
    let round = index / colours.count
    colour = colours[index % colours.count]
    dashes =
      round == 0 ? patterns[index % patterns.count] : later[(round - 1) % later.count]
    marker = Marker.allCases[(index + 3 * round) % Marker.allCases.count]
  }

  /// The marker at a point, about 7 pixels wide.
  func drawing(at x: Double, _ y: Double, size: Double = 3.5) -> String {
    let r = size
    func polygon(_ points: [(Double, Double)]) -> String {
      "<polygon points=\""
        + points.map { "\(SVG.number(x + $0.0 * r)),\(SVG.number(y + $0.1 * r))" }
        .joined(separator: " ") + "\" fill=\"\(colour)\"/>"
    }
    func path(_ d: String) -> String {
      "<path d=\"\(d)\" stroke=\"\(colour)\" stroke-width=\"1.8\" fill=\"none\"/>"
    }
    let l = SVG.number(x - r), t = SVG.number(y - r)
    let right = SVG.number(x + r), bottom = SVG.number(y + r)
    let cx = SVG.number(x), cy = SVG.number(y), d = SVG.number(2 * r)
    switch marker {
    case .circle:
      return "<circle cx=\"\(cx)\" cy=\"\(cy)\" r=\"\(SVG.number(r))\" fill=\"\(colour)\"/>"
    case .square:
      return "<rect x=\"\(l)\" y=\"\(t)\" width=\"\(d)\" height=\"\(d)\" fill=\"\(colour)\"/>"
    case .triangle: return polygon([(0, -1.2), (1.1, 0.9), (-1.1, 0.9)])
    case .downTriangle: return polygon([(0, 1.2), (1.1, -0.9), (-1.1, -0.9)])
    case .diamond: return polygon([(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)])
    case .cross: return path("M\(l) \(t)L\(right) \(bottom)M\(l) \(bottom)L\(right) \(t)")
    case .star:
      let (a, b) = (1.6, 0.45)
      return polygon([(0, -a), (b, -b), (a, 0), (b, b), (0, a), (-b, b), (-a, 0), (-b, -b)])
    case .arrow: return polygon([(-1.1, -1.2), (1.3, 0), (-1.1, 1.2)])
    case .ring:
      return "<circle cx=\"\(cx)\" cy=\"\(cy)\" r=\"\(SVG.number(r))\" fill=\"#fff\""
        + " stroke=\"\(colour)\" stroke-width=\"1.6\"/>"
    case .box:
      return "<rect x=\"\(l)\" y=\"\(t)\" width=\"\(d)\" height=\"\(d)\" fill=\"#fff\""
        + " stroke=\"\(colour)\" stroke-width=\"1.6\"/>"
    }
  }
}
