"""Controllers, schedules, optimizers, methods and followers on numbers and numpy arrays."""

from __future__ import annotations

import ctypes
import inspect
import math
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from ctypes import byref, c_double, c_uint64, c_void_p
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _library as lib
from ._library import HypergradientError as HypergradientError

Array = NDArray[Any]


class _Missing:
    """Stands for a metric of a trainer that has none at any step."""


MISSING = _Missing()

_DECISIONS = ("step", "skip", "retake", "restore")


class Decision(NamedTuple):
    """What a controller decides about one step.

    ``kind`` is ``"step"``, ``"skip"`` (leave the parameters, discard this gradient), ``"retake"`` (the
    last step again at ``rate``) or ``"restore"`` (back to the best parameters); ``rate`` is η.
    """

    kind: str
    rate: float


class Counts(NamedTuple):
    """Steps so far, and those of them that discarded a gradient, took the last step again or restored the
    best parameters."""

    steps: int
    skipped: int
    retaken: int
    restored: int


def _inputs(
    loss: float | None, metric: float | None | _Missing, epoch: float | None
) -> lib.Inputs:
    """What a trainer knows beside the gradient."""
    passed = lib.Inputs()
    if loss is not None:
        passed.present |= lib.BIT["loss"]
        passed.loss = loss
    if metric is None:
        passed.present |= lib.NO_METRIC
    elif not isinstance(metric, _Missing):
        passed.present |= lib.BIT["metric"]
        passed.metric = metric
    if epoch is not None:
        passed.present |= lib.BIT["epoch"]
        passed.epoch = epoch
    return passed


def _decision(made: lib.CDecision) -> Decision:
    return Decision(_DECISIONS[made.kind], made.rate)


def version() -> str:
    """The version of the library's interface."""
    number = int(lib.library.hg_version())
    return f"{number // 1000}.{number % 1000}"


def _kind(kind: str) -> int:
    base = kind.removesuffix(" modifier")
    if base not in lib.KINDS:
        raise HypergradientError(f"'{kind}' is none of {', '.join(lib.KINDS)}")
    return lib.KINDS.index(base) + (4 if base != kind else 0)


def names(kind: str = "controller") -> list[str]:
    """The names that a text can use: of ``"rule"``, ``"controller"``, ``"method"``, ``"schedule"``, and
    of what comes after a dot, ``"controller modifier"`` and so on."""
    return lib.text_of("hg_list", _kind(kind)).split()


def describe(name: str, kind: str = "controller") -> str:
    """The signature, a sentence, and a line for each argument."""
    return lib.text_of("hg_describe", _kind(kind), name.encode())


class Named:
    """What is made of a text, and shows it."""

    text: str
    variables: dict[str, float]

    def __repr__(self) -> str:
        given = [repr(self.text), *(f"{name}={value}" for name, value in self.variables.items())]
        return f"{type(self).__name__}({', '.join(given)})"


class _Saved(Named):
    """What has a state as bytes; pickled and copied with it."""

    _handle: lib.Handle

    def save(self) -> bytes:
        """The state, the same on every machine."""
        return self._handle.save()

    def load(self, state: bytes) -> None:
        """Takes over the state of one that was made of the same text and variables."""
        self._handle.load(state)

    def _arguments(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restored, (type(self), self._arguments(), self.save()))


def _restored(kind: type[Any], arguments: tuple[Any, ...], state: bytes) -> Any:
    made = kind._made(*arguments)
    made.load(state)
    return made


