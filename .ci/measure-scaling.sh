#!/usr/bin/env bash
# How time and memory grow with the number of runs, of steps and of parameters: a table in Markdown
# on standard output.
#
#   .ci/measure-scaling.sh [PROGRAM]      default: .build/release/hypergrad
#
# Runs (cells): two quadratics of two parameters, four steps, five methods; 10 starting rates and 1
# to 10 seeds make 10^2 and 10^3 runs, 100 rates and 10 to 1000 seeds 10^4 to 10^6. Peak memory is
# the largest resident set, as the kernel saw it.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-.build/release/hypergrad}")
jobs=${JOBS:-$(nproc)}
most=${MOST:-6}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# suite NAME STEPS DIMENSION RATES SEEDS [valley]: of the two quadratics, or of Rosenbrock's valley.
suite() {
  local references
  references='{sgd: {rate: 0.1, target: 1e-2}}'
  cat <<YAML
name: $1
version: 1
summary: Measures the growth of time and memory.
steps: $2
evaluations: 2
tuningSeeds: []
reportSeeds: [$(seq -s, 1 "$5")]
startingRates: {low: -3, high: 1, count: $4}
tracedExponents: []
rules:
  - {name: sgd, spec: sgd}
methods:
  - {name: fixed, spec: "constant(rate)"}
  - {name: cosine, spec: "scheduled(cosine(from: rate, over: steps))"}
  - {name: additive, spec: "hypergradient(initial: rate, hyperLearningRate: 1e-3)"}
  - {name: multiplicative, spec: "hypergradient(initial: rate, hyperLearningRate: 0.05, form: .multiplicative)"}
  - {name: plateau, spec: "plateau(initial: rate, reduce: .by(0.5, after: 5))"}
tasks:
YAML
  if [ "${6:-}" = valley ]; then
    cat <<YAML
  - {name: valley, spec: "rosenbrock(dimension: $3)", references: $references, commonTarget: 0.1}
YAML
    return
  fi
  cat <<YAML
  - {name: noiseless, spec: "ellipsoid(condition: 10, dimension: $3)", references: $references, commonTarget: 0.1}
  - {name: noisy, spec: "noisyQuadratic(noiseVariance: 0.01, dimension: $3)", references: $references, commonTarget: 0.1}
YAML
}

# measure COMMAND...: seconds and peak kilobytes.
measure() {
  python3 - "$@" <<'PYTHON'
import resource, subprocess, sys, time
start = time.monotonic()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
seconds = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
if code: sys.exit(f"{' '.join(sys.argv[1:])} ended with {code}")
print(f"{seconds:.3f} {used.ru_utime + used.ru_stime:.3f} {used.ru_maxrss}")
PYTHON
}

# row LABEL RUNS STEPS DIMENSION RATES SEEDS [valley]
row() {
  suite measured "$3" "$4" "$5" "$6" "${7:-}" > suite.yaml
  local compare report
  compare=($(measure "$program" compare --suite suite.yaml --jobs "$jobs" --out out))
  report=($(measure "$program" report out --jobs "$jobs"))
  awk -v label="$1" -v runs="$2" -v s="${compare[0]}" -v cpu="${compare[1]}" -v k="${compare[2]}" \
    -v rs="${report[0]}" -v rk="${report[2]}" 'BEGIN {
      printf "| %s | %.2f | %.2f | %.1f | %.0f | %.2f | %.0f |\n",
        label, s, cpu, s / runs * 1e6, k / 1024, rs, rk / 1024 }'
  rm -rf out
}

heading() {
  echo
  echo "| $1 | compare [s] | processor [s] | a run [µs] | peak [MiB] | report [s] | its peak [MiB] |"
  echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
}

echo "$jobs threads, $(uname -m), $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs)"
heading "runs"
row '10²' 100 4 2 10 1
row '10³' 1000 4 2 10 10
row '10⁴' 10000 4 2 100 10
if [ "$most" -ge 5 ]; then row '10⁵' 100000 4 2 100 100; fi
if [ "$most" -ge 6 ]; then row '10⁶' 1000000 4 2 100 1000; fi
heading "steps (1000 runs, 100 parameters)"
for factor in 1 2 4; do row "$((500 * factor))" 1000 $((500 * factor)) 100 10 10; done
# The quadratics are rotated, by matrices of the square of the dimension; this gradient is not.
heading "parameters of Rosenbrock's valley (50 runs, 100 steps)"
for factor in 1 10 100; do row "$((1000 * factor))" 50 100 $((1000 * factor)) 10 1 valley; done
