#include "matrix.h"

#pragma STDC FP_CONTRACT OFF

#define PRODUCT(NAME, T)                                                                        \
  void NAME(bool ta, bool tb, size_t m, size_t n, size_t k, const T *a, size_t lda, const T *b, \
            size_t ldb, T *c, size_t ldc, bool accumulate) {                                    \
    for (size_t i = 0; i < m; i++)                                                              \
      for (size_t j = 0; j < n; j++) {                                                          \
        T sum = accumulate ? c[i * ldc + j] : 0;                                                \
        for (size_t p = 0; p < k; p++)                                                          \
          sum = __builtin_elementwise_fma(ta ? a[p * lda + i] : a[i * lda + p],                 \
                                          tb ? b[j * ldb + p] : b[p * ldb + j], sum);           \
        c[i * ldc + j] = sum;                                                                   \
      }                                                                                         \
  }

PRODUCT(hg_matmul_f64, double)
PRODUCT(hg_matmul_f32, float)
