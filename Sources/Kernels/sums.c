#include <stdbool.h>

#include "isa.h"
#include "pool.h"
#include "vectors.h"

#if defined(__x86_64__)
#include <immintrin.h>
typedef __m256i vector256;
#endif

#pragma STDC FP_CONTRACT OFF
// Wide vectors are passed only to functions that are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline)) TARGET

// Sixteen lanes, in as many registers as the set needs.
typedef double lanes __attribute__((ext_vector_type(16)));
typedef double lanes8 __attribute__((ext_vector_type(8)));
typedef double lanes4 __attribute__((ext_vector_type(4)));

#define ADD_ROUNDED(sum, x, y) ((sum) + (x) * (y))
// The product of two Floats is exact in Double, so that fusing it changes no bit.
#define ADD_EXACT(sum, x, y) __builtin_elementwise_fma(x, y, sum)
#define FOLD(x)                                                    \
  ({                                                               \
    lanes8 eight_ = (x).lo + (x).hi;                               \
    lanes4 four_ = eight_.lo + eight_.hi;                          \
    (four_[0] + four_[2]) + (four_[1] + four_[3]);                 \
  })

#define TARGET
#define T float
#define NAME(x) x##_f32_plain
#define ADD_PRODUCT ADD_ROUNDED
#include "sums.inc"
#undef T
#undef NAME
#undef ADD_PRODUCT
#define T double
#define NAME(x) x##_f64_plain
#define ADD_PRODUCT ADD_ROUNDED
#include "sums.inc"
#undef T
#undef NAME
#undef ADD_PRODUCT
#undef TARGET

#if defined(__x86_64__)

static const int tail_mask[64] = {
  -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
  -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};
// Part p of a tail: words of 32 bits below `count` elements. A masked load does not fault.
#define LOAD_TAIL(x, p, count)                                              \
  _mm256_maskload_epi32(                                                    \
      (const int *)(x) + 8 * (p),                                           \
      _mm256_loadu_si256(                                                   \
          (const __m256i *)(tail_mask + 32 - (count) * (sizeof(*(x)) / 4) + 8 * (p))))

#define TARGET TARGET_AVX2
#define T float
#define NAME(x) x##_f32_avx2
#define ADD_PRODUCT ADD_EXACT
#include "sums.inc"
#undef T
#undef NAME
#undef ADD_PRODUCT
#define T double
#define NAME(x) x##_f64_avx2
#define ADD_PRODUCT ADD_ROUNDED
#include "sums.inc"
#undef T
#undef NAME
#undef ADD_PRODUCT
#undef TARGET

#define TARGET TARGET_AVX512
#define T float
#define NAME(x) x##_f32_avx512
#define ADD_PRODUCT ADD_EXACT
#include "sums.inc"
#undef T
#undef NAME
#undef ADD_PRODUCT
#define T double
#define NAME(x) x##_f64_avx512
#define ADD_PRODUCT ADD_ROUNDED
#include "sums.inc"
#undef T
#undef NAME
#undef ADD_PRODUCT
#undef TARGET

#endif

// Sums over one block; the penalty is rounded to the element's type.
typedef void (*block_body)(unsigned wanted, size_t n, const void *u, const void *g,
                           const void *theta, double penalty, double *out);

static block_body body_of(hg_scalar type) {
#if defined(__x86_64__)
  switch (isa_chosen()) {
    case ISA_AVX2: return type == HG_F32 ? block_f32_avx2 : block_f64_avx2;
    case ISA_AVX512: return type == HG_F32 ? block_f32_avx512 : block_f64_avx512;
    default: break;
  }
#endif
  return type == HG_F32 ? block_f32_plain : block_f64_plain;
}

typedef struct {
  block_body body;
  unsigned wanted;
  size_t n, size, first;
  const char *u, *g, *theta;
  double penalty;
  double (*out)[3];
} job;

static inline const void *at(const char *x, size_t offset) { return x ? x + offset : x; }

static void sum_part(void *context, size_t part) {
  const job *j = context;
  size_t from = (j->first + part) * HG_BLOCK, n = j->n - from;
  size_t offset = from * j->size;
  j->body(j->wanted, n < HG_BLOCK ? n : HG_BLOCK, at(j->u, offset), at(j->g, offset),
          at(j->theta, offset), j->penalty, j->out[part]);
}

// Apart, so that one block pays for no large frame.
static __attribute__((noinline)) void sum_blocks(job *j, int threads, double total[3]) {
  enum { GROUP = 256 };
  double out[GROUP][3];
  size_t blocks = (j->n + HG_BLOCK - 1) / HG_BLOCK;
  j->out = out;
  for (; j->first < blocks; j->first += GROUP) {
    size_t count = blocks - j->first < GROUP ? blocks - j->first : GROUP;
    hg_parallel(threads, count, sum_part, j);
    for (size_t b = 0; b < count; b++)
      for (int k = 0; k < 3; k++) total[k] += j->wanted >> k & 1 ? out[b][k] : 0;
  }
}

void hg_sum_products(hg_scalar type, unsigned wanted, size_t n, const void *u, const void *g,
                     const void *theta, double penalty, int threads, double sums[3]) {
  block_body body = body_of(type);
  sums[0] = 0;
  sums[1] = 0;
  sums[2] = 0;
  if (n <= HG_BLOCK) {
    body(wanted, n, u, g, theta, penalty, sums);
    return;
  }
  job j = {.body = body, .wanted = wanted, .n = n, .u = u, .g = g, .theta = theta,
           .penalty = penalty, .size = type == HG_F32 ? sizeof(float) : sizeof(double)};
  sum_blocks(&j, threads, sums);
}