class Controller(_Saved):
    """Turns a few scalars into a learning rate; never sees a vector.

    >>> control = Controller("plateau(initial: 0.1, reduce: by(0.5, after: 3), watching: metric)")
    >>> control.needs
    ('metric',)
    """

    def __init__(self, text: str, **variables: float) -> None:
        self.text = text
        self.variables = variables
        self._handle = lib.Handle("controller", text, variables)
        self._info = lib.ControllerInfo()

    @classmethod
    def _made(cls, text: str, variables: dict[str, float]) -> Controller:
        return cls(text, **variables)

    def _arguments(self) -> tuple[Any, ...]:
        return (self.text, self.variables)

    @property
    def info(self) -> lib.ControllerInfo:
        """As in hypergradient.h: ``always_steps``, ``keeps_direction``, ``trace_decay`` and others."""
        self._handle.call("get_info", byref(self._info))
        return self._info

    @property
    def needs(self) -> tuple[str, ...]:
        """The signals that `step` must be given."""
        present = self.info.signals
        return tuple(name for name in lib.SIGNALS if present & lib.BIT[name])

    @property
    def rate(self) -> float:
        """The rate decided last; before the first step the initial one."""
        return float(self.info.rate)

    @rate.setter
    def rate(self, rate: float) -> None:
        self._handle.call("set_rate", float(rate))

    def take_over(self, rate: float) -> float:
        """Puts a rate that others have set in place of its own, and returns it as the controller has it; a
        schedule takes over none, and bounds hold theirs, which is refused."""
        before = self.rate
        self.rate = rate
        if not math.isclose(self.rate, rate, rel_tol=1e-6):  # some keep theirs in single precision
            now, self.rate = self.rate, before
            raise HypergradientError(
                f"the controller has its own rate, {now}, and does not take over {rate}",
                lib.ERROR_UNSUPPORTED,
            )
        return self.rate

    def step(self, *, step: int | None = None, **signals: float | None) -> Decision:
        """Decides about one step; once a step, before the parameters move.

        ``alignment`` is ⟨u_{t−1}, g_t⟩, ``gradient_norm`` ‖g_t‖, ``previous_direction_norm`` ‖u_{t−1}‖,
        and so on, see `needs`. ``metric=None`` says that this step has no metric, though others have.
        """
        return self.decide(signals, step)

    def decide(self, signals: Mapping[str, float | None], step: int | None = None) -> Decision:
        """The same, from the signals by their names."""
        passed = self._passed(signals, step)
        made = lib.CDecision()
        self._handle.call("step", byref(passed), byref(made))
        return _decision(made)

    def check(self, signals: Mapping[str, float | None], step: int | None = None) -> None:
        """Refuses what `decide` would, and changes nothing."""
        self._handle.call("check", byref(self._passed(signals, step)))

    @staticmethod
    def _passed(signals: Mapping[str, float | None], step: int | None) -> lib.Signals:
        passed = lib.Signals(step=-1 if step is None else step)
        present = 0
        for name, value in signals.items():
            if name not in lib.BIT:
                raise HypergradientError(f"'{name}' is none of {', '.join(lib.SIGNALS)}")
            if value is None:
                if name == "metric":
                    present |= lib.NO_METRIC
                continue
            present |= lib.BIT[name]
            setattr(passed, name, float(value))
        passed.present = present
        return passed


class Schedule(Named):
    """A function of the step, or of the epoch.

    >>> Schedule("cosine(from: 0.1, over: steps)", steps=100)(50)
    0.05
    """

    def __init__(self, text: str, **variables: float) -> None:
        self.text = text
        self.variables = variables
        self._handle = lib.Handle("schedule", text, variables)

    def __call__(self, step: float) -> float:
        value = c_double()
        self._handle.call("value", float(step), byref(value))
        return value.value

    def __reduce__(self) -> tuple[Any, ...]:
        return (_schedule, (self.text, self.variables))


def _schedule(text: str, variables: dict[str, float]) -> Schedule:
    return Schedule(text, **variables)


def _scalar(dtype: Any) -> int:
    if dtype == np.float32:
        return lib.FLOAT
    if dtype == np.float64:
        return lib.DOUBLE
    raise HypergradientError(f"numbers are float32 or float64, not {dtype}")


def _pointer(array: Array, what: str, writes: bool = True) -> int:
    if not isinstance(array, np.ndarray):
        raise HypergradientError(f"{what} is no numpy array, but {type(array).__name__}")
    if not array.flags.c_contiguous or (writes and not array.flags.writeable):
        raise HypergradientError(f"{what} is not contiguous, or can't be written")
    if not array.flags.aligned:
        raise HypergradientError(f"{what} is not aligned as {array.dtype}: copy() it")
    return int(array.ctypes.data)


def _expect(array: Any, count: int, dtype: Any, owner: str, what: str) -> None:
    """Refuses what is no array of so many numbers of that type, before an address is taken."""
    if not isinstance(array, np.ndarray):
        raise HypergradientError(f"{what} is no numpy array, but {type(array).__name__}")
    if array.dtype != dtype or array.size != count:
        raise HypergradientError(
            f"{what}: {array.size} numbers of {array.dtype}, expected {count} of {dtype}, for which the "
            f"{owner} was made"
        )


