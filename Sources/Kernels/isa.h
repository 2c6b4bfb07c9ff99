// Which instruction set the kernels run on, chosen once. Each kernel's body stands in an .inc file
// that is compiled for every set, with the same bits from each.
#pragma once

#include <stdatomic.h>

typedef enum { ISA_PLAIN = 0, ISA_AVX2 = 1, ISA_AVX512 = 2, ISA_NEON = 3 } isa_kind;

// The set in use; negative before the first question.
extern _Atomic int isa_known;
isa_kind isa_choose(void);

// The best set that this processor has; HYPERGRADIENT_ISA=plain|avx2|avx512|neon overrides it where
// the processor has what it names.
static inline isa_kind isa_chosen(void) {
  int value = atomic_load_explicit(&isa_known, memory_order_relaxed);
  return __builtin_expect(value < 0, 0) ? isa_choose() : (isa_kind)value;
}

#if defined(__x86_64__)
#define TARGET_AVX2 __attribute__((target("avx2,fma")))
#ifdef HYPERGRADIENT_AVX512_FROM_AVX2
// For checks: the AVX-512 bodies, lanes and tiles as they are, from AVX2's instructions, so that
// their logic is tested on processors without AVX-512.
#define TARGET_AVX512 TARGET_AVX2
#else
#define TARGET_AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")))
#endif
#endif
