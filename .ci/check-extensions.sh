#!/usr/bin/env bash
# What a newcomer adds, counted: a rule, a controller, a schedule, a task and a table each take one
# source file, one test file and one line of a list, and are then everywhere: the laws and every other
# suite over the lists run over them, `list` names them, `compare` runs them, the suite `all` has them.
# And a package of one's own adds a rule, a controller, a method, a schedule and a task without a line of
# this tree.
#
# The files are those of Tests/Extensions: Prepared/ mirrors the tree, OwnHypergrad/ is the package.
# Works on a copy of the tree in a temporary folder, in debug, built once for both.
#
# Usage: .ci/check-extensions.sh [FOLDER]
#   FOLDER: where to work instead; what is built there is used again.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -gt 0 ]; then
  mkdir -p "$1"
  work=$(cd "$1" && pwd)
  rm -rf "$work/hypergradient" "$work/results"
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
tree=$work/hypergradient
mkdir -p "$tree"
(cd "$root" && git ls-files -z --cached --others --exclude-standard) |
  (cd "$root" && xargs -0 sh -c 'for f; do [ -e "$f" ] && printf "%s\0" "$f"; done' sh) |
  (cd "$root" && tar --null -cf - -T -) | tar -xf - -C "$tree"
cd "$tree"
git init -q
git add -A
echo "what is added to the tree:"

fail() {
  echo "check-extensions: $1" >&2
  exit 1
}
# says WHAT WHERE COMMAND...: the output has the text.
says() {
  "${@:3}" >"$work/said" 2>"$work/log" || { cat "$work/log" >&2; fail "${*:3} fails"; }
  grep -q -e "$1" "$work/said" || fail "$2"
}

# add WHAT FILE ANCHOR LINE: the prepared files of WHAT, and LINE behind the first line of FILE that
# is ANCHOR.
add() {
  cp -R "Tests/Extensions/Prepared/$1/." .
  awk -v anchor="$3" -v line="$4" '
    { print }
    !done && index($0, anchor) == 1 { print line; done = 1 }' "$2" >"$work/changed"
  cat "$work/changed" >"$2"
  local sources tests changed
  sources=$(git ls-files --others --exclude-standard Sources | wc -l)
  tests=$(git ls-files --others --exclude-standard Tests | wc -l)
  changed=$(git diff --numstat)
  [ "$sources" -eq 1 ] || fail "a $1 takes $sources source files, not one"
  [ "$tests" -eq 1 ] || fail "a $1 takes $tests test files, not one"
  [ "$changed" = "$(printf '1\t0\t%s' "$2")" ] || fail "a $1 takes other changes than a line: $changed"
  git add -A
  echo "  a $1: one source file, one test file, one line of $(basename "$2")"
}

add rule Sources/HypergradientCatalogue/Lists.swift \
  '    .of(GradientDescent<S>.self),' '    .of(QuasiHyperbolic<S>.self),'
add controller Sources/HypergradientCatalogue/Lists.swift \
  'let standardControllers: ' '  .of(RiseRate.self),'
add schedule Sources/HypergradientCatalogue/ScheduleLists.swift \
  'let ownSchedules: ' '  .of(HyperbolicSchedule.self),'
add task Sources/Tasks/TaskList.swift '  public static let all: ' '    .quarticBowl,'
add table Sources/Reporting/Page/Contents.swift \
  '        .table(isOpen: true) { MovementTables(' \
  '        .table { WorstTaskTable(comparison: $0.comparison).table },'

