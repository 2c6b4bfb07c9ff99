"""The conformance vectors of the Swift tests, and what is skipped where a library is not installed."""

import json
import os
import pathlib

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

ROOT = pathlib.Path(__file__).resolve().parents[2]
VECTORS = ROOT / "Tests" / "HypergradientTests" / "Conformance"


@pytest.fixture(scope="session")
def conformance():
    def cases(file):
        return json.loads((VECTORS / f"{file}.json").read_text())["cases"]

    return cases
