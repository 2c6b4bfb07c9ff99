// Loops that only move memory, as fast as plain C does it: the floor of the optimizers' steps.
#include <pthread.h>
#include <string.h>

#include "benchmark_peers.h"

// Four floats, the widest that every 64-bit processor has: these loops wait for memory.
typedef float quad __attribute__((vector_size(16)));

static inline quad load(const float *p) { return *(const quad *)p; }

static inline void store(float *p, quad v) { *(quad *)p = v; }

// Past the cache: for vectors that are only written. A line that was just read is in the cache, and
// to write it past the cache costs a hundred times as much on some processors.
static inline void stream(float *p, quad v) { __builtin_nontemporal_store(v, (quad *)p); }

static inline float total(quad v) { return (v[0] + v[1]) + (v[2] + v[3]); }

// Sixteen elements, a cache line, a turn; `s` keeps every read alive. One loop for each way to
// store: the compiler merges stores that only a condition tells apart into common ones.
#define DEFINE_LOOP(name, put)                                                                  \
  static inline __attribute__((always_inline)) float name(peer_mix mix, float *const *v,        \
                                                          size_t first, size_t end) {           \
    quad s[4] = {{0}, {0}, {0}, {0}};                                                           \
    const quad one = {1e-9f, 1e-9f, 1e-9f, 1e-9f};                                              \
    for (size_t i = first; i < end; i += 16)                                                    \
      for (size_t j = i; j < i + 16; j += 4) {                                                  \
        quad t = one;                                                                           \
        int k = 0;                                                                              \
        for (; k < mix.reads; k++) t += load(v[k] + j);                                         \
        for (int u = 0; u < mix.updates; u++, k++) store(v[k] + j, load(v[k] + j) + t);         \
        for (int w = 0; w < mix.writes; w++, k++) put(v[k] + j, t);                             \
        if (!mix.updates && !mix.writes) s[(j - i) / 4] += t;                                   \
      }                                                                                         \
    return total((s[0] + s[1]) + (s[2] + s[3]));                                                \
  }
DEFINE_LOOP(storing, store)
DEFINE_LOOP(streaming_past, stream)

#define MIXES(M) M(2, 0, 0) M(1, 1, 0) M(1, 1, 1) M(1, 3, 0) M(1, 3, 1)

bool peer_has_stream(peer_mix mix) {
#define HAS(r, u, w) \
  if (mix.reads == r && mix.updates == u && mix.writes == w) return true;
  MIXES(HAS)
  return false;
}

static float part(peer_mix mix, float *const *v, size_t first, size_t end, bool streaming) {
#define RUN(r, u, w)                                                     \
  if (mix.reads == r && mix.updates == u && mix.writes == w)             \
    return streaming ? streaming_past((peer_mix){r, u, w}, v, first, end) \
                     : storing((peer_mix){r, u, w}, v, first, end);
  MIXES(RUN)
  return 0;
}

typedef struct {
  peer_mix mix;
  float *const *vectors;
  size_t first, end;
  bool streaming;
  float sum;
} share;

static void *run_share(void *pointer) {
  share *s = pointer;
  s->sum = part(s->mix, s->vectors, s->first, s->end, s->streaming);
  return NULL;
}

enum { most_threads = 64 };

float peer_stream(peer_mix mix, float *const *vectors, size_t n, int threads, bool streaming) {
  if (threads < 1) threads = 1;
  if (threads > most_threads) threads = most_threads;
  pthread_t ids[most_threads];
  bool started[most_threads] = {false};
  share shares[most_threads];
  // Whole turns; a rest of less than 16 elements is left out.
  size_t turns = n / 16;
  for (int t = 0; t < threads; t++)
    shares[t] = (share){mix,
                        vectors,
                        turns * (size_t)t / (size_t)threads * 16,
                        turns * (size_t)(t + 1) / (size_t)threads * 16,
                        streaming,
                        0};
  for (int t = 1; t < threads; t++)
    started[t] = pthread_create(&ids[t], NULL, run_share, &shares[t]) == 0;
  float sum = 0;
  for (int t = 0; t < threads; t++) {
    if (started[t])
      pthread_join(ids[t], NULL);
    else
      run_share(&shares[t]);
    sum += shares[t].sum;
  }
  return sum;
}
