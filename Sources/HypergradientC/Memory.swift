#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Whether so many bytes can be had now.
func hasRoom(_ bytes: Int) -> Bool {
  guard let memory = malloc(bytes) else { return false }
  free(memory)
  return true
}
