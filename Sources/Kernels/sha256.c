#include "sha256.h"

#include <stdbool.h>
#include <string.h>

#include "isa.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT OFF

// FIPS 180-4, section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first
// 64 primes.
static const uint32_t k[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// Section 5.3.3: those of the square roots of the first eight.
static const uint32_t first[8] = {
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

// Section 4.1.2. Ch and Maj are written with fewer operations than there, and the same bits.
#define ROTR(x, n) ((x) >> (n) | (x) << (32 - (n)))
#define CH(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define MAJ(x, y, z) (((x) & (y)) | ((z) & ((x) | (y))))
#define SUM0(x) (ROTR(x, 2) ^ ROTR(x, 13) ^ ROTR(x, 22))
#define SUM1(x) (ROTR(x, 6) ^ ROTR(x, 11) ^ ROTR(x, 25))
#define SIGMA0(x) (ROTR(x, 7) ^ ROTR(x, 18) ^ (x) >> 3)
#define SIGMA1(x) (ROTR(x, 17) ^ ROTR(x, 19) ^ (x) >> 10)

static inline uint32_t load(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void store(uint8_t *p, uint32_t x) {
  for (int i = 0; i < 4; i++) p[i] = (uint8_t)(x >> (24 - 8 * i));
}

// Section 6.2.2. The last 16 words of the schedule stay in w, and the eight variables change their
// names in place of their values.
#define ROUND(a, b, c, d, e, f, g, h, i)                            \
  do {                                                              \
    uint32_t t1 = h + SUM1(e) + CH(e, f, g) + k[t + (i)] + w[i];    \
    d += t1;                                                        \
    h = t1 + SUM0(a) + MAJ(a, b, c);                                \
  } while (0)
#define EIGHT(i)                           \
  ROUND(a, b, c, d, e, f, g, h, (i));      \
  ROUND(h, a, b, c, d, e, f, g, (i) + 1);  \
  ROUND(g, h, a, b, c, d, e, f, (i) + 2);  \
  ROUND(f, g, h, a, b, c, d, e, (i) + 3);  \
  ROUND(e, f, g, h, a, b, c, d, (i) + 4);  \
  ROUND(d, e, f, g, h, a, b, c, (i) + 5);  \
  ROUND(c, d, e, f, g, h, a, b, (i) + 6);  \
  ROUND(b, c, d, e, f, g, h, a, (i) + 7)
#define SCHEDULE(i) \
  w[i] += SIGMA1(w[((i) + 14) & 15]) + w[((i) + 9) & 15] + SIGMA0(w[((i) + 1) & 15])

static void compress_plain(uint32_t hash[8], const uint8_t *bytes, size_t blocks) {
  for (; blocks; blocks--, bytes += 64) {
    uint32_t w[16];
    uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3];
    uint32_t e = hash[4], f = hash[5], g = hash[6], h = hash[7];
    for (int i = 0; i < 16; i++) w[i] = load(bytes + 4 * i);
    int t = 0;
    EIGHT(0);
    EIGHT(8);
    for (t = 16; t < 64; t += 16) {
      SCHEDULE(0), SCHEDULE(1), SCHEDULE(2), SCHEDULE(3);
      SCHEDULE(4), SCHEDULE(5), SCHEDULE(6), SCHEDULE(7);
      EIGHT(0);
      SCHEDULE(8), SCHEDULE(9), SCHEDULE(10), SCHEDULE(11);
      SCHEDULE(12), SCHEDULE(13), SCHEDULE(14), SCHEDULE(15);
      EIGHT(8);
    }
    hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d;
    hash[4] += e, hash[5] += f, hash[6] += g, hash[7] += h;
  }
}

#if defined(__x86_64__)

// The processor's own instructions, on ABEF and CDGH, four rounds at a time: five times as fast, and
// ten times where nothing is optimised.
__attribute__((target("sha,sse4.1"))) static void compress_sha(uint32_t hash[8],
                                                               const uint8_t *bytes,
                                                               size_t blocks) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)hash), 0xb1);
  __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(hash + 4)), 0x1b);
  __m128i abef = _mm_alignr_epi8(badc, hgfe, 8), cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);
  for (; blocks; blocks--, bytes += 64) {
    __m128i w[4], abef_before = abef, cdgh_before = cdgh;
    for (int i = 0; i < 4; i++)
      w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(bytes + 16 * i)), swap);
    for (int i = 0; i < 16; i++) {
      if (i >= 4) {
        __m128i last = w[(i + 3) & 3], between = _mm_alignr_epi8(last, w[(i + 2) & 3], 4);
        __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]), between);
        w[i & 3] = _mm_sha256msg2_epu32(sum, last);
      }
      __m128i words = _mm_add_epi32(w[i & 3], _mm_loadu_si128((const __m128i *)(k + 4 * i)));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, words);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(words, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)hash, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128((__m128i *)(hash + 4), _mm_alignr_epi8(dchg, feba, 8));
}

// Leaf 7: SHA extensions; leaf 1: SSE4.1.
static bool has_sha(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 19 & 1)) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b >> 29 & 1;
}

#endif

static void compress(uint32_t hash[8], const uint8_t *bytes, size_t blocks) {
#if defined(__x86_64__)
  // 0: not asked yet, 1: no, 2: yes.
  static _Atomic int known = 0;
  int answer = atomic_load_explicit(&known, memory_order_relaxed);
  if (!answer) {
    answer = has_sha() ? 2 : 1;
    atomic_store_explicit(&known, answer, memory_order_relaxed);
  }
  if (answer == 2 && isa_chosen() != ISA_PLAIN) {
    compress_sha(hash, bytes, blocks);
    return;
  }
#endif
  compress_plain(hash, bytes, blocks);
}

void hg_sha256_init(hg_sha256 *state) {
  memset(state, 0, sizeof *state);
  memcpy(state->hash, first, sizeof first);
}

void hg_sha256_update(hg_sha256 *state, const void *bytes, size_t count) {
  const uint8_t *p = bytes;
  size_t held = state->length % 64;
  if (count == 0) return;
  state->length += count;
  if (held) {
    size_t taken = count < 64 - held ? count : 64 - held;
    memcpy(state->block + held, p, taken);
    if (held + taken < 64) return;
    compress(state->hash, state->block, 1);
    p += taken;
    count -= taken;
  }
  compress(state->hash, p, count / 64);
  if (count % 64) memcpy(state->block, p + count / 64 * 64, count % 64);
}

// Section 5.1.1: a bit 1, as many zeros as needed, and the length in bits.
void hg_sha256_final(hg_sha256 *state, uint8_t digest[32]) {
  size_t held = state->length % 64;
  uint64_t bits = 8 * state->length;
  state->block[held++] = 0x80;
  if (held > 56) {
    memset(state->block + held, 0, 64 - held);
    compress(state->hash, state->block, 1);
    held = 0;
  }
  memset(state->block + held, 0, 56 - held);
  store(state->block + 56, (uint32_t)(bits >> 32));
  store(state->block + 60, (uint32_t)bits);
  compress(state->hash, state->block, 1);
  for (int i = 0; i < 8; i++) store(digest + 4 * i, state->hash[i]);
}
