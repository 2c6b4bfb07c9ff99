#include "elementary.h"

#include <stdbool.h>

#include "isa.h"

#pragma STDC FP_CONTRACT OFF

// Vectors wider than a register are passed only to functions that are always inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline)) TARGET

// LANES is two registers of each set: the two share the loads of constants, and fill each other's
// waits. Only basic operations and bits: nothing needs a set's own instructions. FUSED is where a
// fused operation changes no bit, EXACT where the definition asks for one.
#define TARGET
#define EXACT __builtin_elementwise_fma
#define FUSED(x, y, z) ((x) * (y) + (z))
#define LANES 4
#define NAME(x) x##_plain
#include "elementary.inc"
#include "tanh.inc"
#include "elementary_arrays.inc"
#undef TARGET
#undef LANES
#undef NAME
#undef FUSED

#if defined(__x86_64__)

#define FUSED EXACT
#define TARGET TARGET_AVX2
#define LANES 8
#define NAME(x) x##_avx2
#include "elementary.inc"
#include "tanh.inc"
#include "elementary_arrays.inc"
#undef TARGET
#undef LANES
#undef NAME

#define TARGET TARGET_AVX512
#define LANES 16
#define NAME(x) x##_avx512
#include "elementary.inc"
#include "tanh.inc"
#include "elementary_arrays.inc"
#undef TARGET
#undef LANES
#undef NAME

#define DISPATCH(KIND, ...)                             \
  switch (isa_chosen()) {                               \
    case ISA_AVX512: KIND##_avx512(__VA_ARGS__); break; \
    case ISA_AVX2: KIND##_avx2(__VA_ARGS__); break;     \
    default: KIND##_plain(__VA_ARGS__);                 \
  }
#else
// NEON is the plain form: two registers of two lanes.
#define DISPATCH(KIND, ...) KIND##_plain(__VA_ARGS__);
#endif

#define FUNCTION(T, KIND) \
  void hg_##KIND(T *y, const T *x, size_t n) { DISPATCH(KIND, y, x, n) }
FUNCTION(double, exp_f64)
FUNCTION(double, log_f64)
FUNCTION(double, log1p_f64)
FUNCTION(double, tanh_f64)
FUNCTION(float, exp_f32)
FUNCTION(float, log_f32)
FUNCTION(float, tanh_f32)

#define SCALED(T, KIND)                                             \
  void hg_##KIND(T *y, const T *x, double factor, size_t n) {       \
    DISPATCH(KIND, y, x, factor, n)                                 \
  }
SCALED(double, exp_scaled_f64)
SCALED(float, exp_scaled_f32)

void hg_tanh_backward_f64(double *errors, const double *y, size_t n) {
  DISPATCH(tanh_backward_f64, errors, y, n)
}
void hg_tanh_backward_f32(float *errors, const float *y, size_t n) {
  DISPATCH(tanh_backward_f32, errors, y, n)
}
void hg_logistic_f64(double *losses, double *margins, size_t n) {
  DISPATCH(logistic_f64, losses, margins, n)
}
void hg_logistic_f32(float *losses, float *margins, size_t n) {
  DISPATCH(logistic_f32, losses, margins, n)
}
