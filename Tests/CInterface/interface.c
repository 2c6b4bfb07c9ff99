// The C interface, all of it: what it computes against hand-written loops, what it refuses, that states
// go on with the same bits, that damaged ones are refused, and that steps allocate nothing.
//
// Built and run by .ci/check-c.sh: plain, under AddressSanitizer and under valgrind; with an argument it
// damages states less often. COUNT_ALLOCATIONS counts every allocation of the process (glibc, without a
// sanitizer); it is for the library in release, since code that is not optimized allocates as it likes.

#include "hypergradient.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// No mathematics of the C library, whose bits depend on the machine.
#define NAN __builtin_nan("")
#define INFINITY __builtin_inf()
static double size_of(double x) { return x < 0 ? -x : x; }
static double larger(double a, double b) { return a > b ? a : b; }
static double root(double x) {
  double y = larger(x, 1);
  for (int i = 0; i < 1100 && y * y > x; i++) {
    double next = (y + x / y) / 2;
    if (!(next < y)) break;
    y = next;
  }
  return y;
}

// ---- Allocations ---------------------------------------------------------------------------------

#ifdef COUNT_ALLOCATIONS
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);
static _Atomic long allocations;
void *malloc(size_t n) { allocations++; return __libc_malloc(n); }
void *calloc(size_t a, size_t b) { allocations++; return __libc_calloc(a, b); }
void *realloc(void *p, size_t n) { allocations++; return __libc_realloc(p, n); }
void *memalign(size_t a, size_t n) { allocations++; return __libc_memalign(a, n); }
void *aligned_alloc(size_t a, size_t n) { allocations++; return __libc_memalign(a, n); }
int posix_memalign(void **p, size_t a, size_t n) {
  allocations++;
  *p = __libc_memalign(a, n);
  return *p ? 0 : 12;
}
static long allocated(void) { return allocations; }
#endif

// ---- Checks --------------------------------------------------------------------------------------

static int checks, faults, is_short;
static hg_error error;

