/* Gradient descent that halves its rate until the loss falls enough, in C, with lists of numbers: a
   method that asks for what it wants to know.
     cc -O2 -o backtracking backtracking.c
     hypergrad train --task 'ellipsoid(condition: 10)' \
       --method 'external(command: "./backtracking", initial: 1)' */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *line;
static size_t room;

static void read_line(void) {
  if (getline(&line, &room, stdin) <= 0) exit(0);
}

/* The numbers after a key, or 0 where there are none. */
static int numbers(const char *key, double *values, int count) {
  char *next = strstr(line, key);
  if (!next) return 0;
  next += strlen(key);
  for (int i = 0; i < count; i++) {
    char *end;
    values[i] = strtod(next, &end);
    if (end == next) return 0; /* null: not finite */
    next = end + 1;
  }
  return 1;
}

/* 17 digits, so that every bit arrives. */
static void say(const char *begin, const double *values, int count, const char *end) {
  fputs(begin, stdout);
  for (int i = 0; i < count; i++) printf(i ? ", %.17g" : "%.17g", values[i]);
  puts(end);
  fflush(stdout);
}

int main(void) {
  double dimension = 0, rate = 1;
  read_line();
  numbers("\"dimension\":", &dimension, 1);
  numbers("\"rate\":", &rate, 1);
  int count = (int)dimension;
  double *x = malloc(3 * count * sizeof *x), *g = x + count, *trial = g + count;
  puts("{\"version\": 1, \"numbers\": \"json\", \"asks\": true}");
  fflush(stdout);
  for (;;) {
    double loss, reached, square = 0;
    read_line();
    numbers("\"at\":[", x, count);
    say("{\"want\": \"gradient\", \"at\": [", x, count, "]}");
    read_line();
    /* A run that has diverged: nothing to be done. */
    int known = numbers("\"loss\":", &loss, 1) && numbers("\"gradient\":[", g, count);
    for (int i = 0; known && i < count; i++) square += g[i] * g[i];
    memcpy(trial, x, count * sizeof *x);
    rate *= 2;
    for (int tries = 0; known && tries < 50; tries++) {
      for (int i = 0; i < count; i++) trial[i] = x[i] - rate * g[i];
      say("{\"want\": \"loss\", \"at\": [", trial, count, "]}");
      read_line();
      if (numbers("\"loss\":", &reached, 1) && reached <= loss - 0.5 * rate * square) break;
      rate /= 2;
    }
    char end[64];
    snprintf(end, sizeof end, "], \"rate\": %.17g}", rate);
    say("{\"at\": [", trial, count, end);
  }
}
