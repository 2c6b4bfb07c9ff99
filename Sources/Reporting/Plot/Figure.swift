/// A picture as a self-contained SVG file.
public struct Figure: Sendable, Equatable {
  /// The name of its file, without extension.
  public let name: String
  public let title: String
  /// How to read it.
  public let caption: String
  public let svg: String
  /// What is drawn, in the order of rows.
  let panels: [any Panel]

  /// Puts `body`, drawn in a box of `width` by `height`, under a heading.
  init(
    name: String, title: String, caption: String, width: Double, height: Double, body: String,
    provenance: String, panels: [any Panel]
  ) {
    self.panels = panels
    self.name = name
    self.title = title
    self.caption = caption
    svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(SVG.number(width))"
      + " \(SVG.number(height))\" width=\"\(SVG.number(width))\" height=\"\(SVG.number(height))\""
      + " font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\""
      + " role=\"img\">"
      + "<title>\(HTML.escaped(title))</title><desc>\(HTML.escaped(caption)) "
      + "\(HTML.escaped(provenance))</desc>"
      + SVG.rectangle(0, 0, width, height, fill: "#fff") + body + "</svg>\n"
  }

  /// The file has all but its name.
  public static func == (a: Figure, b: Figure) -> Bool { (a.name, a.svg) == (b.name, b.svg) }
}
