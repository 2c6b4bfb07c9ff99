#include "isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

static isa_kind best(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("fma"))
    return ISA_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return ISA_AVX2;
  return ISA_PLAIN;
#elif defined(__aarch64__)
  return ISA_NEON;
#else
  return ISA_PLAIN;
#endif
}

static isa_kind choose(void) {
  isa_kind have = best();
  const char *word = getenv("HYPERGRADIENT_ISA");
  if (!word) return have;
  if (!strcmp(word, "plain")) return ISA_PLAIN;
  if (!strcmp(word, "avx2") && (have == ISA_AVX2 || have == ISA_AVX512)) return ISA_AVX2;
  return have;
}

isa_kind isa_chosen(void) {
  static _Atomic int chosen = -1;
  int value = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (value < 0) {
    value = (int)choose();
    atomic_store_explicit(&chosen, value, memory_order_relaxed);
  }
  return (isa_kind)value;
}

const char *hg_isa_name(void) {
  switch (isa_chosen()) {
    case ISA_AVX2: return "avx2";
    case ISA_AVX512: return "avx512";
    case ISA_NEON: return "neon";
    default: return "plain";
  }
}
