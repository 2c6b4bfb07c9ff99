"""For Keras: a callback that sets the learning rate, and stands in for ``ReduceLROnPlateau`` and
``LearningRateScheduler``.

>>> model.fit(x, y, validation_split=0.1, callbacks=[hypergradient.keras.Callback(
...     "plateau(initial: lr, reduce: by(0.5, after: 5), watching: metric)", monitor="val_loss")])
"""

from __future__ import annotations

from typing import Any

import keras  # type: ignore[import-untyped,unused-ignore]

from ._core import Controller, HypergradientError


class Callback(keras.callbacks.Callback):  # type: ignore[misc,unused-ignore]
    """The learning rate of the model's optimizer, by a controller of metrics, losses, epochs and steps.

    A callback sees no gradients: controllers of directions, hypergradient descent among them, are for
    ``hypergradient.optax`` and ``hypergradient.torch`` under Keras' own loop there. And Keras' SGD keeps
    the rate inside its velocity, so that no one can recover a direction from its steps.

    In the text ``lr`` stands for the optimizer's rate when training begins, and a step is an epoch or a
    batch: the first one is trained at the rate that the controller begins with, as by
    ``LearningRateScheduler``.

    :param monitor: the log that is the metric.
    :param every: ``"epoch"``, as Keras' own callbacks: the controller decides after each epoch about the
        next, with the epoch's mean loss. Or ``"batch"``: it decides before each batch, with the loss of
        the one before it, the epoch's fraction, and the metric at the first batch after it is known. A
        controller of losses decides from the second batch on.

    Keras' log of the loss is the mean over the epoch so far. A batch's own is taken from how the sum and
    the count of that mean grow, in the model's metric named ``"loss"``; it has the rounding of that sum,
    in single precision. A ``train_step`` of one's own without such a metric is taken to log the batch's.
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
        self._has_decided = False
        #: Of the epoch so far: the sum of losses, and their weights.
        self._sums = (0.0, 0.0)
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
        # What comes first was trained at the rate before any decision, but is a step.
        is_second = not self._has_decided and (self.every == "epoch" or "loss" in wanted)
        self.controller.decide(
            {name: x for name, x in signals.items() if name in wanted}, step=1 if is_second else None
        )
        self._has_decided = True
        self.history.append(self.controller.rate)
        self._set(self.controller.rate)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch
        self._sums = (0.0, 0.0)

    def _loss_of_batch(self, logged: float) -> float | None:
        """The loss of the batches since the last call."""
        for metric in self.model.metrics:
            if metric.name == "loss" and hasattr(metric, "total") and hasattr(metric, "count"):
                break
        else:
            return logged
        # JAX's are not in the model while it is trained.
        state = (getattr(self.model, "_jax_state", None) or {}).get("metrics_variables")
        places = {id(v): k for k, v in enumerate(self.model.metrics_variables)}

        def value(variable: Any) -> float:
            return float(state[places[id(variable)]] if state else variable)

        last, self._sums = self._sums, (value(metric.total), value(metric.count))
        weight = self._sums[1] - last[1]
        return (self._sums[0] - last[0]) / weight if weight > 0 else None

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        assert self.controller is not None
        is_ready = self._loss is not None or "loss" not in self.controller.needs
        if self.every == "batch" and is_ready:
            self._decide(self._epoch + (batch / self._batches if self._batches else 0.0))

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.every == "batch" and logs and "loss" in logs:
            loss = self._loss_of_batch(float(logs["loss"]))
            self._loss = self._loss if loss is None else loss

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
