#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

// A job is published like a seqlock: `ticket` holds its number and the next part that nobody has
// taken. A thread reads the ticket, then the job, and takes a part by exchanging the ticket it read:
// where that succeeds the job can't have changed in between, since numbers do not come back.
enum { PART_BITS = 32, MOST_WORKERS = 63, SPINS = 2000 };
#define PART_MASK ((UINT64_C(1) << PART_BITS) - 1)
#define NO_PARTS PART_MASK

typedef void (*part_body)(void *context, size_t part);

static _Atomic uint64_t ticket = NO_PARTS;
static _Atomic(part_body) job_body;
static _Atomic(void *) job_context;
static _Atomic uint64_t job_parts;
static _Atomic int job_workers;
static _Atomic uint64_t parts_done;

static atomic_flag taken = ATOMIC_FLAG_INIT;
static int workers;  // made so far; only the thread that has the pool looks

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t published = PTHREAD_COND_INITIALIZER;
static _Atomic int sleepers;

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Does parts of the job that the ticket `seen` belongs to until none is left.
static void work(uint64_t seen, int index) {
  uint64_t number = seen >> PART_BITS;
  for (;;) {
    part_body body = atomic_load_explicit(&job_body, memory_order_relaxed);
    void *context = atomic_load_explicit(&job_context, memory_order_relaxed);
    uint64_t parts = atomic_load_explicit(&job_parts, memory_order_relaxed);
    int wanted = atomic_load_explicit(&job_workers, memory_order_relaxed);
    if (index >= wanted || (seen & PART_MASK) >= parts) return;
    if (atomic_compare_exchange_weak(&ticket, &seen, seen + 1)) {
      body(context, seen & PART_MASK);
      atomic_fetch_add(&parts_done, 1);
      seen = atomic_load(&ticket);
    }
    if (seen >> PART_BITS != number) return;
  }
}

// The first ticket of another job than `number`.
static uint64_t await_job(uint64_t number) {
  for (int spin = 0; spin < SPINS; spin++) {
    uint64_t now = atomic_load(&ticket);
    if (now >> PART_BITS != number && (now & PART_MASK) != NO_PARTS) return now;
    relax();
  }
  pthread_mutex_lock(&mutex);
  atomic_fetch_add(&sleepers, 1);
  uint64_t now;
  for (;;) {
    now = atomic_load(&ticket);
    if (now >> PART_BITS != number && (now & PART_MASK) != NO_PARTS) break;
    pthread_cond_wait(&published, &mutex);
  }
  atomic_fetch_sub(&sleepers, 1);
  pthread_mutex_unlock(&mutex);
  return now;
}

static void *worker(void *argument) {
  int index = (int)(intptr_t)argument;
  uint64_t number = 0;
  for (;;) {
    uint64_t seen = await_job(number);
    number = seen >> PART_BITS;
    work(seen, index);
  }
  return NULL;
}

// As many workers as wanted, or as the system gives. Signals are for the program's own threads.
static void make_workers(int wanted) {
  if (workers >= wanted) return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (workers < wanted) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker, (void *)(intptr_t)workers)) break;
    pthread_detach(thread);
    workers++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void publish(size_t parts, part_body body, void *context, int wanted) {
  uint64_t number = (atomic_load(&ticket) >> PART_BITS) + 1;
  atomic_store(&ticket, number << PART_BITS | NO_PARTS);
  atomic_store(&job_body, body);
  atomic_store(&job_context, context);
  atomic_store(&job_parts, parts);
  atomic_store(&job_workers, wanted);
  atomic_store(&parts_done, 0);
  atomic_store(&ticket, (number + 1) << PART_BITS);
  if (atomic_load(&sleepers) > 0) {
    pthread_mutex_lock(&mutex);
    pthread_cond_broadcast(&published);
    pthread_mutex_unlock(&mutex);
  }
}

void hg_parallel(int threads, size_t parts, part_body body, void *context) {
  if (threads > MOST_WORKERS + 1) threads = MOST_WORKERS + 1;
  if ((size_t)threads > parts) threads = (int)parts;
  if (threads <= 1 || parts >= NO_PARTS || atomic_flag_test_and_set(&taken)) {
    for (size_t part = 0; part < parts; part++) body(context, part);
    return;
  }
  make_workers(threads - 1);
  publish(parts, body, context, threads - 1);
  work(atomic_load(&ticket), -1);
  for (int spin = 0; atomic_load(&parts_done) < parts; spin++) {
    if (spin < SPINS) relax(); else sched_yield();
  }
  atomic_flag_clear(&taken);
}
