"""The module on numbers and numpy arrays."""

import copy
import inspect
import math
import os
import pickle
import sys
import warnings

import numpy as np
import pytest

import hypergradient as hg


def test_version_and_names():
    assert hg.version().startswith("1.")
    for kind in ("rule", "controller", "method", "schedule", "controller modifier"):
        names = hg.names(kind)
        assert len(names) == len(set(names)) >= 3
        for name in names:
            assert hg.describe(name, kind).startswith(name)
    with pytest.raises(hg.HypergradientError, match="adam"):
        hg.describe("adem", "rule")
    with pytest.raises(hg.HypergradientError):
        hg.names("rules")


@pytest.mark.parametrize(
    "text, column",
    [("hypergradient(initial: 1e-3, hyperLearningRat: 1)", 30), ("constant(-1)", 10), ("", 1)],
)
def test_a_wrong_text_says_where(text, column):
    with pytest.raises(hg.HypergradientError) as raised:
        hg.Controller(text)
    assert raised.value.column == column and raised.value.status == 3


def test_additive_hypergradient_descent_is_its_equation():
    control = hg.Controller("hypergradient(initial: start, hyperLearningRate: 0.125)", start=0.5)
    assert control.needs == ("alignment",) and control.rate == 0.5
    alpha, random = 0.5, np.random.default_rng(3)
    for alignment in random.normal(size=100):
        alpha = max(alpha + 0.125 * alignment, 0)
        assert control.step(alignment=alignment) == ("step", alpha)
    with pytest.raises(hg.HypergradientError, match="alignment"):
        control.step(loss=1.0)
    with pytest.raises(hg.HypergradientError, match="none of"):
        control.step(alignments=1.0)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_go_on_with_the_same_bits(copied):
    control = hg.Controller("plateau(initial: 0.1, reduce: by(0.5, after: 2), watching: metric)")
    random = np.random.default_rng(4)
    for metric in random.normal(size=7):
        control.step(metric=metric)
    other = copied(control)
    for metric in random.normal(size=20):
        assert control.step(metric=metric) == other.step(metric=metric)
    assert control.step(metric=None) == other.step(metric=None)


def test_states_that_are_damaged_or_of_others_are_refused():
    control = hg.Controller("hypergradient(initial: 0.1, hyperLearningRate: 0.1)")
    state = control.save()
    for length in range(len(state)):
        with pytest.raises(hg.HypergradientError):
            control.load(state[:length])
    with pytest.raises(hg.HypergradientError, match="not of"):
        hg.Controller("constant(0.1)").load(state)
    control.load(state)


def test_torch_plateaus(conformance):
    for case in conformance("plateau_torch"):
        c = case["config"]
        words = {"rel": "relative", "abs": "absolute", "min": "minimize", "max": "maximize"}
        control = hg.Controller(
            f"torchPlateau(initial: {c['base']}, factor: {c['factor']}, patience: {c['patience']}, "
            f"threshold: {c['threshold']}, thresholdMode: {words[c['threshold_mode']]}, "
            f"mode: {words[c['mode']]}, cooldown: {c['cooldown']}, minimum: {c['min_lr']}, "
            f"eps: {c['eps']}, watching: metric)"
        )
        rates = [
            control.step(metric=math.nan if m is None else float(m)).rate for m in case["metrics"]
        ]
        assert rates == pytest.approx(case["learning_rates"], rel=1e-12, abs=0), case["name"]


