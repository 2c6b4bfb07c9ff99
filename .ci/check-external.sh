#!/usr/bin/env bash
# Documentation/External.md: its program is the file, its commands run, the examples in Python, C and
# Swift train, the digest of a comparison does not depend on the number of processes, a program that does
# not repeat itself is said to, and none outlives hypergrad. What needs a library that is not installed is
# skipped, and says so.
#
# Usage: .ci/check-external.sh [PROGRAM], the hypergrad to run; built in release where it is left out.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
page="$root/Documentation/External.md"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# -gt 0 ]; then
  program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
else
  (cd "$root" && swift build -c release --product hypergrad)
  program="$root/.build/release/hypergrad"
fi
fail() { echo "check-external: $1" >&2; exit 1; }

cp -r "$root/Documentation/examples/external/." "$work"
cd "$work"
mkdir bin && ln -s "$program" bin/hypergrad && export PATH="$work/bin:$PATH"
command -v python3 >/dev/null || { echo "skipped: there is no python3"; exit 0; }

# The page's Python is the file without its first lines, which say what it is.
awk '/^```python/ { inside = 1; next } /^```/ { inside = 0 } inside' "$page" > shown.py
tail -n +3 bowl.py | cmp -s - shown.py || fail "bowl.py is not what the page shows"

# Whether a command can run here: 0, or says why not.
can() {
  local file
  for file in $(grep -oE '[a-z_]+\.py' <<<"$1" | sort -u); do
    for module in $(grep -oE '^(import|from) (numpy|torch|sklearn)' "$file" hypergrad_task.py -h |
      cut -d' ' -f2 | sort -u); do
      [ "$file" = bowl.py ] && continue
      python3 -c "import $module" 2>/dev/null ||
        { echo "skipped: $file needs $module, which is not installed"; return 1; }
    done
  done
}

# Every block of the page, in order.
awk '/^```sh/ { inside = 1; n++; next } /^```/ { inside = 0 } inside { print > ("block-" n ".sh") }' "$page"
count=0
for block in block-*.sh; do
  can "$(cat "$block")" || continue
  bash -euo pipefail "$block" > said.txt 2> errors.txt ||
    { cat errors.txt >&2; fail "$block of the page fails: $(cat "$block")"; }
  count=$((count + 1))
done
[ "$count" -ge 3 ] || fail "$count blocks ran"
echo "$count blocks of commands ran"

train() { hypergrad train --task "external(command: \"$1\")" --steps 60 --method "$2" 2>errors.txt; }
if can digits.py; then train "python3 digits.py" "adam + constant(1e-2)" | grep loss; fi
if can noisy.py; then train "python3 noisy.py" "adam + constant(1e-1)" | grep loss; fi
swiftc -O -o valley valley.swift
train ./valley "adam + constant(1e-2)" | grep loss

# The digest, with one process and with three.
digest() { grep -oE 'digest of runs.jsonl: [0-9a-f]{64}' "$1"; }
for jobs in 1 3; do
  hypergrad compare --suite quick.yaml --task 'external(command: "python3 bowl.py")' \
    --out "results-$jobs" --jobs "$jobs" > "said-$jobs.txt" 2>errors.txt || { cat errors.txt; fail compare; }
done
[ "$(digest said-1.txt)" = "$(digest said-3.txt)" ] || fail "the digest depends on the number of processes"
grep -q '"bowl.py"' results-1/manifest.json || fail "the manifest does not hold the program's file"
if grep -q 'not to be had again' said-1.txt; then fail "a repeatable program is said not to be"; fi
echo "$(digest said-1.txt), with one process and with three"

sed 's/"deterministic": True/"repeatable": False/' bowl.py > loose.py
hypergrad compare --suite quick.yaml --task 'external(command: "python3 loose.py")' \
  --out results-loose --jobs 2 > said-loose.txt 2>errors.txt
grep -q "not to be had again" said-loose.txt || fail "a program that does not repeat itself is not said to"
grep -q '"isRepeatable" : false' results-loose/manifest.json || fail "nor by the manifest"
echo "a program that does not repeat its answers is said to"

# None outlives hypergrad, interrupted or killed.
for signal in INT TERM KILL; do
  cat > slow.py <<'PY'
import json, os, sys, time
open("slow.pid", "w").write(str(os.getpid()))
for line in sys.stdin:
    q = json.loads(line)
    if q["ask"] == "hello":
        print(json.dumps({"version": 1, "dimension": 1, "start": [1], "numbers": "json"}), flush=True)
        continue
    if q["step"] > 3: time.sleep(600)
    x = q["at"][0]
    print(json.dumps({"loss": x * x / 2, "gradient": [x]}), flush=True)
PY
  rm -f slow.pid
  # A program in the background of a script ignores SIGINT; one of its own group does not.
  python3 - "$signal" <<'PY'
import os, signal, subprocess, sys, time
def sound(): signal.signal(signal.SIGINT, signal.SIG_DFL)
run = subprocess.Popen(
    ["hypergrad", "train", "--task", 'external(command: "python3 slow.py", seconds: 8)', "--steps", "50",
     "--method", "sgd + constant(0.01)"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    preexec_fn=sound)
time.sleep(3)
pid = int(open("slow.pid").read())
os.kill(pid, 0)
run.send_signal(getattr(signal, "SIG" + sys.argv[1]))
run.wait(30)
for _ in range(100):
    try:
        state = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        state = "gone"
    if state in ("gone", "Z"):
        break
    time.sleep(0.1)
else:
    sys.exit(f"check-external: the program outlives hypergrad ended by SIG{sys.argv[1]}")
PY
done
echo "no program outlives hypergrad, ended by INT, TERM or KILL"
