/* hypergradient.h: the library's controllers, schedules, optimizers and training methods from C.
 *
 * What is made is named by a text, the same as in Swift, in suites and on the command line:
 *
 *     "hypergradient(initial: 1e-3, hyperLearningRate: 1e-7)"      a controller
 *     "cosine(from: 0.1, over: steps)"                             a schedule
 *     "adam + plateau(initial: 0.1, reduce: by(0.5, after: 5))"    an optimizer: rule + controller
 *     "prodigy()"                                                  a training method
 *
 * Rules that hold everywhere:
 *
 *  - Every function but the versions' returns an hg_status, HG_OK = 0, and fills `error`, the last
 *    argument, where it is not NULL. After an error nothing has changed, unless a function says
 *    otherwise.
 *  - Texts are UTF-8 and end with a zero byte; they, and all other arguments, are read during the call
 *    and not kept. A handle belongs to the caller, who frees it by its own function, which takes the
 *    handle's address and sets it to NULL; to free NULL is no error.
 *  - There is no global state but a pool of threads, which a handle that asks for more than one makes.
 *    Different handles may be used by different threads at the same time; one handle by one thread at a
 *    time.
 *  - After creation a step allocates nothing, except where a function says so. To create, load, save
 *    and list allocates.
 *  - A NULL where a pointer is needed, a handle of another kind, a length that does not fit and bytes
 *    that are damaged are refused with a code. Memory that was freed, or is shorter than said, can't be
 *    told.
 *  - Bits: the same numbers give the same results on every machine, with every number of threads.
 *
 * Version: with the minor number functions and constants are added. Structs, which the library reads and
 * fills in the caller's memory, stay as they are until the major number grows, HG_SUM_COUNT among them.
 */
#ifndef HYPERGRADIENT_H
#define HYPERGRADIENT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HG_VERSION_MAJOR 1
#define HG_VERSION_MINOR 2

/* ---- Version ---------------------------------------------------------------------------------- */

/* 1000 · major + minor of the library that is loaded; compare its thousands with HG_VERSION_MAJOR. */
uint32_t hg_version(void);

/* ---- Errors ----------------------------------------------------------------------------------- */

typedef int32_t hg_status;

enum {
  HG_OK = 0,
  /* A pointer is NULL that must not be. */
  HG_ERROR_NULL = 1,
  /* What was passed as a handle is none of that kind. */
  HG_ERROR_HANDLE = 2,
  /* The text is wrong; `column` says where. */
  HG_ERROR_TEXT = 3,
  /* The text is not UTF-8, or longer than 1 MiB. */
  HG_ERROR_ENCODING = 4,
  /* A length, count or dimension does not fit, or there is no memory for it. */
  HG_ERROR_LENGTH = 5,
  /* A number is outside its range. */
  HG_ERROR_VALUE = 6,
  /* A signal, a loss, a metric or an epoch that is needed was not passed. */
  HG_ERROR_SIGNAL = 7,
  /* A schedule that ends with an error has ended. */
  HG_ERROR_ENDED = 8,
  /* The bytes of a state are damaged, of another version, or of something else. */
  HG_ERROR_STATE = 9,
  /* The buffer is too small; the size that is needed was written. */
  HG_ERROR_BUFFER = 10,
  /* What is asked for does not go with that rule, controller or method. */
  HG_ERROR_UNSUPPORTED = 11,
  /* The call does not follow the one before it. */
  HG_ERROR_ORDER = 12,
  /* The caller's function returned other than 0, or wrote no loss. */
  HG_ERROR_CALLBACK = 13
};

typedef struct hg_error {
  /* As returned. */
  hg_status status;
  /* Where in the text, in characters from 1; 0 where it is not about a text. */
  int32_t column;
  /* One line of UTF-8, ended by a zero byte; cut where it is longer. Empty after HG_OK. */
  char message[1024];
} hg_error;

/* ---- Names for numbers, and texts that are returned ------------------------------------------- */

