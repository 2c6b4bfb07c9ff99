#include "elementary.h"
#include "rows.h"

#pragma STDC FP_CONTRACT OFF

// Classes are few, so lanes would stay empty: rows overlap in the processor instead. Logarithms are
// taken of a batch of sums.
enum { SUMS = 64 };

#define CROSS_ENTROPY(T, KIND)                                                                    \
  static double subtract_maxima_##KIND(T *z, const int32_t *labels, size_t rows, size_t width) {  \
    double total = 0;                                                                             \
    for (size_t row = 0; row < rows; row++, z += width) {                                         \
      T largest = z[0];                                                                           \
      for (size_t j = 1; j < width; j++) largest = z[j] > largest ? z[j] : largest;               \
      for (size_t j = 0; j < width; j++) z[j] -= largest;                                         \
      total -= (double)z[labels[row]];                                                            \
    }                                                                                             \
    return total;                                                                                 \
  }                                                                                               \
  static double row_sum_##KIND(const T *e, size_t width) {                                        \
    double sum = 0;                                                                               \
    for (size_t j = 0; j < width; j++) sum += (double)e[j];                                       \
    return sum;                                                                                   \
  }                                                                                               \
  double hg_cross_entropy_##KIND(T *z, const int32_t *labels, size_t rows, size_t width) {        \
    double below = subtract_maxima_##KIND(z, labels, rows, width), total = 0, sums[SUMS];         \
    hg_exp_##KIND(z, z, rows * width);                                                            \
    for (size_t first = 0; first < rows; first += SUMS) {                                         \
      size_t count = rows - first < SUMS ? rows - first : SUMS;                                   \
      for (size_t i = 0; i < count; i++) sums[i] = row_sum_##KIND(z + (first + i) * width, width);\
      hg_log_f64(sums, sums, count);                                                              \
      for (size_t i = 0; i < count; i++) total += sums[i];                                        \
    }                                                                                             \
    return below + total;                                                                         \
  }                                                                                               \
  void hg_cross_entropy_derivative_##KIND(T *e, const int32_t *labels, size_t rows, size_t width, \
                                          double weight) {                                        \
    for (size_t row = 0; row < rows; row++, e += width) {                                         \
      T factor = (T)(weight / row_sum_##KIND(e, width));                                          \
      for (size_t j = 0; j < width; j++) e[j] *= factor;                                          \
      e[labels[row]] -= (T)weight;                                                                \
    }                                                                                             \
  }
CROSS_ENTROPY(double, f64)
CROSS_ENTROPY(float, f32)
