// Digests of what the kernels compute, from one instruction set: kernels SET|best CALLS. A line for
// every function: its name, the digest over so many calls, the number of elements that they
// changed. Every machine and set must print the same lines.
#include "kernels.h"

#include "draws.h"
#include "steps.h"
#include "feeders.inc"

#pragma STDC FP_CONTRACT OFF

int main(int count, char **words) {
  if (count != 3) {
    fprintf(stderr, "usage: kernels SET|best CALLS\n");
    return 2;
  }
  uint64_t calls = strtoull(words[2], 0, 10);
  if (strcmp(words[1], "best") != 0 && !hg_use_isa(words[1])) {
    fprintf(stderr, "kernels: this processor lacks %s\n", words[1]);
    return 3;
  }
  fprintf(stderr, "kernels: on %s\n", hg_isa_name());
  for (const feeder *it = feeders; it->name; it++) {
    digest = 0xcbf29ce484222325u;
    changed = 0;
    for (uint64_t call = 0; call < calls; call += runs > 1 ? 4 : 1) {
      begin(it->name, call);
      it->call();
      end();
    }
    printf("%s %016llx %llu\n", it->name, (unsigned long long)digest, (unsigned long long)changed);
    if (changed == 0) {
      fprintf(stderr, "kernels: %s changed nothing\n", it->name);
      return 1;
    }
  }
  return 0;
}
