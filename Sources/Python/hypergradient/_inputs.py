"""What a trainer tells a step beside its gradients, checked before anything moves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import torch

from . import _core
from . import _library as lib
from ._core import HypergradientError

if TYPE_CHECKING:
    from ._scalars import Scalars


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

    def check(self, part: _core.Optimizer | Scalars, where: str) -> None:
        """Refuses what a step of this part would."""
        # That there is a loss says enough: its number may be on a device.
        loss = None if self.loss is None else 0.0
        try:
            part.check(loss=loss, metric=self.metric, epoch=self.epoch)
        except HypergradientError as error:
            raise HypergradientError(f"{where}: {error}", error.status) from None
