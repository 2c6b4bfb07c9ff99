#include "rows.h"

#include <string.h>

#include "isa.h"
#include "pool.h"

#pragma STDC FP_CONTRACT OFF

// What a loop over rows works on. A part is a range of rows, of columns or of elements.
#define ROWS_OF(T, KIND)                            \
  typedef struct rows_##KIND rows_##KIND;           \
  typedef void (*loop_##KIND)(const rows_##KIND *, size_t from, size_t to); \
  struct rows_##KIND {                              \
    T *out;                                         \
    const T *in;                                    \
    const int32_t *indices;                         \
    size_t rows, width, length, parts;              \
    bool accumulate;                                \
    loop_##KIND loop;                               \
  };
ROWS_OF(double, f64)
ROWS_OF(float, f32)

#define TARGET
#define T double
#define ROWS rows_f64
#define NAME(x) x##_f64_plain
#include "rows.inc"
#undef T
#undef ROWS
#undef NAME
#define T float
#define ROWS rows_f32
#define NAME(x) x##_f32_plain
#include "rows.inc"
#undef T
#undef ROWS
#undef NAME
#undef TARGET

#if defined(__x86_64__)
#define TARGET TARGET_AVX2
#define T double
#define ROWS rows_f64
#define NAME(x) x##_f64_avx2
#include "rows.inc"
#undef T
#undef ROWS
#undef NAME
#define T float
#define ROWS rows_f32
#define NAME(x) x##_f32_avx2
#include "rows.inc"
#undef T
#undef ROWS
#undef NAME
#undef TARGET
// These loops wait for memory: AVX-512 has nothing to add.
#define BEST(LOOP) (isa_chosen() == ISA_PLAIN ? LOOP##_plain : LOOP##_avx2)
#else
#define BEST(LOOP) LOOP##_plain
#endif

// Parts of fewer elements are not worth a thread.
#define LEAST_SHARED ((size_t)1 << 14)

// Runs the loop over `length` rows, columns or elements, of `each` elements; parts begin at
// multiples of a cache line's elements where an element is one.
#define SHARE(KIND)                                                                       \
  static void part_##KIND(void *context, size_t part) {                                   \
    const rows_##KIND *x = context;                                                       \
    size_t grain = x->length >= 1024 ? 16 : 1;                                            \
    size_t from = x->length * part / x->parts / grain * grain;                            \
    size_t to = part + 1 == x->parts ? x->length                                          \
                                     : x->length * (part + 1) / x->parts / grain * grain; \
    x->loop(x, from, to);                                                                 \
  }                                                                                       \
  static void share_##KIND(int threads, size_t length, size_t each, rows_##KIND x) {      \
    if (threads <= 1 || length * each < 2 * LEAST_SHARED) {                               \
      x.loop(&x, 0, length);                                                              \
      return;                                                                             \
    }                                                                                     \
    x.length = length;                                                                    \
    x.parts = 2 * (size_t)threads < length ? 2 * (size_t)threads : length;                \
    hg_parallel(threads, x.parts, part_##KIND, &x);                                       \
  }
SHARE(f64)
SHARE(f32)

#define PUBLIC(T, KIND)                                                                          \
  void hg_fill_rows_##KIND(int threads, T *values, const T *bias, size_t rows, size_t width) {   \
    share_##KIND(threads, rows, width,                                                           \
                 (rows_##KIND){.out = values, .in = bias, .width = width,                        \
                               .loop = BEST(fill_##KIND)});                                      \
  }                                                                                              \
  void hg_rectify_##KIND(int threads, T *values, size_t count) {                                 \
    share_##KIND(threads, count, 1,                                                              \
                 (rows_##KIND){.out = values, .loop = BEST(rectify_##KIND)});                    \
  }                                                                                              \
  void hg_rectifier_derivative_##KIND(int threads, T *layer, const T *outputs, size_t count) {   \
    share_##KIND(threads, count, 1,                                                              \
                 (rows_##KIND){.out = layer, .in = outputs,                                      \
                               .loop = BEST(rectifier_derivative_##KIND)});                      \
  }                                                                                              \
  void hg_column_sums_##KIND(int threads, const T *values, size_t rows, size_t width, T *sum,    \
                             bool accumulate) {                                                  \
    share_##KIND(threads, width, rows,                                                           \
                 (rows_##KIND){.out = sum, .in = values, .rows = rows, .width = width,           \
                               .accumulate = accumulate, .loop = BEST(column_sums_##KIND)});     \
  }                                                                                              \
  void hg_gather_rows_##KIND(int threads, T *out, const T *table, const int32_t *indices,        \
                             size_t rows, size_t width) {                                        \
    share_##KIND(threads, rows, width,                                                           \
                 (rows_##KIND){.out = out, .in = table, .indices = indices, .width = width,      \
                               .loop = BEST(gather_##KIND)});                                    \
  }
PUBLIC(double, f64)
PUBLIC(float, f32)
