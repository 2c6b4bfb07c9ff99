#!/usr/bin/env bash
# The C interface: the header against the library, a C program that does all of it, and the blocks of
# Documentation/C.md.
#
# The program runs plain, under AddressSanitizer and under valgrind, on the library in debug. With
# --long also on the library in release, where steps allocate nothing, and on a library that is itself
# built with AddressSanitizer.
#
# Usage: .ci/check-c.sh [--long]
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$root/.ci/tools.sh"
cd "$root"

header=Sources/CHypergradient/hypergradient.h
runtime=$(dirname "$(command -v swiftc)")/../lib/swift/linux
flags="-std=c11 -Wall -Wextra -Werror -gdwarf-4 -fno-builtin -I Sources/CHypergradient"
[ "$(uname)" = Darwin ] || flags="$flags -fuse-ld=lld"

fail() {
  echo "check-c: $1" >&2
  exit 1
}

# library NAME ARGUMENTS...: builds the library, prints its folder. HYPERGRADIENT_PACKAGE is the package
# where it is not the tree itself.
library() {
  swift build --package-path "${HYPERGRADIENT_PACKAGE:-.}" --product HypergradientC "${@:2}" \
    >"$work/$1.log" 2>&1 || { grep error: "$work/$1.log" >&2; fail "the library does not build"; }
  swift build --package-path "${HYPERGRADIENT_PACKAGE:-.}" --product HypergradientC "${@:2}" --show-bin-path
}

# program FOLDER SOURCE NAME FLAGS...: compiles a C program against the library there.
program() {
  clang $flags "${@:4}" "$2" -o "$work/$3" -L "$1" -lHypergradientC -lm -lpthread \
    -Wl,-rpath,"$1" -Wl,-rpath,"$runtime"
}

# run TITLE COMMAND...: its last line under a title; a program that fails ends the check.
run() {
  local said
  said=$("${@:2}" 2>"$work/errors") || { head -60 "$work/errors" >&2; fail "$1"; }
  echo "$1: $said"
}

folder=$(library debug)

# The compiler holds each function to its declaration (@implementation); this is that none is left out.
grep -oE '^(hg_status|uint32_t) hg_[a-z_]+\(' $header | grep -oE 'hg_[a-z_]+\(' | tr -d '(' |
  sort >"$work/declared"
cat Sources/HypergradientC/*.swift | grep -A1 '^@c @implementation' | grep -oE 'func hg_[a-z_]+' |
  cut -d' ' -f2 | sort >"$work/written"
nm -D --defined-only "$folder/libHypergradientC.so" | awk '$2 == "T" {print $3}' | sort >"$work/defined"
diff "$work/declared" "$work/written" || fail "the header and the sources differ"
missing=$(comm -23 "$work/declared" "$work/defined")
[ -z "$missing" ] || fail "the library lacks $missing"
for language in "c -std=c99" "c++ -std=c++11"; do
  # shellcheck disable=SC2086
  echo '#include "hypergradient.h"' | clang -x $language -pedantic -Wall -Wextra -Werror \
    -I Sources/CHypergradient -fsyntax-only -
done
echo "$(wc -l <"$work/declared") functions stand in the header, the sources and the library; C99 and C++11 read it"

test=Tests/CInterface/interface.c
program "$folder" $test plain
run plain "$work/plain"

program "$folder" $test asan -fsanitize=address,undefined -fno-sanitize-recover=undefined
export ASAN_OPTIONS=allocator_may_return_null=1
run AddressSanitizer "$work/asan" short

if need valgrind valgrind >&2; then
  # Without the library's notes for debuggers, which older valgrinds can't read.
  mkdir "$work/stripped"
  strip --strip-debug -o "$work/stripped/libHypergradientC.so" "$folder/libHypergradientC.so"
  program "$work/stripped" $test valgrind
  run valgrind valgrind --quiet --error-exitcode=9 --leak-check=full --suppressions=Tests/CInterface/valgrind.supp \
    --errors-for-leak-kinds=definite "$work/valgrind" short
fi

# Every block of the page is a program, or a part of one that is no C.
awk -v folder="$work" '
  /^```c$/ { inside = 1; file = folder "/block" ++n ".c"; next }
  /^```/ { inside = 0 }
  inside { print > file }
' Documentation/C.md
blocks=0
for block in "$work"/block*.c; do
  [ -f "$block" ] || fail "no blocks in Documentation/C.md"
  program "$folder" "$block" block -Wno-unused-parameter
  (cd "$work" && ./block >/dev/null) || fail "$(basename "$block") of Documentation/C.md ends with an error"
  blocks=$((blocks + 1))
done
echo "$blocks blocks of C in the documentation compile, and run"

if [ "${1:-}" = --long ]; then
  release=$(library release -c release)
  program "$release" $test counted -DCOUNT_ALLOCATIONS
  run "release, no step allocates" "$work/counted"
  sanitized=$(library sanitized --sanitize address --scratch-path .build/sanitized)
  program "$sanitized" $test inside -fsanitize=address
  run "AddressSanitizer inside" "$work/inside" short
fi
