#include "elementary.h"

#include "isa.h"

#pragma STDC FP_CONTRACT OFF

// Vectors wider than a register are passed only to functions that are always inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline)) TARGET

// LANES is two registers of each set: the two share the loads of constants, and fill each other's
// waits. Only basic operations and bits: nothing needs a set's own instructions.
#define TARGET
#define LANES 4
#define NAME(x) x##_plain
#include "elementary.inc"
#undef TARGET
#undef LANES
#undef NAME

#if defined(__x86_64__)

#define TARGET TARGET_AVX2
#define LANES 8
#define NAME(x) x##_avx2
#include "elementary.inc"
#undef TARGET
#undef LANES
#undef NAME

#define TARGET TARGET_AVX512
#define LANES 16
#define NAME(x) x##_avx512
#include "elementary.inc"
#undef TARGET
#undef LANES
#undef NAME

#define DISPATCH(KIND)                                     \
  switch (isa_chosen()) {                                  \
    case ISA_AVX512: all_##KIND##_avx512(y, x, n); break;  \
    case ISA_AVX2: all_##KIND##_avx2(y, x, n); break;      \
    default: all_##KIND##_plain(y, x, n);                  \
  }
#else
// NEON is the plain form: two registers of two lanes.
#define DISPATCH(KIND) all_##KIND##_plain(y, x, n);
#endif

#define PUBLIC(T, KIND) \
  void hg_##KIND(T *y, const T *x, size_t n) { DISPATCH(KIND) }
PUBLIC(double, exp_f64)
PUBLIC(double, log_f64)
PUBLIC(double, log1p_f64)
PUBLIC(double, tanh_f64)
PUBLIC(float, exp_f32)
PUBLIC(float, log_f32)