/* The value of a name in a text, such as `steps`. */
typedef struct hg_variable {
  const char *name;
  double value;
} hg_variable;

enum {
  HG_KIND_RULE = 0,
  HG_KIND_CONTROLLER = 1,
  HG_KIND_METHOD = 2,
  HG_KIND_SCHEDULE = 3,
  /* What comes after a dot, `.clamped(to: 0...1)`, of each of the kinds above. */
  HG_KIND_RULE_MODIFIER = 4,
  HG_KIND_CONTROLLER_MODIFIER = 5,
  HG_KIND_METHOD_MODIFIER = 6,
  HG_KIND_SCHEDULE_MODIFIER = 7
};

/* The names that a text can use, one a line.
 *
 * `buffer` has room for `capacity` bytes, the ending zero included; `size`, which must not be NULL, is
 * set to the bytes that are needed. With `buffer` NULL and `capacity` 0 it asks for the size alone.
 */
hg_status hg_list(
    int32_t kind, char *buffer, size_t capacity, size_t *size, hg_error *error);

/* What a name stands for: its signature, its summary, and a line for each argument with its sentence,
 * range, default and unit. The buffer as in hg_list; HG_ERROR_TEXT for a name that there is not.
 */
hg_status hg_describe(
    int32_t kind, const char *name, char *buffer, size_t capacity, size_t *size, hg_error *error);

/* ---- Signals and decisions -------------------------------------------------------------------- */

/* What a controller may read. t is this step, u the direction of the rule: θ_t = θ_{t−1} − η_t·u_t. */
enum {
  /* ⟨u_{t−1}, g_t⟩; zero at the first step. */
  HG_SIGNAL_ALIGNMENT = 1 << 0,
  /* ‖g_t‖. */
  HG_SIGNAL_GRADIENT_NORM = 1 << 1,
  /* ‖u_{t−1}‖; zero at the first step. */
  HG_SIGNAL_PREVIOUS_DIRECTION_NORM = 1 << 2,
  /* The minibatch loss at θ_{t−1}. */
  HG_SIGNAL_LOSS = 1 << 3,
  /* A validation metric. */
  HG_SIGNAL_METRIC = 1 << 4,
  /* Epochs begun before this step, a fraction inside one; at least 0. */
  HG_SIGNAL_EPOCH = 1 << 5,
  /* ⟨u_t, g_t⟩. */
  HG_SIGNAL_DIRECTION_ALIGNMENT = 1 << 6,
  /* ‖u_t‖. */
  HG_SIGNAL_DIRECTION_NORM = 1 << 7,
  /* ⟨u_{t−1}, g_{t−1}⟩; zero at the first step. */
  HG_SIGNAL_PREVIOUS_DIRECTION_ALIGNMENT = 1 << 8,
  /* ⟨T_{t−1}, g_t⟩ of the trace T_t = d·T_{t−1} + u_t, d the controller's trace_decay after its
     decision; zero at the first step. */
  HG_SIGNAL_TRACE_ALIGNMENT = 1 << 9,
  /* ‖T_{t−1}‖. */
  HG_SIGNAL_TRACE_NORM = 1 << 10,
  /* This step has no metric, but others have: stands in place of HG_SIGNAL_METRIC. */
  HG_SIGNAL_NO_METRIC = 1 << 30
};

typedef struct hg_signals {
  /* Steps taken before this one; negative for the handle's own count. */
  int64_t step;
  /* Which of the numbers are passed, HG_SIGNAL_… or'ed. A number that is passed may be NaN or infinite:
     the controller's policy says what follows. */
  uint32_t present;
  double alignment;
  double gradient_norm;
  double previous_direction_norm;
  double loss;
  double metric;
  double epoch;
  double direction_alignment;
  double direction_norm;
  double previous_direction_alignment;
  double trace_alignment;
  double trace_norm;
} hg_signals;

