"""Measures PortableMath against mpmath.

    swift build -c release --product portable-math-outputs
    python3 Tests/PortableMathTests/Accuracy/measure.py [--functions exp,log] [--count 1000000]
        [--jobs 2] [--outputs .build/release/portable-math-outputs] [--keep folder]

Every one of the points of points.py is compared with mpmath at 140 bits. An error is counted in
units in the last place of the exact value (of the binade that holds it; 2^-1074 at least). What was
measured is kept in a folder, if one is named, and not measured again for the same outputs. With all
functions and the default count it writes Vectors/hard-cases.csv, Vectors/digests.csv and
Vectors/ACCURACY.md. Needs mpmath 1.3.0."""
import argparse
import hashlib
import heapq
import math
import multiprocessing
import os
import pickle
import struct
import subprocess
import sys

import mpmath
from mpmath import mp, mpf

import points

PRECISION = 140
NAN, INF, ZERO = "nan", "inf", "-inf"
HARDEST = 120
REQUIRED = "1.3.0"


def inverse_normal(p, found):
    """The quantile, one Halley step from the value found: what is left is the cube of its error."""
    if not 0 < p < 1:
        return NAN if not 0 <= p <= 1 else (ZERO if p == 0 else INF)
    if p == 0.5:
        return mpf(0)
    upper = mpf(p) if p < 0.5 else 1 - mpf(p)
    x = -mpf(found) if p < 0.5 else mpf(found)
    if not mpmath.isfinite(x):
        x = mpmath.sqrt(-2 * mpmath.log(upper))
    if abs(p - 0.5) < 2.0**-20:
        # Relative to p - 1/2, which is exact: Phi(x) - 1/2 = erf(x/sqrt 2)/2.
        away = mpmath.erf(x / mpmath.sqrt(2)) / 2 - abs(mpf(p) - 0.5)
    else:
        away = upper - mpmath.erfc(x / mpmath.sqrt(2)) / 2
    step = away / (mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi))
    x -= step / (1 + x * step / 2)
    return -x if p < 0.5 else x


def power(x, y):
    if y == 0 or x == 1:
        return mpf(1)
    if math.isnan(x) or math.isnan(y):
        return NAN
    odd = abs(y) < 2.0**53 and y == int(y) and int(y) % 2 == 1 if not math.isinf(y) else False
    sign = -1 if odd and math.copysign(1, x) < 0 else 1
    a = abs(x)
    if math.isinf(y):
        if a == 1:
            return mpf(1)
        return INF if (a > 1) == (y > 0) else mpf(0)
    if a == 0 or math.isinf(a):
        if (a == 0) == (y < 0):
            return INF if sign > 0 else ZERO
        return mpf(0) * sign
    if x < 0 and not (abs(y) >= 2.0**53 or y == int(y)):
        return NAN
    exponent = mpf(y) * mpmath.log(mpf(a))
    if abs(exponent) > 800:
        return (INF if sign > 0 else ZERO) if exponent > 0 else mpf(0)
    return sign * mpmath.exp(exponent)


def exact(name, x, found):
    """The exact value, or "nan", "inf", "-inf"."""
    if name == "pow":
        return power(*x)
    if math.isnan(x):
        return NAN
    if name == "inverseNormal":
        return inverse_normal(x, found)
    if name in ("exp", "expm1"):
        if x > 720:
            return INF
        if x < -760:
            return mpf(0) if name == "exp" else mpf(-1)
        return (mpmath.exp if name == "exp" else mpmath.expm1)(mpf(x))
    if name in ("log", "log1p"):
        pole = 0 if name == "log" else -1
        if x <= pole:
            return ZERO if x == pole else NAN
        if math.isinf(x):
            return INF
        return mpmath.log(mpf(x)) if name == "log" else log1p(mpf(x))
    if name in ("sin", "cos"):
        return NAN if math.isinf(x) else (mpmath.sin if name == "sin" else mpmath.cos)(mpf(x))
    if abs(x) > 100:
        return mpf(math.copysign(1, x))
    return (mpmath.tanh if name == "tanh" else mpmath.erf)(mpf(x))


def log1p(x):
    if abs(x) < mpf(2) ** -60:
        return x - x * x / 2 + x**3 / 3
    with mp.workprec(PRECISION + 70):
        return mpmath.log(1 + x)


def compare(value, found):
    """(error in ulps, correctly rounded value, what is left of the exact one in ulps)."""
    if isinstance(value, str):
        wanted = float(value)
        same = math.isnan(found) if value == NAN else found == wanted
        return (0.0 if same else math.inf), wanted, 0.0
    if value == 0:
        return (0.0 if found == 0 else math.inf), 0.0, 0.0
    mantissa, exponent = mpmath.frexp(value)
    last = max(exponent - 53, -1074)
    units = mpmath.ldexp(abs(value), -last)
    rounded = int(mpmath.nint(units))
    overflow = last > 971 or (last == 971 and rounded >= 2**53)
    if math.isinf(found) or overflow:
        same = math.isinf(found) and overflow and (found > 0) == (value > 0)
        return (0.0 if same else math.inf), math.copysign(math.inf, float(mpmath.sign(value))), 0.0
    sign = 1 if value > 0 else -1
    error = float(abs(mpmath.ldexp(mpf(found) * sign, -last) - units))
    return error, sign * math.ldexp(rounded, last), sign * float(units - rounded)


