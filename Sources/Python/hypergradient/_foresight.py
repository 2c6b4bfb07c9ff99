"""What can be told of a step before anything moves."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import torch

from . import _core, _directions
from . import _library as lib
from ._core import Controller, HypergradientError

if TYPE_CHECKING:
    from ._scalars import Scalars

#: Beyond any step, and any epoch, that a run reaches.
_LAST_STEP, _LAST_EPOCH = 1 << 48, 1e300


class Inputs(NamedTuple):
    """What a trainer tells a step beside its gradients."""

    loss: float | torch.Tensor | None
    metric: float | None | _core._Missing
    epoch: float | None

    @classmethod
    def of(
        cls, loss: float | torch.Tensor | None, metric: float | None | _core._Missing, epoch: float | None
    ) -> Inputs:
        """Refuses what is no number."""
        if isinstance(loss, torch.Tensor) and loss.numel() != 1:
            raise HypergradientError(f"the loss is {tuple(loss.shape)}, not one number", lib.ERROR_VALUE)
        if metric is not None and not isinstance(metric, _core._Missing):
            metric = float(metric)
        if epoch is not None:
            epoch = float(epoch)
            if not (epoch >= 0 and math.isfinite(epoch)):
                raise HypergradientError(
                    f"'epoch' is {epoch}, not a number of at least 0", lib.ERROR_VALUE
                )
        return cls(loss, metric, epoch)

    def has(self, name: str) -> bool:
        value = getattr(self, name)
        return not isinstance(value, _core._Missing) and (name == "metric" or value is not None)


class Foresight:
    """Refuses a step of ``rule + controller`` that lacks what it reads, or comes after its schedule's end.

    What a rule's own schedule refuses is not seen here.
    """

    def __init__(
        self, part: _core.Optimizer | Scalars, text: str, variables: Mapping[str, float]
    ) -> None:
        self._reads = bool(part.needs)
        self._text = _directions.split(text)[1]
        self._variables = dict(variables)
        self._may_end = any(
            self._end(self._new(), step, epoch) for step, epoch in ((_LAST_STEP, 0.0), (0, _LAST_EPOCH))
        )

    def _new(self) -> Controller:
        return Controller(self._text, **self._variables)

    @staticmethod
    def _end(control: Controller, step: int | None, epoch: float) -> HypergradientError | None:
        """What a controller says of a step after its schedule's end."""
        signals = dict.fromkeys(control.needs, 1.0)
        if "epoch" in signals:
            signals["epoch"] = epoch
        try:
            control.decide(signals, step)
        except HypergradientError as error:
            return error if error.status == lib.ERROR_ENDED else None
        return None

    def expect(self, part: _core.Optimizer | Scalars, inputs: Inputs, where: str) -> None:
        for name in part.needs if self._reads else ():
            if not inputs.has(name):
                raise HypergradientError(
                    f"the text of {where} reads '{name}': step({name}=…)", lib.ERROR_SIGNAL
                )
        if not self._may_end:
            return
        epoch = self._end(self._new(), 0, inputs.epoch or 0.0)
        step = self._end(self._new(), part.info.steps, 0.0)
        if epoch or (step and self._has_ended(part)):
            raise HypergradientError(f"{where}: {epoch or step}", lib.ERROR_ENDED)

    def _has_ended(self, part: _core.Optimizer | Scalars) -> bool:
        """Whether the steps that a schedule counts are past its end: not all are that were taken."""
        if not isinstance(part, _core.Optimizer):
            return self._end(copy.copy(part.controller), None, 0.0) is not None
        try:
            copy.copy(part)  # such a state is refused
        except HypergradientError:
            return True
        return False