enum {
  /* θ_t = θ_{t−1} − rate·u_t. */
  HG_DECISION_STEP = 0,
  /* θ and the rule's state stay; this gradient is discarded. */
  HG_DECISION_SKIP = 1,
  /* The last step again: θ += (last rate − rate)·u_{t−1}; this gradient is discarded. */
  HG_DECISION_RETAKE = 2,
  /* θ becomes the copy of the best parameters; this gradient is discarded, and the next alignment is
     zero. */
  HG_DECISION_RESTORE = 3
};

typedef struct hg_decision {
  int32_t kind;
  /* η; after HG_DECISION_SKIP the rate of the last step. */
  double rate;
} hg_decision;

/* ---- Controllers ------------------------------------------------------------------------------ */

/* Turns a few scalars into a learning rate. */
typedef struct hg_controller hg_controller;

typedef struct hg_controller_info {
  /* The signals that a decision reads, HG_SIGNAL_… or'ed. */
  uint32_t signals;
  /* 1 where every decision is HG_DECISION_STEP. */
  int32_t always_steps;
  /* 1 where it may decide HG_DECISION_RETAKE: the caller keeps u_{t−1}. */
  int32_t keeps_direction;
  /* 1 where it may decide HG_DECISION_RESTORE: the caller keeps a copy of the best parameters. */
  int32_t keeps_best;
  /* After a decision, 1 where the parameters that it was made at are the best so far; they are to be
     copied before the step. */
  int32_t is_best;
  /* After a decision, d of the trace, in [0, 1]. */
  double trace_decay;
  /* The rate decided last; before the first step the initial one. */
  double rate;
  /* Steps decided. */
  int64_t steps;
} hg_controller_info;

/* Makes a controller. `variables` may be NULL where `variable_count` is 0. */
hg_status hg_controller_create(
    const char *text, const hg_variable *variables, size_t variable_count,
    hg_controller **controller, hg_error *error);

hg_status hg_controller_free(hg_controller **controller);

hg_status hg_controller_get_info(
    const hg_controller *controller, hg_controller_info *info, hg_error *error);

/* What hg_controller_step would refuse of these signals: one that is missing, a number that is none, a
   schedule that has ended. Changes nothing. */
hg_status hg_controller_check(
    const hg_controller *controller, const hg_signals *signals, hg_error *error);

/* Decides about one step; call it once a step, before the parameters move. Allocates nothing. */
hg_status hg_controller_step(
    hg_controller *controller, const hg_signals *signals, hg_decision *decision, hg_error *error);

/* Puts another rate, finite and at least 0, in place of the controller's own, such as one that a bound
   of the caller's holds. What a controller takes over is its own affair; a schedule takes over
   nothing. */
hg_status hg_controller_set_rate(hg_controller *controller, double rate, hg_error *error);

/* The state as bytes, the same on every machine; the buffer as in hg_list, without an ending zero. */
hg_status hg_controller_save(
    const hg_controller *controller, uint8_t *buffer, size_t capacity, size_t *size,
    hg_error *error);

/* Takes over the state that a controller of the same text and variables has saved. */
hg_status hg_controller_load(
    hg_controller *controller, const uint8_t *bytes, size_t size, hg_error *error);

/* ---- Schedules -------------------------------------------------------------------------------- */

/* A function of the step, or of the epoch. */
typedef struct hg_schedule hg_schedule;

hg_status hg_schedule_create(
    const char *text, const hg_variable *variables, size_t variable_count, hg_schedule **schedule,
    hg_error *error);

hg_status hg_schedule_free(hg_schedule **schedule);

/* The value at `step`, from 0, at most 2^53; fractions fall between steps. Changes nothing: several
   threads may ask one schedule. HG_ERROR_ENDED past the end of a schedule whose policy is 'error'. */
hg_status hg_schedule_value(
    const hg_schedule *schedule, double step, double *value, hg_error *error);

/* ---- Optimizers ------------------------------------------------------------------------------- */

