// Loops over the rows of a layer's values, row-major without gaps. Those that take `threads` are
// shared out over so many where they are large enough; no bit depends on it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Every row becomes `bias`.
void hg_fill_rows_f64(int threads, double *values, const double *bias, size_t rows, size_t width);
void hg_fill_rows_f32(int threads, float *values, const float *bias, size_t rows, size_t width);

// x = 0 where x <= 0; NaN stays.
void hg_rectify_f64(int threads, double *values, size_t count);
void hg_rectify_f32(int threads, float *values, size_t count);

// layer = layer <= 0 ? 0 : outputs.
void hg_rectifier_derivative_f64(int threads, double *layer, const double *outputs, size_t count);
void hg_rectifier_derivative_f32(int threads, float *layer, const float *outputs, size_t count);

// sum[j] (+)= the values of column j, in the order of the rows.
void hg_column_sums_f64(int threads, const double *values, size_t rows, size_t width, double *sum,
                        bool accumulate);
void hg_column_sums_f32(int threads, const float *values, size_t rows, size_t width, float *sum,
                        bool accumulate);

// Rows of `table` at `indices`, one after the other.
void hg_gather_rows_f64(int threads, double *out, const double *table, const int32_t *indices,
                        size_t rows, size_t width);
void hg_gather_rows_f32(int threads, float *out, const float *table, const int32_t *indices,
                        size_t rows, size_t width);

// The sum over rows of -log softmax(z)_label; z becomes exp(z - max z). Sums are in double, first
// of (max z - z_label) over rows, then of the logarithms.
double hg_cross_entropy_f64(double *z, const int32_t *labels, size_t rows, size_t width);
double hg_cross_entropy_f32(float *z, const int32_t *labels, size_t rows, size_t width);

// From those exponentials to (softmax - indicator of the label) * weight.
void hg_cross_entropy_derivative_f64(double *exponentials, const int32_t *labels, size_t rows,
                                     size_t width, double weight);
void hg_cross_entropy_derivative_f32(float *exponentials, const int32_t *labels, size_t rows,
                                     size_t width, double weight);
