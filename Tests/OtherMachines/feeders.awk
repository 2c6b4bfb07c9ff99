# Reads the headers of the kernels and writes C: for every function a feeder that calls it with
# drawn sizes, numbers and arrays (draws.h). Which value an argument gets follows from its type and
# name, so that a kernel that is added is fed without a line here; what can't be fed so is listed as
# UNFED, and the check fails until it is fed by hand (steps.h).
#
# usage: awk -f feeders.awk include/*.h > feeders.inc

FNR == 1 {
  header = FILENAME
  sub(/.*\//, "", header)
  print "#include \"" header "\""
}

{
  sub(/\/\/.*/, "")
  if ($0 ~ /^[ \t]*#/ || $0 ~ /extern "C"/) next
  text = text " " $0
}

END {
  gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, " ", text)
  gsub(/[ \t]+/, " ", text)
  count = split(text, parts, ";")
  for (i = 1; i <= count; i++) declaration(parts[i])
  print "static const feeder feeders[] = {"
  printf "%s", table
  print "  FEEDERS_BY_HAND\n  {0, 0}\n};"
  if (unfed != "") print "// UNFED" unfed
}

function declaration(part,   name, from, inside, kind) {
  sub(/^[ }]*/, "", part)
  if (!match(part, /hg_[a-z0-9_]+ ?\(/) || part ~ /[{}]/) return
  name = substr(part, RSTART, RLENGTH - 1)
  sub(/ $/, "", name)
  from = RSTART + RLENGTH
  kind = substr(part, 1, RSTART - 1)
  sub(/ $/, "", kind)
  inside = substr(part, from)
  sub(/\) *$/, "", inside)
  # Which set is in use, threads and their turns, pages, memory: no numbers come from these.
  if (name ~ /^hg_(isa_name|use_isa|parallel|turnstile_[a-z]+|advise_large_pages|has_room)$/) return
  if (!feeder(name, kind, inside)) unfed = unfed " " name
}

# The whole feeder of one function, or 0 where an argument is of no known kind.
function feeder(name, kind, inside,   i, n, arguments, type, word, body, call, sizes, has_runs,
                first, written) {
  n = split(inside, arguments, ",")
  sizes = 0
  has_runs = "false"
  body = ""
  # Sizes first, since everything else depends on them.
  for (i = 1; i <= n; i++) {
    split_argument(arguments[i])
    if (type_of == "size_t" && word_of ~ /lanes$/) has_runs = "true"
    else if (type_of == "size_t" && !is_stride(word_of)) sizes++
  }
  body = body "  draw_sizes(" sizes ", " has_runs ");\n"
  for (i = 1; i <= n; i++) {
    split_argument(arguments[i])
    type = type_of
    word = word_of
    if (type == "size_t" && word ~ /lanes$/) body = body "  size_t " word " = runs;\n"
    else if (type == "size_t" && is_stride(word)) body = body stride(word)
    else if (type == "size_t") body = body "  size_t " word " = draw_size();\n"
  }
  for (i = 1; i <= n; i++) {
    split_argument(arguments[i])
    type = type_of
    word = word_of
    if (type == "size_t") continue
    if (type ~ /^const (double|float|u?int[0-9]+_t|int|size_t) \*$/ ||
        type ~ /^(double|float|u?int[0-9]+_t) \*$/) {
      first = type
      sub(/^const /, "", first)
      sub(/ \*$/, "", first)
      written = type ~ /^const/ ? "false" : "true"
      body = body "  " first " *" word " = draw_" first "s(" written ");\n"
    } else if (type == "double" || type == "float" || type == "bool" || type == "int" ||
               type ~ /^u?int[0-9]+_t$/)
      body = body "  " type " " word " = draw_" type "();\n"
    else return 0
  }
  call = name "("
  for (i = 1; i <= n; i++) {
    split_argument(arguments[i])
    call = call (i > 1 ? ", " : "") word_of
  }
  call = call ")"
  if (kind == "void") body = body "  " call ";\n"
  else if (kind ~ /^(double|float|bool|int|size_t|u?int[0-9]+_t)$/)
    body = body "  absorb_" (kind == "float" || kind == "double" ? kind : "integer") "(" call ");\n"
  else return 0
  print "static void feed_" name "(void) {\n" body "}\n"
  table = table "  {\"" name "\", feed_" name "},\n"
  return 1
}

# "const float *restrict x" -> type_of "const float *", word_of "x".
function split_argument(argument) {
  gsub(/restrict|_Nonnull|_Nullable/, "", argument)
  gsub(/\*/, " * ", argument)
  gsub(/ +/, " ", argument)
  sub(/^ /, "", argument)
  sub(/ $/, "", argument)
  word_of = argument
  sub(/.* /, "", word_of)
  type_of = substr(argument, 1, length(argument) - length(word_of))
  sub(/ $/, "", type_of)
}

function is_stride(word) { return word ~ /^ld|stride|pitch|_row$|_column$|_step$/ }

# Rows lie apart by at least the longest side, so that no two outputs share a place.
function stride(word,   row) {
  if (word ~ /_column$/) {
    row = word
    sub(/column$/, "row", row)
    return "  size_t " word " = 1;\n  maybe_swap(&" row ", &" word ");\n"
  }
  return "  size_t " word " = draw_stride();\n"
}
