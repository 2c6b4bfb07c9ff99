// The loops of runs that advance together. `lanes` runs lie interleaved: element i of run r stands at
// x[i * lanes + r]; `lanes` is a multiple of 8. Every run gets the bits that it gets alone.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// out[r] = sum over i of a[i][r] b[i][r] in double: blocks of 16384 elements, element i of a block
// added to partial sum i mod 16, the partial sums folded by halves, the blocks added in order.
void hg_lanes_dot_f64(double *out, const double *a, const double *b, size_t count, size_t lanes);
void hg_lanes_dot_f32(double *out, const float *a, const float *b, size_t count, size_t lanes);
// The same with b[i] shared by all runs, and of a alone.
void hg_lanes_dot_shared_f64(double *out, const double *a, const double *b, size_t count,
                             size_t lanes);
void hg_lanes_sum_f64(double *out, const double *a, size_t count, size_t lanes);
void hg_lanes_sum_f32(double *out, const float *a, size_t count, size_t lanes);

// out[i][r] = such a sum of row i of a, which is rows x columns, rounded to the type.
void hg_lanes_row_sums_f64(double *out, const double *a, size_t rows, size_t columns,
                           size_t lanes);
void hg_lanes_row_sums_f32(float *out, const float *a, size_t rows, size_t columns, size_t lanes);

// theta[i][r] -= rates[r] u[i][r], the product rounded.
void hg_lanes_move_f64(double *theta, const double *rates, const double *u, size_t count,
                       size_t lanes);
void hg_lanes_move_f32(float *theta, const float *rates, const float *u, size_t count, size_t lanes);

// out[r] = sum over i, in order, of (x[i][r] - y[i])^2 in double.
void hg_lanes_distance_f64(double *out, const double *x, const double *y, size_t count,
                           size_t lanes);
void hg_lanes_distance_f32(double *out, const float *x, const float *y, size_t count, size_t lanes);

// out[i][r] = x[i][r] - y[i], x[i][r] + y[i], x[i][r] y[i]; out may be x.
void hg_lanes_subtract_f64(double *out, const double *x, const double *y, size_t count,
                           size_t lanes);
void hg_lanes_subtract_f32(float *out, const float *x, const float *y, size_t count, size_t lanes);
void hg_lanes_add_f64(double *out, const double *x, const double *y, size_t count, size_t lanes);
void hg_lanes_add_f32(float *out, const float *x, const float *y, size_t count, size_t lanes);
void hg_lanes_multiply_f64(double *out, const double *x, const double *y, size_t count,
                           size_t lanes);
void hg_lanes_multiply_f32(float *out, const float *x, const float *y, size_t count, size_t lanes);

// A diagonal quadratic: with o = x[i][r] - y[i], gradient[i][r] = curvatures[i] o + noise[i] and
// losses[r] = sum over i of o (curvatures[i] o / 2 + noise[i]), summed like a dot; losses and noise
// may be NULL.
void hg_lanes_diagonal_f64(double *losses, double *gradient, const double *x, const double *y,
                           const double *curvatures, const double *noise, size_t count,
                           size_t lanes);
void hg_lanes_diagonal_f32(double *losses, float *gradient, const float *x, const float *y,
                           const float *curvatures, const float *noise, size_t count,
                           size_t lanes);

// A move and what follows it, in one pass: theta[i][r] -= rates[r] u[i][r], the gradient there, and
// alignments[r] = sum over i of u[i][r] gradient[i][r] like a dot.
void hg_lanes_diagonal_step_f64(double *alignments, double *theta, double *gradient,
                                const double *rates, const double *u, const double *y,
                                const double *curvatures, const double *noise, size_t count,
                                size_t lanes);
void hg_lanes_diagonal_step_f32(double *alignments, float *theta, float *gradient,
                                const float *rates, const float *u, const float *y,
                                const float *curvatures, const float *noise, size_t count,
                                size_t lanes);

// c[m x n] = start[m x n] + a[m x k] b[k x n], a product a run: element (i, p) of run r stands at
// a[(i * a_row + p * a_column) * lanes + r], so in start (nothing where it is NULL; c, or a column
// for all with start_column 0), c's rows are c_row elements apart, and b is like a or, if it is
// shared, b[p * b_row + j * b_column] for all runs. Each element is one chain of fused
// multiply-adds over k ascending, begun at the one in start or at +0.
void hg_lanes_matmul_f64(size_t lanes, size_t m, size_t n, size_t k, const double *a, size_t a_row,
                         size_t a_column, const double *b, size_t b_row, size_t b_column,
                         bool shared, double *c, size_t c_row, const double *start,
                         size_t start_row, size_t start_column);
void hg_lanes_matmul_f32(size_t lanes, size_t m, size_t n, size_t k, const float *a, size_t a_row,
                         size_t a_column, const float *b, size_t b_row, size_t b_column,
                         bool shared, float *c, size_t c_row, const float *start,
                         size_t start_row, size_t start_column);