# The program and the targets with the laws, and nothing else, so that the check is short.
kept='HypergradientTests TasksTests ExperimentsTests ReportingTests'
awk -v kept=" $kept " '
  /^    \.(target|executableTarget|testTarget|systemLibrary)\(/ { block = ""; open = 0; inside = 1 }
  !inside { print; next }
  {
    block = block $0 "\n"
    open += gsub(/\(/, "(") - gsub(/\)/, ")")
    if (open > 0) next
    inside = 0
    match(block, /name: "[^"]*"/)
    name = substr(block, RSTART + 7, RLENGTH - 8)
    if (block ~ /path: "(Papers|Studies|Notebooks)/) next
    if (name == "portable-math-outputs") next
    if (block ~ /^    \.testTarget/ && index(kept, " " name " ") == 0) next
    printf "%s", block
  }' Package.swift >"$work/changed"
cat "$work/changed" >Package.swift

build=(--scratch-path "$work/build" -Xswiftc -gnone)
swift build "${build[@]}" --build-tests >"$work/log" 2>&1 ||
  { grep error: "$work/log" >&2 || cat "$work/log" >&2; fail "it does not build"; }
echo "  it builds"

# Every suite over the lists: its file names them, or what tests make of them. A rule's references, which
# three tests ask for, are the work of a command; programs of other languages have no list.
suites=$(for target in $kept; do
  grep -rlE 'LawFixtures|Catalogue|TaskList|syntheticTasks|Report\.tables' "Tests/$target"
done | xargs -n 1 basename | sed 's/\.swift$//' | grep -v ExternalMethodRun | paste -sd '|' -)
swift test "${build[@]}" --skip-build --filter "[.]($suites)/" \
  --skip theCatalogueDiffers --skip builtInSuitesAreRead --skip builtInReferencesAreOfTheirSuite \
  >"$work/log" 2>&1 ||
  { grep -e '✘' -e error: "$work/log" >&2; fail "a law does not hold"; }
for own in QuasiHyperbolic RiseRate HyperbolicSchedule QuarticBowl WorstTaskTable; do
  grep -q "${own}Tests.* passed" "$work/log" || fail "${own}Tests did not run"
done
echo "  the laws hold: $(grep -o 'Test run with .*passed.*' "$work/log" | tail -1)"

hypergrad=$work/build/debug/hypergrad
for name in quasiHyperbolic riseRate hyperbolic quarticBowl; do
  says "^$name(" "list does not name $name" "$hypergrad" list $name
done
echo "  list names them"
small=(--suite smoke --steps 40 --seeds 1,101)
cd "$work"
"$hypergrad" compare "${small[@]}" --tasks quarticBowl --rules sgd,quasiHyperbolic \
  --methods fixed,riseRate,hyperbolic --out results/tree >"$work/said" 2>"$work/log" ||
  { cat "$work/log" >&2; fail "compare fails"; }
for name in quarticBowl quasiHyperbolic riseRate hyperbolic; do
  grep -q "\"$name\"" results/tree/runs.jsonl || fail "no run is of $name"
done
[ -f results/tree/tables/worst-task.md ] || fail "the report lacks the table"
echo "  compare runs them, and the report has the table"

echo "a package of one's own:"
own=$work/own
rm -rf "$own"
mkdir -p "$own"
cp -R "$tree/Tests/Extensions/OwnHypergrad/." "$own"
sed -i.kept 's|path: "../../.."|path: "../hypergradient"|' "$own/Package.swift"
HYPERGRADIENT_BENCHMARK=1 swift build "${build[@]}" --package-path "$own" >"$work/log" 2>&1 ||
  { grep error: "$work/log" >&2 || cat "$work/log" >&2; fail "it does not build"; }
mine=$work/build/debug/OwnHypergrad
for name in softSign harmonic averaged sine noisyBowl quasiHyperbolic; do
  says "^$name(" "the package's list does not name $name" "$mine" list $name
done
"$mine" compare "${small[@]}" --tasks noisy-quadratic,noisyBowl --rules sgd,softSign \
  --methods fixed,harmonic,averaged,sine --out results/mine >"$work/said" 2>"$work/log" ||
  { cat "$work/log" >&2; fail "the package's compare fails"; }
for name in softSign harmonic averaged sine noisyBowl; do
  grep -q "\"$name\"" results/mine/runs.jsonl || fail "no run of the package is of $name"
done
"$mine" train --task 'noisyBowl(steepness: 1)' --steps 20 --out results/trace.csv \
  --method 'softSign(softness: 1) + constant(0.1).scaled(by: sine(over: steps))' \
  >"$work/said" 2>"$work/log" || { cat "$work/log" >&2; fail "the package's train fails"; }
echo "  it builds, lists, compares and trains with what it adds"