/* A rule times a controller, with the state of both, over parameters that lie in one place or in
   several, its parts: the tensors of a model. All parts of an optimizer have one learning rate; groups
   with rates of their own are optimizers of their own.

   The controller's inner products and norms are over all parts. They are added part by part, so that a
   vector in several parts gives the rates of the same vector in one to rounding, not to the bit. */
typedef struct hg_optimizer hg_optimizer;

enum { HG_FLOAT = 0, HG_DOUBLE = 1 };

/* What a trainer knows at a step beside the gradient; NULL in place of it passes nothing. */
typedef struct hg_inputs {
  /* HG_SIGNAL_LOSS, HG_SIGNAL_METRIC or HG_SIGNAL_NO_METRIC, HG_SIGNAL_EPOCH, or'ed. */
  uint32_t present;
  double loss;
  double metric;
  double epoch;
} hg_inputs;

typedef struct hg_optimizer_info {
  /* The signals that the caller is to pass: of HG_SIGNAL_LOSS, _METRIC and _EPOCH. */
  uint32_t inputs;
  /* Steps taken, retaken, skipped or restored; and those of them that were no plain ones. */
  int64_t steps;
  int64_t skipped;
  int64_t retaken;
  int64_t restored;
  /* The rate that the last step applied; the initial one before the first. */
  double rate;
  /* Vectors kept between steps, each as long as the parameters. */
  int64_t memory_vectors;
  /* Elements of all parts. */
  uint64_t parameter_count;
  /* 1 where a step copies parameters and gradient into one vector and back, since the rule looks at
     all of it: several parts under autostep, idbd or a guarded rule. */
  int32_t gathers;
  /* 1 where hg_optimizer_direction stands between hg_optimizer_sums and hg_optimizer_step_in_sums. */
  int32_t looks_ahead;
} hg_optimizer_info;

/* Makes an optimizer of `rule + controller`.
 *
 * scalar: HG_FLOAT or HG_DOUBLE, the type of parameters and gradients.
 * lengths: elements of each part; `part_count` of them, at least one.
 */
hg_status hg_optimizer_create(
    const char *text, const hg_variable *variables, size_t variable_count, int32_t scalar,
    const uint64_t *lengths, size_t part_count, hg_optimizer **optimizer, hg_error *error);

hg_status hg_optimizer_free(hg_optimizer **optimizer);

hg_status hg_optimizer_get_info(
    const hg_optimizer *optimizer, hg_optimizer_info *info, hg_error *error);

/* Threads that share long vectors, 1 to 1024; 1 at first. The bits do not depend on it. The threads are
   shared by all that use the library; the first step with more than one makes them. */
hg_status hg_optimizer_set_threads(hg_optimizer *optimizer, int32_t threads, hg_error *error);

/* Puts another rate, finite and at least 0, in place of the controller's own, from the next step on,
   rounded to single precision by a controller that keeps it so. HG_ERROR_UNSUPPORTED for a controller
   that does not take it over, such as a schedule, or holds it within bounds. */
hg_status hg_optimizer_set_rate(hg_optimizer *optimizer, double rate, hg_error *error);

/* What hg_optimizer_step would refuse of these inputs: a loss, metric or epoch that is missing, a number
   that is none, a schedule that has ended. Changes nothing. So that of several optimizers, groups of
   one model, all step or none does. */
hg_status hg_optimizer_check(
    const hg_optimizer *optimizer, const hg_inputs *inputs, hg_error *error);

/* One step. Allocates nothing.
 *
 * parameters: θ of each part, changed in place; `part_count` pointers, as at creation, each to as many
 *   numbers of the type as `lengths` said. Those of a part without elements may be NULL. Parameters and
 *   gradients are aligned as their type, and none overlaps another.
 * gradients: ∇f(θ) of each part; NULL for a part that has none at this step and stays where it is,
 *   except under HG_ERROR_UNSUPPORTED where the optimizer gathers.
 * lengths: once more, to be compared.
 * inputs: loss, metric and epoch; may be NULL.
 * decision: may be NULL.
 */
