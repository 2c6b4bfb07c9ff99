// What `hypergrad bench` measures the package against and is itself no part of it: the C library's
// elementary functions, and plain loops that only move memory.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// y[i] = f(x[i]), one call of the C library's scalar function an element.
void peer_libm_exp(double *y, const double *x, size_t n);
void peer_libm_log(double *y, const double *x, size_t n);
void peer_libm_tanh(double *y, const double *x, size_t n);

// The C library's name and version, such as "glibc 2.39".
const char *peer_libc_name(void);

// One pass over vectors of floats that does next to no arithmetic: `reads` vectors are only read,
// `updates` are read and written in place, `writes` are only written.
typedef struct {
  int reads, updates, writes;
} peer_mix;

// Whether `peer_stream` has a loop of this mix.
bool peer_has_stream(peer_mix mix);

// Runs the loop of a mix over n elements shared out to threads. `vectors` holds the read, the
// updated and the written vectors in this order, each 64-byte aligned. With `streaming`, vectors
// that are only written are written past the cache. Returns a number that depends on all that was read.
float peer_stream(peer_mix mix, float *const *vectors, size_t n, int threads, bool streaming);

// OpenBLAS, loaded from a file or by a name that the system finds; null where it can't be. Its choice
// of kernels is made while it is loaded, from OPENBLAS_CORETYPE in the environment.
typedef struct peer_openblas peer_openblas;
peer_openblas *peer_openblas_load(const char *library);
// The version and the processor whose kernels it took, such as "0.3.30 Zen".
const char *peer_openblas_title(const peer_openblas *blas);
void peer_openblas_set_threads(const peer_openblas *blas, int threads);
// c[m x n] = op(a) * op(b), `count` times; row-major, without gaps.
void peer_openblas_sgemm(const peer_openblas *blas, size_t count, bool transpose_a,
                         bool transpose_b, size_t m, size_t n, size_t k, const float *a,
                         const float *b, float *c);

#ifdef __cplusplus
}
#endif