def work(task):
    name, pairs = task
    mp.prec = PRECISION
    worst, at, within_half, by_error, by_tie = -1.0, None, 0, [], []
    for index, (x, found) in pairs:
        error, rounded, left = compare(exact(name, x, found), found)
        if error > worst:
            worst, at = error, x
        within_half += error <= 0.5
        if error < 0.5 and left == 0:
            continue
        case = (x, rounded, left)
        for heap, key in ((by_error, error), (by_tie, abs(left))):
            entry = (key, index, case)
            if len(heap) < HARDEST:
                heapq.heappush(heap, entry)
            elif entry[:2] > heap[0][:2]:
                heapq.heapreplace(heap, entry)
    return worst, at, within_half, by_error, by_tie


def digest(values):
    state = 0xCBF29CE484222325
    for value in values:
        word = 0x7FF8000000000000 if value != value else points.bits(value)
        state = ((state ^ word) * 0x9E3779B97F4A7C15) & points.MASK
        state ^= state >> 32
    return state


def show(x):
    return ", ".join(v.hex() for v in x) if isinstance(x, tuple) else x.hex()


def word(x):
    return "%016x" % points.bits(x)


def measure(name, count, outputs, pool):
    xs = points.make(name, count)
    flat = [v for x in xs for v in x] if name == "pow" else xs
    answer = subprocess.run(
        [outputs, name], input=struct.pack("<%dd" % len(flat), *flat), stdout=subprocess.PIPE,
        check=True).stdout
    found = struct.unpack("<%dd" % count, answer)
    rows = list(enumerate(zip(xs, found)))
    chunk = 5000
    results = pool.map(work, [(name, rows[i:i + chunk]) for i in range(0, count, chunk)], 1)
    worst, at, _, _, _ = max(results, key=lambda r: r[0])
    cases = {}
    for heap in (3, 4):
        for _, index, case in heapq.nlargest(
                HARDEST, (e for r in results for e in r[heap]), key=lambda e: e[:2]):
            cases[index] = case
    half = sum(r[2] for r in results) / count
    print("%-14s %.4f ulp at %s; %.2f%% within half an ulp" % (name, worst, show(at), 100 * half),
          flush=True)
    return {
        "worst": worst, "at": at, "half": half, "digest": digest(found),
        "short": digest(found[:20000]), "cases": [cases[i] for i in sorted(cases)]}


def measured(name, arguments, pool):
    """The result kept from an earlier run on the same program, or a new one."""
    if not arguments.keep:
        return measure(name, arguments.count, arguments.outputs, pool)
    with open(arguments.outputs, "rb") as program:
        stamp = hashlib.sha256(program.read()).hexdigest()[:16]
    path = os.path.join(arguments.keep, "%s-%d-%s.pickle" % (name, arguments.count, stamp))
    if os.path.exists(path):
        with open(path, "rb") as kept:
            return pickle.load(kept)
    result = measure(name, arguments.count, arguments.outputs, pool)
    with open(path, "wb") as kept:
        pickle.dump(result, kept)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--functions", default=",".join(points.FUNCTIONS))
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--outputs", default=".build/release/portable-math-outputs")
    parser.add_argument("--keep")
    arguments = parser.parse_args()
    print("mpmath", mpmath.__version__, "at", PRECISION, "bits; Python", sys.version.split()[0])
    if mpmath.__version__ != REQUIRED:
        sys.exit("this measurement is made with mpmath " + REQUIRED)
    names = arguments.functions.split(",")
    with multiprocessing.Pool(arguments.jobs) as pool:
        results = {n: measured(n, arguments, pool) for n in names}
    if names != points.FUNCTIONS or arguments.count != 1_000_000:
        return
    with open(os.path.join(points.VECTORS, "hard-cases.csv"), "w") as out:
        out.write("function,x,y,rounded,left\n")
        for name in names:
            for x, rounded, left in results[name]["cases"]:
                x, y = x if name == "pow" else (x, None)
                out.write("%s,%s,%s,%s,%.6f\n" % (
                    name, word(x), word(y) if y is not None else "", word(rounded), left))
    with open(os.path.join(points.VECTORS, "digests.csv"), "w") as out:
        out.write("function,count,digest\n")
        for name in names:
            out.write("%s,20000,%016x\n" % (name, results[name]["short"]))
            out.write("%s,1000000,%016x\n" % (name, results[name]["digest"]))
    with open(os.path.join(points.VECTORS, "ACCURACY.md"), "w") as out:
        out.write(
            "# Accuracy of PortableMath\n\n"
            "Measured with mpmath %s at %d bits on 1,000,000 points a function: half of them random "
            "bit patterns,\nhalf in the regions of regions.csv. The error is in units in the last "
            "place of the exact value.\nMade by Accuracy/measure.py, which also wrote hard-cases.csv "
            "and digests.csv.\n\n"
            "| Function | Largest error measured (ulp) | At | Within ½ ulp |\n|---|---|---|---|\n"
            % (mpmath.__version__, PRECISION))
        for name in names:
            r = results[name]
            out.write("| %s | %.4f | `%s` | %.2f%% |\n" % (
                name, r["worst"], show(r["at"]), 100 * r["half"]))


if __name__ == "__main__":
    main()
