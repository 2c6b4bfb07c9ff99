"""For JAX: an Optax transformation whose learning rate is a controller's.

>>> optimizer = hypergradient.optax.by(
...     "hypergradient(initial: 1e-3, hyperLearningRate: 1e-7)", optax.scale_by_adam())
>>> state = optimizer.init(params)
>>> updates, state = optimizer.update(grads, state, params, value=loss)
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax  # type: ignore[import-untyped,unused-ignore]

from ._core import Controller, HypergradientError
from ._library import OF_DIRECTION

__all__ = ["ControlledState", "HypergradientState", "by", "hypergradient_descent"]


class ControlledState(NamedTuple):
    """What the next update depends on; a pytree, saved as any other."""

    #: The base's.
    base: Any
    #: The controller's saved state: its length in eight bytes, then it, then zeros.
    controller: Any
    #: u_{t−1}; its trace; empty where neither is read.
    direction: Any
    trace: Any
    #: ⟨u_{t−1}, g_{t−1}⟩.
    slope: Any
    #: Whether there is a direction.
    begun: Any
    #: η_t.
    rate: Any


def _wide() -> Any:
    return jnp.float64 if getattr(jax.config, "jax_enable_x64") else jnp.float32


def _dot(a: Any, b: Any) -> Any:
    """Re⟨a, b⟩: a complex number counts as two real ones."""

    def one(x: Any, y: Any) -> Any:
        wide = jnp.promote_types(_wide(), jnp.complex64) if jnp.iscomplexobj(y) else _wide()
        return jnp.real(jnp.vdot(x.astype(wide), y.astype(wide)))

    return sum(jax.tree.leaves(jax.tree.map(one, a, b)), start=jnp.zeros((), _wide()))


def _as(new: Any, old: Any) -> Any:
    """In the types of a state, which stay as they are."""
    return jax.tree.map(lambda a, b: a.astype(b.dtype), new, old)


#: What a controller's state may take under `jit`, in bytes.
_LARGEST_STATE = 1 << 24


def _capacity(text: str, variables: dict[str, float]) -> int:
    """Room for the largest state: that of a run in which windows fill and nothing empties them.

    The run is as long as it takes until the state no longer grows; windows that are longer than that, of
    means of many losses, are at most as long as the numbers in the text.
    """
    sample = Controller(text, **variables)
    numbers = [float(word) for word in re.findall(r"(?<![\w.])\d+(?:\.\d*)?(?:[eE][-+]?\d+)?", text)]
    numbers += [abs(float(value)) for value in variables.values()]
    longest = max([number for number in numbers if np.isfinite(number)], default=0.0)
    least = max(256, min(4 * longest, 1 << 14))
    kinds = {"loss": lambda n: 1 / (1 + n), "metric": lambda n: 1 / (1 + n), "epoch": lambda n: n / 100}
    sizes, steps, at = [len(sample.save())], 0, 1
    grows = True
    while at <= 1 << 16 and (grows or at <= 2 * least):
        try:
            for steps in range(steps, at):
                signals: dict[str, float | None] = {
                    name: kinds[name](steps) if name in kinds
                    else 1.0 if name.endswith("norm") else 1e-6 * (-1) ** steps
                    for name in sample.needs
                }  # fmt: skip
                sample.decide(signals)
        except HypergradientError:  # a schedule that has ended, for one
            grows = False
            break
        sizes.append(len(sample.save()))
        grows = at < 64 or sizes[-1] > sizes[-2]
        steps, at = at, 2 * at
    room = max(4 * sizes[0], 2 * max(sizes)) + 4096
    if grows:
        room += int(18 * min(longest, _LARGEST_STATE))
    if room > _LARGEST_STATE:
        raise HypergradientError(
            f"the state of '{text}' may grow to {room} bytes, and has {_LARGEST_STATE} under jit: a "
            "shorter window is expected"
        )
    return room


def by(
    text: str, base: optax.GradientTransformation | None = None, **variables: float
) -> optax.GradientTransformationExtraArgs:
    """A transformation that moves along −η_t·u_t: u of ``base``, η of the controller that ``text`` names.

    :param base: makes the direction, such as ``optax.scale_by_adam()``, without a learning rate and
        without a minus; the gradient itself where it is left out.

    ``update(grads, state, params, value=loss, metric=…, epoch=…)`` takes what the controller reads; a
    metric of NaN says that this step has none.

    The decision is a pure function of the controller's state, which is a part of the transformation's,
    and of a few scalars; it runs on the host, by ``jax.pure_callback``: under ``jit`` and ``scan`` as
    well. Scalars are in the precision that JAX has, float32 unless ``jax_enable_x64`` is set.
    `hypergradient_descent` is the same for the best-known controller without a callback.

    Gradients of complex parameters are to be conjugated, as for Optax' own transformations.
    """
    sample = Controller(text, **variables)
    info = sample.info
    if not info.always_steps and (
        info.keeps_direction or info.keeps_best or set(sample.needs) & OF_DIRECTION
    ):
        raise HypergradientError(
            "the controller may take back a step or restore parameters, which a transformation can't"
        )
    needs = sample.needs
    made = base if base is not None else optax.identity()
    inner = optax.with_extra_args_support(made)
    first = sample.save()
    capacity = _capacity(text, variables)

    def packed(state: bytes) -> np.ndarray[Any, Any]:
        if len(state) + 8 > capacity:
            raise HypergradientError(
                f"the controller's state has {len(state)} bytes, and its place {capacity - 8}"
            )
        array = np.zeros(capacity, np.uint8)
        array[:8] = np.frombuffer(len(state).to_bytes(8, "little"), np.uint8)
        array[8 : 8 + len(state)] = np.frombuffer(state, np.uint8)
        return array

    def decide(state: Any, values: Any) -> Any:
        state, values = np.asarray(state), np.asarray(values, np.float64)
        length = int.from_bytes(state[:8].tobytes(), "little")
        control = Controller(text, **variables)
        control.load(state[8 : 8 + length].tobytes())
        signals: dict[str, float | None] = dict(zip(needs, map(float, values)))
        if "metric" in signals and np.isnan(signals["metric"]):  # type: ignore[arg-type]
            signals["metric"] = None
        decision = control.decide(signals)
        return (
            packed(control.save()),
            np.asarray([decision.rate, decision.kind == "skip", control.info.trace_decay], _wide()),
        )

    reads = set(needs)
    keeps_direction = bool(reads & OF_DIRECTION)
    keeps_trace = bool(reads & {"trace_alignment", "trace_norm"})

    def init(params: Any) -> ControlledState:
        zeros = jax.tree.map(jnp.zeros_like, params)
        return ControlledState(
            base=inner.init(params),
            controller=jnp.asarray(packed(first)),
            direction=zeros if keeps_direction else (),
            trace=zeros if keeps_trace else (),
            slope=jnp.zeros((), _wide()),
            begun=jnp.zeros((), bool),
            rate=jnp.asarray(sample.rate, _wide()),
        )

    def update(
        grads: Any, state: ControlledState, params: Any = None, *, value: Any = None,
        metric: Any = None, epoch: Any = None, **extra: Any,
    ) -> tuple[Any, ControlledState]:  # fmt: skip
        if value is not None:
            extra = {**extra, "value": value}
        u, base_state = inner.update(grads, state.base, params, **extra)
        given = {"loss": value, "metric": metric, "epoch": epoch}

        def signal(name: str) -> Any:
            if name == "alignment":
                return _dot(state.direction, grads)
            if name == "gradient_norm":
                return jnp.sqrt(_dot(grads, grads))
            if name == "previous_direction_norm":
                return jnp.sqrt(_dot(state.direction, state.direction))
            if name == "previous_direction_alignment":
                return state.slope
            if name == "trace_alignment":
                return _dot(state.trace, grads)
            if name == "trace_norm":
                return jnp.sqrt(_dot(state.trace, state.trace))
            if name == "direction_alignment":
                return _dot(u, grads)
            if name == "direction_norm":
                return jnp.sqrt(_dot(u, u))
            if given[name] is None:
                argument = "value" if name == "loss" else name
                raise HypergradientError(f"the controller reads '{name}': update(…, {argument}=…)")
            return jnp.asarray(given[name])

        values = jnp.stack([jnp.asarray(signal(n), _wide()) for n in needs] or [jnp.zeros((), _wide())])
        struct: Any = jax.ShapeDtypeStruct
        shapes = (struct((capacity,), jnp.uint8), struct((3,), _wide()))
        controller, found = jax.pure_callback(
            decide, shapes, state.controller, values[: len(needs)], vmap_method="sequential"
        )
        rate, skips, decay = found[0], found[1] > 0, found[2]

        def keep(new: Any, old: Any) -> Any:
            return jax.tree.map(lambda a, b: jnp.where(skips, b, a), new, old)

        decay = jnp.where(state.begun, decay, 0)
        trace = (
            jax.tree.map(lambda t, d: decay.astype(t.dtype) * t + d, state.trace, u)
            if keeps_trace
            else ()
        )
        updates = jax.tree.map(
            lambda d: jnp.where(skips, jnp.zeros_like(d), -rate.astype(d.dtype) * d), u
        )
        slope = _dot(u, grads) if "previous_direction_alignment" in reads else state.slope
        return updates, ControlledState(
            base=keep(base_state, state.base),
            controller=controller,
            direction=keep(_as(u, state.direction), state.direction) if keeps_direction else (),
            trace=keep(_as(trace, state.trace), state.trace) if keeps_trace else (),
            slope=jnp.where(skips, state.slope, slope),
            begun=state.begun | ~skips,
            rate=rate,
        )

    return optax.GradientTransformationExtraArgs(init, update)


class HypergradientState(NamedTuple):
    """The state of `hypergradient_descent`."""

    base: Any
    direction: Any
    rate: Any


def hypergradient_descent(
    initial: float,
    hyper_learning_rate: float,
    base: optax.GradientTransformation | None = None,
    *,
    multiplicative: bool = False,
    within: tuple[float, float] = (0.0, np.inf),
) -> optax.GradientTransformationExtraArgs:
    """Hypergradient descent without a callback, a pure function of arrays:

        α_t = α_{t−1} + β⟨g_t, u_{t−1}⟩                          additive
        α_t = α_{t−1}(1 + β⟨g_t, u_{t−1}⟩/(‖g_t‖‖u_{t−1}‖))       multiplicative

    the same as ``by("hypergradient(initial: …, hyperLearningRate: …)", base)`` to rounding. Numbers that it
    refuses are refused here, but where they are traced and not known yet.
    """
    inner = optax.with_extra_args_support(base if base is not None else optax.identity())
    low, high = within
    numbers = {"initial": initial, "hyperLearningRate": hyper_learning_rate, "low": low, "high": high}
    if not any(isinstance(number, jax.core.Tracer) for number in numbers.values()):
        largest = np.finfo(np.float64).max
        bounds = {name: float(np.clip(numbers[name], -largest, largest)) for name in ("low", "high")}
        Controller(
            "hypergradient(initial: initial, hyperLearningRate: hyperLearningRate, within: low...high)",
            **(numbers | bounds),
        )

    def init(params: Any) -> HypergradientState:
        return HypergradientState(
            inner.init(params), jax.tree.map(jnp.zeros_like, params), jnp.asarray(initial, _wide())
        )

    def update(
        grads: Any, state: HypergradientState, params: Any = None, **extra: Any
    ) -> tuple[Any, HypergradientState]:
        alignment = _dot(state.direction, grads)
        if multiplicative:
            size = jnp.sqrt(_dot(grads, grads)) * jnp.sqrt(_dot(state.direction, state.direction))
            cosine = jnp.where(size > 0, alignment / jnp.where(size > 0, size, 1), 0)
            rate = state.rate * (1 + hyper_learning_rate * jnp.clip(cosine, -1, 1))
        else:
            rate = state.rate + hyper_learning_rate * alignment
        rate = jnp.where(jnp.isfinite(rate), jnp.clip(rate, low, high), state.rate)
        u, base_state = inner.update(grads, state.base, params, **extra)
        updates = jax.tree.map(lambda d: -rate.astype(d.dtype) * d, u)
        return updates, HypergradientState(base_state, _as(u, state.direction), rate)

    return optax.GradientTransformationExtraArgs(init, update)
