"""Writes the CSV files of the study: python3 csv_sets.py FOLDER. Made with scikit-learn 1.9.1.

The first four are development data; the seven others were run once, when nothing was left to choose.
"""

import sys

import numpy
from sklearn import datasets


def write(folder, name, features, classes, prefix="c"):
    with open(f"{folder}/{name}.csv", "w") as file:
        names = [f"x{i}" for i in range(features.shape[1])]
        file.write(",".join(names + ["class"]) + "\n")
        for row, label in zip(features, classes):
            file.write(",".join(repr(float(x)) for x in row) + f",{prefix}{int(label)}\n")


def main(folder):
    for name in ["iris", "wine", "breast_cancer", "digits"]:
        data = getattr(datasets, "load_" + name)()
        write(folder, name, data.data, data.target, prefix="")
    made = {
        "moons": datasets.make_moons(400, noise=0.25, random_state=1),
        "circles": datasets.make_circles(400, noise=0.12, factor=0.5, random_state=2),
        "classification20": datasets.make_classification(
            500, 20, n_informative=6, n_redundant=6, n_classes=3, flip_y=0.05, random_state=3),
        "classification60": datasets.make_classification(
            300, 60, n_informative=10, n_redundant=20, n_classes=4, flip_y=0.02, random_state=4),
        "quantiles": datasets.make_gaussian_quantiles(
            n_samples=400, n_features=5, n_classes=3, random_state=5),
    }
    for name, (features, classes) in made.items():
        write(folder, name, features, classes)
    features, signs = datasets.make_hastie_10_2(600, random_state=6)
    write(folder, "hastie", features, signs > 0)
    diabetes = datasets.load_diabetes()
    write(folder, "diabetes", diabetes.data, diabetes.target > numpy.median(diabetes.target))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 csv_sets.py FOLDER")
    main(sys.argv[1])
