#!/usr/bin/env bash
# Small workloads take no more instructions a step than .ci/instructions.csv says, within 3 %: a gate
# that a busy machine can't fool. Each workload runs twice under valgrind, with N and 2 N steps, so
# that the start of the program cancels.
#
# The counts are those of the AVX2 kernels, which valgrind runs, and of the compiler named in the
# file's first line.
#
# Usage: .ci/check-instructions.sh [--update], after a release build. --update writes the file.
set -euo pipefail
cd "$(dirname "$0")/.."
file=.ci/instructions.csv
program=${HYPERGRAD:-.build/release/hypergrad}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

command -v valgrind >/dev/null || { echo "check-instructions: there is no valgrind: skipped"; exit 0; }
[ "$(uname -m)" = x86_64 ] && grep -q -w avx2 /proc/cpuinfo ||
  { echo "check-instructions: counts are for processors with AVX2: skipped"; exit 0; }
[ -x "$program" ] ||
  { echo "check-instructions: $program is not built: swift build -c release" >&2; exit 1; }

# workload and N
workloads="sgd-step-1e2 20000
sgd-hd-step-1e2 20000
sgd-hd-step-1e4 400
adam-step-1e4 200
adam-hd-step-1e2 20000
adam-hd-step-1e4 200
diagonal-sweep 1000
quadratic-sweep 400
network-sweep 100
sgemm-128x64x256 20
tanh-1024 400"

# valgrind reads no debugging information of newer kinds.
strip -o "$work/program" "$program"

# Instructions of a workload with so many steps.
count() {
  HYPERGRADIENT_ISA=avx2 valgrind --tool=callgrind --callgrind-out-file="$work/$1.$2" \
    "$work/program" bench --instructions "$1" --steps "$2" >"$work/$1.$2.log" 2>&1 ||
    { tail -5 "$work/$1.$2.log" >&2; echo "check-instructions: $1 failed" >&2; return 1; }
  sed -n 's/^summary: *\([0-9]*\).*/\1/p; s/^totals: *\([0-9]*\).*/\1/p' "$work/$1.$2" | head -1
}

# Instructions a step.
measure() {
  local once twice
  once=$(count "$1" "$2") && twice=$(count "$1" $((2 * $2))) || return 255
  [ "${once:-0}" -gt 0 ] && [ "${twice:-0}" -gt "$once" ] ||
    { echo "check-instructions: $1 was not counted: '$once', '$twice'" >&2; return 255; }
  echo "$1,$(((twice - once) / $2))"
}
export -f count measure
export work

echo "$workloads" | xargs -P "$(nproc)" -L 1 bash -c 'measure "$0" "$1"' >"$work/counts"

if [ "${1:-}" = --update ]; then
  {
    echo "# $(swift --version 2>/dev/null | head -1), avx2; written by .ci/check-instructions.sh --update"
    echo "workload,instructions a step"
    sort "$work/counts"
  } >"$file"
  cat "$file"
  exit 0
fi

failed=0
while IFS=, read -r name now; do
  then=$(sed -n "s/^$name,//p" "$file")
  if [ -z "$then" ]; then
    echo "check-instructions: $name is not in $file: --update adds it" >&2
    failed=1
  elif [ $((now * 100)) -gt $((then * 103)) ]; then
    echo "check-instructions: $name takes $now instructions a step, $then before: more than 3 % above" >&2
    failed=1
  fi
done < <(sort "$work/counts")
[ "$failed" = 0 ] || exit 1
echo "$(wc -l <"$work/counts") workloads take no more instructions than before"
