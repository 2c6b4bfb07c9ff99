// In C, whose compiler takes in a file at once; SwiftPM's own embedding makes an array literal of every
// byte, a fifth of the time of compiling Experiments.
#include "built_in_suites.h"

#include <stddef.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char smoke[] = {
#embed "../Experiments/Suites/smoke.yaml" suffix(, 0)
};
static const char core[] = {
#embed "../Experiments/Suites/core.yaml" suffix(, 0)
};
static const char all[] = {
#embed "../Experiments/Suites/all.yaml" suffix(, 0)
};
static const char defaults[] = {
#embed "../Experiments/Suites/default.yaml" suffix(, 0)
};
static const char networks[] = {
#embed "../Experiments/Suites/networks.yaml" suffix(, 0)
};
static const char games[] = {
#embed "../Experiments/Suites/games.yaml" suffix(, 0)
};
static const char mnist[] = {
#embed "../Experiments/Suites/mnist.yaml" suffix(, 0)
};
static const char libsvm[] = {
#embed "../Experiments/Suites/libsvm.yaml" suffix(, 0)
};
static const char csv[] = {
#embed "../Experiments/Suites/csv.yaml" suffix(, 0)
};
static const char all_references[] = {
#embed "../Experiments/Suites/all-references.yaml" suffix(, 0)
};

static const struct {
  const char *name, *text;
} suites[] = {
    {"smoke", smoke}, {"core", core},     {"all", all},
    {"default", defaults},                {"networks", networks},
    {"games", games}, {"mnist", mnist},   {"libsvm", libsvm},
    {"csv", csv},     {"all-references", all_references},
};

static const int count = sizeof suites / sizeof suites[0];

const char *built_in_suite_name(int index) {
  return index >= 0 && index < count ? suites[index].name : NULL;
}

const char *built_in_suite_text(int index) {
  return index >= 0 && index < count ? suites[index].text : NULL;
}
