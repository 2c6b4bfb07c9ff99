// Elementary functions over arrays, with the bits of PortableMath's scalar ones. In place allowed.
#pragma once

#include <stddef.h>

void hg_exp_f64(double *y, const double *x, size_t n);
void hg_log_f64(double *y, const double *x, size_t n);
void hg_log1p_f64(double *y, const double *x, size_t n);
void hg_tanh_f64(double *y, const double *x, size_t n);
void hg_exp_f32(float *y, const float *x, size_t n);
void hg_log_f32(float *y, const float *x, size_t n);
void hg_tanh_f32(float *y, const float *x, size_t n);

// e^(factor x), the product rounded to double; y and x apart.
void hg_exp_scaled_f64(double *y, const double *x, double factor, size_t n);
void hg_exp_scaled_f32(float *y, const float *x, double factor, size_t n);

// errors *= 1 - y^2, the derivative of tanh where it gave y.
void hg_tanh_backward_f64(double *errors, const double *y, size_t n);
void hg_tanh_backward_f32(float *errors, const float *y, size_t n);

// Replaces each margin m by the slope of log(1 + e^-m), and writes that loss. Both come from
// s = e^-|m|, so nothing overflows: the loss is log1p(s), and log1p(s) - m below 0; the slope is
// -s/(1 + s), and -1/(1 + s) below 0. The two arrays do not overlap.
void hg_logistic_f64(double *losses, double *margins, size_t n);
// The Double ones, rounded.
void hg_logistic_f32(float *losses, float *margins, size_t n);
