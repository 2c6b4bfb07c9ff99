#!/usr/bin/env bash
# Whether the LaTeX tables of a comparison compile and fit the page of an article, at each of its
# sizes. Without a folder of results the suite smoke is run. Skipped, with a word, where there is no
# pdflatex.
#
#   .ci/check-latex.sh [FOLDER…]
set -euo pipefail
if ! command -v pdflatex >/dev/null; then
  echo "skipped: there is no pdflatex here (texlive-latex-recommended has it)"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# = 0 ]; then
  cd "$(dirname "$0")/.."
  swift build -c release --product hypergrad
  "$(swift build -c release --show-bin-path)/hypergrad" compare --suite smoke --out "$work/smoke"
  set -- "$work/smoke"
fi
status=0
for folder in "$@"; do
  tables=("$(cd "$folder" && pwd)"/tables/*.tex)
  for size in 10pt 11pt 12pt; do
    {
      echo "\\documentclass[$size]{article}\\usepackage{booktabs,longtable}\\begin{document}"
      for table in "${tables[@]}"; do
        echo "\\typeout{TABLE $(basename "$table")}\\input{\"$table\"}\\clearpage"
      done
      echo "\\end{document}"
    } >"$work/tables.tex"
    # Twice, since a table over pages learns its widths in the first run.
    for run in 1 2; do
      (cd "$work" && pdflatex -interaction=nonstopmode tables.tex >/dev/null) || status=1
    done
    faults=$(awk '/^TABLE /{table=$2} /^!|^Overfull .hbox|too large for page/{print table": "$0}' \
      "$work/tables.log")
    if [ -n "$faults" ]; then
      echo "$folder, $size: $faults"
      status=1
    fi
  done
  echo "$folder: ${#tables[@]} tables"
done
[ $status = 0 ] && echo "every table compiles and fits"
exit $status
