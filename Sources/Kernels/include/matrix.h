// Matrix products. Every element is one chain of fused multiply-adds over k ascending, begun at the
// old element (accumulate) or at +0.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// c[m x n] = op(a)[m x k] * op(b)[k x n], row-major, leading dimensions in elements.
void hg_matmul_f64(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k,
                   const double *a, size_t lda, const double *b, size_t ldb, double *c, size_t ldc,
                   bool accumulate);
void hg_matmul_f32(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k,
                   const float *a, size_t lda, const float *b, size_t ldb, float *c, size_t ldc,
                   bool accumulate);

// The same, shared out over up to `threads` threads where it is large enough: the same bits.
void hg_matmul_threads_f64(int threads, bool transpose_a, bool transpose_b, size_t m, size_t n,
                           size_t k, const double *a, size_t lda, const double *b, size_t ldb,
                           double *c, size_t ldc, bool accumulate);
void hg_matmul_threads_f32(int threads, bool transpose_a, bool transpose_b, size_t m, size_t n,
                           size_t k, const float *a, size_t lda, const float *b, size_t ldb,
                           float *c, size_t ldc, bool accumulate);