hg_status hg_optimizer_step(
    hg_optimizer *optimizer, void *const *parameters, const void *const *gradients,
    const uint64_t *lengths, size_t part_count, const hg_inputs *inputs, hg_decision *decision,
    hg_error *error);

/* The same on one vector. */
hg_status hg_optimizer_step_float(
    hg_optimizer *optimizer, float *parameters, const float *gradient, uint64_t length,
    const hg_inputs *inputs, hg_decision *decision, hg_error *error);
hg_status hg_optimizer_step_double(
    hg_optimizer *optimizer, double *parameters, const double *gradient, uint64_t length,
    const hg_inputs *inputs, hg_decision *decision, hg_error *error);

/* The state as bytes, the same on every machine; see hg_controller_save. */
hg_status hg_optimizer_save(
    const hg_optimizer *optimizer, uint8_t *buffer, size_t capacity, size_t *size, hg_error *error);

/* Takes over the state that an optimizer of the same text, variables, type and lengths has saved. */
hg_status hg_optimizer_load(
    hg_optimizer *optimizer, const uint8_t *bytes, size_t size, hg_error *error);

/* ---- Optimizers whose parameters are shared out ------------------------------------------------ */

/* Where each of several processes has a part of the parameters, each makes an optimizer of its part by
   the same text; a step is

       hg_optimizer_sums(…, &sums)            in each process, of its part
       sums.values ← their sums over all      such as MPI_Allreduce, HG_SUM_COUNT doubles
       hg_optimizer_step_in_sums(…, &sums)    in each process: the same rate everywhere

   The reduction must give every process the same bits. The loss is the whole one; a share of it may
   travel in a place beside the sums. Under data parallelism, where every process has all parameters
   and the averaged gradient, there is nothing to add. */

enum {
  /* Σ u_{t−1}·g_t */
  HG_SUM_ALIGNMENT = 0,
  /* Σ g_t² */
  HG_SUM_GRADIENT_SQUARE = 1,
  /* Σ u_{t−1}² */
  HG_SUM_PREVIOUS_DIRECTION_SQUARE = 2,
  /* Σ u_{t−1}·g_{t−1} */
  HG_SUM_PREVIOUS_DIRECTION_ALIGNMENT = 3,
  /* Σ T_{t−1}·g_t */
  HG_SUM_TRACE_ALIGNMENT = 4,
  /* Σ T_{t−1}² */
  HG_SUM_TRACE_SQUARE = 5,
  /* Σ ∇f², where the objective has a penalty and the rule clips */
  HG_SUM_PLAIN_GRADIENT_SQUARE = 6,
  /* Σ u_t·g_t */
  HG_SUM_DIRECTION_ALIGNMENT = 7,
  /* Σ u_t² */
  HG_SUM_DIRECTION_SQUARE = 8,
  HG_SUM_COUNT = 9
};

/* Zero where the controller and the rule need none. */
typedef struct hg_sums {
  double values[HG_SUM_COUNT];
} hg_sums;

/* The sums over this process' parts. Changes nothing and allocates nothing. The pointers are as in
   hg_optimizer_step. HG_ERROR_UNSUPPORTED for a rule that looks at the whole gradient. */
hg_status hg_optimizer_sums(
    hg_optimizer *optimizer, void *const *parameters, const void *const *gradients,
    const uint64_t *lengths, size_t part_count, hg_sums *sums, hg_error *error);

/* Of a controller that looks ahead: makes the new direction; adds its sums, over this process' parts,
   to none but the last two numbers, which are to be zero before, and are reduced again after it. */
hg_status hg_optimizer_direction(
    hg_optimizer *optimizer, void *const *parameters, const void *const *gradients,
    const uint64_t *lengths, size_t part_count, const hg_inputs *inputs, hg_sums *sums,
    hg_error *error);

