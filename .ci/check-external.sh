#!/usr/bin/env bash
# Documentation/External.md: its programs are the files, its commands run, the examples in Python, C and
# Swift train, the digest of a comparison does not depend on the number of processes, a program that does
# not repeat itself is said to, methods that are programs have the rows of those built in, each failure is
# one line, and no program outlives hypergrad. What needs a library that is not installed is
# skipped, and says so; with --install they are installed into an environment of the check's own from PyPI.
#
# Usage: .ci/check-external.sh [--install] [PROGRAM], the hypergrad to run; built in release where it is
# left out.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
page="$root/Documentation/External.md"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
installs=
if [ "${1:-}" = --install ]; then
  installs=yes
  shift
fi
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
if [ -n "$installs" ]; then
  python3 -m venv venv
  venv/bin/pip install --quiet numpy "torch==2.13.*" scikit-learn >pip.log 2>&1 ||
    { tail -3 pip.log >&2; fail "NumPy, PyTorch and scikit-learn can't be installed"; }
  export PATH="$work/venv/bin:$PATH"
fi

# The page's Python is the files without their first lines, which say what they are.
awk '/^```python/ { inside = 1; n++; next } /^```/ { inside = 0 }
  inside { print > ("shown-" n ".py") }' "$page"
tail -n +3 bowl.py | cmp -s - shown-1.py || fail "bowl.py is not what the page shows"
tail -n +3 sgd.py | cmp -s - shown-2.py || fail "sgd.py is not what the page shows"

# Whether a command can run here: 0, or says why not.
can() {
  local file
  for file in $(grep -oE '[a-z_]+\.py' <<<"$1" | sort -u); do
    for module in $(cat "$file" $(grep -oE '^import hypergrad_[a-z]+' "$file" | sed 's/import //; s/$/.py/') |
      grep -oE '^(import|from) (numpy|torch|sklearn)' | cut -d' ' -f2 | sort -u); do
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

# A method that is a program has the rows of the built-in one: the fixed rate bit for bit, others to
# rounding. Its digest is that of any number of threads.
for jobs in 1 2; do
  hypergrad compare --suite smoke --rules sgd --out "results-methods-$jobs" --jobs "$jobs" \
    --methods 'fixed, external(command: "python3 sgd.py", initial: rate)' \
    > "said-methods-$jobs.txt" 2>errors.txt || { cat errors.txt; fail "a method that is a program"; }
done
[ "$(digest said-methods-1.txt)" = "$(digest said-methods-2.txt)" ] ||
  fail "the digest depends on the number of threads"
python3 - <<'PY' || fail "the rows of sgd.py are not those of the fixed rate"
import json
rows = {"fixed": [], "external": []}
for line in open("results-methods-1/runs.jsonl"):
    row = json.loads(line)
    rows[row.pop("method")].append(row)
assert rows["fixed"] == rows["external"] and len(rows["fixed"]) > 50
print(f"{len(rows['external'])} rows of sgd.py are those of the fixed rate, bit for bit, "
      f"{len({row['status'] for row in rows['external']})} kinds of endings among them")
PY

# the last loss of a method and of the built-in one.
alike() {
  local loss=() method
  for method in "$1" "$2"; do
    hypergrad train --task 'ellipsoid(condition: 100)' --steps 300 --method "$method" > said.txt 2>errors.txt ||
      { cat errors.txt; fail "$method"; }
    loss+=("$(sed -nE 's/^loss .* → ([^,]*),.*/\1/p' said.txt)")
  done
  python3 -c 'import sys; a, b = map(float, sys.argv[1:]); sys.exit(not abs(a - b) <= 1e-9 * abs(b))' \
    "${loss[@]}" || fail "$1 ends at ${loss[0]}, $2 at ${loss[1]}"
  echo "$1 ends at ${loss[0]}, the built-in one at ${loss[1]}"
}
swiftc -O -o momentum momentum.swift
alike 'external(command: "./momentum", initial: 1e-3)' 'heavyBall(momentum: 0.9) + constant(1e-3)'
if can descent.py; then
  alike 'external(command: "python3 descent.py 1e-7", initial: 1e-3)' \
    'sgd + hypergradient(initial: 1e-3, hyperLearningRate: 1e-7)'
fi
if can adam.py; then
  alike 'external(command: "python3 adam.py", initial: 0.1)' \
    'adam + scheduled(cosine(from: 0.1, over: steps))'
fi

# Each kind of failure of a method ends the command in one line that names it.
cat > fails.py <<'PY'
import json, os, sys, time
kind, n = sys.argv[1], 0
def say(answer): print(json.dumps(answer), flush=True)
for line in sys.stdin:
    q = json.loads(line)
    if q["ask"] == "hello":
        if kind == "hello": say({"version": 1, "number": "json"})
        else: say({"version": 1, "numbers": "json"})
        continue
    n += 1
    x = q["at"]
    if n < 6: say({"at": x})
    elif kind == "crash": raise ValueError("bad rows")
    elif kind == "length": say({"at": x[1:]})
    elif kind == "nan": say({"at": [float("nan")] * len(x)})
    elif kind == "hang": time.sleep(600)
    elif kind == "chatter": print("step 6", flush=True)
PY
for kind in hello crash length nan hang chatter; do
  code=0
  hypergrad train --task 'ellipsoid(condition: 10)' --steps 50 \
    --method "external(command: \"python3 fails.py $kind\", initial: 0.1, seconds: 5)" \
    > said.txt 2>errors.txt || code=$?
  line=$(grep "^hypergrad: " errors.txt || true)
  [ "$code" = 1 ] && [ "$(wc -l <<<"$line")" = 1 ] || fail "$kind ends with code $code: $(cat errors.txt)"
  grep -q "'python3 fails.py $kind' was asked for" <<<"$line" || fail "$kind: $line"
  echo "$line"
done

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
