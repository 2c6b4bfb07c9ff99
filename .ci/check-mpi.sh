#!/usr/bin/env bash
# Parameters shared out over 1, 2 and 4 ranks: the same rate on every rank, to the bit, and the same rates
# for every number of ranks within 1e-10 of their size.
#
# Usage: .ci/check-mpi.sh
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$root/.ci/tools.sh"
cd "$root"

need mpicc libopenmpi-dev openmpi-bin || exit 0
need mpirun openmpi-bin || exit 0
swift build --package-path "${HYPERGRADIENT_PACKAGE:-.}" --product HypergradientC >"$work/log" 2>&1 ||
  { grep error: "$work/log" >&2; exit 1; }
folder=$(swift build --package-path "${HYPERGRADIENT_PACKAGE:-.}" --show-bin-path)
OMPI_CC=clang mpicc -std=c11 -Wall -Wextra -I Sources/CHypergradient Tests/CInterface/distributed.c \
  -o "$work/distributed" -L "$folder" -lHypergradientC -Wl,-rpath,"$folder" \
  -Wl,-rpath,"$(dirname "$(command -v swiftc)")/../lib/swift/linux"

while read -r text; do
  for ranks in 1 2 4; do
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
      mpirun --oversubscribe --mca btl self,vader -n $ranks "$work/distributed" "$text" >"$work/$ranks"
  done
  for ranks in 2 4; do
    paste -d' ' "$work/1" "$work/$ranks" | awk -v text="$text" -v ranks=$ranks '
      function far(a, b) { d = a > b ? a - b : b - a; m = a > b ? a : b; return d > 1e-10 * m }
      far($2, $5) { print text ": step " $1 ": " $2 " on 1 rank, " $5 " on " ranks; bad = 1; exit }
      $2 != first { moved = 1 } NR == 1 { first = $2 }
      END { if (bad || NR != 100) exit 1; if (!moved) { print text ": the rate never moved"; exit 1 } }'
  done
done <<'END'
sgd + hypergradient(initial: 1e-3, hyperLearningRate: 1e-9)
adam + hypergradient(initial: 1e-2, hyperLearningRate: 1e-5)
clipByNorm(1).then(adam) + hypergradient(initial: 1e-2, hyperLearningRate: 0.02, form: .multiplicative)
adam + traceAligned(initial: 1e-2, steps: 100)
END
echo "1, 2 and 4 ranks take the same rates"
