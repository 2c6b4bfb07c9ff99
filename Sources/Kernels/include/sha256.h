// SHA-256, the digest of 32 bytes of FIPS 180-4, of a message that comes in pieces.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint32_t hash[8];   // H of the blocks so far
  uint64_t length;    // bytes so far; below 2^61
  uint8_t block[64];  // the last length mod 64 of them
} hg_sha256;

void hg_sha256_init(hg_sha256 *state);
// The next `count` bytes of the message, any number of them.
void hg_sha256_update(hg_sha256 *state, const void *bytes, size_t count);
// The digest of the message that has come; after that the state may only be begun again.
void hg_sha256_final(hg_sha256 *state, uint8_t digest[32]);
