"""The dynamic library and its functions, by ctypes; see hypergradient.h."""

from __future__ import annotations

import ctypes
import os
import pathlib
import sys
import threading
from collections.abc import Callable, Mapping
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    byref,
    c_char,
    c_char_p,
    c_double,
    c_int32,
    c_int64,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)
from typing import Any

SIGNALS = (
    "alignment",
    "gradient_norm",
    "previous_direction_norm",
    "loss",
    "metric",
    "epoch",
    "direction_alignment",
    "direction_norm",
    "previous_direction_alignment",
    "trace_alignment",
    "trace_norm",
)
#: Those of the last step's direction, which is kept for them.
OF_DIRECTION = {
    "alignment",
    "previous_direction_norm",
    "previous_direction_alignment",
    "trace_alignment",
    "trace_norm",
}
BIT = {name: 1 << number for number, name in enumerate(SIGNALS)}
NO_METRIC = 1 << 30
FLOAT, DOUBLE = 0, 1
#: Of the header that this module was written by.
VERSION = (1, 2)
ERROR_VALUE, ERROR_SIGNAL, ERROR_ENDED, ERROR_STATE = 6, 7, 8, 9
ERROR_UNSUPPORTED, ERROR_ORDER, ERROR_CALLBACK = 11, 12, 13
KINDS = ("rule", "controller", "method", "schedule")


class HypergradientError(ValueError):
    """What the library refuses, with its code and, for a text, the column of the fault."""

    def __init__(self, message: str, status: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.column = column


class Error(Structure):
    _fields_ = [("status", c_int32), ("column", c_int32), ("message", c_char * 1024)]


class Variable(Structure):
    _fields_ = [("name", c_char_p), ("value", c_double)]


class Signals(Structure):
    _fields_ = [("step", c_int64), ("present", c_uint32)] + [(n, c_double) for n in SIGNALS]


class CDecision(Structure):
    _fields_ = [("kind", c_int32), ("rate", c_double)]


class ControllerInfo(Structure):
    _fields_ = [
        ("signals", c_uint32),
        ("always_steps", c_int32),
        ("keeps_direction", c_int32),
        ("keeps_best", c_int32),
        ("is_best", c_int32),
        ("trace_decay", c_double),
        ("rate", c_double),
        ("steps", c_int64),
    ]


class Inputs(Structure):
    _fields_ = [
        ("present", c_uint32),
        ("loss", c_double),
        ("metric", c_double),
        ("epoch", c_double),
    ]


class OptimizerInfo(Structure):
    _fields_ = [
        ("inputs", c_uint32),
        ("steps", c_int64),
        ("skipped", c_int64),
        ("retaken", c_int64),
        ("restored", c_int64),
        ("rate", c_double),
        ("memory_vectors", c_int64),
        ("parameter_count", c_uint64),
        ("gathers", c_int32),
        ("looks_ahead", c_int32),
    ]


class MethodInfo(Structure):
    _fields_ = [
        ("inputs", c_uint32),
        ("steps", c_int64),
        ("skipped", c_int64),
        ("retaken", c_int64),
        ("restored", c_int64),
        ("rate", c_double),
        ("distance_estimate", c_double),
        ("memory_vectors", c_int64),
        ("parameter_count", c_uint64),
        ("gradients", c_int64),
        ("losses", c_int64),
    ]


class Question(Structure):
    _fields_ = [("kind", c_int32), ("draw", c_uint64), ("point", c_void_p)]


Evaluate = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_uint64, POINTER(c_double), c_void_p)
ForeignStep = CFUNCTYPE(
    c_int32, c_void_p, c_int32, POINTER(c_double), POINTER(c_double), c_uint64, c_double
)

_handle = POINTER(c_void_p)
_error = POINTER(Error)
_made = [c_char_p, POINTER(Variable), c_size_t]
_pointers = [POINTER(c_void_p), POINTER(c_void_p), POINTER(c_uint64), c_size_t]
_bytes_out = [c_void_p, c_void_p, c_size_t, POINTER(c_size_t), _error]
_bytes_in = [c_void_p, c_char_p, c_size_t, _error]

# The arguments of every function that is called; all of them return a status.
_FUNCTIONS: dict[str, list[Any]] = {
    "hg_list": [c_int32, c_void_p, c_size_t, POINTER(c_size_t), _error],
    "hg_describe": [c_int32, c_char_p, c_void_p, c_size_t, POINTER(c_size_t), _error],
    "hg_controller_create": _made + [_handle, _error],
    "hg_controller_free": [_handle],
    "hg_controller_get_info": [c_void_p, POINTER(ControllerInfo), _error],
    "hg_controller_check": [c_void_p, POINTER(Signals), _error],
    "hg_controller_step": [c_void_p, POINTER(Signals), POINTER(CDecision), _error],
    "hg_controller_set_rate": [c_void_p, c_double, _error],
    "hg_controller_save": _bytes_out,
    "hg_controller_load": _bytes_in,
    "hg_schedule_create": _made + [_handle, _error],
    "hg_schedule_free": [_handle],
    "hg_schedule_value": [c_void_p, c_double, POINTER(c_double), _error],
    "hg_optimizer_create": _made + [c_int32, POINTER(c_uint64), c_size_t, _handle, _error],
    "hg_optimizer_free": [_handle],
    "hg_optimizer_get_info": [c_void_p, POINTER(OptimizerInfo), _error],
    "hg_optimizer_set_threads": [c_void_p, c_int32, _error],
    "hg_optimizer_set_rate": [c_void_p, c_double, _error],
    "hg_optimizer_check": [c_void_p, POINTER(Inputs), _error],
    "hg_optimizer_step": [c_void_p] + _pointers + [POINTER(Inputs), POINTER(CDecision), _error],
    "hg_optimizer_save": _bytes_out,
    "hg_optimizer_load": _bytes_in,
    "hg_method_create": _made
    + [c_int32, c_void_p, c_uint64, POINTER(c_uint64), c_size_t, _handle, _error],
    "hg_method_free": [_handle],
    "hg_method_get_info": [c_void_p, POINTER(MethodInfo), _error],
    "hg_method_step": [c_void_p, c_void_p, c_uint64, POINTER(Inputs), Evaluate, c_void_p, _error],
    "hg_method_begin": [c_void_p, c_void_p, c_uint64, POINTER(Inputs), _error],
    "hg_method_propose": [c_void_p, POINTER(Question), _error],
    "hg_method_observe": [c_void_p, c_double, c_void_p, _error],
    "hg_method_end": [c_void_p, c_void_p, c_uint64, _error],
    "hg_method_save": _bytes_out,
    "hg_method_load": _bytes_in,
    "hg_follower_create": _made + [c_int32, c_uint64, _handle, _error],
    "hg_follower_free": [_handle],
    "hg_follower_before": [
        c_void_p, c_void_p, c_void_p, c_uint64, POINTER(Inputs), POINTER(CDecision), _error,
    ],
    "hg_follower_after": [c_void_p, c_void_p, c_uint64, _error],
    "hg_follower_save": _bytes_out,
    "hg_follower_load": _bytes_in,
    "hg_follower_check": [ForeignStep, c_void_p, c_uint64, c_double, _error],
}  # fmt: skip


