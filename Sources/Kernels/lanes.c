#include "lanes.h"

#include "isa.h"

#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")
#define FMA __builtin_elementwise_fma
#define SUM_BLOCK 16384
// With LANES doubles of four columns each, 12 sums, 3 right sides and 1 left fill 16 registers.
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

// Strides in doubles.
typedef struct {
  size_t lanes, m, n, k, a_row, a_column, b_row, b_column, c_row, start_row, start_column;
} lane_product;

#define TARGET
#define LANES 2
#define NAME(x) x##_plain
#include "lanes.inc"
#undef TARGET
#undef LANES
#undef NAME

#if defined(__x86_64__)

#define TARGET TARGET_AVX2
#define LANES 4
#define NAME(x) x##_avx2
#include "lanes.inc"
#undef TARGET
#undef LANES
#undef NAME

#define TARGET TARGET_AVX512
#define LANES 8
#define NAME(x) x##_avx512
#include "lanes.inc"
#undef TARGET
#undef LANES
#undef NAME

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
  }
PUBLIC(f64, double)
PUBLIC(f32, float)

void hg_lanes_matmul_f64(size_t lanes, size_t m, size_t n, size_t k, const double *a, size_t a_row,
                         size_t a_column, const double *b, size_t b_row, size_t b_column,
                         bool shared, double *c, size_t c_row, const double *start,
                         size_t start_row, size_t start_column) {
  size_t own = shared ? 1 : lanes;
  lane_product s = {lanes,       m,           n,              k,
                    a_row * lanes, a_column * lanes, b_row * own,    b_column * own,
                    c_row * lanes, start_row * lanes, start_column * lanes};
  if (shared) {
    CALL(matmul_shared, &s, a, b, c, start)
  } else {
    CALL(matmul_own, &s, a, b, c, start)
  }
}
