"""JAX and Optax: the callback's decisions, the pure function, and the C interface's optimizer agree."""

import math
import pickle

import numpy as np
import pytest

jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")
jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402

import hypergradient as hg  # noqa: E402
import hypergradient.optax as hgo  # noqa: E402

SCALE = np.linspace(1, 5, 7)


def value(p):
    return jnp.sum(SCALE[:2] * p["a"] ** 2) / 2 + jnp.sum(SCALE[2:] * p["b"] ** 2) / 2


def start():
    return {"a": jnp.ones(2), "b": jnp.full((5,), 2.0)}


def run(optimizer, steps, jitted=True, params=None, state=None):
    params = start() if params is None else params
    state = optimizer.init(params) if state is None else state

    def step(params, state):
        loss, grads = jax.value_and_grad(value)(params)
        updates, state = optimizer.update(grads, state, params, value=loss)
        return optax.apply_updates(params, updates), state

    step = jax.jit(step) if jitted else step
    rates = []
    for _ in range(steps):
        params, state = step(params, state)
        rates.append(float(state.rate))
    return params, state, rates


def inside(text, steps):
    x = np.concatenate([np.ones(2), np.full(5, 2.0)])
    optimizer, rates = hg.Optimizer(text, x), []
    for _ in range(steps):
        rates.append(optimizer.step(x, SCALE * x, loss=float(SCALE @ x**2) / 2).rate)
    return x, rates


ADAM = ("adam", lambda: optax.scale_by_adam())
SGD = ("sgd", lambda: optax.identity())
TRACE = ("heavyBall(momentum: 0.9)", lambda: optax.trace(0.9))


