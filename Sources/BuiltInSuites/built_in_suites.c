// In C, whose compiler takes in a file at once; SwiftPM's own embedding makes an array literal of every
// byte, a fifth of the time of compiling Experiments.
#include "built_in_suites.h"

#include <stddef.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

static const struct {
  const char *name, *text;
} suites[] = {
    {"smoke", (const char[]){
#embed "../Experiments/Suites/smoke.yaml" suffix(, 0)
    }},
    {"core", (const char[]){
#embed "../Experiments/Suites/core.yaml" suffix(, 0)
    }},
    {"all", (const char[]){
#embed "../Experiments/Suites/all.yaml" suffix(, 0)
    }},
    {"default", (const char[]){
#embed "../Experiments/Suites/default.yaml" suffix(, 0)
    }},
    {"networks", (const char[]){
#embed "../Experiments/Suites/networks.yaml" suffix(, 0)
    }},
    {"games", (const char[]){
#embed "../Experiments/Suites/games.yaml" suffix(, 0)
    }},
    {"mnist", (const char[]){
#embed "../Experiments/Suites/mnist.yaml" suffix(, 0)
    }},
    {"libsvm", (const char[]){
#embed "../Experiments/Suites/libsvm.yaml" suffix(, 0)
    }},
    {"csv", (const char[]){
#embed "../Experiments/Suites/csv.yaml" suffix(, 0)
    }},
    {"all-references", (const char[]){
#embed "../Experiments/Suites/all-references.yaml" suffix(, 0)
    }},
};

static const int count = sizeof suites / sizeof suites[0];

const char *built_in_suite_name(int index) {
  return index >= 0 && index < count ? suites[index].name : NULL;
}

const char *built_in_suite_text(int index) {
  return index >= 0 && index < count ? suites[index].text : NULL;
}
