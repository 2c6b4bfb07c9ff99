#include "matrix.h"

#include "isa.h"

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

#if defined(__x86_64__)
#define DISPATCH(KIND)                                       \
  switch (isa_chosen()) {                                    \
    case ISA_AVX512: multiply_##KIND##_avx512(&s, a, b, c); break; \
    case ISA_AVX2: multiply_##KIND##_avx2(&s, a, b, c); break;     \
    default: plain_##KIND(&s, a, b, c);                      \
  }
#elif defined(__aarch64__)
#define DISPATCH(KIND)                          \
  if (isa_chosen() == ISA_NEON)                 \
    multiply_##KIND##_neon(&s, a, b, c);        \
  else                                          \
    plain_##KIND(&s, a, b, c);
#else
#define DISPATCH(KIND) plain_##KIND(&s, a, b, c);
#endif

#define PUBLIC(T, KIND)                                                                          \
  void hg_matmul_##KIND(bool ta, bool tb, size_t m, size_t n, size_t k, const T *a, size_t lda,  \
                        const T *b, size_t ldb, T *c, size_t ldc, bool accumulate) {             \
    product s = {m, n, k, ta ? 1 : lda, ta ? lda : 1, tb ? 1 : ldb, tb ? ldb : 1, ldc,           \
                 accumulate};                                                                    \
    DISPATCH(KIND)                                                                               \
  }
PUBLIC(double, f64)
PUBLIC(float, f32)