/* The step, decided from the sums over all processes. */
hg_status hg_optimizer_step_in_sums(
    hg_optimizer *optimizer, void *const *parameters, const void *const *gradients,
    const uint64_t *lengths, size_t part_count, const hg_sums *sums, const hg_inputs *inputs,
    hg_decision *decision, hg_error *error);

/* ---- Training methods -------------------------------------------------------------------------- */

/* A method that asks for losses and gradients where it likes: a line search, schedule-free averages,
   distances to a solution; `rule + controller` as well, which asks once a step. */
typedef struct hg_method hg_method;

typedef struct hg_method_info {
  /* The signals that the caller is to pass: of HG_SIGNAL_METRIC and _EPOCH. */
  uint32_t inputs;
  int64_t steps;
  int64_t skipped;
  int64_t retaken;
  int64_t restored;
  /* The rate that the last step applied. */
  double rate;
  /* What a parameter-free method takes for the distance from the start to a solution; NaN where it
     makes no such estimate. */
  double distance_estimate;
  int64_t memory_vectors;
  uint64_t parameter_count;
  /* Questions so far: for loss and gradient, and for the loss alone. */
  int64_t gradients;
  int64_t losses;
} hg_method_info;

/* Makes a method for `parameter_count` ≥ 1 numbers that begin at `parameters`.
 *
 * groups: elements of the parts that belong together (a layer's weights), in order, which add up to
 *   `parameter_count`; may be NULL where `group_count` is 0: one group.
 */
hg_status hg_method_create(
    const char *text, const hg_variable *variables, size_t variable_count, int32_t scalar,
    const void *parameters, uint64_t parameter_count, const uint64_t *groups, size_t group_count,
    hg_method **method, hg_error *error);

/* Inside a step too, which then ends unfinished. */
hg_status hg_method_free(hg_method **method);

hg_status hg_method_get_info(
    const hg_method *method, hg_method_info *info, hg_error *error);

/* The caller's objective: writes f(point) to `loss` and, where `gradient` is not NULL, ∇f(point).
 *
 * Within one step, the same `draw` is the same minibatch, at whatever point; another is independent of
 * it. Draw 0 is the one that a plain optimizer would see. The pointers hold until it returns. Returns
 * 0; any other number, or no loss, ends the step with HG_ERROR_CALLBACK. It must not use the method's handle.
 */
typedef int32_t (*hg_evaluate)(
    void *context, const void *point, uint64_t draw, double *loss, void *gradient);

/* One step, in which the method calls `evaluate` as often as it likes.
 *
 * parameters: θ, as many as at creation, changed in place: the point that counts as the result so far.
 * context: handed to `evaluate`.
 *
 * A Hessian-vector product is taken as a central difference of two gradients. Some methods allocate in
 * a step. After HG_ERROR_CALLBACK parameters and state are what unanswered questions made of them: the
 * handle can only be loaded or freed.
 */
hg_status hg_method_step(
    hg_method *method, void *parameters, uint64_t parameter_count, const hg_inputs *inputs,
    hg_evaluate evaluate, void *context, hg_error *error);

enum {
  /* The step is done: hg_method_end. */
  HG_QUESTION_NONE = 0,
  /* Loss and gradient. */
  HG_QUESTION_GRADIENT = 1,
  /* The loss alone. */
  HG_QUESTION_LOSS = 2
};

typedef struct hg_question {
  int32_t kind;
  /* As in hg_evaluate. */
  uint64_t draw;
  /* Where; valid until the answer. */
  const void *point;
} hg_question;

/* The same step, question by question, for a caller that can't be called:

       hg_method_begin(method, theta, n, &inputs, &error);
       while (hg_method_propose(method, &question, &error) == HG_OK
              && question.kind != HG_QUESTION_NONE)
         hg_method_observe(method, loss, gradient, &error);     f and ∇f at question.point
       hg_method_end(method, theta, n, &error);

   The step runs on a thread of the handle's own, which the first hg_method_begin makes, and which waits
   while the caller computes. The parameters are copied in and out. */
