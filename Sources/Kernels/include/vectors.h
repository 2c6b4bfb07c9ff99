// What an optimizer does with whole vectors: sums, and one step. Vectors do not overlap, but for a
// direction that may stand where its gradient stood.
#pragma once

#include <stddef.h>

typedef enum { HG_F32 = 0, HG_F64 = 1 } hg_scalar;

// Elements of a block. A sum over a vector is the sum of its blocks', in order; in a block element i
// belongs to lane i mod 16 of Double, and lanes are added pairwise: j and j + 8, then 4, 2, 1. Work is
// shared out to threads by blocks, so that their number changes no bit.
#define HG_BLOCK 16384

enum { HG_ALIGNMENT = 1, HG_GRADIENT_SQUARE = 2, HG_DIRECTION_SQUARE = 4 };

// sums = sum u*g, sum g*g, sum u*u: the wanted ones in one pass, zero for the others, with
// g + penalty * theta (rounded to the element's type) in place of g where theta is given. What is not
// needed may be NULL.
void hg_sum_products(hg_scalar type, unsigned wanted, size_t n, const void *u, const void *g,
                     const void *theta, double penalty, int threads, double sums[3]);

// The rules that have a kernel: u from g, theta and the state (a, b), with constants k.
typedef enum {
  HG_GRADIENT,    // u = g
  HG_SCALED,      // u = g k0
  HG_PENALISED,   // u = g + k0 theta
  HG_HEAVY_BALL,  // u = a = k0 a + k1 g
  HG_NESTEROV,    // a = k0 a + g                  u = g + k0 a
  HG_ADAGRAD,     // a = a + g g                   u = g / (sqrt(a) + k0)
  HG_RMSPROP,     // a = k0 a + k1 (g g)           u = g / (sqrt(a) + k2)
  HG_ADAM,        // a = k0 a + k1 g, b = k2 b + k3 (g g)
                  //                               u = (a k4) / (sqrt(b k5) + k6)
} hg_rule;

typedef struct {
  size_t count;
  const void *gradient;
  const void *parameters;  // theta, for u
  void *direction;         // u, or NULL: not kept
  void *moved;             // theta -= rate * u, or NULL: not moved
  void *state[2];
  double rate;
  const double *constants; // eight; these and the rate are rounded to the element's type
} hg_step;

void hg_take_step(hg_scalar type, hg_rule rule, const hg_step *step, int threads);

// Tells the system that long vectors will be read from end to end: fewer, larger pages. Does nothing
// where there is no such advice, or for less than a page of 2 MB.
void hg_advise_large_pages(void *base, size_t bytes);
