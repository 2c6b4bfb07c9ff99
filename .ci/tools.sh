# Sourced by the checks: programs that they need and may install, and a package that depends on this one.

# need PROGRAM PACKAGE...: true where the program is there, or could be installed by apt-get;
# otherwise says what is skipped and why.
need() {
  command -v "$1" >/dev/null && return 0
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "installing ${*:2}"
    { apt-get install -y --no-install-recommends "${@:2}" ||
      { apt-get update && apt-get install -y --no-install-recommends "${@:2}"; }; } \
      >/dev/null 2>&1 || true
    command -v "$1" >/dev/null && return 0
  fi
  echo "skipped: no $1 here (Debian: apt-get install ${*:2})"
  return 1
}

# client NAME: a package in "$work"/NAME, with the executable NAME, that depends on the product
# Hypergradient of the tree "$root"; goes there.
client() {
  mkdir -p "$work/$1/Sources/$1"
  ln -s "$root" "$work/hypergradient"
  cd "$work/$1"
  cat > Package.swift <<END
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "$1",
  dependencies: [.package(path: "../hypergradient")],
  targets: [
    .executableTarget(
      name: "$1",
      dependencies: [.product(name: "Hypergradient", package: "hypergradient")])
  ]
)
END
}
