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

// The rules that have a fused kernel, and those with a survey that has one: their equations stand in
// rules.inc. In Swift they are cases without the prefix.
typedef enum __attribute__((enum_extensibility(closed))) : unsigned {
#define RULE(NAME, ...) hg_rule_##NAME __attribute__((swift_name(#NAME))),
#define RULE_OF_EXP RULE
#define SURVEY(...)
#include "../rules.inc"
#undef RULE
#undef RULE_OF_EXP
#undef SURVEY
} hg_rule;

typedef enum __attribute__((enum_extensibility(closed))) : unsigned {
#define RULE(...)
#define RULE_OF_EXP RULE
#define SURVEY(NAME, ...) hg_survey_##NAME __attribute__((swift_name(#NAME))),
#include "../rules.inc"
#undef RULE
#undef RULE_OF_EXP
#undef SURVEY
} hg_survey;

// How many rules and surveys there are, and the most state vectors of one.
enum {
#define RULE(...) +1
#define RULE_OF_EXP RULE
#define SURVEY(...)
  HG_RULE_COUNT = 0
#include "../rules.inc"
#undef RULE
#undef SURVEY
#define RULE(...)
#define SURVEY(...) +1
  , HG_SURVEY_COUNT = 0
#include "../rules.inc"
#undef RULE
#undef SURVEY
#define RULE(NAME, STATES, ...) char rule_##NAME[STATES + 1];
#define SURVEY(NAME, STATES, ...) char survey_##NAME[STATES + 1];
  , HG_MOST_STATES = sizeof(union {
#include "../rules.inc"
  }) - 1
#undef RULE
#undef RULE_OF_EXP
#undef SURVEY
};

// The state vectors of a rule's kernel.
static inline int hg_states_of(hg_rule rule) {
  static const unsigned char states[] = {
#define RULE(NAME, STATES, ...) STATES,
#define RULE_OF_EXP RULE
#define SURVEY(...)
#include "../rules.inc"
#undef RULE
#undef RULE_OF_EXP
#undef SURVEY
  };
  return states[rule];
}

typedef struct {
  size_t count;
  const void *gradient;
  const void *parameters;  // theta, for u
  void *direction;         // u, or NULL: not kept
  void *moved;             // theta -= rate * u, or NULL: not moved
  void *state;             // the first state vector, where the rule has any
  size_t stride;           // elements from one state vector to the next
  double rate;
  const double *constants; // eight; these and the rate are rounded to the element's type
} hg_step;

void hg_take_step(hg_scalar type, hg_rule rule, const hg_step *step, int threads);

// Advances the state and sums the survey's terms in double, cut into parts of `part` > 0 elements: the
// terms of a part in their order, then the parts in theirs. Direction, move and rate are not used.
double hg_take_survey(hg_scalar type, hg_survey survey, const hg_step *step, size_t part);

// Tells the system that long vectors will be read from end to end: fewer, larger pages. Does nothing
// where there is no such advice, or for less than a page of 2 MB.
void hg_advise_large_pages(void *base, size_t bytes);
