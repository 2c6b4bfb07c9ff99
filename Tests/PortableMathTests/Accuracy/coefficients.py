"""Makes the coefficients of PortableMath. Python 3 with mpmath 1.3.0.

    python3 Tests/PortableMathTests/Accuracy/coefficients.py Sources/PortableMath

writes InverseNormalTable.swift and ErrorFunctionTable.swift there, and prints the polynomials that
stand in the other files, with the error of each fit."""
import os
import sys

from mpmath import *

mp.prec = 300


def bits(v):
    return float(v).hex()


def polynomials():
    """Near-minimax fits; the limits are those of the reduced arguments, a little widened."""
    reduced = log(2) / 2 * mpf("1.0001")
    quotient = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * mpf("1.001")
    eighth = (pi / 4) ** 2 * mpf("1.001")
    small = mpf(2) ** -40

    def exponential(r):
        return (expm1(r) - r) / r**2 if abs(r) > small else mpf(1) / 2 + r / 6

    def logarithm_tail(z):
        if z < small:
            return mpf(2) / 7 + 2 * z / 9
        return (2 * atanh(sqrt(z)) / sqrt(z) - 2 - 2 * z / 3 - 2 * z * z / 5) / z**3

    def sine(z):
        return (sin(sqrt(z)) / sqrt(z) - 1) / z if z > small else -mpf(1) / 6 + z / 120

    def cosine(z):
        return (cos(sqrt(z)) - 1 + z / 2) / z**2 if z > small else mpf(1) / 24 - z / 720

    for name, function, start, end, count in (
        ("(exp r - 1 - r)/r^2, for expm1", exponential, -reduced, reduced, 11),
        ("log's R/s^2 over s^2 after the terms in 2/3 and 2/5, for pow", logarithm_tail, 0, quotient, 7),
        ("(sin r/r - 1)/r^2 over r^2", sine, 0, eighth, 7),
        ("(cos r - 1 + r^2/2)/r^4 over r^2", cosine, 0, eighth, 7),
    ):
        coefficients, error = chebyfit(function, [start, end], count, error=True)
        print(name, "within 2^%s, ascending:" % nstr(log(error, 2), 4))
        for c in reversed(coefficients):
            print("   ", bits(c))

    def cubic(r):
        return (expm1(r) - r - r * r / 2) / r**3 if abs(r) > small else mpf(1) / 6 + r / 24

    def logarithm(z):
        return (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z if z > small else mpf(2) / 3 + 2 * z / 5

    def tangent(z):
        """Q of tanh a = a - a z/Q(z), z = a^2."""
        return z / (1 - tanh(sqrt(z)) / sqrt(z)) if z > small else 3 + 6 * z / 5

    def tangent_rest(z):
        return (tangent(z) - 3) / z if z > small else mpf(6) / 5 - z / 175

    def tangent_weight(z):
        return (z * z + mpf(2) ** -30) / tangent(z) ** 2

    def twice(r):
        """(T - 1)/r of e^2r = 1 + 2r + 2r^2 T(r)."""
        return ((expm1(2 * r) - 2 * r) / (2 * r * r) - 1) / r if abs(r) > small else 2 / mpf(3) + r / 3

    def twice_weight(r):
        return 2 * abs(r) ** 3 + mpf(10) ** -8

    for name, function, weight, start, end, count in (
        ("(exp r - 1 - r - r^2/2)/r^3, by its part of exp", cubic,
         lambda r: abs(r) ** 3 + mpf(10) ** -6, -reduced, reduced, 9),
        ("(ln((1 + s)/(1 - s))/s - 2)/s^2 over s^2, by s^2", logarithm,
         lambda z: z + mpf(10) ** -5, 0, quotient, 7),
        ("(Q - 3)/z, by its part of tanh", tangent_rest, tangent_weight, 0, mpf(1), 8),
        ("the same, for Float", tangent_rest, tangent_weight, 0, mpf(1), 3),
        ("(T - 1)/r of tanh, by its part of e^2r", twice, twice_weight, -reduced / 2, reduced / 2, 9),
        ("the same, for Float", twice, twice_weight, -reduced / 2, reduced / 2, 4),
    ):
        coefficients, error = exchange(function, weight, start, end, count)
        print(name, "within 2^%s, ascending:" % nstr(log(error, 2), 4))
        for c in coefficients:
            print("   ", bits(c))


def exchange(f, weight, start, end, count):
    """The polynomial with the least largest weight(x)|p(x) - f(x)|, by Remez's exchange."""
    middle, half, size = (mpf(start) + end) / 2, (mpf(end) - start) / 2, 1500
    x = [middle - half * cos(pi * (2 * i + 1) / (2 * (count + 1))) for i in range(count + 1)]
    grid = [middle - half * cos(pi * (2 * i + 1) / (2 * size)) for i in range(size)]
    table = [(weight(g), f(g)) for g in grid]
    for _ in range(12):
        rows = [[u**j for j in range(count)] + [(-1) ** i / weight(u)] for i, u in enumerate(x)]
        solution = lu_solve(matrix(rows), matrix([f(u) for u in x]))
        p = [solution[j] for j in range(count)]
        error = [w * (polyval(p[::-1], g) - v) for g, (w, v) in zip(grid, table)]
        # The largest error of each run of one sign.
        peaks = [0]
        for i in range(1, size):
            if (error[i] > 0) != (error[peaks[-1]] > 0):
                peaks.append(i)
            elif abs(error[i]) > abs(error[peaks[-1]]):
                peaks[-1] = i
        while len(peaks) > count + 1:
            peaks.pop(0 if abs(error[peaks[0]]) < abs(error[peaks[-1]]) else -1)
        worst = max(abs(e) for e in error)
        if len(peaks) <= count or worst < abs(solution[count]) * mpf("1.001"):
            break
        x = [grid[i] for i in peaks]
    return p, worst


def interpolate(f, a, b, n):
    """Monomial coefficients about the middle of [a, b] of the interpolant at Chebyshev nodes."""
    c, r = (a + b) / 2, (b - a) / 2
    t = [cos(pi * (2 * i + 1) / (2 * n)) for i in range(n)]
    v = [f(c + r * s) for s in t]
    cheb = [2 * fsum(v[i] * cos(pi * k * (2 * i + 1) / (2 * n)) for i in range(n)) / n for k in range(n)]
    cheb[0] /= 2
    previous, this, out = [mpf(1)], [mpf(0), mpf(1)], [mpf(0)] * n
    for k in range(n):
        for j, w in enumerate(previous): out[j] += cheb[k] * w
        following = [mpf(0)] + [2 * w for w in this]
        for j, w in enumerate(previous): following[j] -= w
        previous, this = this, following
    return [out[j] / r**j for j in range(n)]

def upper(w):
    """x with Q(x) = exp(-w^2/2)."""
    q = exp(-w * w / 2)
    x = w - (log(2 * pi) + 2 * log(w)) / (2 * w) if w > 2 else mpf(w) / 2
    for _ in range(40):
        f = (erfc(x / sqrt(mpf(2))) / 2 - q) / (exp(-x * x / 2) / sqrt(2 * pi))
        d = -f / (1 - x * f / 2)
        x -= d
        if abs(d) < mpf(2)**-170: return x
    raise ValueError(w)

def upper_quantile(q): return upper(sqrt(-2 * log(q)))

def rows(name, doc, table):
    out = ["  /// " + line for line in doc]
    out.append("  static let %s: [Double] = [" % name)
    for row in table:
        words = [bits(v) + "," for v in row]
        for i in range(0, len(words), 4):
            out.append("    " + " ".join(words[i:i + 4]))
    out[-1] = out[-1].rstrip()
    out.append("  ]")
    return out

def split(v):
    h = mpf(float(v)); return [h, v - h]

def inverse_normal():
    def centre(z):
        a = sqrt(z); return (upper_quantile(mpf(1) / 2 - a) / a - sqrt(2 * pi)) / z
    central = interpolate(centre, mpf(2)**-30, mpf(1) / 64, 9)
    # about 0, not about the middle
    mid = (mpf(2)**-30 + mpf(1) / 64) / 2
    shifted = [fsum(central[j] * binomial(j, i) * (-mid)**(j - i) for j in range(i, 9)) for i in range(9)]
    body = []
    for e in range(-13, -1):
        for i in range(8 if e < -2 else 4):
            lo = 1 + mpf(i) / 8
            c = interpolate(lambda m: upper_quantile(ldexp(m, e)), lo, lo + mpf(1) / 8, 12)
            body.append(split(c[0]) + c[1:])
    tail = []
    for e in range(2, 6):
        for i in range(4 if e < 5 else 1):
            lo = ldexp(1 + mpf(i) / 4, e)
            tail.append(interpolate(lambda w: w - upper(w), lo, lo + ldexp(mpf(1) / 4, e), 14))
    text = ["// Made by Tests/PortableMathTests/Accuracy/coefficients.py.", "", "extension InverseNormal {"]
    text += rows("central", ["x/a − √(2π) over a², in powers of a² = (p − ½)², a < ⅛."], [shifted])
    text += [""]
    text += rows("body", ["Rows of 13 for q = m·2ᵉ, −13 ≤ e ≤ −2, eight to a binade of m: the value at the middle of the",
        "row as a sum of two, then the coefficients of t, t², … for t = m − middle."], body)
    text += [""]
    text += rows("tail", ["Rows of 14, four to a binade of w = √(−2 ln q) from 4: w − x in powers of w − middle."], tail)
    text += ["}", ""]
    return "\n".join(text)

def error_function():
    table = []
    for i in range(4, 96):
        c = (mpf(i) + mpf(1) / 2) / 16
        table.append(split(erf(c)) + [2 / sqrt(pi) * exp(-c * c)])
    text = ["// Made by Tests/PortableMathTests/Accuracy/coefficients.py.", "", "extension ErrorFunction {"]
    text += rows("rows", ["erf(c) as a sum of two, and erf′(c), at c = (i + ½)/16 for 4 ≤ i < 96."], table)
    text += ["}", ""]
    return "\n".join(text)

if __name__ == "__main__":
    polynomials()
    folder = sys.argv[1]
    for name, make in (("InverseNormalTable", inverse_normal), ("ErrorFunctionTable", error_function)):
        with open(os.path.join(folder, name + ".swift"), "w") as f: f.write(make())
