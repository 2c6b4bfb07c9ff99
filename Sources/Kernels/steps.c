#include <stdbool.h>
#include <stdint.h>

#include "elementary.h"
#include "isa.h"
#include "pool.h"
#include "vectors.h"

#pragma STDC FP_CONTRACT OFF
// Wide vectors are passed only to functions that are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define UNROLL _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline)) TARGET

// Elements from <= i < to of a step. `streams`: u is written past the caches.
typedef void (*step_body)(const hg_step *step, bool streams, size_t from, size_t to);
typedef double (*survey_body)(const hg_step *step, size_t part);

// Elements whose exponentials are taken at once: many, and few enough to stay in the nearest cache.
#define EXP_BLOCK 256
#define HALF_BLOCK (EXP_BLOCK / 2)
typedef double two __attribute__((ext_vector_type(2)));

#define TARGET
#define T float
#define WIDTH 4
#define MAKE(x) x##_f32_plain
#include "steps.inc"
#undef T
#undef WIDTH
#undef MAKE
#define T double
#define WIDTH 2
#define MAKE(x) x##_f64_plain
#include "steps.inc"
#undef T
#undef WIDTH
#undef MAKE
#undef TARGET

#if defined(__x86_64__)

#define TARGET TARGET_AVX2
#define T float
#define WIDTH 8
#define MAKE(x) x##_f32_avx2
#include "steps.inc"
#undef T
#undef WIDTH
#undef MAKE
#define T double
#define WIDTH 4
#define MAKE(x) x##_f64_avx2
#include "steps.inc"
#undef T
#undef WIDTH
#undef MAKE
#undef TARGET

#define TARGET TARGET_AVX512
#define T float
#define WIDTH 16
#define MAKE(x) x##_f32_avx512
#include "steps.inc"
#undef T
#undef WIDTH
#undef MAKE
#define T double
#define WIDTH 8
#define MAKE(x) x##_f64_avx512
#include "steps.inc"
#undef T
#undef WIDTH
#undef MAKE
#undef TARGET

#endif

#if defined(__x86_64__)
#define CHOOSE(TABLE, type)                                                       \
  (isa_chosen() == ISA_AVX512 ? (type == HG_F32 ? TABLE##_f32_avx512 : TABLE##_f64_avx512) \
   : isa_chosen() == ISA_AVX2 ? (type == HG_F32 ? TABLE##_f32_avx2 : TABLE##_f64_avx2)     \
                              : (type == HG_F32 ? TABLE##_f32_plain : TABLE##_f64_plain))
#else
// NEON is the plain form: one register.
#define CHOOSE(TABLE, type) (type == HG_F32 ? TABLE##_f32_plain : TABLE##_f64_plain)
#endif

typedef struct {
  const hg_step *step;
  step_body body;
  bool streams;
} job;

static void step_part(void *context, size_t part) {
  const job *j = context;
  size_t from = part * HG_BLOCK, n = j->step->count;
  j->body(j->step, j->streams, from, n - from < HG_BLOCK ? n : from + HG_BLOCK);
}

// Vectors longer than this do not stay in a last-level cache until the next step.
#define STREAMED_BYTES ((size_t)32 << 20)

void hg_take_step(hg_scalar type, hg_rule rule, const hg_step *step, int threads) {
  step_body body = CHOOSE(bodies, type)[rule];
  size_t n = step->count, bytes = n * (type == HG_F32 ? sizeof(float) : sizeof(double));
  bool streams = bytes > STREAMED_BYTES && (uintptr_t)step->direction % 64 == 0;
  if (threads <= 1) {
    body(step, streams, 0, n);
    return;
  }
  job j = {step, body, streams};
  hg_parallel(threads, (n + HG_BLOCK - 1) / HG_BLOCK, step_part, &j);
}

double hg_take_survey(hg_scalar type, hg_survey survey, const hg_step *step, size_t part) {
  return CHOOSE(surveys, type)[survey](step, part);
}
