#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

// A job's parts are shared out over queues, one a thread, of about as many consecutive parts: so a
// thread has in its caches what it worked on in the last pass over the same memory. Who is done takes
// parts of the others' queues.
//
// A job is published like a seqlock: a queue holds the job's number and its next part that nobody has
// taken. A thread reads the queue, then the job, and takes a part by exchanging what it read: where
// that succeeds the job can't have changed in between, since numbers do not come back and a queue is
// closed while the job changes.
enum { PART_BITS = 32, MOST_WORKERS = 63, SPINS = 2000 };
#define PART_MASK ((UINT64_C(1) << PART_BITS) - 1)
#define NO_PARTS PART_MASK

typedef void (*part_body)(void *context, size_t part);
typedef struct {
  _Alignas(64) _Atomic uint64_t next;
} queue;

static queue queues[MOST_WORKERS + 1];
// The number of the last job that was published.
static _Atomic uint64_t published_number;
static _Atomic(part_body) job_body;
static _Atomic(void *) job_context;
static _Atomic uint64_t job_parts;
static _Atomic uint64_t job_threads;
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

static uint64_t first_part(uint64_t queue, uint64_t threads, uint64_t parts) {
  return queue * parts / threads;
}

// Does parts of job `number` that are left in a queue. False where the job is over.
static bool empty_queue(uint64_t number, uint64_t index) {
  uint64_t seen = atomic_load(&queues[index].next);
  while (seen >> PART_BITS == number) {
    part_body body = atomic_load_explicit(&job_body, memory_order_acquire);
    void *context = atomic_load_explicit(&job_context, memory_order_acquire);
    uint64_t parts = atomic_load_explicit(&job_parts, memory_order_acquire);
    uint64_t threads = atomic_load_explicit(&job_threads, memory_order_acquire);
    uint64_t part = seen & PART_MASK;
    if (part >= first_part(index + 1, threads, parts)) return part != NO_PARTS;
    if (atomic_compare_exchange_weak(&queues[index].next, &seen, seen + 1)) {
      body(context, part);
      atomic_fetch_add(&parts_done, 1);
      seen = atomic_load(&queues[index].next);
    }
  }
  return false;
}

// The parts of a thread's own queue, then those of the others.
static void work(uint64_t number, uint64_t index) {
  uint64_t threads = atomic_load(&job_threads);
  for (uint64_t k = 0; k < threads && index < threads; k++)
    if (!empty_queue(number, (index + k) % threads)) return;
}

// The number of another job than `number`.
static uint64_t await_job(uint64_t number) {
  for (int spin = 0; spin < SPINS; spin++) {
    uint64_t now = atomic_load(&published_number);
    if (now != number) return now;
    relax();
  }
  pthread_mutex_lock(&mutex);
  atomic_fetch_add(&sleepers, 1);
  uint64_t now;
  while ((now = atomic_load(&published_number)) == number) pthread_cond_wait(&published, &mutex);
  atomic_fetch_sub(&sleepers, 1);
  pthread_mutex_unlock(&mutex);
  return now;
}

static void *worker(void *argument) {
  uint64_t index = (uint64_t)(uintptr_t)argument;
  uint64_t number = 0;
  for (;;) {
    number = await_job(number);
    work(number, index);
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
    if (pthread_create(&thread, NULL, worker, (void *)(uintptr_t)(workers + 1))) break;
    pthread_detach(thread);
    workers++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

// The job's number.
static uint64_t publish(uint64_t parts, part_body body, void *context, uint64_t threads) {
  uint64_t number = (atomic_load(&published_number) + 1) & PART_MASK;
  atomic_store(&job_body, body);
  atomic_store(&job_context, context);
  atomic_store(&job_parts, parts);
  atomic_store(&job_threads, threads);
  atomic_store(&parts_done, 0);
  for (uint64_t index = 0; index < threads; index++)
    atomic_store(&queues[index].next,
                 number << PART_BITS | first_part(index, threads, parts));
  atomic_store(&published_number, number);
  if (atomic_load(&sleepers) > 0) {
    pthread_mutex_lock(&mutex);
    pthread_cond_broadcast(&published);
    pthread_mutex_unlock(&mutex);
  }
  return number;
}

static void close_queues(uint64_t number, uint64_t threads) {
  for (uint64_t index = 0; index < threads; index++)
    atomic_store(&queues[index].next, number << PART_BITS | NO_PARTS);
}

void hg_parallel(int threads, size_t parts, part_body body, void *context) {
  if (threads > MOST_WORKERS + 1) threads = MOST_WORKERS + 1;
  if ((size_t)threads > parts) threads = (int)parts;
  if (threads <= 1 || parts >= NO_PARTS || atomic_flag_test_and_set(&taken)) {
    for (size_t part = 0; part < parts; part++) body(context, part);
    return;
  }
  make_workers(threads - 1);
  uint64_t number = publish(parts, body, context, (uint64_t)threads);
  work(number, 0);
  for (int spin = 0; atomic_load(&parts_done) < parts; spin++) {
    if (spin < SPINS) relax(); else sched_yield();
  }
  close_queues(number, (uint64_t)threads);
  atomic_flag_clear(&taken);
}
