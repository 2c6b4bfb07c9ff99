#!/usr/bin/env bash
# The Python package: a wheel in one command, installed into a fresh virtual environment and imported there
# without a compiler; its tests; the blocks of Documentation/Python.md; the notebook.
#
# Tests of PyTorch, JAX and Keras run where PYTHON (python3 by default) has them, and are named as skipped
# elsewhere; with --install they are installed into the fresh environment from PyPI.
# HYPERGRAD, a hypergrad program, is compared with, and runs the page's commands; HYPERGRADIENT_LIBRARY is taken in place of a library that
# is built, and HYPERGRADIENT_PACKAGE is the package where it is not the tree itself.
#
# Usage: .ci/check-python.sh [--install]
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$root/.ci/tools.sh"
cd "$root"
python=$(command -v "${PYTHON:-python3}")
[ -z "${HYPERGRAD:-}" ] || export HYPERGRAD=$(realpath "$HYPERGRAD")
export PIP_DISABLE_PIP_VERSION_CHECK=1 KERAS_BACKEND=torch JAX_PLATFORMS=cpu

fail() {
  echo "check-python: $1" >&2
  exit 1
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
  echo "skipped: $python is older than 3.10, which builds the wheel"
  exit 0
}
Sources/Python/build-wheel.sh "$work/dist" >"$work/wheel.log" 2>&1 ||
  { tail -20 "$work/wheel.log" >&2; fail "the wheel can't be built"; }
wheel=$(ls "$work"/dist/hypergradient-*.whl)
echo "$(basename "$wheel"), $(du -h "$wheel" | cut -f1)"

"$python" -m venv "$work/venv"
if ! "$work/venv/bin/pip" install --quiet "$wheel" pytest >"$work/pip.log" 2>&1; then
  tail -5 "$work/pip.log" >&2
  fail "the wheel can't be installed into a fresh environment"
fi
# Neither a compiler nor Swift's runtime is in reach.
needed=$(ldd "$work"/venv/lib/python*/site-packages/hypergradient/libHypergradientC.so 2>/dev/null |
  grep -i swift || true)
[ -z "$needed" ] || fail "the library needs $needed"
env -i PATH=/nowhere HOME="$work" "$work/venv/bin/python" -c \
  'import hypergradient as h; assert h.Controller("constant(0.1)").rate == 0.1' || fail "import"
echo "imported in a fresh environment"

runner="$work/venv/bin/python"
if [ "${1:-}" = --install ]; then
  "$work/venv/bin/pip" install --quiet "torch==2.13.*" jax optax keras mypy >"$work/pip.log" 2>&1 || {
    tail -3 "$work/pip.log" >&2
    fail "PyTorch, JAX and Keras can't be installed"
  }
elif "$python" -c 'import torch, pytest' 2>/dev/null; then
  # That interpreter's libraries, and the installed wheel.
  export PYTHONPATH=$(echo "$work"/venv/lib/python*/site-packages)
  runner=$python
fi

for library in torch optax keras; do
  "$runner" -c "import $library" 2>/dev/null || echo "skipped: no $library here, its tests and blocks"
done
"$runner" -m pytest -q -rs -p no:cacheprovider Tests/Python || fail "the tests"

# Every block of the page is a program of its own.
awk -v folder="$work" '
  /^```python$/ { inside = 1; file = folder "/block" ++n ".py"; next }
  /^```/ { inside = 0 }
  inside { print > file }
' Documentation/Python.md
ran=0
for block in "$work"/block*.py; do
  [ -f "$block" ] || fail "no blocks in Documentation/Python.md"
  library=$(grep -oE '^import (torch|optax|keras)$' "$block" | head -1 | cut -d' ' -f2 || true)
  if [ -n "$library" ] && ! "$runner" -c "import $library" 2>/dev/null; then continue; fi
  (cd "$work" && "$runner" "$block" >/dev/null) || fail "$(basename "$block") of Documentation/Python.md"
  ran=$((ran + 1))
done
echo "$ran blocks of Python in the documentation run"

# Its commands, where there is a program for them and a network to ask.
if [ -z "${HYPERGRAD:-}" ]; then
  echo "skipped: HYPERGRAD names no hypergrad program, the commands of Documentation/Python.md"
elif "$runner" -c 'import torch' 2>/dev/null; then
  mkdir "$work/bin" "$work/folder"
  ln -s "$HYPERGRAD" "$work/bin/hypergrad"
  cp Documentation/examples/external/* "$work/folder"
  awk '/^```sh$/ { inside = 1; next } /^```/ { inside = 0 } inside' Documentation/Python.md >"$work/commands.sh"
  [ -s "$work/commands.sh" ] || fail "no commands in Documentation/Python.md"
  (cd "$work/folder" && PATH="$(dirname "$runner"):$work/bin:$PATH" bash -euo pipefail "$work/commands.sh") >"$work/said" 2>&1 ||
    { tail -5 "$work/said" >&2; fail "the commands of Documentation/Python.md"; }
  grep -q "digest of runs.jsonl" "$work/said" || fail "the comparison says no digest"
  echo "the commands of the documentation run: $(grep "digest of" "$work/said")"
fi

if "$runner" -c 'import torch' 2>/dev/null; then
  "$runner" Notebooks-as-scripts/ThreeWaysInPyTorch/three_ways.py "$work/three_ways.svg"
  grep -q polyline "$work/three_ways.svg" || fail "the notebook has drawn nothing"
fi
if "$runner" -c 'import mypy' 2>/dev/null; then
  (cd Sources/Python && "$runner" -m mypy --cache-dir "$work/mypy" hypergradient) || fail "the types"
else
  echo "skipped: no mypy here, the types"
fi
