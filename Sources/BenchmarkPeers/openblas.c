// OpenBLAS, if the machine has it: the package does not link it.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "benchmark_peers.h"

// Row-major; not transposed, transposed: the interface's numbers.
enum { row_major = 101, plain = 111, transposed = 112 };

#define SGEMM(name, integer)                                                                    \
  typedef void (*name)(int, int, int, integer m, integer n, integer k, float alpha,             \
                       const float *a, integer lda, const float *b, integer ldb, float beta,    \
                       float *c, integer ldc);
SGEMM(sgemm_32, int32_t)
SGEMM(sgemm_64, int64_t)

struct peer_openblas {
  // One of the two, by the library's integers.
  sgemm_32 narrow;
  sgemm_64 wide;
  void (*set_threads)(int);
  char title[64];
};

// The symbol of that name; the libraries that come with NumPy have names of their own.
static void *symbol(void *library, const char *name, bool wide) {
  char full[64];
  snprintf(full, sizeof full, wide ? "scipy_%s64_" : "%s", name);
  return dlsym(library, full);
}

peer_openblas *peer_openblas_load(const char *name) {
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) return NULL;
  peer_openblas *blas = calloc(1, sizeof *blas);
  if (!blas) return NULL;
  blas->narrow = (sgemm_32)symbol(library, "cblas_sgemm", false);
  bool wide = !blas->narrow;
  if (wide) blas->wide = (sgemm_64)symbol(library, "cblas_sgemm", true);
  blas->set_threads = (void (*)(int))symbol(library, "openblas_set_num_threads", wide);
  char *(*config)(void) = (char *(*)(void))symbol(library, "openblas_get_config", wide);
  char *(*core)(void) = (char *(*)(void))symbol(library, "openblas_get_corename", wide);
  if ((!blas->narrow && !blas->wide) || !blas->set_threads || !config || !core) {
    free(blas);
    return NULL;
  }
  // "OpenBLAS 0.3.30 DYNAMIC_ARCH …"
  char version[24] = "";
  sscanf(config(), "OpenBLAS %23s", version);
  snprintf(blas->title, sizeof blas->title, "%s %s", version, core());
  return blas;
}

const char *peer_openblas_title(const peer_openblas *blas) { return blas->title; }

void peer_openblas_set_threads(const peer_openblas *blas, int threads) {
  blas->set_threads(threads);
}

void peer_openblas_sgemm(const peer_openblas *blas, size_t count, bool transpose_a,
                         bool transpose_b, size_t m, size_t n, size_t k, const float *a,
                         const float *b, float *c) {
  int how_a = transpose_a ? transposed : plain, how_b = transpose_b ? transposed : plain;
  size_t lda = transpose_a ? m : k, ldb = transpose_b ? k : n;
  for (size_t i = 0; i < count; i++) {
    if (blas->narrow)
      blas->narrow(row_major, how_a, how_b, (int32_t)m, (int32_t)n, (int32_t)k, 1, a,
                   (int32_t)lda, b, (int32_t)ldb, 0, c, (int32_t)n);
    else
      blas->wide(row_major, how_a, how_b, (int64_t)m, (int64_t)n, (int64_t)k, 1, a, (int64_t)lda,
                 b, (int64_t)ldb, 0, c, (int64_t)n);
  }
}
