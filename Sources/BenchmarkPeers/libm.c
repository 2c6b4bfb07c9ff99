// The peers of the elementary functions. The only file of the package that calls the C library's
// mathematics: its results are timed and thrown away.
#include <math.h>
#include <stdio.h>

#include "benchmark_peers.h"

#define LOOP(name)                                                   \
  void peer_libm_##name(double *y, const double *x, size_t n) {      \
    for (size_t i = 0; i < n; i++) y[i] = name(x[i]);                \
  }

LOOP(exp)
LOOP(log)
LOOP(tanh)

#if defined(__GLIBC__)
#include <gnu/libc-version.h>
const char *peer_libc_name(void) {
  static char name[64];
  snprintf(name, sizeof name, "glibc %s", gnu_get_libc_version());
  return name;
}
#else
const char *peer_libc_name(void) { return "the C library"; }
#endif
