/// Memory that begins at a cache line, of 64 bytes: a vector of eight doubles that crosses two lines is
/// read twice.
package enum Lines {
  /// `count` elements, at least one; they are given back by ``free(_:)``.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  package static func allocate<Element>(
    _ count: Int, repeating value: Element
  ) -> UnsafeMutablePointer<Element> {
    let capacity = max(1, count)
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Element>.stride, alignment: 64
    ).bindMemory(to: Element.self, capacity: capacity)
    memory.initialize(repeating: value, count: capacity)
    return memory
  }

  package static func free<Element: BitwiseCopyable>(_ memory: UnsafeMutablePointer<Element>?) {
    UnsafeMutableRawPointer(memory)?.deallocate()
  }
}
