#!/usr/bin/env bash
# The kernels and PortableMath have the same bits from every instruction set at hand, from debug and
# optimised builds, on an emulated older processor and on emulated 64-bit Arm.
#
# Usage: .ci/check-processors.sh [--long]
#   --long: all calls and a million values of each elementary function on the emulators too.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/tools.sh
# An emulator takes thirty times as long: fewer calls there.
calls=300 emulated=60 points=20000
[ "${1:-}" != --long ] || { emulated=300 points=1000000; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tools=$(dirname "$(readlink -f "$(command -v swiftc)")")
harness=Tests/OtherMachines
vectors=Tests/PortableMathTests/Vectors

fail() {
  echo "check-processors: $1" >&2
  exit 1
}
say() { printf '  %-56s %s\n' "$1" "$2"; }

# What would let a compiler change bits.
for file in Sources/Kernels/*.c; do
  ! grep -qE '\b(float|double)\b|#include ".*\.inc"' "$file" ||
    grep -q '^#pragma STDC FP_CONTRACT OFF$' "$file" ||
    fail "$file computes without '#pragma STDC FP_CONTRACT OFF'"
done
found=$(grep -rnE 'unsafeFlags|ffast-math|Ofast|ffp-contract|fassociative|float_control|fp reassoc' \
  Package.swift Sources || true)
[ -z "$found" ] || fail "a flag that may change bits: $found"

# kernels NAME FLAG...: compiles the harness and the kernels to $work/NAME, in the background.
awk -f $harness/feeders.awk Sources/Kernels/include/*.h >"$work/feeders.inc"
unfed=$(sed -n "s,^// UNFED,,p" "$work/feeders.inc")
for name in $unfed; do
  grep -q "\b$name *(" $harness/*.[ch] || fail "$name is not fed: see $harness/feeders.awk"
done
kernels() {
  "$tools/clang" -ferror-limit=3 "${@:2}" -I Sources/Kernels/include -I "$work" -I $harness $harness/kernels.c \
    "${sources:-Sources/Kernels}"/*.c -lm -lpthread -o "$work/$1" &
  started+=($!)
}
compiled() {
  local one
  for one in "${started[@]}"; do wait "$one" || fail "the kernels do not compile"; done
  started=()
}
started=()
intel=false
[ "$(uname -m)" != x86_64 ] || intel=true

echo "kernels:"
kernels optimised -O2
kernels debug -O0
compiled
"$work/optimised" plain $calls >"$work/expected" 2>/dev/null
say "plain, optimised" "$(wc -l <"$work/expected") functions"

# same WHAT COMMAND...: what the command prints is what the plain kernels printed.
same() {
  local code=0
  "${@:2}" >"$work/found" 2>"$work/log" || code=$?
  if [ $code = 3 ]; then
    say "$1" "skipped: this processor lacks it"
  elif [ $code != 0 ]; then
    cat "$work/log" >&2
    fail "$1: exit code $code"
  elif ! diff "$work/expected" "$work/found" >"$work/difference"; then
    cat "$work/difference" >&2
    fail "$1: other bits than the plain kernels"
  else
    say "$1" "the same"
  fi
}
for set in avx2 avx512 neon; do
  same "$set, optimised" "$work/optimised" $set $calls
done
for set in plain avx2 avx512 neon; do
  same "$set, debug" "$work/debug" $set $calls
done

if $intel; then
  # The AVX-512 bodies, lanes and tiles as they are, from AVX2's instructions; and a compiler that
  # may use all that this processor has, which must not fuse what the source does not.
  kernels bodies -O2 -Wno-psabi -DHYPERGRADIENT_AVX512_FROM_AVX2
  kernels native -O3 -march=native
  compiled
  same "the bodies of avx512 from AVX2's instructions" "$work/bodies" avx512 $calls
  same "plain, compiled for this very processor" "$work/native" plain $calls
  same "plain, glibc without AVX2 and FMA" \
    env GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-AVX512F,-AVX512VL \
    "$work/optimised" plain $calls

  # A control: these digests do see one rounding, since the same sources contracted differ.
  if grep -qw fma /proc/cpuinfo; then
    cp -r Sources/Kernels "$work/contracted-sources"
    sed -i 's/^#pragma STDC FP_CONTRACT OFF$/#pragma STDC FP_CONTRACT ON/' \
      "$work/contracted-sources"/*.c
    sources="$work/contracted-sources" kernels contracted -O2 -mfma -ffp-contract=fast
    compiled
    "$work/contracted" plain $calls >"$work/found" 2>/dev/null
    differing=$(diff "$work/expected" "$work/found" | grep -c '^>' || true)
    [ "$differing" -gt 0 ] || fail "contracted kernels have the same digests: they see nothing"
    say "a control: plain with multiply and add contracted" "$differing functions differ"
  fi
fi

"$work/optimised" plain $emulated >"$work/expected" 2>/dev/null
if $intel && need qemu-x86_64 qemu-user; then
  # Without AVX and FMA, and with both.
  for processor in Nehalem Haswell; do
    same "its own choice on an emulated $processor" \
      qemu-x86_64 -cpu $processor "$work/optimised" best $emulated
    set=$(sed -n 's/^kernels: on //p' "$work/log")
    case $processor:$set in
      Nehalem:plain | Haswell:avx2) ;;
      *) fail "on $processor the kernels chose '$set'" ;;
    esac
  done
fi

# A static program for Arm, from clang with Debian's headers and libraries.
arm=(--target=aarch64-linux-gnu -static -fuse-ld=lld)
if need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross &&
  need qemu-aarch64 qemu-user; then
  kernels arm -O2 "${arm[@]}"
  kernels arm-debug -O0 "${arm[@]}"
  compiled
  same "neon, optimised, on emulated 64-bit Arm" qemu-aarch64 "$work/arm" neon $emulated
  same "plain, optimised, on emulated 64-bit Arm" qemu-aarch64 "$work/arm" plain $emulated
  same "neon, debug, on emulated 64-bit Arm" qemu-aarch64 "$work/arm-debug" neon $emulated

  # PortableMath itself, by the Embedded mode of the Swift compiler, whose standard library comes
  # with the toolchain for bare Arm; its objects follow the same calling convention as Linux.
  echo "PortableMath, $points values of each function and its random streams:"
  # portable NAME TARGET: objects in $work/NAME.
  portable() {
    local to="$work/$1" flags=(-target "$2" -enable-experimental-feature Embedded)
    [ "$2" != host ] || flags=()
    mkdir "$to"
    swiftc "${flags[@]}" -wmo -O -parse-as-library -package-name hypergradient \
      -module-name PortableMath -emit-module -emit-module-path "$to/PortableMath.swiftmodule" \
      -c Sources/PortableMath/*.swift -o "$to/PortableMath.o"
    swiftc "${flags[@]}" -wmo -O -parse-as-library -package-name hypergradient \
      -module-name Entries -I "$to" -c $harness/Entries.swift \
      Tests/PortableMathTests/AccuracyPoints.swift -o "$to/Entries.o"
  }
  embedded="$tools/../lib/swift/embedded/aarch64-none-none-elf"
  if [ -d "$embedded" ]; then
    portable host host
    "$tools/clang" -O2 -c $harness/portable.c -o "$work/host/portable.o"
    swiftc "$work"/host/*.o -lm -o "$work/portable"
    "$work/portable" $vectors/regions.csv $points >"$work/expected"
    grep ",$points," $vectors/digests.csv >"$work/committed"
    grep -v '^stream' "$work/expected" >"$work/found"
    diff "$work/committed" "$work/found" >&2 || fail "other values than $vectors/digests.csv has"
    say "here, optimised" "as in $vectors/digests.csv"
    portable arm-swift aarch64-none-none-elf
    "$tools/clang" "${arm[@]}" -O2 $harness/portable.c "$work"/arm-swift/*.o \
      "$embedded/libswiftUnicodeDataTables.a" -lm -o "$work/portable-arm"
    same "on emulated 64-bit Arm" qemu-aarch64 "$work/portable-arm" $vectors/regions.csv $points
  else
    say "on emulated 64-bit Arm" "skipped: this toolchain has no Embedded Swift for it"
  fi
fi
echo "every processor at hand has the same bits"