#define CHECK(condition)                                                                   \
  do {                                                                                     \
    checks++;                                                                              \
    if (!(condition)) {                                                                    \
      if (faults++ < 40) fprintf(stderr, "%s:%d: %s (last error: %s)\n", __FILE__, __LINE__,  \
                                 #condition, error.message);                               \
    }                                                                                      \
  } while (0)
#define OK(call) CHECK((call) == HG_OK && error.status == HG_OK && error.message[0] == 0)
#define REFUSED(code, call)                                                                \
  do {                                                                                     \
    error.status = -1;                                                                     \
    CHECK((call) == (code) && error.status == (code) && strlen(error.message) > 5          \
          && strchr(error.message, '\n') == NULL);                                         \
  } while (0)

static int near(double a, double b, double tolerance) {
  return size_of(a - b) <= tolerance * larger(size_of(a), size_of(b));
}

static uint32_t state = 12345;
static double random_number(void) {  // in −1…1
  state = state * 1664525u + 1013904223u;
  return (double)(state >> 8) / 8388608.0 - 1;
}

static hg_controller *controller(const char *text) {
  hg_controller *made = NULL;
  OK(hg_controller_create(text, NULL, 0, &made, &error));
  return made;
}

static hg_optimizer *optimizer(const char *text, int32_t scalar, const uint64_t *lengths, size_t n) {
  hg_optimizer *made = NULL;
  OK(hg_optimizer_create(text, NULL, 0, scalar, lengths, n, &made, &error));
  return made;
}

// ---- Structs -------------------------------------------------------------------------------------

// They change with the major version alone: a client of an older header has no room for more.
_Static_assert(HG_VERSION_MAJOR == 1, "the sizes are those of version 1");
_Static_assert(sizeof(hg_error) == 1032 && sizeof(hg_variable) == 16, "");
_Static_assert(sizeof(hg_signals) == 104 && sizeof(hg_inputs) == 32, "");
_Static_assert(sizeof(hg_decision) == 16 && sizeof(hg_controller_info) == 48, "");
_Static_assert(sizeof(hg_optimizer_info) == 72 && sizeof(hg_sums) == 72, "");
_Static_assert(sizeof(hg_method_info) == 88 && sizeof(hg_question) == 24, "");

// ---- Texts ---------------------------------------------------------------------------------------

static void names(void) {
  CHECK(hg_version() == 1000 * HG_VERSION_MAJOR + HG_VERSION_MINOR);
  for (int32_t kind = HG_KIND_RULE; kind <= HG_KIND_SCHEDULE_MODIFIER; kind++) {
    size_t size = 0, again = 0;
    OK(hg_list(kind, NULL, 0, &size, &error));
    CHECK(size > 1);
    char *list = malloc(size);
    REFUSED(HG_ERROR_BUFFER, hg_list(kind, list, size - 1, &again, &error));
    CHECK(again == size);
    OK(hg_list(kind, list, size, &again, &error));
    CHECK(strlen(list) == size - 1);
    int count = 0;
    for (char *name = strtok(list, "\n"); name; name = strtok(NULL, "\n")) {
      OK(hg_describe(kind, name, NULL, 0, &size, &error));
      char *text = malloc(size);
      OK(hg_describe(kind, name, text, size, &size, &error));
      CHECK(strncmp(text, name, strlen(name)) == 0 && strlen(text) > strlen(name) + 10);
      free(text);
      count++;
    }
    CHECK(count >= 3);
    free(list);
  }
  size_t size;
  char text[8];
  REFUSED(HG_ERROR_VALUE, hg_list(8, NULL, 0, &size, &error));
  REFUSED(HG_ERROR_VALUE, hg_list(-1, NULL, 0, &size, &error));
  REFUSED(HG_ERROR_NULL, hg_list(0, NULL, 0, NULL, &error));
  REFUSED(HG_ERROR_NULL, hg_list(0, NULL, 5, &size, &error));
  REFUSED(HG_ERROR_BUFFER, hg_list(0, text, 8, &size, &error));
  REFUSED(HG_ERROR_TEXT, hg_describe(0, "adem", NULL, 0, &size, &error));
  CHECK(strstr(error.message, "'adam'") != NULL);
  REFUSED(HG_ERROR_TEXT, hg_describe(0, "no\nsuch\033", NULL, 0, &size, &error));
  CHECK(strchr(error.message, '\n') == NULL && strchr(error.message, '\033') == NULL);
  REFUSED(HG_ERROR_NULL, hg_describe(0, NULL, NULL, 0, &size, &error));
  // Without a place for the error.
  CHECK(hg_list(9, NULL, 0, &size, NULL) == HG_ERROR_VALUE);
}

static void texts(void) {
  struct { const char *text; int column; } wrong[] = {
    {"hypergradient(initial: 1e-3, hyperLearningRat: 1e-7)", 30},
    {"hypergradient(initial: -1, hyperLearningRate: 1e-7)", 1}, {"constant(-1)", 10},
    {"", 1}, {"constant(", 10}, {"adam", 1}, {"constant(0.1) + constant(0.1)", 1},
    {"constant(0.1)\n.clamped(to: 2...1)", 0}, {"constant(rate)", 0}, {"constant(1e999)", 0},
    {"((((((((((((((((((((((((((((((((", 0}, {"𝄞", 1},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    hg_controller *made = (hg_controller *)&made;
    REFUSED(HG_ERROR_TEXT, hg_controller_create(wrong[i].text, NULL, 0, &made, &error));
    CHECK(made == NULL);
    CHECK(error.column >= 1 && (wrong[i].column == 0 || error.column == wrong[i].column));
  }
  hg_controller *made = NULL;
  REFUSED(HG_ERROR_ENCODING, hg_controller_create("constant(\xff)", NULL, 0, &made, &error));
  REFUSED(HG_ERROR_ENCODING, hg_controller_create("\xe2\x82", NULL, 0, &made, &error));
  char *large = malloc((1 << 20) + 2);
  memset(large, ' ', (1 << 20) + 1);
  large[(1 << 20) + 1] = 0;
  REFUSED(HG_ERROR_ENCODING, hg_controller_create(large, NULL, 0, &made, &error));
  // A long message is cut to whole characters.
  for (int i = 0; i + 3 < 4000; i += 3) memcpy(large + i, "\xe2\x82\xac", 3);
  large[3999] = 0;
  REFUSED(HG_ERROR_TEXT, hg_controller_create(large, NULL, 0, &made, &error));
  CHECK(strlen(error.message) < sizeof error.message);
  free(large);
  made = NULL;
  REFUSED(HG_ERROR_NULL, hg_controller_create(NULL, NULL, 0, &made, &error));
  REFUSED(HG_ERROR_NULL, hg_controller_create("constant(1)", NULL, 0, NULL, &error));
  REFUSED(HG_ERROR_NULL, hg_controller_create("constant(1)", NULL, 3, &made, &error));
  REFUSED(HG_ERROR_LENGTH, hg_controller_create("constant(1)", (hg_variable *)&made, SIZE_MAX, &made, &error));

  hg_variable variables[] = {{"rate", 0.25}, {"steps", 100}};
  OK(hg_controller_create("constant(rate)", variables, 2, &made, &error));
  hg_controller_info info;
  OK(hg_controller_get_info(made, &info, &error));
  CHECK(info.rate == 0.25 && info.signals == 0 && info.always_steps == 1 && info.steps == 0);
  hg_controller_free(&made);
  variables[1].name = "rate";
  REFUSED(HG_ERROR_VALUE, hg_controller_create("constant(1)", variables, 2, &made, &error));
  variables[1].name = "a b";
  REFUSED(HG_ERROR_TEXT, hg_controller_create("constant(1)", variables, 2, &made, &error));
  variables[1].name = NULL;
  REFUSED(HG_ERROR_NULL, hg_controller_create("constant(1)", variables, 2, &made, &error));
  variables[1] = (hg_variable){"steps", NAN};
  REFUSED(HG_ERROR_VALUE, hg_controller_create("constant(1)", variables, 2, &made, &error));
}

// ---- Controllers ---------------------------------------------------------------------------------

static void controllers(void) {
  // α ← α + β⟨u, g⟩, not below 0.
  hg_controller *made = controller("hypergradient(initial: 0.5, hyperLearningRate: 0.125)");
  hg_signals signals = {.step = -1, .present = HG_SIGNAL_ALIGNMENT};
  hg_decision decision;
  double alpha = 0.5;
  for (int t = 0; t < 50; t++) {
    signals.alignment = t ? random_number() : 0;
    alpha = larger(alpha + 0.125 * signals.alignment, 0);
    OK(hg_controller_step(made, &signals, &decision, &error));
    CHECK(decision.kind == HG_DECISION_STEP && decision.rate == alpha);
  }
  hg_controller_info info;
  OK(hg_controller_get_info(made, &info, &error));
  CHECK(info.signals == HG_SIGNAL_ALIGNMENT && info.steps == 50 && info.rate == alpha);
  // A NaN that is passed is the policy's affair: the rate stays.
  signals.alignment = NAN;
  OK(hg_controller_step(made, &signals, &decision, &error));
  CHECK(decision.rate == alpha);
  OK(hg_controller_set_rate(made, 2, &error));
  signals.alignment = 1;
  OK(hg_controller_step(made, &signals, &decision, &error));
  CHECK(decision.rate == 2.125);

  signals.present = HG_SIGNAL_LOSS;
  REFUSED(HG_ERROR_SIGNAL, hg_controller_step(made, &signals, &decision, &error));
  CHECK(strstr(error.message, "alignment") != NULL);
  signals.present = HG_SIGNAL_ALIGNMENT | 1u << 20;
  REFUSED(HG_ERROR_VALUE, hg_controller_step(made, &signals, &decision, &error));
  signals.present = HG_SIGNAL_ALIGNMENT | HG_SIGNAL_METRIC | HG_SIGNAL_NO_METRIC;
  REFUSED(HG_ERROR_VALUE, hg_controller_step(made, &signals, &decision, &error));
  signals.present = HG_SIGNAL_ALIGNMENT | HG_SIGNAL_EPOCH;
  signals.epoch = -1;
  REFUSED(HG_ERROR_VALUE, hg_controller_step(made, &signals, &decision, &error));
  signals.present = HG_SIGNAL_ALIGNMENT;
  signals.step = INT64_MAX;
  REFUSED(HG_ERROR_VALUE, hg_controller_step(made, &signals, &decision, &error));
  signals.step = -1;
  REFUSED(HG_ERROR_NULL, hg_controller_step(made, NULL, &decision, &error));
  REFUSED(HG_ERROR_NULL, hg_controller_step(made, &signals, NULL, &error));
  REFUSED(HG_ERROR_NULL, hg_controller_step(NULL, &signals, &decision, &error));
  REFUSED(HG_ERROR_NULL, hg_controller_get_info(made, NULL, &error));
  // What a step would refuse is told without one.
  OK(hg_controller_check(made, &signals, &error));
  signals.present = HG_SIGNAL_LOSS;
  REFUSED(HG_ERROR_SIGNAL, hg_controller_check(made, &signals, &error));
  signals.present = HG_SIGNAL_ALIGNMENT | HG_SIGNAL_EPOCH;
  REFUSED(HG_ERROR_VALUE, hg_controller_check(made, &signals, &error));
  REFUSED(HG_ERROR_NULL, hg_controller_check(made, NULL, &error));
  REFUSED(HG_ERROR_NULL, hg_controller_check(NULL, &signals, &error));
  REFUSED(HG_ERROR_VALUE, hg_controller_set_rate(made, -1, &error));
  REFUSED(HG_ERROR_VALUE, hg_controller_set_rate(made, NAN, &error));
  REFUSED(HG_ERROR_NULL, hg_controller_set_rate(NULL, 1, &error));
  // Refusals have changed nothing.
  OK(hg_controller_get_info(made, &info, &error));
  CHECK(info.rate == 2.125 && info.steps == 52);
  CHECK(hg_controller_free(&made) == HG_OK && made == NULL);
  CHECK(hg_controller_free(&made) == HG_OK);
  CHECK(hg_controller_free(NULL) == HG_ERROR_NULL);

  // PyTorch's plateau, factor 0.5, patience 1, constant metric: 1 1 .5 .5 .25 .25
  made = controller("torchPlateau(initial: 1, factor: 0.5, patience: 1, watching: metric)");
  double expected[] = {1, 1, 0.5, 0.5, 0.25, 0.25};
  for (int t = 0; t < 6; t++) {
    hg_signals metric = {.step = -1, .present = HG_SIGNAL_METRIC, .metric = 1};
    OK(hg_controller_step(made, &metric, &decision, &error));
    CHECK(decision.rate == expected[t]);
    metric.present = HG_SIGNAL_NO_METRIC;
    OK(hg_controller_step(made, &metric, &decision, &error));
    CHECK(decision.rate == expected[t]);
  }
  hg_controller_free(&made);

  // A gradient that is discarded because it is not finite is no step of a schedule, skipped or retaken.
  made = controller("boldDriver(initial: 1, shrinkage: 0.5).scaled(by: linear(from: 1, to: 0, over: 8))");
  double losses[] = {NAN, 8, INFINITY, 7};
  double rates[] = {1, 1, 0.5, 0.5 * 1.05 * 0.875};
  for (int t = 0; t < 4; t++) {
    hg_signals loss = {.step = -1, .present = HG_SIGNAL_LOSS, .loss = losses[t]};
    OK(hg_controller_step(made, &loss, &decision, &error));
    CHECK(decision.kind == (t == 0 ? HG_DECISION_SKIP : t == 2 ? HG_DECISION_RETAKE : HG_DECISION_STEP));
    CHECK(size_of(decision.rate - rates[t]) < 1e-12);
  }
  hg_controller_free(&made);

  // A schedule that ends.
  made = controller("scheduled(linear(from: 1, to: 0, over: 2, past: error))");
  hg_signals none = {.step = -1};
  for (int t = 0; t < 3; t++) {
    OK(hg_controller_step(made, &none, &decision, &error));
    CHECK(decision.rate == 1 - t / 2.0);
  }
  REFUSED(HG_ERROR_ENDED, hg_controller_step(made, &none, &decision, &error));
  hg_controller_free(&made);
  made = controller("scheduled(linear(from: 1, to: 0, over: 2, past: error), in: epochs)");
  none = (hg_signals){.step = -1, .present = HG_SIGNAL_EPOCH, .epoch = 2.5};
  REFUSED(HG_ERROR_ENDED, hg_controller_step(made, &none, &decision, &error));
  hg_controller_free(&made);
}

static void handles(void) {
  hg_controller *made = controller("constant(0.1)");
  hg_error inner;
  struct { uint64_t words[4]; } junk = {{1, 2, 3, 4}};
  double x[2] = {1, 2}, g[2] = {1, 1};
  uint64_t length = 2;
  hg_controller_info info;
  REFUSED(HG_ERROR_HANDLE, hg_controller_get_info((hg_controller *)&junk, &info, &error));
  REFUSED(HG_ERROR_HANDLE, hg_controller_get_info((hg_controller *)((char *)&junk + 1), &info, &error));
  REFUSED(HG_ERROR_HANDLE, hg_controller_get_info((hg_controller *)8, &info, &error));
  REFUSED(HG_ERROR_HANDLE, hg_optimizer_step_double((hg_optimizer *)made, x, g, length, NULL, NULL, &error));
  REFUSED(HG_ERROR_HANDLE, hg_schedule_value((hg_schedule *)made, 1, x, &error));
  REFUSED(HG_ERROR_HANDLE, hg_method_end((hg_method *)made, x, 2, &error));
  REFUSED(HG_ERROR_HANDLE, hg_follower_after((hg_follower *)made, x, 2, &error));
  hg_optimizer *other = (hg_optimizer *)made;
  CHECK(hg_optimizer_free(&other) == HG_ERROR_HANDLE && other != NULL);
  CHECK(hg_controller_get_info(made, &info, &inner) == HG_OK);
  hg_controller_free(&made);
}

static void schedules(void) {
  hg_variable steps = {"steps", 200};
  hg_schedule *made = NULL;
  OK(hg_schedule_create("linear(from: 0.1, to: 0, over: steps)", &steps, 1, &made, &error));
  for (int t = 0; t <= 200; t++) {
    double value;
    OK(hg_schedule_value(made, t, &value, &error));
    CHECK(size_of(value - 0.1 * (200 - t) / 200) < 1e-15);
  }
  double value;
  OK(hg_schedule_value(made, 1e9, &value, &error));
  CHECK(value == 0);
  REFUSED(HG_ERROR_VALUE, hg_schedule_value(made, -1, &value, &error));
  REFUSED(HG_ERROR_VALUE, hg_schedule_value(made, NAN, &value, &error));
  REFUSED(HG_ERROR_VALUE, hg_schedule_value(made, INFINITY, &value, &error));
  REFUSED(HG_ERROR_NULL, hg_schedule_value(made, 1, NULL, &error));
  hg_schedule_free(&made);
  OK(hg_schedule_create("linear(from: 1, to: 0, over: 10, past: error)", NULL, 0, &made, &error));
  REFUSED(HG_ERROR_ENDED, hg_schedule_value(made, 10.5, &value, &error));
  hg_schedule_free(&made);
  REFUSED(HG_ERROR_TEXT, hg_schedule_create("cosinus(over: 3)", NULL, 0, &made, &error));
  REFUSED(HG_ERROR_TEXT, hg_schedule_create("cosine(over: 0)", NULL, 0, &made, &error));
}

// ---- Optimizers ----------------------------------------------------------------------------------

enum { N = 37 };
// f = Σ cᵢxᵢ²/2
static double curvature(int i) { return 1 + i % 5; }
static double slope(const double *x, double *g, int n) {
  double f = 0;
  for (int i = 0; i < n; i++) {
    g[i] = curvature(i) * x[i];
    f += x[i] * g[i] / 2;
  }
  return f;
}
static void start(double *x) {
  for (int i = 0; i < N; i++) x[i] = 1 + 0.1 * i;
}

static void by_hand(void) {
  // SGD-HD: α ← α + β⟨g_{t−1}, g_t⟩; θ ← θ − αg.
  uint64_t length = N;
  hg_optimizer *made = optimizer(
      "sgd + hypergradient(initial: 0.01, hyperLearningRate: 1e-6)", HG_DOUBLE, &length, 1);
  double x[N], g[N], y[N], h[N], last[N], alpha = 0.01;
  start(x);
  start(y);
  for (int t = 0; t < 100; t++) {
    slope(x, g, N);
    slope(y, h, N);
    double dot = 0;
    for (int i = 0; t && i < N; i++) dot += last[i] * h[i];
    alpha += 1e-6 * dot;
    for (int i = 0; i < N; i++) y[i] -= alpha * h[i];
    memcpy(last, h, sizeof h);
    hg_decision decision;
    OK(hg_optimizer_step_double(made, x, g, N, NULL, &decision, &error));
    CHECK(near(decision.rate, alpha, 1e-13));
    for (int i = 0; i < N; i++) CHECK(near(x[i], y[i], 1e-11));
  }
  hg_optimizer_info info;
  OK(hg_optimizer_get_info(made, &info, &error));
  CHECK(info.steps == 100 && info.parameter_count == N && info.memory_vectors == 1
        && info.inputs == 0 && info.gathers == 0 && info.looks_ahead == 0);
  hg_optimizer_free(&made);

  // Adam in float, constant rate.
  made = optimizer("adam + constant(0.01)", HG_FLOAT, &length, 1);
  float xf[N], gf[N];
  double m[N] = {0}, v[N] = {0}, decay1 = 1, decay2 = 1;
  for (int i = 0; i < N; i++) xf[i] = y[i] = 1 + 0.1 * i;
  for (int t = 1; t <= 100; t++) {
    decay1 *= 0.9;
    decay2 *= 0.999;
    for (int i = 0; i < N; i++) {
      gf[i] = curvature(i) * xf[i];
      double d = curvature(i) * y[i];
      m[i] = 0.9 * m[i] + 0.1 * d;
      v[i] = 0.999 * v[i] + 0.001 * d * d;
      y[i] -= 0.01 * (m[i] / (1 - decay1)) / (root(v[i] / (1 - decay2)) + 1e-8);
    }
    OK(hg_optimizer_step_float(made, xf, gf, N, NULL, NULL, &error));
    for (int i = 0; i < N; i++) CHECK(size_of(xf[i] - y[i]) < 2e-5);
  }
  REFUSED(HG_ERROR_VALUE, hg_optimizer_step_double(made, x, g, N, NULL, NULL, &error));
  hg_optimizer_free(&made);
}

// What parts are compared over.
static const char *pairs[] = {
  "sgd + constant(0.05)",
  "adam + hypergradient(initial: 1e-2, hyperLearningRate: 1e-5)",
  "nesterov(momentum: 0.9) + hypergradient(initial: 1e-3, hyperLearningRate: 0.02, form: .multiplicative)",
  "sgd.penalized(by: 0.1) + hypergradient(initial: 1e-3, hyperLearningRate: 1e-7)",
  "sgd.maximizing() + constant(1e-3)",
  "clipByNorm(1).then(adam).then(weightDecay(0.01)) + hypergradient(initial: 1e-2, hyperLearningRate: 0.02, form: .multiplicative)",
  "clipByNorm(1).then(heavyBall).penalized(by: 0.1) + constant(1e-2)",
  "adam + traceAligned(initial: 1e-2, steps: 100)",
  "sgd + hypergradient(initial: 1e-3, hyperLearningRate: 0.02, form: .multiplicative).guardedByTrace(share: 0.5, atLeast: 5)",
  "sgd + polyak(maximum: 0.1)",
  "adam + l4()",
  "sgd + boldDriver(initial: 0.01)",
  "adam + plateau(initial: 0.1, reduce: by(0.5, after: 3))",
  "adam + scheduled(cosine(from: 0.1, over: 60))",
  "autostep(initialRate: 0.01) + constant(1)",
  "adam.guarded() + hypergradient(initial: 1e-2, hyperLearningRate: 1e-5)",
};
enum { PAIRS = sizeof pairs / sizeof *pairs };

static void parts(void) {
  uint64_t whole = N, lengths[] = {5, 0, 20, 12};
  for (int p = 0; p < PAIRS; p++) {
    hg_optimizer *one = optimizer(pairs[p], HG_DOUBLE, &whole, 1);
    hg_optimizer *four = optimizer(pairs[p], HG_DOUBLE, lengths, 4);
    // Two processes, of two parts each.
    hg_optimizer *left = optimizer(pairs[p], HG_DOUBLE, lengths, 2);
    hg_optimizer *right = optimizer(pairs[p], HG_DOUBLE, lengths + 2, 2);
    hg_optimizer_info info;
    OK(hg_optimizer_get_info(four, &info, &error));
    int gathers = info.gathers;
    CHECK(gathers == (strstr(pairs[p], "autostep") || strstr(pairs[p], "guarded()")));
    double x[N], g[N], y[N], h[N], z[N], k[N];
    start(x); start(y); start(z);
    for (int t = 0; t < 60; t++) {
      hg_inputs inputs = {HG_SIGNAL_LOSS | HG_SIGNAL_METRIC, slope(x, g, N), 0, 0};
      inputs.metric = inputs.loss;
      hg_decision a, b, c, d;
      OK(hg_optimizer_step_double(one, x, g, N, &inputs, &a, &error));
      inputs.loss = inputs.metric = slope(y, h, N);
      void *py[] = {y, NULL, y + 5, y + 25};
      const void *ph[] = {h, NULL, h + 5, h + 25};
      OK(hg_optimizer_step(four, py, ph, lengths, 4, &inputs, &b, &error));
      CHECK(a.kind == b.kind && near(a.rate, b.rate, 1e-9));
      for (int i = 0; i < N; i++)
        CHECK(gathers ? x[i] == y[i] : size_of(x[i] - y[i]) < 1e-8 * (1 + size_of(x[i])));

      inputs.loss = inputs.metric = slope(z, k, N);
      void *pz[] = {z, NULL, z + 5, z + 25};
      const void *pk[] = {k, NULL, k + 5, k + 25};
      hg_sums l, r, all = {{0}};
      if (gathers) {
        REFUSED(HG_ERROR_UNSUPPORTED, hg_optimizer_sums(left, pz, pk, lengths, 2, &l, &error));
        continue;
      }
      OK(hg_optimizer_sums(left, pz, pk, lengths, 2, &l, &error));
      OK(hg_optimizer_sums(right, pz + 2, pk + 2, lengths + 2, 2, &r, &error));
      for (int i = 0; i < HG_SUM_COUNT; i++) all.values[i] = l.values[i] + r.values[i];
      if (info.looks_ahead) {
        REFUSED(HG_ERROR_ORDER, hg_optimizer_step_in_sums(left, pz, pk, lengths, 2, &all, &inputs, NULL, &error));
        l = r = all;
        OK(hg_optimizer_direction(left, pz, pk, lengths, 2, &inputs, &l, &error));
        OK(hg_optimizer_direction(right, pz + 2, pk + 2, lengths + 2, 2, &inputs, &r, &error));
        REFUSED(HG_ERROR_ORDER, hg_optimizer_direction(left, pz, pk, lengths, 2, &inputs, &l, &error));
        REFUSED(HG_ERROR_ORDER, hg_optimizer_step(left, pz, pk, lengths, 2, &inputs, NULL, &error));
        for (int i = 7; i < HG_SUM_COUNT; i++) all.values[i] = l.values[i] + r.values[i];
      } else {
        REFUSED(HG_ERROR_UNSUPPORTED, hg_optimizer_direction(left, pz, pk, lengths, 2, &inputs, &l, &error));
      }
      OK(hg_optimizer_step_in_sums(left, pz, pk, lengths, 2, &all, &inputs, &c, &error));
      OK(hg_optimizer_step_in_sums(right, pz + 2, pk + 2, lengths + 2, 2, &all, &inputs, &d, &error));
      CHECK(c.kind == d.kind && c.rate == d.rate && near(a.rate, c.rate, 1e-9));
    }
    hg_optimizer_free(&one);
    hg_optimizer_free(&four);
    hg_optimizer_free(&left);
    hg_optimizer_free(&right);
  }
  // A part without a gradient stays, and counts for nothing.
  uint64_t two[] = {2, 2}, first = 2;
  hg_optimizer *both = optimizer("adam + hypergradient(initial: 0.1, hyperLearningRate: 1e-3)", HG_DOUBLE, two, 2);
  hg_optimizer *alone = optimizer("adam + hypergradient(initial: 0.1, hyperLearningRate: 1e-3)", HG_DOUBLE, &first, 1);
  double x[4] = {1, 2, 3, 4}, y[2] = {1, 2};
  for (int t = 0; t < 20; t++) {
    double g[2] = {x[0], 10 * x[1]}, h[2] = {y[0], 10 * y[1]};
    void *p[] = {x, x + 2};
    const void *q[] = {g, NULL};
    hg_decision a, b;
    OK(hg_optimizer_step(both, p, q, two, 2, NULL, &a, &error));
    OK(hg_optimizer_step_double(alone, y, h, 2, NULL, &b, &error));
    CHECK(a.rate == b.rate && x[0] == y[0] && x[1] == y[1] && x[2] == 3 && x[3] == 4);
  }
  hg_optimizer_free(&both);
  hg_optimizer_free(&alone);
}

static void optimizer_refusals(void) {
  uint64_t two[] = {2, 3}, huge[] = {1ull << 60}, large[] = {1ull << 39}, zero = 0;
  hg_optimizer *made = NULL;
  REFUSED(HG_ERROR_TEXT, hg_optimizer_create("adam + constant(-1)", NULL, 0, HG_FLOAT, two, 2, &made, &error));
  CHECK(error.column == 17);
  REFUSED(HG_ERROR_TEXT, hg_optimizer_create("prodigy()", NULL, 0, HG_FLOAT, two, 2, &made, &error));
  REFUSED(HG_ERROR_VALUE, hg_optimizer_create("adam + constant(1)", NULL, 0, 2, two, 2, &made, &error));
  REFUSED(HG_ERROR_NULL, hg_optimizer_create("adam + constant(1)", NULL, 0, HG_FLOAT, NULL, 2, &made, &error));
  REFUSED(HG_ERROR_LENGTH, hg_optimizer_create("adam + constant(1)", NULL, 0, HG_FLOAT, two, 0, &made, &error));
  REFUSED(HG_ERROR_LENGTH, hg_optimizer_create("adam + constant(1)", NULL, 0, HG_FLOAT, two, SIZE_MAX, &made, &error));
  REFUSED(HG_ERROR_LENGTH, hg_optimizer_create("adam + constant(1)", NULL, 0, HG_FLOAT, huge, 1, &made, &error));
  REFUSED(HG_ERROR_LENGTH, hg_optimizer_create("adam + constant(1)", NULL, 0, HG_DOUBLE, large, 1, &made, &error));
  REFUSED(HG_ERROR_NULL, hg_optimizer_create("adam + constant(1)", NULL, 0, HG_DOUBLE, two, 2, NULL, &error));
  CHECK(made == NULL);

  made = optimizer("adam + constant(1)", HG_DOUBLE, &zero, 1);
  OK(hg_optimizer_step_double(made, NULL, NULL, 0, NULL, NULL, &error));
  hg_optimizer_free(&made);

  made = optimizer("sgd + polyak(maximum: 0.1)", HG_DOUBLE, two, 2);
  hg_optimizer_info info;
  OK(hg_optimizer_get_info(made, &info, &error));
  CHECK(info.inputs == HG_SIGNAL_LOSS && info.parameter_count == 5);
  double x[5] = {1, 2, 3, 4, 5}, g[5] = {1, 1, 1, 1, 1};
  void *p[] = {x, x + 2};
  const void *q[] = {g, g + 2};
  uint64_t other[] = {2, 4};
  hg_inputs inputs = {HG_SIGNAL_LOSS, 1, 0, 0};
  hg_decision decision;
  REFUSED(HG_ERROR_SIGNAL, hg_optimizer_step(made, p, q, two, 2, NULL, &decision, &error));
  CHECK(strstr(error.message, "loss") != NULL);
  REFUSED(HG_ERROR_SIGNAL, hg_optimizer_check(made, NULL, &error));
  OK(hg_optimizer_check(made, &inputs, &error));
  REFUSED(HG_ERROR_NULL, hg_optimizer_check(NULL, &inputs, &error));
  REFUSED(HG_ERROR_LENGTH, hg_optimizer_step(made, p, q, two, 1, &inputs, &decision, &error));
  REFUSED(HG_ERROR_LENGTH, hg_optimizer_step(made, p, q, other, 2, &inputs, &decision, &error));
  REFUSED(HG_ERROR_LENGTH, hg_optimizer_step_double(made, x, g, 5, &inputs, &decision, &error));
  REFUSED(HG_ERROR_NULL, hg_optimizer_step(made, NULL, q, two, 2, &inputs, &decision, &error));
  REFUSED(HG_ERROR_NULL, hg_optimizer_step(made, p, NULL, two, 2, &inputs, &decision, &error));
  REFUSED(HG_ERROR_NULL, hg_optimizer_step(made, p, q, NULL, 2, &inputs, &decision, &error));
  REFUSED(HG_ERROR_VALUE, hg_optimizer_step(made, p, (const void *const *)p, two, 2, &inputs, &decision, &error));
  void *hole[] = {x, NULL};
  REFUSED(HG_ERROR_NULL, hg_optimizer_step(made, hole, q, two, 2, &inputs, &decision, &error));
  void *odd[] = {x, (char *)x + 17};
  REFUSED(HG_ERROR_VALUE, hg_optimizer_step(made, odd, q, two, 2, &inputs, &decision, &error));
  inputs.present = HG_SIGNAL_LOSS | HG_SIGNAL_ALIGNMENT;
  REFUSED(HG_ERROR_VALUE, hg_optimizer_step(made, p, q, two, 2, &inputs, &decision, &error));
  REFUSED(HG_ERROR_VALUE, hg_optimizer_set_threads(made, 0, &error));
  REFUSED(HG_ERROR_VALUE, hg_optimizer_set_threads(made, 1 << 20, &error));
  OK(hg_optimizer_set_threads(made, 2, &error));
  REFUSED(HG_ERROR_VALUE, hg_optimizer_set_rate(made, NAN, &error));
  REFUSED(HG_ERROR_VALUE, hg_optimizer_set_rate(made, -1, &error));
  CHECK(x[0] == 1 && x[4] == 5);
  OK(hg_optimizer_get_info(made, &info, &error));
  CHECK(info.steps == 0);
  REFUSED(HG_ERROR_NULL, hg_optimizer_get_info(made, NULL, &error));
  REFUSED(HG_ERROR_NULL, hg_optimizer_sums(made, p, q, two, 2, NULL, &error));
  hg_optimizer_free(&made);

  made = optimizer("sgd + scheduled(linear(from: 1, to: 0, over: 1, past: error))", HG_DOUBLE, two, 2);
  OK(hg_optimizer_step(made, p, q, two, 2, NULL, NULL, &error));
  OK(hg_optimizer_step(made, p, q, two, 2, NULL, NULL, &error));
  REFUSED(HG_ERROR_ENDED, hg_optimizer_check(made, NULL, &error));
  REFUSED(HG_ERROR_ENDED, hg_optimizer_step(made, p, q, two, 2, NULL, NULL, &error));
  REFUSED(HG_ERROR_UNSUPPORTED, hg_optimizer_set_rate(made, 0.5, &error));
  hg_optimizer_free(&made);
  // The rule's own schedule, too.
  made = optimizer("adam.varying(beta1, by: linear(from: 0.9, to: 0.5, over: 1, past: error)) + constant(0.1)",
                   HG_DOUBLE, two, 2);
  for (int t = 0; t < 2; t++) {
    OK(hg_optimizer_check(made, NULL, &error));
    OK(hg_optimizer_step(made, p, q, two, 2, NULL, NULL, &error));
  }
  REFUSED(HG_ERROR_ENDED, hg_optimizer_check(made, NULL, &error));
  hg_optimizer_free(&made);
  made = optimizer("sgd + hypergradient(initial: 0.1, hyperLearningRate: 0)", HG_DOUBLE, two, 2);
  OK(hg_optimizer_set_rate(made, 0.5, &error));
  double at = x[0];
  OK(hg_optimizer_step(made, p, q, two, 2, NULL, &decision, &error));
  CHECK(decision.rate == 0.5 && x[0] == at - 0.5);
  hg_optimizer_free(&made);
  made = optimizer("autostep(initialRate: 0.01) + constant(1)", HG_DOUBLE, two, 2);
  const void *none[] = {g, NULL};
  inputs = (hg_inputs){HG_SIGNAL_LOSS, 1, 0, 0};
  REFUSED(HG_ERROR_UNSUPPORTED, hg_optimizer_step(made, p, none, two, 2, &inputs, NULL, &error));
  hg_optimizer_free(&made);
}

// ---- States --------------------------------------------------------------------------------------

typedef hg_status (*save_function)(const void *, uint8_t *, size_t, size_t *, hg_error *);
typedef hg_status (*load_function)(void *, const uint8_t *, size_t, hg_error *);

static uint8_t *saved(save_function save, const void *handle, size_t *size) {
  OK(save(handle, NULL, 0, size, &error));
  uint8_t *bytes = malloc(*size);
  size_t again;
  REFUSED(HG_ERROR_BUFFER, save(handle, bytes, *size - 1, &again, &error));
  OK(save(handle, bytes, *size, &again, &error));
  CHECK(again == *size);
  return bytes;
}

// The digest of StateBytes, so that what is changed reaches the reader.
static void sign(uint8_t *bytes, size_t size) {
  uint64_t hash = 0xcbf29ce484222325ull, length = size - 24;
  for (size_t i = 24; i < size; i++) hash = (hash ^ bytes[i]) * 0x100000001b3ull;
  memcpy(bytes + 8, &length, 8);
  memcpy(bytes + 16, &hash, 8);
}

// Every truncation, every changed byte, and changes that are signed anew.
static int damaged(load_function load, void *handle, const uint8_t *bytes, size_t size) {
  uint8_t *copy = malloc(size);
  size_t stride = is_short ? size / 20 + 1 : size > 2000 ? size / 1000 : 1;
  for (size_t length = 0; length < size; length += stride) {
    uint8_t *part = malloc(length ? length : 1);
    memcpy(part, bytes, length);
    REFUSED(HG_ERROR_STATE, load(handle, part, length, &error));
    free(part);
  }
  for (size_t i = 0; i < size; i += stride) {
    memcpy(copy, bytes, size);
    copy[i] ^= 1 << (i % 8);
    REFUSED(HG_ERROR_STATE, load(handle, copy, size, &error));
  }
  int taken = 0;
  for (int trial = 0; trial < (is_short ? 12 : 400); trial++) {
    memcpy(copy, bytes, size);
    size_t length = size;
    if (trial % 4 == 0) length = 24 + (size_t)((random_number() + 1) / 2 * (size - 25));
    for (int change = 0; change <= trial % 3; change++) {
      size_t at = 24 + (size_t)((random_number() + 1) / 2 * (length - 24));
      if (at < length) copy[at] = (uint8_t)((random_number() + 1) * 128);
    }
    sign(copy, length);
    hg_status status = load(handle, copy, length, &error);
    CHECK(status == HG_OK || status == HG_ERROR_STATE);
    taken += status == HG_OK;
  }
  REFUSED(HG_ERROR_NULL, load(handle, NULL, 10, &error));
  REFUSED(HG_ERROR_LENGTH, load(handle, bytes, SIZE_MAX, &error));
  free(copy);
  return taken;
}

static void states(void) {
  uint64_t lengths[] = {5, 0, 20, 12};
  for (int p = 0; p < PAIRS; p++)
    for (int32_t scalar = HG_FLOAT; scalar <= HG_DOUBLE; scalar++) {
      hg_optimizer *a = optimizer(pairs[p], scalar, lengths, 4);
      hg_optimizer *b = optimizer(pairs[p], scalar, lengths, 4);
      hg_optimizer *c = optimizer("sgd + constant(0.125)", scalar, lengths, 4);
      size_t width = scalar == HG_FLOAT ? 4 : 8;
      union { float f[N]; double d[N]; } x, y, g;
      for (int i = 0; i < N; i++) if (scalar == HG_FLOAT) x.f[i] = 1 + 0.1f * i; else x.d[i] = 1 + 0.1 * i;
      void *px[] = {&x, NULL, (char *)&x + 5 * width, (char *)&x + 25 * width};
      void *py[] = {&y, NULL, (char *)&y + 5 * width, (char *)&y + 25 * width};
      const void *pg[] = {&g, NULL, (char *)&g + 5 * width, (char *)&g + 25 * width};
      for (int t = 0; t < 40; t++) {
        double f = 0;
        for (int i = 0; i < N; i++) {
          double v = scalar == HG_FLOAT ? x.f[i] : x.d[i];
          f += curvature(i) * v * v / 2;
          if (scalar == HG_FLOAT) g.f[i] = curvature(i) * v; else g.d[i] = curvature(i) * v;
        }
        hg_inputs inputs = {HG_SIGNAL_LOSS | HG_SIGNAL_METRIC, f, f, 0};
        if (t == 20) {
          size_t size;
          uint8_t *bytes = saved((save_function)hg_optimizer_save, a, &size);
          OK(hg_optimizer_load(b, bytes, size, &error));
          // The same state gives the same bytes.
          size_t again;
          uint8_t *copy = saved((save_function)hg_optimizer_save, b, &again);
          CHECK(again == size && memcmp(copy, bytes, size) == 0);
          free(copy);
          if (p) REFUSED(HG_ERROR_STATE, hg_optimizer_load(c, bytes, size, &error));
          hg_optimizer *victim = optimizer(pairs[p], scalar, lengths, 4);
          damaged((load_function)hg_optimizer_load, victim, bytes, size);
          // Whatever it has taken, it goes on.
          y = x;
          hg_status status = hg_optimizer_step(victim, py, pg, lengths, 4, &inputs, NULL, &error);
          CHECK(status == HG_OK || status == HG_ERROR_ENDED);
          hg_optimizer_free(&victim);
          free(bytes);
        }
        y = x;
        hg_decision da, db;
        OK(hg_optimizer_step(a, px, pg, lengths, 4, &inputs, &da, &error));
        if (t >= 20) {
          OK(hg_optimizer_step(b, py, pg, lengths, 4, &inputs, &db, &error));
          CHECK(memcmp(&x, &y, N * width) == 0 && da.kind == db.kind && da.rate == db.rate);
        }
      }
      hg_optimizer_free(&a);
      hg_optimizer_free(&b);
      hg_optimizer_free(&c);
    }
  hg_controller *a = controller("traceAligned(initial: 0.1, steps: 100)");
  hg_controller *b = controller("traceAligned(initial: 0.1, steps: 100)");
  hg_signals signals = {.step = -1, .present = 2047 & ~HG_SIGNAL_EPOCH};
  for (int t = 0; t < 30; t++) {
    signals.alignment = random_number();
    signals.trace_alignment = 3 * random_number();
    signals.loss = 10 - t;
    signals.gradient_norm = signals.previous_direction_norm = signals.trace_norm = 2;
    hg_decision da, db;
    OK(hg_controller_step(a, &signals, &da, &error));
    if (t >= 15) {
      OK(hg_controller_step(b, &signals, &db, &error));
      CHECK(da.rate == db.rate);
    }
    if (t == 14) {
      size_t size;
      uint8_t *bytes = saved((save_function)hg_controller_save, a, &size);
      damaged((load_function)hg_controller_load, b, bytes, size);
      OK(hg_controller_load(b, bytes, size, &error));
      hg_optimizer *o = optimizer("sgd + constant(1)", HG_FLOAT, lengths, 4);
      REFUSED(HG_ERROR_STATE, hg_optimizer_load(o, bytes, size, &error));
      hg_optimizer_free(&o);
      free(bytes);
    }
  }
  hg_controller_free(&a);
  hg_controller_free(&b);
}

// ---- Methods -------------------------------------------------------------------------------------

static int questions, give_up_at;
static int32_t evaluate(void *context, const void *point, uint64_t draw, double *loss, void *gradient) {
  (void)draw;
  double g[N];
  questions++;
  if (give_up_at && questions >= give_up_at) return 7;
  *loss = slope(point, g, *(int *)context);
  if (gradient) memcpy(gradient, g, sizeof(double) * *(int *)context);
  return 0;
}

static int32_t write_nothing(void *context, const void *point, uint64_t draw, double *loss, void *gradient) {
  (void)context, (void)point, (void)draw, (void)loss, (void)gradient;
  return 0;
}

static void methods(void) {
  const char *texts[] = {
    "prodigy()", "dog()", "armijo(sgd, initial: 1)", "scheduleFreeAdam(rate: 0.01)", "osgmBest(curvature: 5)",
    "byGroup(adam, rate: hypergradient(initial: 0.01, hyperLearningRate: 1e-4))",
    "adam + hypergradient(initial: 0.01, hyperLearningRate: 1e-5)", "mechanic(sgd)", "cocob()",
    "barzilaiBorwein(initial: 0.01)", "hdmBest(curvature: 5)", "metaOptimize(sgd, initial: 1e-3)",
  };
  uint64_t groups[] = {7, 30};
  int n = N;
  for (size_t m = 0; m < sizeof texts / sizeof *texts; m++) {
    double x[N], y[N], z[N], g[N];
    start(x); start(y);
    hg_method *a = NULL, *b = NULL, *c = NULL;
    hg_status made = hg_method_create(texts[m], NULL, 0, HG_DOUBLE, x, N, groups, 2, &a, &error);
    if (made != HG_OK) {
      fprintf(stderr, "%s: %s\n", texts[m], error.message);
      CHECK(0);
      continue;
    }
    OK(hg_method_create(texts[m], NULL, 0, HG_DOUBLE, y, N, groups, 2, &b, &error));
    OK(hg_method_create(texts[m], NULL, 0, HG_DOUBLE, y, N, groups, 2, &c, &error));
    double first = slope(x, g, N);
    for (int t = 0; t < 30; t++) {
      memcpy(z, x, sizeof x);
      OK(hg_method_step(a, x, N, NULL, evaluate, &n, &error));
      OK(hg_method_begin(b, y, N, NULL, &error));
      hg_question question;
      int asked = 0;
      for (;;) {
        OK(hg_method_propose(b, &question, &error));
        if (question.kind == HG_QUESTION_NONE) break;
        REFUSED(HG_ERROR_ORDER, hg_method_end(b, y, N, &error));
        double loss = slope(question.point, g, N);
        OK(hg_method_observe(b, loss, question.kind == HG_QUESTION_LOSS ? NULL : g, &error));
        if (++asked > 1000) break;
      }
      REFUSED(HG_ERROR_ORDER, hg_method_observe(b, 1, g, &error));
      REFUSED(HG_ERROR_ORDER, hg_method_begin(b, y, N, NULL, &error));
      OK(hg_method_end(b, y, N, &error));
      REFUSED(HG_ERROR_ORDER, hg_method_propose(b, &question, &error));
      CHECK(asked >= 1 && memcmp(x, y, sizeof x) == 0);
      if (t == 15) {
        size_t size;
        uint8_t *bytes = saved((save_function)hg_method_save, a, &size);
        damaged((load_function)hg_method_load, c, bytes, size);
        OK(hg_method_load(c, bytes, size, &error));
        free(bytes);
      }
      if (t > 15) {
        OK(hg_method_step(c, z, N, NULL, evaluate, &n, &error));
        CHECK(memcmp(x, z, sizeof x) == 0);
      }
    }
    hg_method_info info, other;
    OK(hg_method_get_info(a, &info, &error));
    OK(hg_method_get_info(b, &other, &error));
    CHECK(info.steps == 30 && info.gradients == other.gradients && info.losses == other.losses
          && info.gradients >= 30 && info.rate == other.rate && info.parameter_count == N);
    CHECK(slope(x, g, N) < first);

    // A caller that gives up, and one that goes away in the middle of a step.
    questions = 0;
    give_up_at = 1;
    REFUSED(HG_ERROR_CALLBACK, hg_method_step(c, z, N, NULL, evaluate, &n, &error));
    give_up_at = 0;
    REFUSED(HG_ERROR_ORDER, hg_method_step(c, z, N, NULL, evaluate, &n, &error));
    REFUSED(HG_ERROR_ORDER, hg_method_save(c, NULL, 0, &(size_t){0}, &error));
    REFUSED(HG_ERROR_CALLBACK, hg_method_step(a, x, N, NULL, write_nothing, NULL, &error));
    OK(hg_method_begin(b, y, N, NULL, &error));
    REFUSED(HG_ERROR_ORDER, hg_method_step(b, y, N, NULL, evaluate, &n, &error));
    CHECK(hg_method_free(&a) == HG_OK && hg_method_free(&b) == HG_OK && hg_method_free(&c) == HG_OK);
    CHECK(b == NULL);
  }
  double x[N];
  start(x);
  hg_method *made = NULL;
  uint64_t wrong[] = {7, 31};
  REFUSED(HG_ERROR_LENGTH, hg_method_create("dog()", NULL, 0, HG_DOUBLE, x, N, wrong, 2, &made, &error));
  REFUSED(HG_ERROR_LENGTH, hg_method_create("dog()", NULL, 0, HG_DOUBLE, x, 0, NULL, 0, &made, &error));
  REFUSED(HG_ERROR_NULL, hg_method_create("dog()", NULL, 0, HG_DOUBLE, NULL, N, NULL, 0, &made, &error));
  REFUSED(HG_ERROR_NULL, hg_method_create("dog()", NULL, 0, HG_DOUBLE, x, N, NULL, 2, &made, &error));
  REFUSED(HG_ERROR_TEXT, hg_method_create("dig()", NULL, 0, HG_DOUBLE, x, N, NULL, 0, &made, &error));
  REFUSED(HG_ERROR_UNSUPPORTED,
          hg_method_create("mechanic(adam.varying(.beta1, by: linear(from: 0.5, to: 0.9, over: 3, past: error)))",
                           NULL, 0, HG_DOUBLE, x, N, NULL, 0, &made, &error));
  OK(hg_method_create("dog()", NULL, 0, HG_DOUBLE, x, N, NULL, 0, &made, &error));
  REFUSED(HG_ERROR_LENGTH, hg_method_step(made, x, N - 1, NULL, evaluate, &n, &error));
  REFUSED(HG_ERROR_NULL, hg_method_step(made, NULL, N, NULL, evaluate, &n, &error));
  REFUSED(HG_ERROR_NULL, hg_method_step(made, x, N, NULL, NULL, &n, &error));
  REFUSED(HG_ERROR_ORDER, hg_method_end(made, x, N, &error));
  hg_method_free(&made);
}

// ---- Followers -----------------------------------------------------------------------------------

// Momentum as PyTorch has it, and with the rate in the velocity.
static double velocity[N];
static int32_t torch_step(void *context, int32_t number, double *x, const double *g, uint64_t n, double rate) {
  (void)context;
  if (number == 0) memset(velocity, 0, sizeof velocity);
  for (uint64_t i = 0; i < n; i++) {
    velocity[i] = 0.9 * velocity[i] + g[i];
    x[i] -= rate * velocity[i];
  }
  return 0;
}
static int32_t keras_step(void *context, int32_t number, double *x, const double *g, uint64_t n, double rate) {
  (void)context;
  if (number == 0) memset(velocity, 0, sizeof velocity);
  for (uint64_t i = 0; i < n; i++) {
    velocity[i] = 0.9 * velocity[i] - rate * g[i];
    x[i] += velocity[i];
  }
  return 0;
}
static int32_t sign_of_rate(void *c, int32_t k, double *x, const double *g, uint64_t n, double rate) {
  (void)c; (void)k;
  for (uint64_t i = 0; i < n; i++) x[i] -= rate * rate * g[i];
  return 0;
}
static int32_t lazy(void *c, int32_t k, double *x, const double *g, uint64_t n, double rate) {
  (void)c; (void)k; (void)x; (void)g; (void)n; (void)rate;
  return 1;
}

static void followers(void) {
  OK(hg_follower_check(torch_step, NULL, N, 1e-9, &error));
  REFUSED(HG_ERROR_UNSUPPORTED, hg_follower_check(keras_step, NULL, N, 1e-3, &error));
  CHECK(strstr(error.message, "velocity") != NULL);
  REFUSED(HG_ERROR_UNSUPPORTED, hg_follower_check(sign_of_rate, NULL, N, 1e-3, &error));
  CHECK(strstr(error.message, "proportional") != NULL);
  REFUSED(HG_ERROR_UNSUPPORTED, hg_follower_check(lazy, NULL, N, 1e-3, &error));
  REFUSED(HG_ERROR_NULL, hg_follower_check(NULL, NULL, N, 1e-3, &error));
  REFUSED(HG_ERROR_VALUE, hg_follower_check(lazy, NULL, N, 0, &error));
  REFUSED(HG_ERROR_LENGTH, hg_follower_check(lazy, NULL, 0, 1e-3, &error));

  const char *texts[] = {
    "hypergradient(initial: 1e-3, hyperLearningRate: 1e-8)",
    "hypergradient(initial: 1e-3, hyperLearningRate: 0.02, form: .multiplicative)",
    "hypergradient(initial: 1e-3, hyperLearningRate: 0.01, form: .multiplicative).guardedByTrace()",
  };
  for (int k = 0; k < 3; k++) {
    // Led from outside or from inside: heavyBall is PyTorch's momentum.
    char text[200];
    snprintf(text, sizeof text, "heavyBall(momentum: 0.9) + %s", texts[k]);
    uint64_t length = N;
    hg_optimizer *inside = optimizer(text, HG_DOUBLE, &length, 1);
    hg_follower *outside = NULL;
    OK(hg_follower_create(texts[k], NULL, 0, HG_DOUBLE, N, &outside, &error));
    double x[N], g[N], y[N], h[N];
    start(x); start(y);
    for (int t = 0; t < 60; t++) {
      hg_inputs inputs = {HG_SIGNAL_LOSS, slope(x, g, N), 0, 0};
      hg_decision decision;
      OK(hg_optimizer_step_double(inside, x, g, N, &inputs, &decision, &error));
      inputs.loss = slope(y, h, N);
      hg_decision led;
      OK(hg_follower_before(outside, y, h, N, &inputs, &led, &error));
      torch_step(NULL, t, y, h, N, led.rate);
      OK(hg_follower_after(outside, y, N, &error));
      CHECK(led.kind == HG_DECISION_STEP && near(led.rate, decision.rate, 1e-7));
    }
    REFUSED(HG_ERROR_ORDER, hg_follower_after(outside, y, N, &error));
    REFUSED(HG_ERROR_LENGTH, hg_follower_after(outside, y, N + 1, &error));
    // What is saved goes on with the same bits.
    uint8_t state[4096];
    size_t size = 0;
    OK(hg_follower_save(outside, NULL, 0, &size, &error));
    CHECK(size > 0 && size <= sizeof state);
    OK(hg_follower_save(outside, state, sizeof state, &size, &error));
    hg_follower *again = NULL;
    OK(hg_follower_create(texts[k], NULL, 0, HG_DOUBLE, N, &again, &error));
    OK(hg_follower_load(again, state, size, &error));
    double z[N];
    memcpy(z, y, sizeof z);
    for (int t = 0; t < 5; t++) {
      hg_inputs inputs = {HG_SIGNAL_LOSS, slope(y, h, N), 0, 0};
      hg_decision one, two;
      OK(hg_follower_before(outside, y, h, N, &inputs, &one, &error));
      REFUSED(HG_ERROR_ORDER, hg_follower_save(outside, state, sizeof state, &size, &error));
      OK(hg_follower_before(again, z, h, N, &inputs, &two, &error));
      CHECK(one.kind == two.kind && one.rate == two.rate);
      for (int i = 0; i < N; i++) y[i] = z[i] = y[i] - one.rate * h[i];
      OK(hg_follower_after(outside, y, N, &error));
      OK(hg_follower_after(again, z, N, &error));
    }
    state[size / 2] ^= 1;
    REFUSED(HG_ERROR_STATE, hg_follower_load(again, state, size, &error));
    REFUSED(HG_ERROR_NULL, hg_follower_load(again, NULL, size, &error));
    hg_follower_free(&again);
    hg_decision led;
    REFUSED(HG_ERROR_NULL, hg_follower_before(outside, y, NULL, N, NULL, &led, &error));
    REFUSED(HG_ERROR_NULL, hg_follower_before(outside, y, h, N, NULL, NULL, &error));
    hg_optimizer_free(&inside);
    hg_follower_free(&outside);
  }
  hg_follower *made = NULL;
  REFUSED(HG_ERROR_UNSUPPORTED, hg_follower_create("l4()", NULL, 0, HG_DOUBLE, N, &made, &error));
  REFUSED(HG_ERROR_UNSUPPORTED, hg_follower_create("traceAligned(initial: 0.1, steps: 100)", NULL, 0, HG_DOUBLE, N, &made, &error));
  REFUSED(HG_ERROR_UNSUPPORTED, hg_follower_create("boldDriver(initial: 0.1)", NULL, 0, HG_DOUBLE, N, &made, &error));
}

// ---- Allocations, threads ------------------------------------------------------------------------

static void allocation(void) {
#ifdef COUNT_ALLOCATIONS
  uint64_t lengths[] = {5, 0, 20, 12};
  double x[N], g[N];
  for (int p = 0; p < PAIRS; p++) {
    hg_optimizer *made = optimizer(pairs[p], HG_DOUBLE, lengths, 4);
    start(x);
    void *px[] = {x, NULL, x + 5, x + 25};
    const void *pg[] = {g, NULL, g + 5, g + 25};
    long before = 0;
    for (int t = 0; t < 220; t++) {
      hg_inputs inputs = {HG_SIGNAL_LOSS | HG_SIGNAL_METRIC, slope(x, g, N), 0, 0};
      inputs.metric = inputs.loss;
      if (t == 20) before = allocated();
      hg_optimizer_step(made, px, pg, lengths, 4, &inputs, NULL, &error);
    }
    long after = allocated();
    if (after != before) fprintf(stderr, "%s: %ld allocations in 200 steps\n", pairs[p], after - before);
    CHECK(after == before);
    hg_optimizer_free(&made);
  }
  hg_controller *made = controller("hypergradient(initial: 1e-3, hyperLearningRate: 0.02, form: .multiplicative)");
  hg_signals signals = {.step = -1, .present = 2047 & ~HG_SIGNAL_EPOCH, .gradient_norm = 1, .previous_direction_norm = 1};
  hg_decision decision;
  hg_controller_step(made, &signals, &decision, &error);
  long before = allocated();
  for (int t = 0; t < 200; t++) hg_controller_step(made, &signals, &decision, &error);
  CHECK(allocated() == before);
  hg_controller_free(&made);
#endif
}

static void *run(void *result) {
  uint64_t length = N;
  hg_optimizer *made = NULL;
  hg_error own;
  if (hg_optimizer_create("adam + traceAligned(initial: 0.01, steps: 200)", NULL, 0, HG_DOUBLE, &length, 1, &made, &own))
    return NULL;
  double x[N], g[N];
  start(x);
  for (int t = 0; t < 200; t++) {
    hg_inputs inputs = {HG_SIGNAL_LOSS, slope(x, g, N), 0, 0};
    if (hg_optimizer_step_double(made, x, g, N, &inputs, NULL, &own)) return NULL;
  }
  hg_optimizer_free(&made);
  memcpy(result, x, sizeof x);
  return result;
}

// Long vectors, whose steps are shared out to threads that all handles share.
enum { LONG = 1 << 17 };
static void *run_long(void *result) {
  uint64_t length = LONG;
  hg_optimizer *made = NULL;
  hg_error own;
  float *x = malloc(LONG * sizeof *x), *g = malloc(LONG * sizeof *g);
  if (hg_optimizer_create("adam + hypergradient(initial: 0.01, hyperLearningRate: 1e-9)", NULL, 0, HG_FLOAT, &length, 1, &made, &own)
      || hg_optimizer_set_threads(made, 2, &own))
    return NULL;
  for (int i = 0; i < LONG; i++) x[i] = 1 + 1e-5f * (float)i;
  for (int t = 0; t < 20; t++) {
    for (int i = 0; i < LONG; i++) g[i] = (float)curvature(i) * x[i];
    if (hg_optimizer_step_float(made, x, g, LONG, NULL, NULL, &own)) return NULL;
  }
  double sum = 0;
  for (int i = 0; i < LONG; i++) sum += x[i] * (1 + i % 3);
  *(double *)result = sum;
  hg_optimizer_free(&made);
  free(x);
  free(g);
  return result;
}

static void threads(void) {
  if (!is_short) {
    double sums[3];
    pthread_t one, two;
    void *first, *second;
    CHECK(run_long(&sums[2]) != NULL);
    pthread_create(&one, NULL, run_long, &sums[0]);
    pthread_create(&two, NULL, run_long, &sums[1]);
    pthread_join(one, &first);
    pthread_join(two, &second);
    CHECK(first && second && sums[0] == sums[2] && sums[1] == sums[2]);
  }
  enum { THREADS = 4 };
  static double results[THREADS + 1][N];
  pthread_t threads[THREADS];
  run(results[THREADS]);
  for (int k = 0; k < THREADS; k++) pthread_create(&threads[k], NULL, run, results[k]);
  for (int k = 0; k < THREADS; k++) {
    void *done;
    pthread_join(threads[k], &done);
    CHECK(done != NULL && memcmp(results[k], results[THREADS], sizeof results[k]) == 0);
  }
}

int main(int count, char **arguments) {
  (void)arguments;
  is_short = count > 1;
  names();
  texts();
  controllers();
  handles();
  schedules();
  by_hand();
  parts();
  optimizer_refusals();
  states();
  methods();
  followers();
  allocation();
  threads();
  printf("%d checks of the C interface, %d failed\n", checks, faults);
  return faults != 0;
}
