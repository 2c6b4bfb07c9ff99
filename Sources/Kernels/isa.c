#include "isa.h"

#include <stdlib.h>
#include <string.h>

#include "kernels.h"

static isa_kind best(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#ifdef HYPERGRADIENT_AVX512_FROM_AVX2
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return ISA_AVX512;
#endif
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

// The set of that name, or -1 where this processor lacks it.
static int named(const char *word) {
  isa_kind have = best();
  if (!strcmp(word, "plain")) return ISA_PLAIN;
  if (!strcmp(word, "avx2") && (have == ISA_AVX2 || have == ISA_AVX512)) return ISA_AVX2;
  if (!strcmp(word, "avx512") && have == ISA_AVX512) return ISA_AVX512;
  if (!strcmp(word, "neon") && have == ISA_NEON) return ISA_NEON;
  return -1;
}

static isa_kind choose(void) {
  const char *word = getenv("HYPERGRADIENT_ISA");
  int wanted = word ? named(word) : -1;
  return wanted < 0 ? best() : (isa_kind)wanted;
}

_Atomic int isa_known = -1;

isa_kind isa_choose(void) {
  isa_kind value = choose();
  atomic_store_explicit(&isa_known, (int)value, memory_order_relaxed);
  return value;
}

bool hg_use_isa(const char *name) {
  int wanted = named(name);
  if (wanted < 0) return false;
  atomic_store_explicit(&isa_known, wanted, memory_order_relaxed);
  return true;
}

const char *hg_isa_name(void) {
  switch (isa_chosen()) {
    case ISA_AVX2: return "avx2";
    case ISA_AVX512: return "avx512";
    case ISA_NEON: return "neon";
    default: return "plain";
  }
}
