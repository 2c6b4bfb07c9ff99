// portable REGIONS COUNT: digests of COUNT values of each function of PortableMath at the points of
// Vectors/regions.csv, as lines of Vectors/digests.csv; then digests of what random streams draw.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern intptr_t portable_function_count(void);
extern void portable_function_name(intptr_t function, char *text);
extern uint64_t portable_digest(intptr_t function, const uint64_t *words, intptr_t regions,
                                intptr_t count);
extern uint64_t portable_stream_digest(intptr_t kind, intptr_t count);

// Pairs of words for the regions of that name, the rest of whose lines is "from,to".
static intptr_t read_regions(const char *path, const char *name, uint64_t *words, intptr_t most) {
  FILE *file = fopen(path, "r");
  if (!file) {
    perror(path);
    exit(2);
  }
  char line[256];
  intptr_t count = 0;
  size_t length = strlen(name);
  while (fgets(line, sizeof line, file)) {
    if (strncmp(line, name, length) != 0 || line[length] != ',') continue;
    char *from = line + length + 1, *to = strchr(from, ',');
    if (!to || count == most) {
      fprintf(stderr, "%s: can't read '%s'\n", path, line);
      exit(2);
    }
    if (strncmp(from, "multiples,", 10) == 0) {
      words[2 * count] = 0;
      words[2 * count + 1] = strtoull(to + 1, 0, 10);
    } else {
      double ends[2] = {strtod(from, 0), strtod(to + 1, 0)};
      memcpy(words + 2 * count, ends, sizeof ends);
    }
    count++;
  }
  fclose(file);
  return count;
}

int main(int arguments, char **argument) {
  if (arguments != 3) {
    fprintf(stderr, "usage: portable REGIONS COUNT\n");
    return 2;
  }
  intptr_t count = strtol(argument[2], 0, 10);
  for (intptr_t f = 0; f < portable_function_count(); f++) {
    char name[64];
    uint64_t words[512];
    portable_function_name(f, name);
    intptr_t regions = read_regions(argument[1], name, words, 256);
    printf("%s,%ld,%016llx\n", name, (long)count,
           (unsigned long long)portable_digest(f, words, regions, count));
  }
  uint64_t digest;
  for (intptr_t kind = 0; (digest = portable_stream_digest(kind, 6000)) != 0; kind++)
    printf("stream %ld,96000,%016llx\n", (long)kind, (unsigned long long)digest);
  return 0;
}
