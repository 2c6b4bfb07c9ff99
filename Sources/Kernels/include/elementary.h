// Elementary functions over arrays, with the bits of PortableMath's scalar ones. In place allowed.
#pragma once

#include <stddef.h>

void hg_exp_f64(double *y, const double *x, size_t n);
void hg_log_f64(double *y, const double *x, size_t n);
void hg_log1p_f64(double *y, const double *x, size_t n);
void hg_tanh_f64(double *y, const double *x, size_t n);
void hg_exp_f32(float *y, const float *x, size_t n);
void hg_log_f32(float *y, const float *x, size_t n);
