#include <stdbool.h>
#include <stdint.h>

#include "isa.h"
#include "pool.h"
#include "vectors.h"

#pragma STDC FP_CONTRACT OFF
// Wide vectors are passed only to functions that are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline)) TARGET

// Elements from <= i < to of a step. `streams`: u is written past the caches.
typedef void (*step_body)(const hg_step *step, bool streams, size_t from, size_t to);

#define TARGET
#define T float
#define WIDTH 4
#define NAME(x) x##_f32_plain
#include "steps.inc"
#undef T
#undef WIDTH
#undef NAME
#define T double
#define WIDTH 2
#define NAME(x) x##_f64_plain
#include "steps.inc"
#undef T
#undef WIDTH
#undef NAME
#undef TARGET

#if defined(__x86_64__)

#define TARGET TARGET_AVX2
#define T float
#define WIDTH 8
#define NAME(x) x##_f32_avx2
#include "steps.inc"
#undef T
#undef WIDTH
#undef NAME
#define T double
#define WIDTH 4
#define NAME(x) x##_f64_avx2
#include "steps.inc"
#undef T
#undef WIDTH
#undef NAME
#undef TARGET

#define TARGET TARGET_AVX512
#define T float
#define WIDTH 16
#define NAME(x) x##_f32_avx512
#include "steps.inc"
#undef T
#undef WIDTH
#undef NAME
#define T double
#define WIDTH 8
#define NAME(x) x##_f64_avx512
#include "steps.inc"
#undef T
#undef WIDTH
#undef NAME
#undef TARGET

#endif

static step_body body_of(hg_scalar type, hg_rule rule) {
#if defined(__x86_64__)
  switch (isa_chosen()) {
    case ISA_AVX2: return (type == HG_F32 ? bodies_f32_avx2 : bodies_f64_avx2)[rule];
    case ISA_AVX512: return (type == HG_F32 ? bodies_f32_avx512 : bodies_f64_avx512)[rule];
    default: break;
  }
#endif
  return (type == HG_F32 ? bodies_f32_plain : bodies_f64_plain)[rule];
}

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
  step_body body = body_of(type, rule);
  size_t n = step->count, bytes = n * (type == HG_F32 ? sizeof(float) : sizeof(double));
  bool streams = bytes > STREAMED_BYTES && (uintptr_t)step->direction % 64 == 0;
  if (threads <= 1) {
    body(step, streams, 0, n);
    return;
  }
  job j = {step, body, streams};
  hg_parallel(threads, (n + HG_BLOCK - 1) / HG_BLOCK, step_part, &j);
}