class Optimizer(_Saved):
    """A rule times a controller, on numpy arrays that are changed in place, without a copy.

    >>> x = np.array([4.0, -2.0])
    >>> optimizer = Optimizer("adam + hypergradient(initial: 0.1, hyperLearningRate: 1e-4)", x)
    >>> optimizer.step(x, np.array([4.0, -20.0])).rate
    0.1
    """

    def __init__(self, text: str, parameters: Array | Sequence[Array], **variables: float) -> None:
        parts = [parameters] if isinstance(parameters, np.ndarray) else list(parameters)
        if not parts:
            raise HypergradientError("an optimizer needs at least one array")
        if len({part.dtype for part in parts}) > 1:
            raise HypergradientError("the arrays of an optimizer are of one type")
        self._make(text, [part.size for part in parts], parts[0].dtype, variables)

    def _make(
        self, text: str, lengths: list[int], dtype: Any, variables: dict[str, float]
    ) -> None:
        self.text = text
        self.variables = variables
        self.lengths = lengths
        self.dtype = np.dtype(dtype)
        self._lengths = (c_uint64 * len(lengths))(*lengths)
        self._handle = lib.Handle(
            "optimizer", text, variables, _scalar(self.dtype), self._lengths, len(lengths)
        )
        self._parameters = (c_void_p * len(lengths))()
        self._gradients = (c_void_p * len(lengths))()
        self._info = lib.OptimizerInfo()

    @classmethod
    def _made(
        cls, text: str, lengths: list[int], dtype: Any, variables: dict[str, float]
    ) -> Optimizer:
        made = cls.__new__(cls)
        made._make(text, lengths, dtype, variables)
        return made

    def _arguments(self) -> tuple[Any, ...]:
        return (self.text, self.lengths, self.dtype.str, self.variables)

    @property
    def info(self) -> lib.OptimizerInfo:
        """As in hypergradient.h: ``steps``, ``skipped``, ``memory_vectors`` and others."""
        self._handle.call("get_info", byref(self._info))
        return self._info

    @property
    def counts(self) -> Counts:
        info = self.info
        return Counts(info.steps, info.skipped, info.retaken, info.restored)

    @property
    def needs(self) -> tuple[str, ...]:
        """What `step` must be given beside the gradient: of loss, metric and epoch."""
        present = self.info.inputs
        return tuple(name for name in ("loss", "metric", "epoch") if present & lib.BIT[name])

    @property
    def rate(self) -> float:
        """The rate that the last step applied; the initial one before the first."""
        return float(self.info.rate)

    @rate.setter
    def rate(self, rate: float) -> None:
        self._handle.call("set_rate", float(rate))

    def set_threads(self, threads: int) -> None:
        """Threads that share long vectors; the bits do not depend on it."""
        self._handle.call("set_threads", threads)
        self._handle.threads = threads

    def step(
        self,
        parameters: Array | Sequence[Array],
        gradients: Array | Sequence[Array | None],
        *,
        loss: float | None = None,
        metric: float | None | _Missing = MISSING,
        epoch: float | None = None,
    ) -> Decision:
        """One step. A gradient of `None` leaves its part where it is."""
        thetas = [parameters] if isinstance(parameters, np.ndarray) else list(parameters)
        slopes: list[Array | None] = (
            [gradients] if isinstance(gradients, np.ndarray) else list(gradients)
        )
        if len(thetas) != len(self.lengths) or len(slopes) != len(self.lengths):
            raise HypergradientError(
                f"the optimizer has {len(self.lengths)} arrays, and was given {len(thetas)} "
                f"and {len(slopes)} gradients"
            )
        for k, (theta, slope) in enumerate(zip(thetas, slopes)):
            for array, what in ((theta, "the parameters"), (slope, "the gradient")):
                if array is not None or what == "the parameters":
                    _expect(array, self.lengths[k], self.dtype, "optimizer", f"{what} of part {k}")
            self._parameters[k] = _pointer(theta, f"part {k}")
            self._gradients[k] = (
                None if slope is None else _pointer(slope, f"the gradient of part {k}", False)
            )
        return self.step_pointers(loss=loss, metric=metric, epoch=epoch)

    def check(
        self,
        *,
        loss: float | None = None,
        metric: float | None | _Missing = MISSING,
        epoch: float | None = None,
    ) -> None:
        """Refuses what `step` would of these: what is missing, no number, or after a schedule's end.
        Changes nothing."""
        self._handle.call("check", byref(_inputs(loss, metric, epoch)))

    def step_pointers(
        self,
        *,
        loss: float | None = None,
        metric: float | None | _Missing = MISSING,
        epoch: float | None = None,
    ) -> Decision:
        """The step of the addresses that ``_parameters`` and ``_gradients`` hold."""
        passed = _inputs(loss, metric, epoch)
        made = lib.CDecision()
        self._handle.call(
            "step", self._parameters, self._gradients, self._lengths, len(self.lengths),
            byref(passed), byref(made),
        )  # fmt: skip
        return _decision(made)


