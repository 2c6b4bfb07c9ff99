/* Rosenbrock's valley in two dimensions, in C, with lists of numbers:
     cc -O2 -o rosenbrock rosenbrock.c
     hypergrad train --task 'external(command: "./rosenbrock")' --method 'adam + constant(1e-2)' */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  char line[4096];
  while (fgets(line, sizeof line, stdin)) {
    if (strstr(line, "\"ask\":\"hello\"")) {
      puts("{\"version\": 1, \"dimension\": 2, \"start\": [-1.2, 1], \"numbers\": \"json\", "
           "\"deterministic\": true, \"reference\": 0, \"minimiser\": [1, 1]}");
    } else {
      char *next = strstr(line, "\"at\":[") + 6;
      double x = strtod(next, &next), y = strtod(next + 1, NULL);
      double valley = y - x * x, slope = 1 - x;
      /* 17 digits, so that every bit arrives. */
      printf("{\"loss\": %.17g, \"gradient\": [%.17g, %.17g]}\n",
             10 * valley * valley + slope * slope, -40 * x * valley - 2 * slope, 20 * valley);
    }
    fflush(stdout);
  }
  return 0;
}
