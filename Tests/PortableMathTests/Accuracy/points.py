"""The points at which accuracy is measured: point i of a function is made from i alone, here and in
AccuracyPoints.swift. Even points are random bit patterns; odd ones lie in the regions of
Vectors/regions.csv, in turn."""
import math
import os
import struct

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Vectors")
FUNCTIONS = ["exp", "expm1", "log", "log1p", "pow", "sin", "cos", "tanh", "erf", "inverseNormal"]
MASK = (1 << 64) - 1
HALF_PI = float.fromhex("0x1.921fb54442d18p+0")


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def double(word):
    return struct.unpack("<d", struct.pack("<Q", word))[0]


def mixed(index):
    """SplitMix64's output number `index`."""
    z = ((index + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def regions():
    table = {name: [] for name in FUNCTIONS}
    with open(os.path.join(VECTORS, "regions.csv")) as lines:
        next(lines)
        for line in lines:
            name, start, end = line.strip().split(",")
            table[name].append((start, end))
    return table


def make(name, count):
    """The first points: floats, and pairs of them for pow."""
    order = FUNCTIONS.index(name)
    rows = []
    for start, end in regions()[name]:
        if start == "multiples":
            rows.append((None, int(end)))
        else:
            rows.append((bits(float.fromhex(start)), bits(float.fromhex(end))))
    out = []
    for i in range(count):
        position = 2 * ((order << 32) + i)
        first, second = mixed(position), mixed(position + 1)
        if i % 2 == 0:
            x, y = double(first), double(second)
        else:
            start, end = rows[(i >> 1) % len(rows)]
            if start is None:
                k = 1 + (first >> (64 - end))
                near = bits(float(k) * HALF_PI) + (second >> 8) % 3 - 1
                x = double(near | (second & (1 << 63)))
            else:
                x = double(start + first % (end - start + 1))
            if name == "pow":
                # About that y for which x to the y is 2 to a power between -1080 and 1080.
                m, e = math.frexp(x)
                power = ((second >> 11) * 2.0**-52 - 1) * 1080
                size = float(e - 1) + (2 * m - 1)
                y = power / size if size != 0 else power
        out.append((x, y) if name == "pow" else x)
    return out
