"""For Keras: a callback that sets the learning rate, and stands in for ``ReduceLROnPlateau`` and
``LearningRateScheduler``.

>>> model.fit(x, y, validation_split=0.1, callbacks=[hypergradient.keras.Callback(
...     "plateau(initial: lr, reduce: by(0.5, after: 5), watching: metric)", monitor="val_loss")])
"""

from __future__ import annotations

import copy
import math
import warnings
from typing import Any

import keras  # type: ignore[import-untyped,unused-ignore]

from . import _library as lib
from ._core import Controller, HypergradientError, Named

__all__ = ["Callback"]


class Callback(Named, keras.callbacks.Callback):  # type: ignore[misc,unused-ignore]
    """The learning rate of the model's optimizer, by a controller of metrics, losses, epochs and steps.

    A callback sees no gradients: controllers of directions, hypergradient descent among them, are for
    ``hypergradient.optax`` and ``hypergradient.torch`` under Keras' own loop there. And Keras' SGD keeps
    the rate inside its velocity, so that no one can recover a direction from its steps.

    In the text ``lr`` stands for the optimizer's rate when training begins, and a step is an epoch or a
    batch: the first one is trained at the rate that the controller begins with, as by
    ``LearningRateScheduler``. Training that begins with another epoch than the first, after
    ``BackupAndRestore`` for one, begins with that step of a schedule; what else a controller has learned
    goes on by `state` and `load`.

    With the same optimizer another call of ``fit`` goes on, with another one it begins anew. A rate that
    others set, a warm-up for one, is given to the controller before it decides again, and refused where it
    takes over none, such as a schedule. An epoch without the monitored log has no metric, of which a
    warning tells once; where there was none at all, the end of training refuses it.

    :param monitor: the log that is the metric.
    :param every: ``"epoch"``, as Keras' own callbacks: the controller decides after each epoch about the
        next, with the epoch's mean loss. Or ``"batch"``: it decides before each batch, with the loss of
        the one before it, the epoch's fraction, and the metric at the first batch after it is known. A
        controller of losses decides from the second batch on. Under ``steps_per_execution`` it decides
        before each execution, with the mean loss of the last one; a schedule is asked for its first batch.

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
        #: What the controller is for; None after it was loaded or copied, until training begins.
        self._optimizer: Any = None
        self._first_rate = 0.0
        #: The optimizer's rate as it was set last.
        self._put = 0.0
        self._is_beginning = False
        self._has_warned = False
        self._batches: int | None = None
        self._begin()

    def _begin(self) -> None:
        self.history = []
        self._metric: float | None = None
        self._has_seen_metric = False
        self._loss: float | None = None
        self._epoch = 0
        #: By epochs, the number of the first step that is decided; the controller counts on from there.
        self._step: int | None = None
        #: By batches: those before this epoch, and those of it.
        self._before, self._seen = 0, 0
        #: Of the epoch so far: the sum of losses, and their weights.
        self._sums = (0.0, 0.0)

    def _make(self, first_rate: float) -> Controller:
        made = Controller(self.text, **({"lr": first_rate} | self.variables))
        beyond = set(made.needs) - {"metric", "loss", "epoch"}
        if beyond or made.info.keeps_best or made.info.keeps_direction:
            raise HypergradientError(
                f"a callback sees no gradients: '{self.text}' reads {sorted(beyond)}, or takes back steps"
            )
        return made

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._is_beginning = True
        self._batches = (self.params or {}).get("steps")

    def _start(self, epoch: int) -> None:
        """At the first epoch, when what other callbacks restore is there."""
        optimizer = self.model.optimizer
        last, self._optimizer = self._optimizer, optimizer
        if self.controller is None or (last is not None and last is not optimizer):
            self._begin()
            self._first_rate = float(optimizer.learning_rate)
            self.controller = self._make(self._first_rate)
            self._set()
            self._begin_with(epoch)
            return
        if last is not None:
            try:
                self._admit()
            except HypergradientError:  # a schedule has its own, whatever was restored
                pass
        self._set()

    def _begin_with(self, epoch: int) -> None:
        assert self.controller is not None
        if self.every == "batch":
            if epoch:
                self._before = epoch * (self._batches or 0) or int(self.model.optimizer.iterations)
            return
        # The first epoch is trained at the rate before any decision, but is a step.
        self._step = epoch + 1
        if epoch and "loss" not in self.controller.needs:
            self._step = epoch
            self._decide(float(epoch))
            self.history.clear()

    def _set(self) -> None:
        assert self.controller is not None
        self.model.optimizer.learning_rate = self.controller.rate
        self._put = float(self.model.optimizer.learning_rate)

    def _admit(self) -> None:
        """Gives the controller a rate that others have set."""
        assert self.controller is not None
        now = float(self.model.optimizer.learning_rate)
        if now != self._put:
            self.controller.take_over(now)

    def _decide(self, epoch: float) -> None:
        assert self.controller is not None
        self._admit()
        signals: dict[str, float | None] = {"metric": self._metric, "epoch": epoch}
        if self._loss is not None:
            signals["loss"] = self._loss
        self._metric = None
        wanted = set(self.controller.needs)
        self.controller.decide({name: x for name, x in signals.items() if name in wanted}, self._step)
        self._step = None
        self.history.append(self.controller.rate)
        self._set()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._before, self._seen = self._before + self._seen, 0
        if self._is_beginning:
            self._is_beginning = False
            self._start(epoch)
        self._epoch = epoch
        self._sums = (0.0, 0.0)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._has_warned and not self._has_seen_metric:
            raise HypergradientError(f"there was no '{self.monitor}' among the logs of any epoch")

    # ---- State

    _KEPT = (
        "history", "_metric", "_has_seen_metric", "_loss", "_epoch", "_step", "_before", "_seen",
        "_first_rate",
    )  # fmt: skip

    def state(self) -> dict[str, Any]:
        """What training goes on from, in another process: bytes, numbers and lists of them. After an
        epoch, and there is none before the first."""
        if self.controller is None:
            raise HypergradientError("training has not begun", lib.ERROR_ORDER)
        kept = {name.lstrip("_"): copy.copy(getattr(self, name)) for name in self._KEPT}
        return kept | {"controller": self.controller.save()}

    def load(self, state: dict[str, Any]) -> None:
        """Goes on from `state` with the next call of ``fit``, whatever its model."""
        missing = {"controller", *(name.lstrip("_") for name in self._KEPT)} - state.keys()
        if missing:
            raise HypergradientError(
                f"the state is of no callback: it has no {', '.join(map(repr, sorted(missing)))}",
                lib.ERROR_STATE,
            )
        made = self._make(state["first_rate"])
        made.load(state["controller"])
        self.controller, self._optimizer = made, None
        for name in self._KEPT:
            setattr(self, name, copy.copy(state[name.lstrip("_")]))

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_optimizer": None}

    # ---- Batches

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
            self._step = self._before + batch
            self._decide(self._epoch + (batch / self._batches if self._batches else 0.0))
        seen = batch + int(getattr(self.model, "steps_per_execution", 1))
        self._seen = min(seen, self._batches or seen)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.every == "batch" and logs and "loss" in logs:
            loss = self._loss_of_batch(float(logs["loss"]))
            self._loss = self._loss if loss is None else loss

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        assert self.controller is not None
        if self.monitor in logs:
            self._metric = float(logs[self.monitor])
            self._has_seen_metric = True
        elif "metric" in self.controller.needs and not self._has_warned:
            self._has_warned = True
            warnings.warn(
                f"there is no '{self.monitor}' among the logs of epoch {epoch + 1}, which has no metric: "
                f"{', '.join(sorted(logs))}",
                stacklevel=2,
            )
        if self.every == "epoch":
            if "loss" in logs:
                self._loss = float(logs["loss"])
            self._decide(float(epoch + 1))