def _load() -> ctypes.CDLL:
    name = "libHypergradientC" + (".dylib" if sys.platform == "darwin" else ".so")
    path = os.environ.get("HYPERGRADIENT_LIBRARY") or str(pathlib.Path(__file__).parent / name)
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(
            f"the library {name} can't be loaded: {error}. It comes with the wheel "
            "(Sources/Python/build-wheel.sh), or HYPERGRADIENT_LIBRARY names it"
        ) from None
    try:
        library.hg_version.restype = c_uint32
        found = divmod(library.hg_version(), 1000)
        if found[0] != VERSION[0] or found[1] < VERSION[1]:
            raise ImportError(
                f"{path} is of version {found[0]}.{found[1]}, this package needs "
                f"{VERSION[0]}.{VERSION[1]} or later ones of the same first number"
            )
        for function, arguments in _FUNCTIONS.items():
            entry = getattr(library, function)
            entry.argtypes = arguments
            entry.restype = c_int32
    except AttributeError as error:
        raise ImportError(f"{path} is not the library {name} of this package: {error}") from None
    return library


library = _load()


def call(name: str, *arguments: Any) -> None:
    """Calls a function whose last argument is the error, and raises what it refuses."""
    error = Error()
    status = getattr(library, name)(*arguments, byref(error))
    if status:
        raise HypergradientError(
            error.message.decode("utf-8", "replace"), status, int(error.column)
        )


def text_of(name: str, *arguments: Any) -> str:
    """A text that a function hands out."""
    size = c_size_t()
    call(name, *arguments, None, 0, byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    call(name, *arguments, buffer, size.value, byref(size))
    return buffer.value.decode("utf-8")


# Functions of a handle that have another name in Python.
_SAID = {"get_info": "info", "set_rate": "rate", "begin": "questions"}


class Handle:
    """A handle, freed with its owner."""

    def __init__(self, kind: str, text: str, variables: Mapping[str, float], *rest: Any) -> None:
        self.kind = kind
        self.pointer = c_void_p()
        self._in_use = threading.Lock()
        #: That a step may use.
        self.threads = 1
        #: The process that has the handle's threads, once there are any.
        self._process: int | None = None
        if not isinstance(text, str):
            raise TypeError(f"a {kind} is made of a text, not of {type(text).__name__}")
        if "\0" in text:
            raise HypergradientError("the text has a zero byte", 4)
        array = (Variable * max(len(variables), 1))()
        for place, (name, value) in zip(array, variables.items()):
            place.name = name.encode()
            place.value = float(value)
        call(
            f"hg_{kind}_create", text.encode(), array, len(variables), *rest, byref(self.pointer)
        )

    def call(self, name: str, *arguments: Any) -> None:
        if self.kind == "schedule":  # several threads may ask one
            call(f"hg_{self.kind}_{name}", self.pointer, *arguments)
            return
        if self._process not in (None, os.getpid()):
            raise HypergradientError(
                f"the {self.kind} has its threads in the process that this one was forked from: "
                "save it there, and load its state here into a new one",
                ERROR_ORDER,
            )
        if self._in_use.locked():
            raise HypergradientError(
                f"the {self.kind} is inside a call: '{_SAID.get(name, name)}' can't be asked of it before "
                "that returns, neither by the function that it calls nor by another thread",
                ERROR_ORDER,
            )
        with self._in_use:
            if name == "begin" or (name == "step" and self.threads > 1):
                self._process = os.getpid()
            call(f"hg_{self.kind}_{name}", self.pointer, *arguments)

    def save(self) -> bytes:
        size = c_size_t()
        self.call("save", None, 0, byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        self.call("save", buffer, size.value, byref(size))
        return buffer.raw[: size.value]

    def load(self, state: bytes) -> None:
        self.call("load", bytes(state), len(state))

    # Its defaults are what it calls: where the interpreter ends, modules are emptied before the last handle.
    def __del__(
        self,
        library: ctypes.CDLL = library,
        address: Callable[[Any], Any] = byref,
        process: Callable[[], int] = os.getpid,
    ) -> None:
        pointer = getattr(self, "pointer", None)
        # The threads of a handle that was used before a fork are not here to be ended.
        if pointer and self._process in (None, process()):
            getattr(library, f"hg_{self.kind}_free")(address(pointer))