@pytest.mark.parametrize("rule, base", [SGD, ADAM, TRACE])
@pytest.mark.parametrize("control", [
    "hypergradient(initial: 0.01, hyperLearningRate: 1e-5)",
    "hypergradient(initial: 0.01, hyperLearningRate: 0.02, form: .multiplicative)",
    "hypergradient(initial: 0.01, hyperLearningRate: 0.02, form: .multiplicative)"
    ".guardedByTrace(share: 0.5, atLeast: 5)",
    "polyak(maximum: 0.05)",
    "plateau(initial: 0.1, reduce: by(0.5, after: 3))",
    "l4()",
    "scheduled(cosine(from: 0.1, over: 30))",
])  # fmt: skip
def test_it_is_the_optimizer(rule, base, control):
    params, _, rates = run(hgo.by(control, base()), 40)
    x, expected = inside(f"{rule} + {control}", 40)
    assert rates == pytest.approx(expected, rel=1e-9)
    found = np.concatenate([params["a"], params["b"]])
    np.testing.assert_allclose(found, x, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("rule, base", [SGD, ADAM])
@pytest.mark.parametrize("multiplicative, beta", [(False, 1e-5), (True, 0.02)])
def test_the_pure_function_agrees_to_1e_12(rule, base, multiplicative, beta):
    form = ", form: .multiplicative" if multiplicative else ""
    control = f"hypergradient(initial: 0.01, hyperLearningRate: {beta}{form})"
    pure = hgo.hypergradient_descent(0.01, beta, base(), multiplicative=multiplicative)
    _, _, one = run(pure, 60)
    _, _, two = run(hgo.by(control, base()), 60)
    assert one == pytest.approx(two, rel=1e-12, abs=0)
    assert one[-1] != 0.01


def test_without_jit_in_a_scan_and_resumed_it_is_the_same():
    optimizer = hgo.by("hypergradient(initial: 0.01, hyperLearningRate: 1e-4)", optax.scale_by_adam())
    params, state, rates = run(optimizer, 20)
    _, _, plain = run(optimizer, 20, jitted=False)
    assert plain == pytest.approx(rates, rel=1e-12)

    def body(carry, _):
        params, state = carry
        loss, grads = jax.value_and_grad(value)(params)
        updates, state = optimizer.update(grads, state, params, value=loss)
        return (optax.apply_updates(params, updates), state), state.rate

    _, scanned = jax.lax.scan(body, (start(), optimizer.init(start())), length=20)
    assert list(map(float, scanned)) == pytest.approx(rates, rel=1e-12)

    stored = pickle.dumps(jax.tree.map(np.asarray, (params, state)))
    _, _, on = run(optimizer, 10, params=params, state=state)
    p, s = jax.tree.map(jnp.asarray, pickle.loads(stored))
    _, _, again = run(optimizer, 10, params=p, state=hgo.ControlledState(*s))
    assert on == again


def test_what_is_missing_or_can_not_be_is_said():
    with pytest.raises(hg.HypergradientError, match="take back"):
        hgo.by("traceAligned(initial: 0.1, steps: 10)")
    with pytest.raises(hg.HypergradientError, match="column"):
        hgo.by("constnt(0.1)")
    optimizer = hgo.by("polyak(maximum: 0.1)")
    state = optimizer.init(start())
    with pytest.raises(hg.HypergradientError, match="value=…"):
        optimizer.update(start(), state, start())
    plateau = hgo.by("plateau(initial: 0.1, reduce: by(0.5, after: 1), watching: metric)")
    state, rates = plateau.init(start()), []
    for metric in (1.0, 1.0, math.nan, 1.0):
        _, state = plateau.update(start(), state, start(), metric=metric)
        rates.append(float(state.rate))
    assert rates == [0.1, 0.05, 0.05, 0.025]


@pytest.mark.parametrize("against, watching, steps", [
    (".slope(over: 1000)", ".loss(averagedOver: 1)", 2100),
    (".slope(over: window)", ".loss(averagedOver: 1)", 2100),
    (".slope(over: 300)", ".loss(averagedOver: 8)", 2600),
    (".best", ".loss(averagedOver: 500)", 1200),
])  # fmt: skip
def test_a_state_that_grows_has_room(against, watching, steps):
    text = f"plateau(initial: 0.01, reduce: by(0.5, after: 5), against: {against}, watching: {watching})"
    optimizer = hgo.by(text, window=1000.0)

    @jax.jit
    def run(state):
        def body(state, k):
            _, state = optimizer.update(jnp.zeros(2), state, jnp.zeros(2), value=1 / (1.0 + k))
            return state, state.rate

        return jax.lax.scan(body, state, jnp.arange(steps))

    state, rates = run(optimizer.init(jnp.zeros(2)))
    alone = hg.Controller(text, window=1000.0)
    assert [alone.step(loss=1 / (1.0 + k)).rate for k in range(steps)] == pytest.approx(list(map(float, rates)))
    assert len(alone.save()) + 8 <= state.controller.size
    # No more than a few times as much as is needed.
    assert state.controller.size < 4 * len(alone.save()) + 16384


def test_a_state_that_can_have_no_room_is_refused_when_it_is_made():
    with pytest.raises(hg.HypergradientError, match="a shorter window"):
        hgo.by("plateau(initial: 0.01, reduce: by(0.5, after: 5), against: .slope(over: 1000000))")
    hgo.by("scheduled(cosine(from: 0.1, over: 100000000))")
    hgo.by("scheduled(linear(from: 0.1, over: 3, past: error))")


@pytest.mark.parametrize("make", [
    lambda: hgo.by("hypergradient(initial: 0.01, hyperLearningRate: 1e-3)"),
    lambda: hgo.hypergradient_descent(0.01, 1e-3),
    lambda: hgo.by("hypergradient(initial: 0.01, hyperLearningRate: 1e-3)", optax.trace(0.9)),
])  # fmt: skip
def test_a_complex_number_counts_as_two_real_ones(make):
    ends = []
    for is_complex in (False, True):
        optimizer, rates = make(), []
        params = jnp.asarray([[1.0, 2.0], [-1.0, 0.5]])
        if is_complex:
            params = params[:, 0] + 1j * params[:, 1]
        state = optimizer.init(params)
        for _ in range(10):
            scale = jnp.asarray([1.0, 3.0]) if is_complex else jnp.asarray([[1.0], [3.0]])
            updates, state = optimizer.update(scale * params, state, params)
            params = optax.apply_updates(params, updates)
            rates.append(float(state.rate))
        ends.append(rates)
    assert ends[0] == pytest.approx(ends[1], rel=1e-12) and ends[0][-1] > 0.02


@pytest.mark.parametrize("make", [
    lambda: hgo.by("hypergradient(initial: 0.01, hyperLearningRate: 1e-3)"),
    lambda: hgo.by("hypergradient(initial: 0.01, hyperLearningRate: 0.02, form: .multiplicative)"
                   ".guardedByTrace(share: 0.5, atLeast: 5)"),
    lambda: hgo.hypergradient_descent(0.01, 1e-3),
])  # fmt: skip
@pytest.mark.parametrize("kinds", [(jnp.float32, jnp.bfloat16), (jnp.bfloat16, jnp.float32)])
def test_gradients_of_another_type_than_the_parameters(make, kinds):
    optimizer, (kind, of_gradients) = make(), kinds
    params = {"a": jnp.ones(4, kind)}

    def body(carry, _):
        params, state = carry
        grads = jax.tree.map(lambda p: p.astype(of_gradients), params)
        updates, state = optimizer.update(grads, state, params)
        return (optax.apply_updates(params, updates), state), state.rate

    (_, state), rates = jax.lax.scan(body, (params, optimizer.init(params)), length=5)
    assert float(rates[-1]) > 0.01
    assert {leaf.dtype for leaf in jax.tree.leaves(state.direction)} == {jnp.dtype(kind)}


@pytest.mark.parametrize("numbers, options, words", [
    ((math.nan, 0.1), {}, "nan"),
    ((-0.1, 0.1), {}, "outside 'within'"),
    ((0.1, math.nan), {}, "nan"),
    ((0.1, -1), {}, "at least 0"),
    ((0.7, 0.1), {"within": (1, 0.5)}, "low ≤ high"),
    ((0.1, 0.1), {"within": (0.5, 1)}, "outside 'within'"),
    ((0.1, 0.1), {"within": (math.nan, 1)}, "nan"),
])  # fmt: skip
@pytest.mark.parametrize("multiplicative", [False, True])
def test_the_pure_function_refuses_what_the_controller_does(numbers, options, words, multiplicative):
    with pytest.raises(hg.HypergradientError, match=words):
        hgo.hypergradient_descent(*numbers, multiplicative=multiplicative, **options)


def test_the_pure_function_takes_numbers_of_other_kinds():
    hgo.hypergradient_descent(-0.1, 0.1, within=(-math.inf, math.inf))
    hgo.hypergradient_descent(np.float32(0.1), jnp.asarray(0.0))

    @jax.jit
    def rate_after(initial):
        optimizer = hgo.hypergradient_descent(initial, 1e-3)
        return optimizer.update(start(), optimizer.init(start()), start())[1].rate

    assert float(rate_after(0.1)) == pytest.approx(0.1)
