#!/usr/bin/env bash
# The digest of a suite of a second is the same in debug and release, with 1 job and 2, and from the
# plain kernels; and so are the tables.
#
# Usage: .ci/check-reproducibility.sh, after debug and release builds.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
narrow=(--suite smoke --steps 60 --tasks noisy-quadratic,least-squares
  --methods fixed,cosine,hypergradient-additive,hypergradient-multiplicative,plateau-both)

swift build --product hypergrad >/dev/null
swift build -c release --product hypergrad >/dev/null
debug=.build/debug/hypergrad
release=.build/release/hypergrad

"$release" compare "${narrow[@]}" --jobs 1 --out "$work/release-1" >/dev/null 2>&1
"$release" compare "${narrow[@]}" --jobs 2 --out "$work/release-2" >/dev/null 2>&1
HYPERGRADIENT_ISA=plain "$release" compare "${narrow[@]}" --out "$work/plain" >/dev/null 2>&1
"$debug" compare "${narrow[@]}" --jobs 2 --out "$work/debug" >/dev/null 2>&1

for other in release-2 plain debug; do
  for part in runs.jsonl traces.csv tables figures; do
    diff -r "$work/release-1/$part" "$work/$other/$part" >/dev/null || {
      echo "check-reproducibility: $part differs between release-1 and $other" >&2
      exit 1
    }
  done
done
lines=$(wc -l <"$work/release-1/runs.jsonl")
[ "$lines" -gt 0 ] || { echo "check-reproducibility: there are no runs" >&2; exit 1; }
echo "$lines runs, the same bytes from release with 1 and 2 jobs, plain kernels and debug:"
sha256sum "$work/release-1/runs.jsonl" | cut -d' ' -f1
