#ifndef TURNSTILE_H
#define TURNSTILE_H

#include <stdbool.h>
#include <stddef.h>

// A thread that takes turns with its owner: one of the two runs, the other waits.
typedef struct hg_turnstile hg_turnstile;

// A worker that does `work`, from its first turn on, once for each time that it is begun. NULL where there
// is no thread to be had.
hg_turnstile *hg_turnstile_make(void (*work)(void *context), void *context);

// The owner's: the worker goes on, or begins anew, until it passes or has done its work.
void hg_turnstile_run(hg_turnstile *turnstile);

// The worker's, within its work: the owner goes on, until it runs the worker again.
void hg_turnstile_pass(hg_turnstile *turnstile);

// The owner's: ends the worker, which is between two pieces of work, and frees all.
void hg_turnstile_end(hg_turnstile *turnstile);

// Whether so many bytes of memory can be had now. It asks the system itself, since an allocation that
// nobody uses is left out by an optimizer.
bool hg_has_room(size_t bytes);

#endif
