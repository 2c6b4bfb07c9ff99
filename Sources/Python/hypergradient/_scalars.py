"""A rule times a controller for tensors that are not in the CPU's memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from . import _core, _directions
from ._core import MISSING, HypergradientError
from ._inputs import Inputs
from ._kinds import numbers_of
from ._leader import Leader, eager

Tensor = torch.Tensor


class _Group:
    """Parameters with one rate, as an optimizer of PyTorch's has them."""

    def __init__(self, params: list[Tensor], rate: float) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": params, "lr": rate}]


class Scalars(Leader):
    """A rule times a controller for tensors that are not in the CPU's memory.

    The rule moves them by operations on tensors, and its directions are known as they are, to the
    controller by scalars only.
    """

    def __init__(self, text: str, params: list[Tensor], variables: Mapping[str, float]) -> None:
        # Its mistakes are found where the whole text is read.
        probe = _core.Optimizer._made(text, [1], np.float64, dict(variables))
        rule, controller = _directions.split(text)
        self._text, self._variables = text, dict(variables)
        self._rule = _directions.Directions(rule, variables)
        self._params = list(params)
        self._new: dict[Tensor, Tensor] = {}
        self._given: dict[Tensor, Tensor] = {}
        super().__init__(_Group(self._params, probe.rate), controller, variables)

    def check(
        self, *, loss: float | None, metric: float | None | _core._Missing, epoch: float | None
    ) -> None:
        """Refuses what `step` would of these; changes nothing."""
        signals: dict[str, float | None] = dict.fromkeys(self._needs, 1.0)
        for name, value in (("loss", loss), ("metric", metric), ("epoch", epoch)):
            if isinstance(value, _core._Missing):
                signals.pop(name, None)
            elif name in signals:
                signals[name] = value
        self.controller.check(signals)

    @property
    def rate(self) -> float:
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._rate = self.controller.take_over(rate)

    def _gradient(self, p: Tensor) -> Tensor | None:
        return self._given.get(p)

    _recovers = False

    def _keep_origin(self, p: Tensor) -> None:
        pass

    def _kept_of(self, number: int, p: Tensor) -> list[Tensor]:
        return super()._kept_of(number, p) + self._rule.kept_of(number)

    def _direction(self, p: Tensor) -> Tensor:
        return self._new[p]

    def expect(self, group: str = "") -> None:
        if any(p.grad.layout != torch.strided for p in self._tensors() if p.grad is not None):
            raise HypergradientError("a gradient is sparse: call to_dense() before the step")
        super().expect(group)

    @eager
    @torch.no_grad()
    def step(self, inputs: Inputs) -> None:
        moved = self._tensors()
        theta = [numbers_of(p) for p in moved]
        grads = [numbers_of(p.grad.to(p.dtype)) for p in moved if p.grad is not None]
        plain, grads = grads, self._rule.gradients(theta, grads)
        self._given = dict(zip(moved, grads))
        self._loss, self._metric, self._epoch = None, MISSING, None
        self.observe(**inputs._asdict())
        self._before(self.optimizer, (), {})
        if self.decision.kind == "step":
            numbers = [k for k, p in enumerate(self._params) if p in self._given]
            directions = self._rule.step(numbers, theta, grads, plain)
            for x, u in zip(theta, directions):
                x.add_(u, alpha=-self._rate)
            self._new = dict(zip(moved, directions))
        self._after(self.optimizer, (), {})
        self._given, self._new = {}, {}

    def state_dict(self) -> dict[str, Any]:
        state = super().state_dict()
        state["rule"] = {
            "text": self._text,
            "counts": dict(self._rule.counts),
            "kept": {key: kept.clone() for key, kept in self._rule.kept.items()},
        }
        return state

    def restored(self, state: dict[str, Any]) -> Scalars:
        """A new one in a state."""
        if state["rule"]["text"] != self._text:
            raise HypergradientError(
                f"the state is of '{state['rule']['text']}', not of '{self._text}'"
            )
        made = Scalars(self._text, self._params, self._variables)
        made.load_state_dict(state)
        made._rule.kept = {
            key: kept.to(numbers_of(self._params[int(key.split()[-1])])).clone()
            for key, kept in state["rule"]["kept"].items()
        }
        # Older states have one count for all.
        steps = state["rule"].get("index", 0)
        counts = state["rule"].get("counts", {k: steps for k in range(len(self._params))})
        made._rule.counts = {int(k): int(count) for k, count in counts.items()}
        return made