def test_a_schedule_is_its_function():
    schedule = hg.Schedule("cosine(from: 0.1, over: steps)", steps=100)
    for step in np.linspace(0, 100, 57):
        assert schedule(step) == pytest.approx(0.05 * (1 + math.cos(math.pi * step / 100)), abs=1e-15)
    assert pickle.loads(pickle.dumps(schedule))(25) == schedule(25)
    with pytest.raises(hg.HypergradientError):
        schedule(-1)
    with pytest.raises(hg.HypergradientError, match="ends"):
        hg.Schedule("linear(over: 3, past: error)")(4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_optimizer_changes_arrays_in_place(dtype):
    x = [np.array([4.0, -2.0], dtype), np.ones((3, 2), dtype)]
    scales = [np.array([1, 10], dtype), np.full((3, 2), 3, dtype)]
    optimizer = hg.Optimizer("sgd + constant(0.0625)", x)
    before = [part.ctypes.data for part in x]
    y = [part.copy() for part in x]
    for _ in range(10):
        assert optimizer.step(x, [s * part for s, part in zip(scales, x)]).rate == 0.0625
        for s, part in zip(scales, y):
            part -= dtype(0.0625) * (s * part)
    assert [part.ctypes.data for part in x] == before
    for a, b in zip(x, y):
        np.testing.assert_array_equal(a, b)
    other = pickle.loads(pickle.dumps(optimizer))
    assert other.info.steps == 10 and other.lengths == [2, 6]
    with pytest.raises(hg.HypergradientError, match="expected"):
        optimizer.step(x[::-1], x)
    with pytest.raises(hg.HypergradientError, match="arrays"):
        optimizer.step(x[0], x[0])
    with pytest.raises(hg.HypergradientError, match="contiguous"):
        optimizer.step([x[0], np.ones((2, 3), dtype).T], x)
    with pytest.raises(hg.HypergradientError, match="float32"):
        hg.Optimizer("sgd + constant(1)", np.zeros(3, np.int32))


@pytest.mark.parametrize("text", ["prodigy()", "armijo(sgd, initial: 1)", "scheduleFreeSGD(rate: 0.05)"])
def test_a_method_asks_by_function_and_by_question(text):
    scale = np.array([1.0, 10.0])

    def function(at):
        return float(scale @ at**2) / 2, scale * at

    x, y = np.array([4.0, -2.0]), np.array([4.0, -2.0])
    one, two = hg.Method(text, x), hg.Method(text, y)
    for step in range(40):
        one.step(x, function)
        for point, answer in two.questions(y):
            answer(*function(point))
        np.testing.assert_array_equal(x, y)
        if step == 20:
            two = pickle.loads(pickle.dumps(two))
    assert function(x)[0] < function(np.array([4.0, -2.0]))[0]

    def fails(at):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        one.step(x, fails)


def heavy_ball(in_velocity):
    def make():
        velocity = 0.0

        def step(x, g, rate):
            nonlocal velocity
            if in_velocity:
                velocity = 0.9 * velocity - rate * g
                return x + velocity
            velocity = 0.9 * velocity + g
            return x - rate * velocity

        return step

    return make


def test_a_velocity_that_contains_the_rate_is_refused():
    hg.check_foreign(heavy_ball(False), 5, 1e-9)
    with pytest.raises(hg.HypergradientError, match="velocity contains the rate"):
        hg.check_foreign(heavy_ball(True), 5, 1e-3)
    with pytest.raises(hg.HypergradientError, match="proportional"):
        hg.check_foreign(lambda: lambda x, g, rate: x - rate**2 * g)
    with pytest.raises(ZeroDivisionError):
        hg.check_foreign(lambda: lambda x, g, rate: 1 / 0)


def test_a_follower_is_the_optimizer():
    scale = np.arange(1.0, 6)
    text = "hypergradient(initial: 1e-3, hyperLearningRate: 1e-6)"
    x, y = np.ones(5), np.ones(5)
    inside = hg.Optimizer("heavyBall(momentum: 0.9) + " + text, x)
    outside, step = hg.Follower(text, 5), heavy_ball(False)()
    for _ in range(50):
        rate = inside.step(x, scale * x).rate
        led = outside.before(y, scale * y)
        y = step(y, scale * y, led.rate)
        outside.after(y)
        assert led.rate == pytest.approx(rate, rel=1e-9)
    np.testing.assert_allclose(x, y, rtol=1e-9)
    with pytest.raises(hg.HypergradientError, match="before"):
        outside.after(y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("text", [
    "hypergradient(initial: 1e-2, hyperLearningRate: 0.02, form: .multiplicative)",
    "hypergradient(initial: 1e-2, hyperLearningRate: 1e-4)",
    "plateau(initial: 1e-2, reduce: by(0.5, after: 2), watching: loss())",
])  # fmt: skip
@pytest.mark.parametrize("way", ["bytes", "pickled"])
def test_a_follower_that_is_stored_goes_on_with_the_same_bits(dtype, text, way):
    scale = np.arange(1.0, 6).astype(dtype)
    follower, x = hg.Follower(text, 5, dtype), np.ones(5, dtype)

    def go(follower, x, steps):
        rates = []
        for _ in range(steps):
            rate = follower.before(x, scale * x, loss=float(x @ (scale * x)) / 2).rate
            x -= (rate * scale * x).astype(dtype)
            follower.after(x)
            rates.append(rate)
        return rates

    go(follower, x, 12)
    state, y = follower.save(), x.copy()
    if way == "bytes":
        again = hg.Follower(text, 5, dtype)
        again.load(state)
    else:
        again = pickle.loads(pickle.dumps(follower))
    assert again.save() == state
    assert go(follower, x, 12) == go(again, y, 12)
    assert (x == y).all()
    for other in (hg.Follower(text, 4, dtype), hg.Follower("constant(0.1)", 5, dtype)):
        with pytest.raises(hg.HypergradientError, match="the state is of"):
            other.load(state)
    follower.before(x, scale * x, loss=1.0)
    with pytest.raises(hg.HypergradientError, match="comes before"):
        follower.save()


@pytest.mark.parametrize("wrong, words", [
    (np.zeros(2), "2 numbers of float64, expected 3 of float64"),
    (np.zeros(3, np.float32), "3 numbers of float32, expected 3 of float64"),
    (np.zeros((1, 4)), "4 numbers"),
    ([0.0, 0.0, 0.0], "no numpy array, but list"),
    (np.zeros(6)[::2], "not contiguous"),
    (np.frombuffer(bytes(25), np.uint8)[1:].view(np.float64), "written|aligned"),
])  # fmt: skip
def test_an_array_that_does_not_fit_is_refused_before_its_address_is_taken(wrong, words):
    x = np.ones(3)
    optimizer, follower = hg.Optimizer("sgd + constant(0.5)", x), hg.Follower("constant(0.5)", 3)
    method = hg.Method("prodigy()", x)
    with pytest.raises(hg.HypergradientError, match=words):
        optimizer.step([wrong], [np.ones(3)])
    with pytest.raises(hg.HypergradientError, match=words):
        method.step(wrong, lambda at: (0.0, at))
    with pytest.raises(hg.HypergradientError, match=words):
        list(method.questions(wrong))
    if "written" not in words:
        with pytest.raises(hg.HypergradientError, match=words):
            optimizer.step([x], [wrong])
        with pytest.raises(hg.HypergradientError, match=words):
            follower.before(wrong, x)
    assert (x == 1).all() and optimizer.info.steps == method.info.steps == 0


def test_a_gradient_of_another_length_is_refused_and_not_spread():
    x = np.ones(3)
    with pytest.raises(hg.HypergradientError, match="1 numbers, expected 3"):
        hg.Method("prodigy()", x).step(x, lambda at: (0.0, np.ones(1)))


@pytest.mark.parametrize("ask", [
    lambda m: m.rate, lambda m: m.info, lambda m: m.save(), lambda m: m.load(b""),
    lambda m: m.step(np.ones(2), lambda at: (0.0, at)), lambda m: list(m.questions(np.ones(2))),
])  # fmt: skip
@pytest.mark.parametrize("text", ["prodigy()", "sgd + constant(0.1)", "armijo(sgd, initial: 1)"])
def test_a_method_that_is_used_by_its_own_function_says_so(text, ask):
    x = np.array([4.0, -2.0])
    method = hg.Method(text, x)
    state = method.save()

    def function(at):
        ask(method)
        return float(at @ at) / 2, at

    with pytest.raises(hg.HypergradientError, match="the method is inside a call"):
        method.step(x, function)
    method.load(state)
    method.step(x, lambda at: (float(at @ at) / 2, at))
    assert method.info.steps == 1


def test_a_step_by_questions_that_is_left_is_given_up():
    x = np.array([4.0, -2.0])
    method = hg.Method("armijo(sgd, initial: 1)", x)
    state = method.save()

    def step():
        for point, answer in method.questions(x):
            answer(float(point @ point) / 2, point)
            with pytest.raises(hg.HypergradientError, match="has been answered"):
                answer(0.0, point)

    with pytest.raises(ZeroDivisionError):
        for point, answer in method.questions(x):
            1 / 0
    assert (x == [4.0, -2.0]).all()
    for use in (step, method.save, lambda: method.step(x, lambda at: (0.0, at))):
        with pytest.raises(hg.HypergradientError, match=r"given up.*load\(\)"):
            use()
    method.load(state)
    step()
    y = np.array([4.0, -2.0])
    hg.Method("armijo(sgd, initial: 1)", y).step(y, lambda at: (float(at @ at) / 2, at))
    assert (x == y).all()
    for point, answer in method.questions(x):
        assert method.rate >= 0 and method.info.steps == 1
        for use in (step, method.save, lambda: method.load(state)):
            with pytest.raises(hg.HypergradientError, match="a loop of questions is open"):
                use()
        break
    with pytest.raises(hg.HypergradientError, match="given up"):
        step()
    # After the last answer there is nothing to give up.
    plain = hg.Method("sgd + constant(0.25)", x)
    with pytest.raises(KeyError):
        for point, answer in plain.questions(y):
            answer(0.0, point)
            raise KeyError
    assert plain.info.steps == 1 and plain.save()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("threads", [False, True])
def test_a_forked_process_is_told_that_the_threads_are_elsewhere(threads):
    x = np.ones(2)
    if threads:
        owner = hg.Optimizer("sgd + constant(0.5)", x)
        owner.set_threads(2)
        owner.step(x, x.copy())
    else:
        owner = hg.Method("sgd + constant(0.5)", x)
        for point, answer in owner.questions(x):
            answer(0.0, point)
    child = os.fork()
    if child == 0:
        try:
            owner.save()
            os._exit(1)
        except hg.HypergradientError as error:
            os._exit(0 if "forked" in str(error) else 2)
        finally:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert owner.info.steps == 1


INDEPENDENT = "independentAlignment(sgd, by: hypergradient(initial: 0.01, hyperLearningRate: 1e-3))"


def minibatches(draw, step):
    return np.random.default_rng([step, draw]).normal(size=2)


def test_a_function_of_two_arguments_is_given_the_draw():
    start = np.array([4.0, -2.0])

    def run(way, text=INDEPENDENT):
        x, rates, draws = start.copy(), [], set()
        method = hg.Method(text, x)
        for step in range(20):
            def of(at, draw):
                draws.add(draw)
                noisy = at + minibatches(draw, step)
                return float(at @ at) / 2, noisy

            if way == "questions":
                for point, answer in method.questions(x):
                    assert answer.needs_gradient
                    answer(*of(point, answer.draw))
            elif way == "place":
                method.step(x, of)
            elif way == "name":
                method.step(x, lambda at, *, draw=0: of(at, draw))
            else:
                method.step(x, lambda at, scale=1.0: of(at, 0))
            rates.append(method.rate)
        return rates, draws

    by_place, draws = run("place")
    assert draws == {0, 1}
    assert by_place == run("name")[0] == run("questions")[0]
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        without = run("none")[0]
    assert without != by_place and without == run("place", "sgd + hypergradient(initial: 0.01, "
                                                  "hyperLearningRate: 1e-3)")[0]  # fmt: skip
    assert ["function(point, draw)" in str(one.message) for one in said] == [True]
    assert said[0].filename == __file__


@pytest.mark.parametrize("owner", [
    hg.Controller("constant(0.1)"), hg.Optimizer("sgd + constant(0.1)", np.ones(2)),
    hg.Method("prodigy()", np.ones(2)), hg.Follower("constant(0.1)", 2),
], ids=lambda owner: type(owner).__name__)  # fmt: skip
def test_a_handle_is_used_by_one_call_at_a_time(owner):
    state, calls = owner.save(), [owner.save, lambda: owner.load(state)]
    if not isinstance(owner, hg.Follower):
        calls += [lambda: owner.info, lambda: owner.rate]
    if isinstance(owner, hg.Optimizer):
        calls.append(lambda: owner.step(np.ones(2), np.zeros(2)))
    if isinstance(owner, hg.Controller):
        calls.append(owner.step)
    with owner._handle._in_use:
        for call in calls:
            with pytest.raises(hg.HypergradientError, match="inside a call"):
                call()
    for call in calls:
        call()


def test_an_interrupt_locks_no_handle():
    control, interrupts = hg.Controller("constant(0.1)"), 0
    lines, first = inspect.getsourcelines(type(control._handle).call)
    for number in range(first, first + len(lines)):

        def trace(frame, event, _, number=number):
            if event == "line" and frame.f_lineno == number:
                raise KeyboardInterrupt
            return trace if frame.f_code is type(control._handle).call.__code__ else None

        sys.settrace(trace)
        try:
            control.step()
        except KeyboardInterrupt:
            interrupts += 1
        finally:
            sys.settrace(None)
        control.step()
    assert interrupts > 4


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_as_a_function_is_called_gives_the_step_up():
    x = np.array([4.0, -2.0])
    method, calls = hg.Method("armijo(sgd, initial: 1)", x), []
    state = method.save()

    def trace(frame, event, _):
        if frame.f_code.co_name == "evaluate":
            calls.append(1)
            if len(calls) == 2:
                raise KeyboardInterrupt

    sys.settrace(trace)
    try:
        with pytest.raises(hg.HypergradientError, match="given up"):
            method.step(x, lambda at: (float(at @ at) / 2, at))
    finally:
        sys.settrace(None)
    with pytest.raises(hg.HypergradientError, match=r"given up.*load\(\)"):
        method.save()
    method.load(state)


def test_a_rate_is_taken_over_or_refused_and_left():
    plateau = hg.Controller("kerasPlateau(initial: 0.1, watching: metric)")  # in single precision
    assert plateau.take_over(0.01) == plateau.rate == pytest.approx(0.01, rel=1e-6)
    for text in ("scheduled(cosine(from: 0.1, over: 9))",
                 "hypergradient(initial: 0.1, hyperLearningRate: 1e-3).clamped(to: 0.05...1)"):
        control = hg.Controller(text)
        with pytest.raises(hg.HypergradientError, match="own rate.*does not take over 0.01"):
            control.take_over(0.01)
        assert control.rate == 0.1
    for rate in (-1.0, float("nan")):
        with pytest.raises(hg.HypergradientError, match="not a finite number"):
            plateau.take_over(rate)
