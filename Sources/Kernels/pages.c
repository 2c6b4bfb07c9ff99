#if defined(__linux__)
#define _DEFAULT_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#endif

#include "vectors.h"

void hg_advise_large_pages(void *base, size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  const uintptr_t page = (uintptr_t)1 << 21;
  uintptr_t from = ((uintptr_t)base + page - 1) & ~(page - 1);
  uintptr_t to = ((uintptr_t)base + bytes) & ~(page - 1);
  if (to > from) madvise((void *)from, to - from, MADV_HUGEPAGE);
#else
  (void)base, (void)bytes;
#endif
}
