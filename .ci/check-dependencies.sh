#!/usr/bin/env bash
# A package that depends on the product Hypergradient resolves no package but this one.
#
# Makes such a package in a temporary folder, with a trainer of ten lines that learns its rate,
# resolves, builds and runs it, and looks at every place where another package would show: what was
# resolved, what was checked out, and the tree of dependencies.
#
# Usage: .ci/check-dependencies.sh [--resolve-only]
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$root/.ci/tools.sh"
client Trainer

cat > Sources/Trainer/main.swift <<'EOF'
import Hypergradient

var control = HypergradientDescent(initial: 1e-3, hyperLearningRate: 1e-3)
var (x, previous) = (10.0, 0.0)
for step in 0..<200 {
  let gradient = 0.5 * x
  let rate = control.learningRate(for: StepSignals(step: step, alignment: previous * gradient))
  x -= rate * gradient
  previous = gradient
}
print(x * x < 1e-4 ? "the trainer converged" : "the trainer did not converge: \(x)")
EOF

fail() {
  echo "check-dependencies: $1" >&2
  exit 1
}

swift package resolve >resolve.log 2>&1 || { cat resolve.log >&2; fail "resolution failed"; }

# What was pinned: a path dependency is not, so there is nothing to pin.
if [ -f Package.resolved ]; then
  pins=$(sed -n 's/.*"identity" *: *"\([^"]*\)".*/\1/p' Package.resolved | tr '\n' ' ')
  [ -z "$pins" ] || fail "Package.resolved pins other packages: $pins"
fi

# What was fetched.
for folder in .build/checkouts .build/repositories; do
  [ -d "$folder" ] || continue
  found=$(ls "$folder")
  [ -z "$found" ] || fail "$folder holds other packages: $(echo "$found" | tr '\n' ' ')"
done

# What the tree of dependencies names, in words and as data.
swift package show-dependencies --format flatlist >tree.txt 2>tree.log ||
  { cat tree.log >&2; fail "the tree of dependencies can't be shown"; }
others=$(grep -v -x -i -e hypergradient -e '' tree.txt | tr '\n' ' ') || true
[ -z "$others" ] || fail "the tree of dependencies names other packages: $others"
grep -q -x -i hypergradient tree.txt || fail "the tree of dependencies does not name this package"

if [ "${1:-}" != --resolve-only ]; then
  swift build >build.log 2>&1 || { cat build.log >&2; fail "the package does not build"; }
  said=$(.build/debug/Trainer)
  [ "$said" = "the trainer converged" ] || fail "$said"
fi
echo "a package that depends on the product Hypergradient resolves no other package"
