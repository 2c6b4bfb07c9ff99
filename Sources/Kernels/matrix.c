#include "matrix.h"

#include "isa.h"
#include "pool.h"

#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")
#define FMA __builtin_elementwise_fma
// Of packed operands at once: half of a small second cache, on the stack.
#define LEFT_BYTES 196608
#define RIGHT_BYTES 65536

// What a product is made of: element (i, p) of op(a) at a[i * a_row + p * a_column], and so on.
typedef struct {
  size_t m, n, k;
  size_t a_row, a_column, b_row, b_column, ldc;
  bool accumulate;
} product;

// The definition, and the form for machines without vector fused multiply-add.
#define PLAIN(NAME, T)                                                                    \
  static void NAME(const product *s, const T *a, const T *b, T *c) {                      \
    for (size_t i = 0; i < s->m; i++)                                                     \
      for (size_t j = 0; j < s->n; j++) {                                                 \
        T sum = s->accumulate ? c[i * s->ldc + j] : 0;                                    \
        for (size_t p = 0; p < s->k; p++)                                                 \
          sum = FMA(a[i * s->a_row + p * s->a_column], b[p * s->b_row + j * s->b_column], sum); \
        c[i * s->ldc + j] = sum;                                                          \
      }                                                                                   \
  }
PLAIN(plain_f64, double)
PLAIN(plain_f32, float)

#if defined(__x86_64__)

#define TARGET TARGET_AVX2
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define T double
#define SQUARE 4
#define LANES 4
#define NAME(x) x##_f64_avx2
#include "matrix.inc"
#undef T
#undef SQUARE
#undef LANES
#undef NAME
#define T float
#define SQUARE 8
#define LANES 8
#define NAME(x) x##_f32_avx2
#include "matrix.inc"
#undef T
#undef SQUARE
#undef LANES
#undef NAME
#undef TARGET
#undef TILE_ROWS
#undef TILE_VECTORS

#define TARGET TARGET_AVX512
#define TILE_ROWS 8
#define TILE_VECTORS 3
#define T double
#define SQUARE 4
#define LANES 8
#define NAME(x) x##_f64_avx512
#include "matrix.inc"
#undef T
#undef SQUARE
#undef LANES
#undef NAME
#define T float
#define SQUARE 8
#define LANES 16
#define NAME(x) x##_f32_avx512
#include "matrix.inc"
#undef T
#undef SQUARE
#undef LANES
#undef NAME

#elif defined(__aarch64__)

#define TARGET
#define TILE_ROWS 8
#define TILE_VECTORS 3
#define T double
#define SQUARE 2
#define LANES 2
#define NAME(x) x##_f64_neon
#include "matrix.inc"
#undef T
#undef SQUARE
#undef LANES
#undef NAME
#define T float
#define SQUARE 4
#define LANES 4
#define NAME(x) x##_f32_neon
#include "matrix.inc"
#undef T
#undef SQUARE
#undef LANES
#undef NAME

#endif

#define MULTIPLY(T, KIND)                                                           \
  static void multiply_##KIND(const product *s, const T *a, const T *b, T *c) {     \
    DISPATCH(T, KIND)                                                               \
  }
#if defined(__x86_64__)
// Fewer columns than the longer vectors have lanes are for the shorter ones.
#define DISPATCH(T, KIND)                                                           \
  isa_kind isa = isa_chosen();                                                      \
  if (isa == ISA_AVX512 && s->n > 1 && s->n < 64 / sizeof(T)) isa = ISA_AVX2;       \
  if (isa == ISA_AVX512)                                                            \
    multiply_##KIND##_avx512(s, a, b, c);                                           \
  else if (isa == ISA_AVX2)                                                         \
    multiply_##KIND##_avx2(s, a, b, c);                                             \
  else                                                                              \
    plain_##KIND(s, a, b, c);
