# Sourced by the checks: programs that they need and may install.

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
