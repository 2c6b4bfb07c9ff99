"""How the package is built, loaded and left."""

import ctypes.util
import importlib
import importlib.util
import os
import pickle
import re
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from conftest import ROOT

import hypergradient as hg
from hypergradient import _library


def said(program, *arguments):
    """What a program of its own says on its standard error."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True
    ).stderr


# As where a library leaks: the modules are emptied, and then what is kept goes.
KEPT = """
import ctypes, sys, types
kept = sys.modules["kept"] = types.ModuleType("kept")
import numpy as np
import hypergradient as hg
for name in ("kept", "numpy", "hypergradient._core", "hypergradient._library"):
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(sys.modules[name]))
x = np.ones(2)
method = hg.Method("prodigy()", x)
kept.owners = [
    hg.Controller("constant(0.1)"), hg.Schedule("constant(0.1)"), method.questions(x),
    hg.Optimizer("sgd + constant(0.1)", x), hg.Follower("constant(0.1)", 2),
]
next(kept.owners[2])
"""

TORCH_AND_OPTAX = """
import torch, optax
import hypergradient.torch
model = torch.nn.Linear(2, 2)
optimizer = hypergradient.torch.Optimizer(model.parameters(), "adam + constant(0.1)")
optimizer.step()
"""


@pytest.mark.parametrize("program, needs", [(KEPT, []), (TORCH_AND_OPTAX, ["torch", "optax"])])
def test_a_program_ends_without_a_word(program, needs):
    for library in needs:
        pytest.importorskip(library)
    assert said(program) == ""


def test_another_library_is_refused_in_one_line(monkeypatch):
    monkeypatch.setenv("HYPERGRADIENT_LIBRARY", str(ctypes.util.find_library("m")))
    with pytest.raises(ImportError, match=r"not the library libHypergradientC.*hg_version$"):
        _library._load()
    monkeypatch.setenv("HYPERGRADIENT_LIBRARY", _library.library._name)
    monkeypatch.setitem(_library._FUNCTIONS, "hg_nothing", [])
    with pytest.raises(ImportError, match=r"not the library libHypergradientC.*hg_nothing$"):
        _library._load()


def test_one_version():
    swift = (ROOT / "Sources" / "Records" / "Version.swift").read_text()
    assert re.findall('packageVersion = "(.*)"', swift) == [hg.__version__]


@pytest.fixture
def backend(tmp_path, monkeypatch):
    """The backend of a copy of the tree, as under Python 3.10, which has no tomllib."""
    python = shutil.copytree(ROOT / "Sources" / "Python", tmp_path / "Sources" / "Python")
    shutil.copytree(ROOT / "Sources" / "CHypergradient", tmp_path / "Sources" / "CHypergradient")
    shutil.copy(ROOT / "LICENSE", tmp_path)
    monkeypatch.setenv("HYPERGRADIENT_LIBRARY", _library.library._name)
    monkeypatch.setitem(sys.modules, "tomllib", None)
    spec = importlib.util.spec_from_file_location("backend", python / "backend.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_fields_are_read_as_toml(backend, monkeypatch):
    monkeypatch.undo()
    tomllib = pytest.importorskip("tomllib")
    fields = tomllib.loads((ROOT / "Sources" / "Python" / "pyproject.toml").read_text())["project"]
    assert fields.pop("dynamic") == ["version"]
    assert backend._project() == fields | {"dynamic": ["version"], "version": hg.__version__}


@pytest.mark.parametrize("way", ["build_wheel", "build_editable"])
def test_a_wheel_is_imported(backend, tmp_path, way):
    name = getattr(backend, way)(str(tmp_path))
    with zipfile.ZipFile(tmp_path / name) as wheel:
        wheel.extractall(tmp_path / "site")
    home = "site" if way == "build_wheel" else os.path.join("Sources", "Python")
    program = """
import os, site, sys
before = list(sys.path)
site.addsitedir(sys.argv[1])
sys.path[:] = [one for one in sys.path if one not in before] + before
del os.environ["HYPERGRADIENT_LIBRARY"]
import hypergradient, importlib.metadata
assert hypergradient.__file__.startswith(sys.argv[2]), hypergradient.__file__
assert hypergradient.Controller("constant(0.1)").rate == 0.1
assert importlib.metadata.version("hypergradient") == hypergradient.__version__
"""
    assert said(program, str(tmp_path / "site"), str(tmp_path / home)) == ""


def test_what_is_made_of_a_text_shows_it():
    x = np.ones(2)
    made = [
        hg.Controller("constant(rate)", rate=0.5), hg.Schedule("constant(rate)", rate=0.5),
        hg.Optimizer("sgd + constant(rate)", x, rate=0.5), hg.Method("prodigy()", x),
        hg.Follower("constant(rate)", 2, rate=0.5),
    ]  # fmt: skip
    assert list(map(repr, made)) == [
        "Controller('constant(rate)', rate=0.5)", "Schedule('constant(rate)', rate=0.5)",
        "Optimizer('sgd + constant(rate)', rate=0.5)", "Method('prodigy()')",
        "Follower('constant(rate)', rate=0.5)",
    ]  # fmt: skip
    for one in made:
        assert repr(pickle.loads(pickle.dumps(one))) == repr(one)


def test_the_learning_rate_of_pytorch_shows_its_text():
    torch = pytest.importorskip("torch")
    import hypergradient.torch as ht

    x = [torch.nn.Parameter(torch.zeros(2))]
    rate = ht.LearningRate(torch.optim.SGD(x, 0.5), "constant(lr)")
    assert repr(rate) == "LearningRate(Controller('constant(lr)', lr=0.5))"
    assert "text: sgd + constant(1)" in repr(ht.Optimizer(x, "sgd + constant(1)"))


def test_the_callback_of_keras_shows_its_text():
    pytest.importorskip("keras")
    import hypergradient.keras as hk

    assert repr(hk.Callback("constant(rate)", rate=0.5)) == "Callback('constant(rate)', rate=0.5)"


@pytest.mark.parametrize("library", ["torch", "optax", "keras"])
def test_a_module_names_what_is_its_own(library):
    pytest.importorskip(library)
    module = importlib.import_module(f"hypergradient.{library}")
    own = {
        name for name, thing in vars(module).items()
        if getattr(thing, "__module__", None) == module.__name__ and not name.startswith("_")
    }  # fmt: skip
    assert set(module.__all__) == own
