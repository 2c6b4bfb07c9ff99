// Sharing out the parts of one job over threads that wait by spinning.
#pragma once

#include <stddef.h>

// Calls body(context, part) once for every part below `parts`, in no particular order, on the calling
// thread and up to threads - 1 others, and returns when all have ended. What a part does must not
// depend on which thread does it or when: then the result is the same for any number of threads.
//
// The threads are made when first asked for, spin for some tens of microseconds after a job, so that
// the next one begins within one, and sleep after that. There is one pool for the process: while
// another thread has it, or from inside a part, the caller does all the work itself.
void hg_parallel(int threads, size_t parts, void (*body)(void *context, size_t part),
                 void *context);