def _draw_of(function: Callable[..., Any] | None) -> str | None:
    """How a function takes the draw: by its "name" or its "place"; None where it does not."""
    try:
        parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    named = [p for p in parameters if p.name == "draw"]
    if any(p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) for p in named):
        return "name"
    needed = [
        p for p in parameters
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty
    ]  # fmt: skip
    return "place" if len(needed) == 2 else None


def _with_draw(function: Callable[..., Any]) -> Callable[[Array, int], Any]:
    way = _draw_of(function)
    if way == "name":
        return lambda at, draw: function(at, draw=draw)
    if way == "place":
        return function
    return lambda at, draw: function(at)


class Answer:
    """Takes the answer to one question of a `Method`: loss and gradient at its point."""

    def __init__(self, method: Method, question: lib.Question) -> None:
        self._method: Method | None = method
        #: Within one step, the same number is the same minibatch, at whatever point, and another is
        #: independent of it. 0 is the minibatch that a plain optimizer would see.
        self.draw = int(question.draw)
        #: False where the loss alone is asked for.
        self.needs_gradient = question.kind == 1

    def __call__(self, loss: float, gradient: Array | None = None) -> None:
        method = self._method
        if method is None:
            raise HypergradientError("the question has been answered", lib.ERROR_ORDER)
        slope = None
        if gradient is not None:
            slope = np.ascontiguousarray(gradient, method.dtype).reshape(-1)
            if slope.size != method.count:
                raise HypergradientError(
                    f"the gradient has {slope.size} numbers, expected {method.count}"
                )
        method._handle.call(
            "observe", float(loss), None if slope is None else slope.ctypes.data
        )
        self._method = None


