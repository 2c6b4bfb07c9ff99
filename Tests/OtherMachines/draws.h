// What the feeders draw and digest. All of it follows from integers alone, so every machine draws
// the same.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Drawn for some kernels only.
#define UNUSED __attribute__((unused))

typedef struct {
  const char *name;
  void (*call)(void);
} feeder;

static uint64_t drawn, digest, changed;
static bool special;  // zeros, subnormals, infinities and NaN among the numbers of this call
static size_t sizes[8], sizes_given, longest, smallest, runs, space;

static void begin(const char *name, uint64_t call) {
  drawn = 0x9e3779b97f4a7c15u * (call + 1);
  for (; *name; name++) drawn = (drawn ^ (unsigned char)*name) * 0x100000001b3u;
}

// SplitMix64.
static uint64_t draw(void) {
  uint64_t z = drawn += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

static size_t below(size_t bound) { return draw() % bound; }

static void absorb_integer(uint64_t value) {
  digest = (digest ^ value) * 0x9e3779b97f4a7c15u;
  digest ^= digest >> 32;
}

// The sign and payload of a NaN are no one's promise: processors differ in them.
static uint64_t double_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return x != x ? 0x7ff8000000000000u : bits;
}
static uint64_t float_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return x != x ? 0x7fc00000u : bits;
}
UNUSED static void absorb_double(double x) {
  absorb_integer(double_bits(x));
  changed++;
}
UNUSED static void absorb_float(float x) {
  absorb_integer(float_bits(x));
  changed++;
}

// Sizes about every multiple of a vector or tile, some of them long; products of at most a limit.
static void draw_sizes(size_t count, bool has_runs) {
  static const size_t lone[] = {16383, 16384, 16385, 33000, 4096, 1000, 70001, 100};
  static const size_t side[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,  12,  13, 15, 16,
                                17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 64, 65, 100, 128, 257, 300};
  sizes_given = 0;
  runs = has_runs ? 8 << below(2) : 1;
  special = below(4) == 0;
  memset(sizes, 0, sizeof sizes);
  size_t product;
  do {
    product = 1;
    for (size_t i = 0; i < count; i++) {
      if (count == 1) sizes[i] = below(6) == 0 ? lone[below(8)] : below(120);
      else sizes[i] = side[below(8) == 0 ? 24 + below(8) : below(24)];
      product *= sizes[i] + 1;
    }
  } while (product > (has_runs ? 40000 : 100000));
  longest = smallest = sizes[0];
  for (size_t i = 1; i < count; i++) {
    if (sizes[i] > longest) longest = sizes[i];
    if (sizes[i] < smallest) smallest = sizes[i];
  }
  // Rows of the longest side and more, whatever the order of the sizes.
  space = (count == 1 ? longest + 8 : (longest + 3) * (longest + 3) + 8) * runs;
}
static size_t draw_size(void) { return sizes[sizes_given++]; }
static size_t draw_stride(void) { return longest + below(3); }
// By rows or by columns.
UNUSED static void maybe_swap(size_t *row, size_t *column) {
  if (below(2) == 0) return;
  size_t other = *row;
  *row = *column;
  *column = other;
}

static double draw_double(void) { return ((double)(draw() >> 12) + 0.5) * 0x1p-52; }
static float draw_float(void) { return ((float)(draw() >> 42) + 0.5f) * 0x1p-22f; }
static bool draw_bool(void) { return draw() & 1; }
UNUSED static int draw_int(void) { return 1 + (int)below(2); }

static double one_double(void) {
  if (special && below(40) == 0) {
    static const double values[] = {0, -0.0, 0x1p-1074, -0x1.8p-1030, 0x1p-1022, 0x1.fp1023, -1, 1};
    size_t which = below(11);
    return which < 8 ? values[which] : which == 8 ? __builtin_inf() : which == 9 ? -__builtin_inf()
                                                                                : __builtin_nan("");
  }
  double scale = below(8) == 0 ? 0x1p9 : 0x1p1;
  return (draw_double() - 0.5) * scale;
}
static float one_float(void) {
  if (special && below(40) == 0) {
    static const float values[] = {0, -0.0f, 0x1p-149f, -0x1.8p-130f, 0x1p-126f, 0x1.fp127f, -1, 1};
    size_t which = below(11);
    return which < 8    ? values[which]
           : which == 8 ? __builtin_inff()
           : which == 9 ? -__builtin_inff()
                        : __builtin_nanf("");
  }
  float scale = below(8) == 0 ? 0x1p7f : 0x1p1f;
  return (draw_float() - 0.5f) * scale;
}

// An array that a call may have written to, with what it held before.
typedef struct {
  char *block;
  void *data, *before;
  size_t count, size;
  bool written, is_double, is_float;
} array;
static array arrays[32];
static size_t array_count;

static array *another(size_t size, bool written) {
  if (array_count == 32) abort();
  array *it = &arrays[array_count++];
  size_t count = space;
  // Any alignment that an element may have.
  size_t shift = below(5) * size;
  it->block = malloc(count * size + shift);
  it->data = it->block + shift;
  it->before = 0;
  it->count = count;
  it->size = size;
  it->written = written;
  it->is_double = it->is_float = false;
  return it;
}
static void remember(array *it) {
  if (!it->written) return;
  it->before = malloc(it->count * it->size);
  memcpy(it->before, it->data, it->count * it->size);
}

static double *draw_doubles(bool written) {
  array *it = another(sizeof(double), written);
  for (size_t i = 0; i < it->count; i++) ((double *)it->data)[i] = one_double();
  it->is_double = true;
  remember(it);
  return it->data;
}
static float *draw_floats(bool written) {
  array *it = another(sizeof(float), written);
  for (size_t i = 0; i < it->count; i++) ((float *)it->data)[i] = one_float();
  it->is_float = true;
  remember(it);
  return it->data;
}
// Places and labels: below the smallest side, so that they lie inside whatever they index.
#define DRAW_INTEGERS(T)                                                        \
  UNUSED static T *draw_##T##s(bool written) {                 \
    array *it = another(sizeof(T), written);                                    \
    size_t bound = smallest > 1 ? (smallest < 100 ? smallest : 100) : 1;        \
    for (size_t i = 0; i < it->count; i++) ((T *)it->data)[i] = (T)below(bound); \
    remember(it);                                                               \
    return it->data;                                                            \
  }                                                                             \
  UNUSED static T draw_##T(void) { return (T)draw(); }
DRAW_INTEGERS(uint8_t)
DRAW_INTEGERS(int32_t)
DRAW_INTEGERS(uint32_t)
DRAW_INTEGERS(int64_t)
DRAW_INTEGERS(uint64_t)
DRAW_INTEGERS(size_t)

static uint64_t bits_of(const array *it, const void *data, size_t i) {
  if (it->is_double) return double_bits(((const double *)data)[i]);
  if (it->is_float) return float_bits(((const float *)data)[i]);
  uint64_t bits = 0;
  memcpy(&bits, (const char *)data + i * it->size, it->size);
  return bits;
}

// Digests what was written, counts what changed, and frees all.
static void end(void) {
  for (size_t a = 0; a < array_count; a++) {
    array *it = &arrays[a];
    for (size_t i = 0; it->written && i < it->count; i++) {
      uint64_t bits = bits_of(it, it->data, i);
      absorb_integer(bits);
      changed += bits != bits_of(it, it->before, i);
    }
    free(it->before);
    free(it->block);
  }
  array_count = 0;
}
