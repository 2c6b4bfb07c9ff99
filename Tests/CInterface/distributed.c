// Parameters shared out over the ranks of an MPI program: each has a part of them and an optimizer of
// its part; a few scalars are added up in a step, and all ranks take the same rate.
//
//     mpicc distributed.c -lHypergradientC -o distributed && mpirun -n 4 distributed
//
// Prints the rate of every step as its rank 0 has it. Ends with an error where the ranks' rates differ by
// a bit.

#include "hypergradient.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { TOTAL = 1000, STEPS = 100 };

static void need(hg_status status, const hg_error *error) {
  if (status == HG_OK) return;
  fprintf(stderr, "%s\n", error->message);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

int main(int count, char **arguments) {
  MPI_Init(&count, &arguments);
  int rank, ranks;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const char *text = count > 1 ? arguments[1]
                               : "adam + hypergradient(initial: 1e-2, hyperLearningRate: 1e-5)";

  // This rank's part.
  int begin = TOTAL * rank / ranks, end = TOTAL * (rank + 1) / ranks;
  uint64_t length = (uint64_t)(end - begin);
  double *x = malloc(sizeof(double) * (length + 1)), *g = malloc(sizeof(double) * (length + 1));
  for (int i = begin; i < end; i++) x[i - begin] = 1 + 0.001 * i;

  hg_error error;
  hg_optimizer *optimizer = NULL;
  need(hg_optimizer_create(text, NULL, 0, HG_DOUBLE, &length, 1, &optimizer, &error), &error);
  for (int step = 0; step < STEPS; step++) {
    // f = Σ cᵢxᵢ²/2; its share of this rank travels beside the sums.
    double share = 0;
    for (int i = begin; i < end; i++) {
      g[i - begin] = (1 + i % 7) * x[i - begin];
      share += x[i - begin] * g[i - begin] / 2;
    }
    void *parameters[] = {x};
    const void *gradients[] = {g};
    struct { hg_sums sums; double loss; } own, all;
    need(hg_optimizer_sums(optimizer, parameters, gradients, &length, 1, &own.sums, &error), &error);
    own.loss = share;
    MPI_Allreduce(&own, &all, HG_SUM_COUNT + 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);

    hg_inputs inputs = {HG_SIGNAL_LOSS, all.loss, 0, 0};
    hg_decision decision;
    need(hg_optimizer_step_in_sums(optimizer, parameters, gradients, &length, 1, &all.sums, &inputs,
                                   &decision, &error),
         &error);

    double least, most;
    MPI_Allreduce(&decision.rate, &least, 1, MPI_DOUBLE, MPI_MIN, MPI_COMM_WORLD);
    MPI_Allreduce(&decision.rate, &most, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    if (least != most) {
      fprintf(stderr, "step %d: the ranks' rates are %.17g to %.17g\n", step, least, most);
      MPI_Abort(MPI_COMM_WORLD, 1);
    }
    if (rank == 0) printf("%d %.17g %.17g\n", step, decision.rate, all.loss);
  }
  hg_optimizer_free(&optimizer);
  free(x);
  free(g);
  MPI_Finalize();
}