#elif defined(__aarch64__)
#define DISPATCH(T, KIND)                                                           \
  if (isa_chosen() == ISA_NEON)                                                     \
    multiply_##KIND##_neon(s, a, b, c);                                             \
  else                                                                              \
    plain_##KIND(s, a, b, c);
#else
#define DISPATCH(T, KIND) plain_##KIND(s, a, b, c);
#endif
MULTIPLY(double, f64)
MULTIPLY(float, f32)

// Where part `part` of `count` rows or columns begins: a multiple of `grain`, or the end.
static size_t border(size_t count, size_t part, size_t parts, size_t grain) {
  if (part == parts) return count;
  return count * part / parts / grain * grain;
}

// Tiles of every set fill a grain; parts below LEAST_SHARED products are not worth a thread.
#define ROW_GRAIN 24
#define COLUMN_GRAIN 48
#define PARTS_EACH 2
#define LEAST_SHARED ((size_t)1 << 18)

// A product shared out: each part is a product of some rows or some columns of c.
#define SHARED(T, KIND)                                                                      \
  typedef struct {                                                                           \
    product whole;                                                                           \
    const T *a, *b;                                                                          \
    T *c;                                                                                    \
    size_t parts;                                                                            \
    bool by_rows;                                                                            \
  } shared_##KIND;                                                                           \
  static void part_##KIND(void *context, size_t part) {                                      \
    const shared_##KIND *x = context;                                                        \
    product s = x->whole;                                                                    \
    const T *a = x->a, *b = x->b;                                                            \
    T *c = x->c;                                                                             \
    if (x->by_rows) {                                                                        \
      size_t from = border(s.m, part, x->parts, ROW_GRAIN);                                  \
      s.m = border(s.m, part + 1, x->parts, ROW_GRAIN) - from;                               \
      a += from * s.a_row;                                                                   \
      c += from * s.ldc;                                                                     \
    } else {                                                                                 \
      size_t from = border(s.n, part, x->parts, COLUMN_GRAIN);                               \
      s.n = border(s.n, part + 1, x->parts, COLUMN_GRAIN) - from;                            \
      b += from * s.b_column;                                                                \
      c += from;                                                                             \
    }                                                                                        \
    multiply_##KIND(&s, a, b, c);                                                            \
  }
SHARED(double, f64)
SHARED(float, f32)

#define PUBLIC(T, KIND)                                                                       \
  void hg_matmul_threads_##KIND(int threads, bool ta, bool tb, size_t m, size_t n, size_t k,  \
                                const T *a, size_t lda, const T *b, size_t ldb, T *c,         \
                                size_t ldc, bool accumulate) {                                \
    product s = {m, n, k, ta ? 1 : lda, ta ? lda : 1, tb ? 1 : ldb, tb ? ldb : 1, ldc,        \
                 accumulate};                                                                 \
    if (threads <= 1 || m * n * k < LEAST_SHARED) {                                           \
      multiply_##KIND(&s, a, b, c);                                                           \
      return;                                                                                 \
    }                                                                                         \
    shared_##KIND shared = {s, a, b, c, 0, m >= n || m >= 16 * ROW_GRAIN};                    \
    size_t most = (shared.by_rows ? m / ROW_GRAIN : n / COLUMN_GRAIN) + 1;                    \
    shared.parts = (size_t)threads * PARTS_EACH < most ? (size_t)threads * PARTS_EACH : most; \
    hg_parallel(threads, shared.parts, part_##KIND, &shared);                                 \
  }                                                                                           \
  void hg_matmul_##KIND(bool ta, bool tb, size_t m, size_t n, size_t k, const T *a,           \
                        size_t lda, const T *b, size_t ldb, T *c, size_t ldc,                 \
                        bool accumulate) {                                                    \
    hg_matmul_threads_##KIND(1, ta, tb, m, n, k, a, lda, b, ldb, c, ldc, accumulate);         \
  }
PUBLIC(double, f64)
PUBLIC(float, f32)
