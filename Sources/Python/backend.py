"""Builds the wheel: the library in release with Swift's runtime inside, beside the Python files.

A build backend (PEP 517) of the standard library alone, so that nothing is fetched:

    pip wheel --no-deps -w OUT Sources/Python        or  pip install [-e] Sources/Python

HYPERGRADIENT_LIBRARY names a dynamic library that is taken in place of one that is built;
HYPERGRADIENT_SWIFT_FLAGS are further arguments of `swift build`.
"""

from __future__ import annotations

import ast
import base64
import configparser
import hashlib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import sysconfig
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LIBRARY = "libHypergradientC" + (".dylib" if sys.platform == "darwin" else ".so")

CLIENT = """// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Client",
  dependencies: [.package(path: "hypergradient")],
  targets: [
    .executableTarget(
      name: "Client", dependencies: [.product(name: "HypergradientC", package: "hypergradient")])
  ]
)
"""


def _project() -> dict:
    """The fields of pyproject.toml: their values are literals of Python's too, whose 3.10 reads no TOML."""
    file = configparser.ConfigParser(interpolation=None)
    file.read(HERE / "pyproject.toml", encoding="utf-8")

    def table(name: str) -> dict:
        return {key: ast.literal_eval(value) for key, value in file[name].items()}

    module = (HERE / "hypergradient" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"$', module, re.MULTILINE)
    assert version
    return table("project") | {
        "version": version[1],
        "optional-dependencies": table("project.optional-dependencies"),
    }


def _exports() -> str:
    """What the library shows: what the header declares."""
    header = (ROOT / "Sources" / "CHypergradient" / "hypergradient.h").read_text()
    functions = re.findall(r"^(?:hg_status|uint32_t) (hg_\w+)\(", header, re.MULTILINE)
    return "{ global: " + " ".join(f"{one};" for one in functions) + " local: *; };\n"


def build_library() -> pathlib.Path:
    """The dynamic library in release, its Swift runtime linked statically.

    It is built by a package that depends on the tree, as any client's is: no other package is resolved.
    """
    given = os.environ.get("HYPERGRADIENT_LIBRARY")
    if given:
        return pathlib.Path(given)
    client = ROOT / ".build" / "python"
    (client / "Sources" / "Client").mkdir(parents=True, exist_ok=True)
    link = client / "hypergradient"
    if not link.exists():
        link.symlink_to(ROOT, target_is_directory=True)
    (client / "Package.swift").write_text(CLIENT)
    (client / "Sources" / "Client" / "main.swift").write_text("import HypergradientC\n")
    command = ["swift", "build", "-c", "release", "--package-path", str(client)]
    if sys.platform != "darwin":
        # On Darwin the runtime is the system's.
        script = client / "exports.map"
        script.write_text(_exports())
        command += ["-Xswiftc", "-static-stdlib"]
        command += ["-Xlinker", f"--version-script={script}", "-Xlinker", "-s"]
    command += shlex.split(os.environ.get("HYPERGRADIENT_SWIFT_FLAGS", ""))
    subprocess.run(command, check=True, stdout=sys.stderr)
    shown = subprocess.run(
        command + ["--show-bin-path"], check=True, capture_output=True, text=True
    )
    return pathlib.Path(shown.stdout.strip()) / LIBRARY


def _tag() -> str:
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return f"py3-none-{platform}"


def _metadata(project: dict) -> str:
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"Requires-Python: {project['requires-python']}",
    ]
    lines += [f"Requires-Dist: {one}" for one in project["dependencies"]]
    for extra, needs in project["optional-dependencies"].items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f"Requires-Dist: {one}; extra == '{extra}'" for one in needs]
    return "\n".join(lines) + "\n"


def build_wheel(
    wheel_directory: str, config_settings: object = None, metadata_directory: object = None
) -> str:
    library = build_library()
    files: dict[str, bytes] = {}
    for path in sorted((HERE / "hypergradient").rglob("*")):
        if path.suffix in {".py", ".typed"} or path.name == "py.typed":
            files[str(path.relative_to(HERE))] = path.read_bytes()
    files[f"hypergradient/{LIBRARY}"] = library.read_bytes()
    files["hypergradient/hypergradient.h"] = (
        ROOT / "Sources" / "CHypergradient" / "hypergradient.h"
    ).read_bytes()
    return _wheel(wheel_directory, files)


def build_editable(
    wheel_directory: str, config_settings: object = None, metadata_directory: object = None
) -> str:
    """The files stay in the tree, where the library is linked to beside them."""
    link = HERE / "hypergradient" / LIBRARY
    library = build_library().resolve()
    link.unlink(missing_ok=True)
    link.symlink_to(library)
    return _wheel(wheel_directory, {"hypergradient.pth": f"{HERE}\n".encode()})


def _wheel(folder: str, files: dict[str, bytes]) -> str:
    """A wheel of these files and what describes them."""
    project = _project()
    name = f"{project['name']}-{project['version']}"
    info = f"{name}.dist-info"
    files[f"{info}/METADATA"] = _metadata(project).encode()
    files[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: hypergradient\nRoot-Is-Purelib: false\nTag: {_tag()}\n"
    ).encode()
    files[f"{info}/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    record = []
    wheel = f"{name}-{_tag()}.whl"
    with zipfile.ZipFile(
        pathlib.Path(folder) / wheel, "w", zipfile.ZIP_DEFLATED
    ) as archive:
        for place, content in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            record.append(f"{place},sha256={digest.decode()},{len(content)}")
            entry = zipfile.ZipInfo(place, (2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if place.endswith(LIBRARY) else 0o644) << 16
            archive.writestr(entry, content)
        record.append(f"{info}/RECORD,,")
        archive.writestr(f"{info}/RECORD", "\n".join(record) + "\n")
    return wheel


def build_sdist(sdist_directory: str, config_settings: object = None) -> str:
    raise RuntimeError("the package is built from its tree: pip wheel Sources/Python")


if __name__ == "__main__":
    print(build_library())