hg_status hg_method_begin(
    hg_method *method, const void *parameters, uint64_t parameter_count, const hg_inputs *inputs,
    hg_error *error);

/* The next question; the same one again where it has not been answered. */
hg_status hg_method_propose(hg_method *method, hg_question *question, hg_error *error);

/* Its answer; `gradient`, as many numbers as there are parameters, may be NULL for HG_QUESTION_LOSS. */
hg_status hg_method_observe(
    hg_method *method, double loss, const void *gradient, hg_error *error);

/* Writes the parameters after the step. */
hg_status hg_method_end(
    hg_method *method, void *parameters, uint64_t parameter_count, hg_error *error);

/* Between steps. */
hg_status hg_method_save(
    const hg_method *method, uint8_t *buffer, size_t capacity, size_t *size, hg_error *error);

/* Takes over the state that a method of the same text, variables, type and count has saved. */
hg_status hg_method_load(
    hg_method *method, const uint8_t *bytes, size_t size, hg_error *error);

/* ---- Optimizers that can't be opened ----------------------------------------------------------- */

/* A controller for an optimizer of someone else's whose learning rate can be set: the direction is
   recovered from what it did,

       u_{t−1} = (θ_{t−2} − θ_{t−1}) / η_{t−1}

   Valid where u_t does not depend on η_t or on rates before it: θ_t = θ_{t−1} − η_t·u_t(g_1 … g_t,
   θ_0 … θ_{t−1}). So for SGD with momentum as PyTorch has it (v ← μv + g, θ ← θ − ηv), RMSProp, Adam
   and decoupled decay η·λ·θ; not where the velocity contains the rate (v ← μv − ηg, θ ← θ + v: Keras,
   Sutskever), nor where a line search or a trust ratio takes no notice of it. hg_follower_check tries. */
typedef struct hg_follower hg_follower;

/* `text` is a controller's that takes back no step, restores nothing and does not look at the new
   direction. Keeps two vectors, three with a trace. */
hg_status hg_follower_create(
    const char *text, const hg_variable *variables, size_t variable_count, int32_t scalar,
    uint64_t parameter_count, hg_follower **follower, hg_error *error);

hg_status hg_follower_free(hg_follower **follower);

/* Before the optimizer's step: the rate that it is to be given. After HG_DECISION_SKIP it takes no step
   with this gradient, and hg_follower_after is not called. */
hg_status hg_follower_before(
    hg_follower *follower, const void *parameters, const void *gradient, uint64_t parameter_count,
    const hg_inputs *inputs, hg_decision *decision, hg_error *error);

/* After it: where it has gone. */
hg_status hg_follower_after(
    hg_follower *follower, const void *parameters, uint64_t parameter_count, hg_error *error);

/* Between steps: the state as bytes, the same on every machine; see hg_controller_save. */
hg_status hg_follower_save(
    const hg_follower *follower, uint8_t *buffer, size_t capacity, size_t *size, hg_error *error);

/* Takes over the state that a follower of the same text, variables, type and count has saved. */
hg_status hg_follower_load(
    hg_follower *follower, const uint8_t *bytes, size_t size, hg_error *error);

/* One step of an optimizer to be tried: θ ← its step with `gradient` at `rate`. `number` counts the
   steps of a trial from 0, at which the optimizer is to be a new one. Returns 0, or another number to
   give up. */
typedef int32_t (*hg_foreign_step)(
    void *context, int32_t number, double *parameters, const double *gradient, uint64_t count,
    double rate);

/* Tries whether u can be recovered: the directions of some steps must be the same, within `tolerance`
   of their norm, whatever the rates of the steps before and of their own. HG_ERROR_UNSUPPORTED, with
   what differed, where they are not. `tolerance` is in (0, 1), 1e-5 for an optimizer in Float. */
hg_status hg_follower_check(
    hg_foreign_step step, void *context, uint64_t parameter_count, double tolerance,
    hg_error *error);

#ifdef __cplusplus
}
#endif

#endif
