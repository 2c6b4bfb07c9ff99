"""For Keras: a callback that sets the learning rate, and stands in for ``ReduceLROnPlateau`` and
``LearningRateScheduler``.

>>> model.fit(x, y, validation_split=0.1, callbacks=[hypergradient.keras.Callback(
...     "plateau(initial: lr, reduce: by(0.5, after: 5), watching: metric)", monitor="val_loss")])
"""

from __future__ import annotations

import math
from typing import Any

import keras  # type: ignore[import-untyped,unused-ignore]

from ._core import Controller, HypergradientError


class Callback(keras.callbacks.Callback):  # type: ignore[misc,unused-ignore]
    """The learning rate of the model's optimizer, by a controller of metrics, losses, epochs and steps.

    A callback sees no gradients: controllers of directions, hypergradient descent among them, are for
    ``hypergradient.optax`` and ``hypergradient.torch`` under Keras' own loop there. And Keras' SGD keeps
    the rate inside its velocity, so that no one can recover a direction from its steps.

    In the text ``lr`` stands for the optimizer's rate when training begins.

    :param monitor: the log that is the metric.
    :param every: ``"epoch"``, as Keras' own callbacks, or ``"batch"``: the controller then decides before
        each batch, with the loss of the one before it, the epoch's fraction, and the metric at the first
        batch after it is known.
    """

    def __init__(
        self, text: str, monitor: str = "val_loss", every: str = "epoch", **variables: float
    ) -> None:
        super().__init__()
        if every not in ("epoch", "batch"):
            raise HypergradientError(f"every is '{every}', neither 'epoch' nor 'batch'")
        self.text = text
        self.monitor = monitor
        self.every = every
        self.variables = variables
        self.controller: Controller | None = None
        #: The rates in the order in which they were decided.
        self.history: list[float] = []
        self._metric: float | None = None
        self._loss: float | None = None
        self._epoch = 0
        self._batches: int | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.controller is None:
            first = float(self.model.optimizer.learning_rate)
            self.controller = Controller(self.text, **({"lr": first} | self.variables))
            beyond = set(self.controller.needs) - {"metric", "loss", "epoch"}
            if beyond or self.controller.info.keeps_best or self.controller.info.keeps_direction:
                raise HypergradientError(
                    f"a callback sees no gradients: '{self.text}' reads {sorted(beyond)}, or takes "
                    "back steps"
                )
            if self.every == "batch" and "loss" in self.controller.needs:
                self._loss = math.nan
        self._batches = (self.params or {}).get("steps")
        self._set(self.controller.rate)

    def _set(self, rate: float) -> None:
        self.model.optimizer.learning_rate = rate

    def _decide(self, epoch: float) -> None:
        assert self.controller is not None
        signals: dict[str, float | None] = {"metric": self._metric, "epoch": epoch}
        if self._loss is not None:
            signals["loss"] = self._loss
        self._metric = None
        wanted = set(self.controller.needs)
        self.controller.decide({name: x for name, x in signals.items() if name in wanted})
        self.history.append(self.controller.rate)
        self._set(self.controller.rate)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.every == "batch":
            self._decide(self._epoch + (batch / self._batches if self._batches else 0.0))

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.every == "batch" and logs and "loss" in logs:
            self._loss = float(logs["loss"])

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        assert self.controller is not None
        if self.monitor in logs:
            self._metric = float(logs[self.monitor])
        elif "metric" in self.controller.needs:
            raise HypergradientError(
                f"there is no '{self.monitor}' among the logs: {', '.join(sorted(logs))}"
            )
        if self.every == "epoch":
            if "loss" in logs:
                self._loss = float(logs["loss"])
            self._decide(float(epoch + 1))
