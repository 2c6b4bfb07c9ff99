// The O(n) and O(n^3) loops, compiled for several instruction sets, the same bits from each.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// The instruction set in use: "plain", "avx2", "avx512" or "neon".
const char *hg_isa_name(void);

// Takes the set of that name for the whole process from now on; false, and nothing changes, where
// the processor lacks it. All sets give the same bits: this is for tests and measurements.
bool hg_use_isa(const char *name);

#include "matrix.h"
#include "elementary.h"
#include "lanes.h"
#include "pool.h"
#include "vectors.h"
#include "rows.h"
#include "sha256.h"
#include "turnstile.h"

#ifdef __cplusplus
}
#endif
