#define _DEFAULT_SOURCE
#include "turnstile.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif

enum { OWNER, WORKER, OVER };

struct hg_turnstile {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  pthread_t thread;
  int turn;
  void (*work)(void *context);
  void *context;
};

static void give(hg_turnstile *t, int turn) {
  pthread_mutex_lock(&t->mutex);
  t->turn = turn;
  pthread_cond_broadcast(&t->changed);
  pthread_mutex_unlock(&t->mutex);
}

// False where it is over.
static bool wait_for(hg_turnstile *t, int turn) {
  pthread_mutex_lock(&t->mutex);
  while (t->turn != turn && t->turn != OVER) pthread_cond_wait(&t->changed, &t->mutex);
  bool is_mine = t->turn == turn;
  pthread_mutex_unlock(&t->mutex);
  return is_mine;
}

static void *live(void *argument) {
  hg_turnstile *t = argument;
  while (wait_for(t, WORKER)) {
    t->work(t->context);
    give(t, OWNER);
  }
  return NULL;
}

static void dispose(hg_turnstile *t) {
  pthread_mutex_destroy(&t->mutex);
  pthread_cond_destroy(&t->changed);
  free(t);
}

hg_turnstile *hg_turnstile_make(void (*work)(void *context), void *context) {
  hg_turnstile *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  pthread_mutex_init(&t->mutex, NULL);
  pthread_cond_init(&t->changed, NULL);
  t->turn = OWNER;
  t->work = work;
  t->context = context;
  if (pthread_create(&t->thread, NULL, live, t) == 0) return t;
  dispose(t);
  return NULL;
}

void hg_turnstile_run(hg_turnstile *t) {
  give(t, WORKER);
  wait_for(t, OWNER);
}

void hg_turnstile_pass(hg_turnstile *t) {
  give(t, OWNER);
  wait_for(t, WORKER);
}

void hg_turnstile_end(hg_turnstile *t) {
  give(t, OVER);
  pthread_join(t->thread, NULL);
  dispose(t);
}

bool hg_has_room(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  munmap(memory, bytes);
  return true;
}
