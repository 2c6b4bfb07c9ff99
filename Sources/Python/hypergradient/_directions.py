"""Rules as operations on tensors, for parameters that are not in the CPU's memory.

The equations are those of the rules of the same names, with the library's own defaults; a controller
sees scalars of them, see `hypergradient.torch.Optimizer`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch

from ._core import HypergradientError, describe

Tensor = torch.Tensor


class Call(NamedTuple):
    """``name(label: value, …)`` with what follows it after dots."""

    name: str
    arguments: dict[str, Any]
    modifiers: list[Call]


_TOKEN = re.compile(r"\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([A-Za-z_]\w*)|(.))")


class _Reader:
    """Reads a call that the library has read without a mistake, by its grammar: `SpecParser`."""

    def __init__(self, text: str, variables: Mapping[str, float]) -> None:
        self.tokens = [m.groups() for m in _TOKEN.finditer(text) if m.group(0).strip()]
        self.place = 0
        self.variables = variables

    def _look(self, kind: int, ahead: int = 0) -> str | None:
        """The token that comes, where it is a number (0), a word (1) or a mark (2)."""
        place = self.place + ahead
        return self.tokens[place][kind] if place < len(self.tokens) else None

    def _take(self, mark: str) -> bool:
        found = self._look(2) == mark
        self.place += found
        return found

    def whole(self) -> Call:
        """The call that the text is."""
        call = self.call()
        if self.place < len(self.tokens):
            raise self._refusal()
        return call

    def call(self) -> Call:
        name = self._look(1)
        if name is None:
            raise self._refusal()
        self.place += 1
        arguments: dict[str, Any] = {}
        if self._take("("):
            while not self._take(")"):
                label = "_"
                if self._look(1) is not None and self._look(2, 1) == ":":
                    label = str(self._look(1))
                    self.place += 2
                arguments[label] = self._value()
                if not self._take(",") and self._look(2) != ")":
                    raise self._refusal()
        modifiers = []
        while self._take("."):
            modifier = self.call()
            # What follows it was read as its own.
            modifiers += [modifier._replace(modifiers=[]), *modifier.modifiers]
        return Call(name, arguments, modifiers)

    def _is_number(self) -> bool:
        word = self._look(1)
        if word is None:
            return self._look(0) is not None or self._look(2) in ("+", "-")
        return (word in self.variables or _non_finite(word) is not None) and self._look(2, 1) != "("

    def _value(self) -> Any:
        if not self._is_number():
            self._take(".")  # a choice is one with and without it
            return self.call()
        value = self._factor()
        while True:
            if self._take("*"):
                value *= self._factor()
            elif self._take("/"):
                value /= self._factor()
            else:
                return value

    def _factor(self) -> float:
        if self._take("-"):
            return -self._factor()
        if self._take("+"):
            return self._factor()
        number, word, _ = self.tokens[self.place] if self.place < len(self.tokens) else (None,) * 3
        self.place += 1
        if number is not None:
            return float(number)
        found = self.variables.get(word, _non_finite(word)) if word is not None else None
        if found is None:
            raise self._refusal()
        return float(found)

    def _refusal(self) -> HypergradientError:
        what = next((t for t in self.tokens[self.place] if t), "") if self.place < len(self.tokens) else ""
        return HypergradientError(f"'{what}' can't be read in a rule on a device")


def _non_finite(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def split(text: str) -> tuple[str, str]:
    """A text's rule and controller."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "+" and depth == 0:
            return text[:place].strip(), text[place + 1 :].strip()
    raise HypergradientError("'rule + controller' is expected on a device")


class _Step(NamedTuple):
    """What a rule's function is given beside its vectors."""

    theta: list[Tensor]
    #: The vectors that a tensor keeps, made of zeros, or of another number, when they are first asked
    #: for.
    state: Callable[..., Tensor]
    #: Steps that a tensor has taken before this one, by its place.
    number: Callable[[int], int]
    #: ∇f, without the penalty that a rule's gradient has.
    plain: list[Tensor]


Vectors = list[Tensor]
Options = dict[str, Any]


def _sgd(g: Vectors, o: Options, s: _Step) -> Vectors:
    return [x.clone() for x in g]


def _heavy_ball(g: Vectors, o: Options, s: _Step) -> Vectors:
    made = []
    for i, x in enumerate(g):
        weight = 1.0 if s.number(i) == 0 else 1 - o["dampening"]
        made.append(s.state(i, "v").mul_(o["momentum"]).add_(x, alpha=weight).clone())
    return made


def _nesterov(g: Vectors, o: Options, s: _Step) -> Vectors:
    mu = o["momentum"]
    return [x + mu * s.state(i, "v").mul_(mu).add_(x) for i, x in enumerate(g)]


def _adam(g: Vectors, o: Options, s: _Step) -> Vectors:
    b1, b2 = o["beta1"], o["beta2"]
    uncorrected = "epsilonPlace" in o and o["epsilonPlace"].name == "onUncorrectedRoot"
    made = []
    for i, x in enumerate(g):
        rest1, rest2 = 1 - b1 ** (s.number(i) + 1), 1 - b2 ** (s.number(i) + 1)
        k1, k2 = (rest2**0.5 / rest1, 1.0) if uncorrected else (1 / rest1, 1 / rest2)
        m = s.state(i, "m").mul_(b1).add_(x, alpha=1 - b1)
        v = s.state(i, "v").mul_(b2).addcmul_(x, x, value=1 - b2)
        made.append((m * k1).div_((v * k2).sqrt_().add_(o["epsilon"])))
    return made