class Method(_Saved):
    """A training method that asks for losses and gradients where it likes.

    >>> method = Method("prodigy()", np.array([4.0, -2.0]))
    >>> x = np.array([4.0, -2.0])
    >>> for step in range(200):
    ...     method.step(x, lambda at: (float(at @ at) / 2, at))
    """

    def __init__(
        self, text: str, start: Array, groups: Sequence[int] | None = None, **variables: float
    ) -> None:
        self._make(text, start, groups, variables)

    def _make(
        self, text: str, start: Array, groups: Sequence[int] | None, variables: dict[str, float]
    ) -> None:
        self.text = text
        self.variables = variables
        self.groups = None if groups is None else list(groups)
        self._is_open = False
        self._is_lost = False
        self._has_warned = False
        if not isinstance(start, np.ndarray):
            raise HypergradientError(f"the start is no numpy array, but {type(start).__name__}")
        self.count = start.size
        self.dtype = start.dtype
        start = np.ascontiguousarray(start)
        parts = self.groups or []
        self._handle = lib.Handle(
            "method", text, variables, _scalar(start.dtype), start.ctypes.data, start.size,
            (c_uint64 * max(len(parts), 1))(*parts), len(parts),
        )  # fmt: skip
        self._info = lib.MethodInfo()

    @classmethod
    def _made(
        cls, text: str, count: int, dtype: str, groups: list[int] | None,
        variables: dict[str, float],
    ) -> Method:  # fmt: skip
        made = cls.__new__(cls)
        made._make(text, np.zeros(count, dtype), groups, variables)
        return made

    def _arguments(self) -> tuple[Any, ...]:
        return (self.text, self.count, self.dtype.str, self.groups, self.variables)

    @property
    def info(self) -> lib.MethodInfo:
        """As in hypergradient.h: ``rate``, ``distance_estimate``, ``gradients`` and others."""
        self._handle.call("get_info", byref(self._info))
        return self._info

    @property
    def rate(self) -> float:
        """The rate that the last step applied."""
        return float(self.info.rate)

    def _array(self, address: int) -> Array:
        kind = ctypes.c_float if self.dtype == np.float32 else ctypes.c_double
        return np.ctypeslib.as_array(ctypes.cast(address, ctypes.POINTER(kind)), (self.count,))

    def _expect(self, array: Array) -> int:
        _expect(array, self.count, self.dtype, "method", "the array of parameters")
        return _pointer(array, "the array of parameters")

    def _expect_closed(self) -> None:
        if self._is_open:
            raise HypergradientError(
                "a loop of questions is open: run it to its end, or close() it", lib.ERROR_ORDER
            )

    def _expect_whole(self) -> None:
        self._expect_closed()
        if self._is_lost:
            raise HypergradientError(
                "the last step was given up, and left no state: load() one from before it",
                lib.ERROR_ORDER,
            )

    def save(self) -> bytes:
        """The state, the same on every machine."""
        self._expect_whole()
        return super().save()

    def load(self, state: bytes) -> None:
        """Takes over the state of one that was made of the same text and variables."""
        self._expect_closed()
        super().load(state)
        self._is_lost = False

    def _warn(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            warnings.warn(
                f"'{self.text}' asks for independent minibatches within a step, and the function can't "
                "tell them apart: let it take the draw, function(point, draw)",
                stacklevel=6,
            )

    def step(
        self,
        parameters: Array,
        function: Callable[..., tuple[float, Array]],
        *,
        loss: Callable[..., float] | None = None,
        metric: float | None | _Missing = MISSING,
        epoch: float | None = None,
    ) -> None:
        """One step. ``function`` returns loss and gradient at a point, ``loss`` the loss alone; the
        points are views that hold until it returns. What it raises ends the step.

        A function of two arguments, or with one named ``draw``, is given the number of the minibatch:
        within a step the same number is the same minibatch, at whatever point, and another is
        independent of it; 0 is the one that a plain optimizer would see. A function that does not take
        it is warned of once, where a method asks for another than 0.

        The functions must not use the method, whose ``rate`` and ``info`` are those of between steps.
        """
        self._expect_whole()
        raised: list[BaseException] = []
        ask, ask_loss = _with_draw(function), None if loss is None else _with_draw(loss)
        tells = _draw_of(function) is not None, loss is None or _draw_of(loss) is not None

        def evaluate(
            _: Any, point: int, draw: int, value: Any, gradient: int | None
        ) -> int:
            try:
                at = self._array(point)
                at.flags.writeable = False
                alone = gradient is None and ask_loss is not None
                if draw and not tells[alone]:
                    self._warn()
                if alone and ask_loss is not None:
                    value[0] = float(ask_loss(at, draw))
                    return 0
                made, slope = ask(at, draw)
                value[0] = float(made)
                if gradient is not None:
                    if np.size(slope) != self.count:
                        raise HypergradientError(
                            f"the gradient has {np.size(slope)} numbers, expected {self.count}"
                        )
                    self._array(gradient)[:] = np.reshape(slope, -1)
                return 0
            except BaseException as error:
                raised.append(error)
                return 1

        passed = _inputs(None, metric, epoch)
        address = self._expect(parameters)
        try:
            self._handle.call(
                "step", address, self.count, byref(passed), lib.Evaluate(evaluate), None
            )
        except HypergradientError as error:
            # Without one that was raised: an interrupt as the function was called, which ctypes keeps.
            self._is_lost = error.status == lib.ERROR_CALLBACK
            if raised:
                raise raised[0] from None
            raise

    def questions(
        self, parameters: Array, *, epoch: float | None = None
    ) -> Iterator[tuple[Array, Answer]]:
        """The same step, question by question: yields a point and the function that takes loss and
        gradient there; its ``draw`` is the number of the minibatch, see `step`.

        >>> for point, answer in method.questions(x):
        ...     answer(float(point @ point) / 2, point)

        Where the loop is left before its last answer, by ``break`` or by an exception, the step is given
        up: the parameters stay where they are, and the method can be used again after `load`. The step
        runs on a thread of the method's own, which a forked process does not have: there the method
        is refused.
        """
        self._expect_whole()
        address = self._expect(parameters)
        passed = _inputs(None, MISSING, epoch)
        self._handle.call("begin", address, self.count, byref(passed))
        self._is_open = True
        question = lib.Question()

        def following() -> bool:
            self._handle.call("propose", byref(question))
            return bool(question.kind != 0)

        try:
            while following():
                answer = Answer(self, question)
                yield self._array(question.point).copy(), answer
                answer._method = None
        finally:
            # Where the interpreter ends, the handle, or what a module has, may have gone before.
            if self._handle.pointer and not self._is_ending():
                self._end(address, following)

    _is_ending = staticmethod(sys.is_finalizing)

    def _end(self, address: int, following: Callable[[], bool]) -> None:
        """Ends a step by questions; one that was left before its last answer does not count."""
        nothing: Array | None = None
        while following():
            if nothing is None:
                nothing = np.full(self.count, np.nan, self.dtype)
            self._is_lost = True
            self._handle.call("observe", np.nan, nothing.ctypes.data)
        self._handle.call("end", address if nothing is None else nothing.ctypes.data, self.count)
        self._is_open = False


class Follower(_Saved):
    """Leads an optimizer that can't be opened, whose learning rate can be set; see `check_foreign`.

    >>> follower = Follower("hypergradient(initial: 0.1, hyperLearningRate: 1e-3)", 2)
    >>> x, g = np.array([4.0, -2.0]), np.array([4.0, -2.0])
    >>> rate = follower.before(x, g).rate
    >>> x -= rate * g
    >>> follower.after(x)
    """

    def __init__(
        self, text: str, count: int, dtype: Any = np.float64, **variables: float
    ) -> None:
        self.text = text
        self.variables = variables
        self.count = count
        self.dtype = np.dtype(dtype)
        self._handle = lib.Handle("follower", text, variables, _scalar(self.dtype), count)

    @classmethod
    def _made(cls, text: str, count: int, dtype: str, variables: dict[str, float]) -> Follower:
        return cls(text, count, np.dtype(dtype), **variables)

    def _arguments(self) -> tuple[Any, ...]:
        return (self.text, self.count, self.dtype.str, self.variables)

    def _address(self, array: Array) -> int:
        _expect(array, self.count, self.dtype, "follower", "an array")
        return _pointer(array, "an array", False)

    def before(
        self, parameters: Array, gradient: Array, *, loss: float | None = None,
        metric: float | None | _Missing = MISSING, epoch: float | None = None,
    ) -> Decision:  # fmt: skip
        """The rate of the next step; after ``"skip"`` there is none with this gradient."""
        passed = _inputs(loss, metric, epoch)
        made = lib.CDecision()
        self._handle.call(
            "before", self._address(parameters), self._address(gradient), self.count,
            byref(passed), byref(made),
        )  # fmt: skip
        return _decision(made)

    def after(self, parameters: Array) -> None:
        """Where the optimizer has gone."""
        self._handle.call("after", self._address(parameters), self.count)


def check_foreign(
    make: Callable[[], Callable[[Array, Array, float], Array]],
    count: int = 8,
    tolerance: float = 1e-5,
) -> None:
    """Raises where an optimizer's directions can't be recovered from (θ_{t−1} − θ_t)/η: where a velocity
    contains the rate, or a step is not proportional to its rate.

    ``make()`` returns a new optimizer as a function ``step(parameters, gradient, rate)`` that returns the
    parameters after one step.
    """
    step: list[Callable[[Array, Array, float], Array]] = []
    raised: list[BaseException] = []

    def run(_: Any, number: int, theta: Any, gradient: Any, n: int, rate: float) -> int:
        try:
            if number == 0:
                step[:] = [make()]
            x = np.ctypeslib.as_array(theta, (n,))
            g = np.ctypeslib.as_array(gradient, (n,))
            x[:] = step[0](x.copy(), g.copy(), rate)
            return 0
        except BaseException as error:
            raised.append(error)
            return 1

    try:
        lib.call("hg_follower_check", lib.ForeignStep(run), None, count, tolerance)
    except HypergradientError:
        if raised:
            raise raised[0] from None
        raise
