#include "lanes.h"

#include "isa.h"

#pragma STDC FP_CONTRACT OFF

// Vectors wider than a register are returned only from functions that are always inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")
#define FMA __builtin_elementwise_fma
#define SUM_BLOCK 16384
// 12 sums, 3 right sides and 1 left fill 16 registers.
#define TILE_ROWS 4
#define TILE_COLUMNS 3
// As even as they come, so that no tile is left with few chains.
#define TILE_EDGE(LEFT, MOST) \
  ((LEFT) % (MOST) == 0 || (LEFT) > 2 * (MOST) ? (MOST) : (LEFT) > (MOST) ? ((LEFT) + 1) / 2 : (LEFT))

// Eight runs, the least that lie beside each other; the compiler makes as many registers of it as
// the instruction set needs.
typedef double eight __attribute__((ext_vector_type(8), aligned(8)));
typedef eight eight_f64;
typedef float eight_f32 __attribute__((ext_vector_type(8), aligned(4)));
typedef double eight_f64_scalar;
typedef float eight_f32_scalar;
#define WIDE(EIGHT, p) __builtin_convertvector(*(const EIGHT *)(p), eight)

// The second factor of a sum: the run's own, one for all, or none.
#define OWN(EIGHT, i) WIDE(EIGHT, b + (i) * lanes)
#define SHARED(EIGHT, i) ((eight)b[i])
#define ONE(EIGHT, i) ((eight)1)
#define OWN_STEP(start, lane) ((start) * lanes + (lane))
#define SHARED_STEP(start, lane) (start)
#define ONE_STEP(start, lane) 0

// A product added to a sum. Of two Floats it is exact in Double, so that fusing it changes no bit.
#define ADD_eight_f64(sum, x, y) ((sum) + (x) * (y))
#define ADD_eight_f32 ADD_eight_f64

// Strides in elements.
typedef struct {
  size_t lanes, m, n, k, a_row, a_column, b_row, b_column, c_row, start_row, start_column;
} lane_product;

#define TARGET
#define NAME(x) x##_plain
#include "lanes.inc"
#undef NAME
#define NAME(x) x##_f64_plain
#define T double
#define LANES 2
#include "lanes_product.inc"
#include "lanes_diagonal.inc"
#undef NAME
#undef T
#undef LANES
#define NAME(x) x##_f32_plain
#define T float
#define LANES 4
#include "lanes_product.inc"
#include "lanes_diagonal.inc"
#undef NAME
#undef T
#undef LANES
#undef TARGET

#if defined(__x86_64__)

#undef ADD_eight_f32
#define ADD_eight_f32(sum, x, y) FMA(x, y, sum)

#define TARGET TARGET_AVX2
#define NAME(x) x##_avx2
#include "lanes.inc"
#undef NAME
#define NAME(x) x##_f64_avx2
#define T double
#define LANES 4
#include "lanes_product.inc"
#include "lanes_diagonal.inc"
#undef NAME
#undef T
#undef LANES
#define NAME(x) x##_f32_avx2
#define T float
#define LANES 8
#include "lanes_product.inc"
#include "lanes_diagonal.inc"
#undef NAME
#undef T
#undef LANES
#undef TARGET

#define TARGET TARGET_AVX512
#define NAME(x) x##_avx512
#include "lanes.inc"
#undef NAME
#define NAME(x) x##_f64_avx512
#define T double
#define LANES 8
#include "lanes_product.inc"
#include "lanes_diagonal.inc"
#undef NAME
#undef T
#undef LANES
// Eight runs of floats are half a register.
#define NAME(x) x##_f32_half
#define T float
#define LANES 8
#include "lanes_product.inc"
#include "lanes_diagonal.inc"
#undef NAME
#undef LANES
#define NAME(x) x##_f32_whole
#define LANES 16
#include "lanes_product.inc"
#include "lanes_diagonal.inc"
#undef NAME
#undef T
#undef LANES
#undef TARGET

#define WHOLE(KIND, lanes, ...)                                                                  \
  if ((lanes) % 16 == 0) KIND##_f32_whole(__VA_ARGS__);                                          \
  else KIND##_f32_half(__VA_ARGS__);
#define matmul_own_f32_avx512(s, ...) WHOLE(matmul_own, (s)->lanes, s, __VA_ARGS__)
#define matmul_shared_f32_avx512(s, ...) WHOLE(matmul_shared, (s)->lanes, s, __VA_ARGS__)
#define diagonal_step_f32_avx512(lanes, ...) WHOLE(diagonal_step, lanes, lanes, __VA_ARGS__)