def _adam_w(g: Vectors, o: Options, s: _Step) -> Vectors:
    return _weight_decay(_adam(g, o, s), {"_": o["weightDecay"]}, s)


def _rmsprop(g: Vectors, o: Options, s: _Step) -> Vectors:
    rho = o["decay"]
    return [
        x / s.state(i, "v").mul_(rho).addcmul_(x, x, value=1 - rho).sqrt().add_(o["epsilon"])
        for i, x in enumerate(g)
    ]


def _adagrad(g: Vectors, o: Options, s: _Step) -> Vectors:
    made = []
    for i, x in enumerate(g):
        total = s.state(i, "sum", o["initialAccumulator"])
        made.append(x / total.addcmul_(x, x).sqrt().add_(o["epsilon"]))
    return made


def _lion(g: Vectors, o: Options, s: _Step) -> Vectors:
    made = []
    for i, x in enumerate(g):
        m = s.state(i, "m")
        made.append((o["beta1"] * m + (1 - o["beta1"]) * x).sign_())
        m.mul_(o["beta2"]).add_(x, alpha=1 - o["beta2"])
    return made


def _signum(g: Vectors, o: Options, s: _Step) -> Vectors:
    beta = o["momentum"]
    return [s.state(i, "m").mul_(beta).add_(x, alpha=1 - beta).sign() for i, x in enumerate(g)]


def _weight_decay(g: Vectors, o: Options, s: _Step) -> Vectors:
    return [x + o["_"] * theta for x, theta in zip(g, s.theta)]


def _clip_by_norm(g: Vectors, o: Options, s: _Step) -> Vectors:
    wide = torch.float64 if g[0].device.type != "mps" else torch.float32
    norm = torch.stack([torch.sum(x.to(wide) ** 2).to(g[0].device) for x in s.plain]).sum().sqrt()
    # On the device: nothing waits for it.
    factor = torch.clamp(o["_"] / norm, max=1.0)
    return [x * factor.to(device=x.device, dtype=x.dtype) for x in g]


RULES: dict[str, Callable[[Vectors, Options, _Step], Vectors]] = {
    "sgd": _sgd,
    "heavyBall": _heavy_ball,
    "nesterov": _nesterov,
    "adam": _adam,
    "adamw": _adam_w,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
    "lion": _lion,
    "signum": _signum,
    "weightDecay": _weight_decay,
    "clipByNorm": _clip_by_norm,
}


class Directions:
    """A rule's directions of some tensors: ``adam.then(weightDecay(0.01)).penalized(by: 1e-4)``.

    :param text: one that the library has read.
    """

    def __init__(self, text: str, variables: Mapping[str, float]) -> None:
        self.text = text
        #: λ of the objective's penalty.
        self.penalty = 0.0
        #: Steps that each tensor has taken, by its number: one without a gradient takes none.
        self.counts: dict[int, int] = {}
        self.kept: dict[str, Tensor] = {}
        call = _Reader(text, variables).whole()
        self._links = [self._link(call)]
        for modifier in call.modifiers:
            if modifier.name == "then" and not modifier.arguments["_"].modifiers:
                self._links.append(self._link(modifier.arguments["_"]))
            elif modifier.name == "penalized":
                self.penalty += modifier.arguments["by"]
            else:
                raise self._refusal(f".{modifier.name}")

    def _link(self, call: Call) -> tuple[Callable[..., Vectors], Options]:
        if call.name not in RULES:
            raise self._refusal(call.name)
        signature = describe(call.name, "rule").splitlines()[0]
        standard = _Reader(signature.replace("…", "0"), {}).whole().arguments
        if call.arguments.keys() - standard.keys():
            raise HypergradientError(f"'{call.name}' is written {signature} in a rule on a device")
        return RULES[call.name], standard | call.arguments

    @staticmethod
    def _refusal(name: str) -> HypergradientError:
        return HypergradientError(
            f"'{name}' has no form on a device: what has one is {', '.join(RULES)}, '.then' and "
            "'.penalized'; hypergradient.torch.LearningRate leads any optimizer of PyTorch's there"
        )

    def gradients(self, theta: Vectors, gradients: Vectors) -> Vectors:
        """∇f + λθ, which controllers and rules see."""
        if self.penalty == 0:
            return gradients
        return [g + self.penalty * x for g, x in zip(gradients, theta)]

    def kept_of(self, number: int) -> Vectors:
        """What the tensor of a number keeps."""
        return [kept for key, kept in self.kept.items() if key.endswith(f" {number}")]

    def step(
        self, numbers: list[int], theta: Vectors, gradients: Vectors, plain: Vectors
    ) -> Vectors:
        """The directions at the tensors of these numbers, from what `gradients` returned of the plain
        ones."""
        vectors = gradients
        for place, (function, options) in enumerate(self._links):

            def state(i: int, name: str, first: float = 0.0, place: int = place) -> Tensor:
                key = f"{place} {name} {numbers[i]}"
                if key not in self.kept:
                    self.kept[key] = torch.full_like(theta[i], first)
                return self.kept[key]

            def number(i: int) -> int:
                return self.counts.get(numbers[i], 0)

            vectors = function(vectors, options, _Step(theta, state, number, plain))
        for k in numbers:
            self.counts[k] = self.counts.get(k, 0) + 1
        return vectors
