#!/usr/bin/env bash
# The wheel in one command: Sources/Python/build-wheel.sh [FOLDER], ./dist by default.
set -euo pipefail
out=$(mkdir -p "${1:-dist}" && cd "${1:-dist}" && pwd)
cd "$(dirname "$0")"
python3 -c "import backend, sys; print(sys.argv[1] + '/' + backend.build_wheel(sys.argv[1]))" "$out"
