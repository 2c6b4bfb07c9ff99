// Feeders of kernels whose arguments are in a structure or of either type.
#pragma once

#include "draws.h"
#include "sha256.h"
#include "vectors.h"

static void *draw_vector(hg_scalar type, bool written) {
  if (type == HG_F32) return draw_floats(written);
  return draw_doubles(written);
}

// State vectors, `stride` apart; squares in some of them: what roots are taken of.
static void *draw_states(hg_scalar type, size_t stride) {
  space = HG_MOST_STATES * stride;
  void *data = draw_vector(type, true);
  array *it = &arrays[array_count - 1];
  for (size_t j = 0; j < HG_MOST_STATES; j++) {
    if (below(2)) continue;
    for (size_t i = j * stride; i < (j + 1) * stride; i++) {
      if (type == HG_F32) ((float *)data)[i] *= ((float *)data)[i];
      else ((double *)data)[i] *= ((double *)data)[i];
    }
  }
  memcpy(it->before, data, it->count * it->size);
  return data;
}

static void feed_hg_sum_products(void) {
  draw_sizes(1, false);
  size_t n = draw_size();
  hg_scalar type = below(2) ? HG_F64 : HG_F32;
  unsigned wanted = 1 + (unsigned)below(7);
  void *u = draw_vector(type, false), *g = draw_vector(type, false);
  void *theta = below(2) ? draw_vector(type, false) : 0;
  double penalty = draw_double();
  double sums[3];
  hg_sum_products(type, wanted, n, u, g, theta, penalty, draw_int(), sums);
  for (size_t i = 0; i < 3; i++) absorb_double(sums[i]);
}

static void feed_hg_take_step(void) {
  draw_sizes(1, false);
  hg_scalar type = below(2) ? HG_F64 : HG_F32;
  hg_rule rule = (hg_rule)below(HG_RULE_COUNT);
  double constants[8];
  hg_step step = {.count = draw_size(), .rate = draw_double(), .constants = constants};
  size_t kept = below(3);  // the direction, the move, both
  step.gradient = draw_vector(type, false);
  step.direction = kept != 1 ? draw_vector(type, true) : 0;
  step.moved = kept != 0 ? draw_vector(type, true) : 0;
  step.parameters = step.moved ? step.moved : draw_vector(type, false);
  step.stride = longest + below(9);
  step.state = draw_states(type, step.stride);
  for (size_t i = 0; i < 8; i++) constants[i] = draw_double();
  hg_take_step(type, rule, &step, draw_int());
}

static void feed_hg_take_survey(void) {
  static const size_t parts[] = {4096, 256, 128, 100};
  draw_sizes(1, false);
  hg_scalar type = below(2) ? HG_F64 : HG_F32;
  hg_survey survey = (hg_survey)below(HG_SURVEY_COUNT);
  double constants[8];
  hg_step step = {.count = draw_size(), .constants = constants};
  step.gradient = draw_vector(type, false);
  step.stride = longest + below(9);
  step.state = draw_states(type, step.stride);
  for (size_t i = 0; i < 8; i++) constants[i] = draw_double();
  absorb_double(hg_take_survey(type, survey, &step, parts[below(4)]));
}

// A message in pieces.
static void feed_hg_sha256(void) {
  draw_sizes(1, false);
  size_t left = 8 * draw_size();
  const double *message = draw_doubles(false);
  const uint8_t *bytes = (const uint8_t *)message;
  hg_sha256 state;
  hg_sha256_init(&state);
  while (left) {
    size_t piece = 1 + below(left < 300 ? left : 300);
    hg_sha256_update(&state, bytes, piece);
    bytes += piece;
    left -= piece;
  }
  uint8_t digest[32];
  hg_sha256_final(&state, digest);
  for (size_t i = 0; i < 32; i++) absorb_integer(digest[i]);
  changed += 32;
}

#define FEEDERS_BY_HAND                           \
  {"hg_sum_products", feed_hg_sum_products},      \
  {"hg_take_step", feed_hg_take_step},            \
  {"hg_take_survey", feed_hg_take_survey},        \
  {"hg_sha256", feed_hg_sha256},
