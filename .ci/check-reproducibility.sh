#!/usr/bin/env bash
# The results of a suite are the same bytes in debug and release, with 1 job and 2, from every set
# of instructions that this processor has, with glibc's own choices switched off, and on emulated
# older processors; and so are the tables and pictures.
#
# Usage: .ci/check-reproducibility.sh [--long]
#   --long: the whole suite smoke everywhere (a quarter of an hour), not a part of a second's worth.
# Builds debug and release where they are not built. Documentation/SameBits.md tells what is shown.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/tools.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

part=(--suite smoke --tasks noisy-quadratic,least-squares
  --methods fixed,cosine,hypergradient-additive,hypergradient-multiplicative,plateau-both)
# An emulator takes thirty times as long.
emulated=("${part[@]}" --rules adam)
if [ "${1:-}" = --long ]; then
  part=(--suite smoke)
  emulated=(--suite smoke)
fi

swift build --product hypergrad >/dev/null
swift build -c release --product hypergrad >/dev/null
debug=.build/debug/hypergrad
release=.build/release/hypergrad

fail() {
  echo "check-reproducibility: $1" >&2
  exit 1
}
say() { printf '  %-56s %s\n' "$1" "$2"; }
has() {
  local flag
  for flag in "$@"; do grep -qw "$flag" /proc/cpuinfo || return 1; done
}
lacking() { say "$1" "skipped: this processor lacks it"; }

# reference WHAT COMMAND...: what the runs after it must equal.
reference() {
  rm -rf "$work/reference"
  "${@:2}" --out "$work/reference" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$1"; }
  local lines
  lines=$(wc -l <"$work/reference/runs.jsonl")
  [ "$lines" -gt 0 ] || fail "there are no runs"
  echo "$lines runs, $(sha256sum "$work/reference/runs.jsonl" | cut -d' ' -f1):"
  say "$1" "the reference"
}
same() {
  rm -rf "$work/other"
  "${@:2}" --out "$work/other" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$1"; }
  local file
  for file in runs.jsonl traces.csv tables figures; do
    diff -r "$work/reference/$file" "$work/other/$file" >/dev/null || fail "$file differs: $1"
  done
  say "$1" "the same"
}
forced() { env HYPERGRADIENT_ISA="$1" "${@:2}"; }
without() {
  env GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL,-ERMS,-BMI2 "$@"
}

run=(compare "${part[@]}")
reference "release, 1 job" "$release" "${run[@]}" --jobs 1
same "release, 2 jobs" "$release" "${run[@]}" --jobs 2
same "release, plain kernels" forced plain "$release" "${run[@]}"
if [ "$(uname -m)" = x86_64 ]; then
  if has avx2 fma; then same "release, avx2 kernels" forced avx2 "$release" "${run[@]}"
  else lacking "release, avx2 kernels"; fi
  if has avx512f avx512dq avx512vl avx512bw; then
    same "release, avx512 kernels" forced avx512 "$release" "${run[@]}"
  else lacking "release, avx512 kernels"; fi
  same "release, glibc without AVX2 and FMA" without "$release" "${run[@]}"
  same "release, the same, plain kernels" without env HYPERGRADIENT_ISA=plain "$release" "${run[@]}"
fi
same "debug, 2 jobs" "$debug" "${run[@]}" --jobs 2

if [ "$(uname -m)" = x86_64 ] && need qemu-x86_64 qemu-user; then
  if [ "${emulated[*]}" != "${part[*]}" ]; then
    reference "release, 1 job" "$release" compare "${emulated[@]}" --jobs 1
  fi
  # No AVX and no FMA; then both.
  for processor in Nehalem Haswell; do
    same "release, 2 jobs, on an emulated $processor" \
      qemu-x86_64 -cpu $processor "$release" compare "${emulated[@]}" --jobs 2
  done
fi
