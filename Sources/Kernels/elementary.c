#include "elementary.h"
#include <math.h>
void hg_exp_f64(double *y, const double *x, size_t n) { for (size_t i = 0; i < n; i++) y[i] = exp(x[i]); }
void hg_log_f64(double *y, const double *x, size_t n) { for (size_t i = 0; i < n; i++) y[i] = log(x[i]); }
void hg_log1p_f64(double *y, const double *x, size_t n) { for (size_t i = 0; i < n; i++) y[i] = log1p(x[i]); }
void hg_tanh_f64(double *y, const double *x, size_t n) { for (size_t i = 0; i < n; i++) y[i] = tanh(x[i]); }
void hg_exp_f32(float *y, const float *x, size_t n) { for (size_t i = 0; i < n; i++) y[i] = (float)exp(x[i]); }
void hg_log_f32(float *y, const float *x, size_t n) { for (size_t i = 0; i < n; i++) y[i] = (float)log(x[i]); }
