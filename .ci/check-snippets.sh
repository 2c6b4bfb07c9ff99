#!/usr/bin/env bash
# Every Swift block of the documentation and of the sources' doc comments compiles in a package that
# depends on the product, and runs.
#
# A block is fenced as ```swift, in the pages and after /// alike; each becomes a function of its own,
# its imports hoisted. What needs the second product, Documentation/YourOwn.md and
# HypergradientBenchmark, is compiled by .ci/check-extensions.sh. A block whose first line is
# "// Package.swift" is a part of a manifest, and is parsed only.
#
# Usage: .ci/check-snippets.sh
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$root/.ci/tools.sh"
client Client
# Documentation/Swift.md needs the third product, too.
sed -i.bak 's/dependencies: \[\.product(/dependencies: [.product(name: "DifferentiableModels", package: "hypergradient"), .product(/' \
  Package.swift

# One file a block, called after its place.
(cd "$root" && git ls-files '*.md' 'Sources/Hypergradient*/*.swift' 'Sources/DifferentiableModels/*.swift' | grep -v -e YourOwn -e HypergradientBenchmark | sort) | while read -r file; do
  awk -v file="$file" -v folder="Sources/Client" -v parsed="$work" '
    function name() { n = file "_" FNR; gsub(/[^A-Za-z0-9]/, "_", n); return n }
    { line = $0; sub(/^ *\/\/\/ ?/, "", line) }
    line ~ /^```swift/ { inside = 1; block = name(); imports = ""; code = ""; part = 0; next }
    inside && line ~ /^```/ {
      inside = 0
      if (part) { printf "%s", code > (parsed "/" block ".manifest"); next }
      if (imports !~ /import Hypergradient\n/) imports = imports "import Hypergradient\n"
      if (imports !~ /import HypergradientCatalogue\n/)
        imports = imports "import HypergradientCatalogue\n"
      if (imports !~ /import HypergradientTraining\n/)
        imports = imports "import HypergradientTraining\n"
      out = folder "/" block ".swift"
      printf "%s", imports > out
      # An extension stands in a file, not in a function.
      if (code ~ /(^|\n)(public )?extension /) printf "%s\nfunc %s() {}\n", code, block > out
      else printf "func %s() throws {\n%s}\n", block, code > out
      close(out)
      print "  (\"" file "\", " block ")," >> (parsed "/calls")
      next
    }
    inside && line == "// Package.swift" { part = 1; next }
    inside && line ~ /^import / { imports = imports line "\n"; next }
    inside { code = code line "\n" }
  ' "$root/$file"
done

# Code that is not fenced is not seen: an indented block after /// holds equations and texts alone.
unfenced=$(cd "$root" &&
  find Sources Papers Studies -name '*.swift' -not -path 'Sources/HypergradientBenchmark/*' -exec awk '
    FNR == 1 { fenced = 0 }
    /^ *\/\/\/ *```/ { fenced = !fenced }
    !fenced && /^ *\/\/\/     ((let|var|try|import|for|if|func|struct|return) |[A-Z][A-Za-z]+(<[A-Za-z]+>)?\(|[a-z][A-Za-z]*\.[a-z][A-Za-z]*\()/ {
      print FILENAME ":" FNR ":" $0
    }' {} +)
[ -z "$unfenced" ] || { echo "check-snippets: not fenced as Swift:"; echo "$unfenced"; exit 1; } >&2

# No calls is no check.
count=$(grep -c . "$work"/calls)
{
  echo "let blocks: [(String, () throws -> Void)] = ["
  cat "$work"/calls
  echo "]"
  echo "for (file, block) in blocks {"
  echo "  do { try block() } catch { fatalError(\"\\(file): \\(error)\") }"
  echo "}"
  echo "print(\"ran \\(blocks.count) blocks\")"
} > Sources/Client/main.swift

for manifest in "$work"/*.manifest; do
  [ -f "$manifest" ] || continue
  { echo "let package = Package(name: \"Client\","; cat "$manifest"; echo ")"; } > "$work/part.swift"
  swiftc -frontend -parse "$work/part.swift" || exit 1
done

swift build >build.log 2>&1 || { grep -E "error|warning: var" build.log >&2; exit 1; }
said=$(.build/debug/Client | tail -1)
[ "$said" = "ran $count blocks" ] || { echo "check-snippets: $said, expected $count blocks" >&2; exit 1; }
echo "$count blocks of Swift in the documentation compile in a client, and run"