#define CALL(NAME, ...)                                  \
  switch (isa_chosen()) {                                \
    case ISA_AVX512: NAME##_avx512(__VA_ARGS__); break;  \
    case ISA_AVX2: NAME##_avx2(__VA_ARGS__); break;      \
    default: NAME##_plain(__VA_ARGS__);                  \
  }
#else
// NEON is the plain form: two lanes.
#define CALL(NAME, ...) NAME##_plain(__VA_ARGS__);
#endif

#define PUBLIC_DOT(KIND, T)                                                                      \
  void hg_lanes_##KIND(double *out, const T *a, const T *b, size_t count, size_t lanes) {        \
    CALL(KIND, out, a, b, count, lanes)                                                          \
  }
PUBLIC_DOT(dot_f64, double)
PUBLIC_DOT(dot_f32, float)
PUBLIC_DOT(dot_shared_f64, double)

void hg_lanes_sum_f64(double *out, const double *a, size_t count, size_t lanes) {
  CALL(sum_f64, out, a, a, count, lanes)
}
void hg_lanes_sum_f32(double *out, const float *a, size_t count, size_t lanes) {
  CALL(sum_f32, out, a, a, count, lanes)
}

#define PUBLIC(KIND, T)                                                                          \
  void hg_lanes_move_##KIND(T *theta, const T *rates, const T *u, size_t count, size_t lanes) {  \
    CALL(move_##KIND, theta, rates, u, count, lanes)                                             \
  }                                                                                              \
  void hg_lanes_distance_##KIND(double *out, const T *x, const T *y, size_t count,               \
                                size_t lanes) {                                                  \
    CALL(distance_##KIND, out, x, y, count, lanes)                                               \
  }                                                                                              \
  void hg_lanes_subtract_##KIND(T *out, const T *x, const T *y, size_t count, size_t lanes) {    \
    CALL(subtract_##KIND, out, x, y, count, lanes)                                               \
  }                                                                                              \
  void hg_lanes_add_##KIND(T *out, const T *x, const T *y, size_t count, size_t lanes) {         \
    CALL(add_##KIND, out, x, y, count, lanes)                                                    \
  }                                                                                              \
  void hg_lanes_multiply_##KIND(T *out, const T *x, const T *y, size_t count, size_t lanes) {    \
    CALL(multiply_##KIND, out, x, y, count, lanes)                                               \
  }                                                                                              \
  void hg_lanes_diagonal_##KIND(double *losses, T *gradient, const T *x, const T *y,             \
                                const T *curvatures, const T *noise, size_t count,               \
                                size_t lanes) {                                                  \
    CALL(diagonal_##KIND, losses, gradient, x, y, curvatures, noise, count, lanes)               \
  }                                                                                              \
  void hg_lanes_diagonal_step_##KIND(double *alignments, T *theta, T *gradient, const T *rates,  \
                                     const T *u, const T *y, const T *curvatures,                \
                                     const T *noise, size_t count, size_t lanes) {               \
    CALL(diagonal_step_##KIND, lanes, alignments, theta, gradient, rates, u, y, curvatures,      \
         noise, count)                                                                           \
  }                                                                                              \
  void hg_lanes_row_sums_##KIND(T *out, const T *a, size_t rows, size_t columns, size_t lanes) { \
    CALL(row_sums_##KIND, out, a, rows, columns, lanes)                                          \
  }                                                                                              \
  void hg_lanes_matmul_##KIND(size_t lanes, size_t m, size_t n, size_t k, const T *a,            \
                              size_t a_row, size_t a_column, const T *b, size_t b_row,           \
                              size_t b_column, bool shared, T *c, size_t c_row, const T *start,  \
                              size_t start_row, size_t start_column) {                           \
    size_t own = shared ? 1 : lanes;                                                             \
    lane_product s = {lanes, m, n, k, a_row * lanes, a_column * lanes, b_row * own,              \
                      b_column * own, c_row * lanes, start_row * lanes, start_column * lanes};   \
    if (shared) {                                                                                \
      CALL(matmul_shared_##KIND, &s, a, b, c, start)                                             \
    } else {                                                                                     \
      CALL(matmul_own_##KIND, &s, a, b, c, start)                                                \
    }                                                                                            \
  }
PUBLIC(f64, double)
PUBLIC(f32, float)
