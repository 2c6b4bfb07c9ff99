"""The Keras callback against Keras' own ReduceLROnPlateau and LearningRateScheduler."""

import math
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

keras = pytest.importorskip("keras")

import hypergradient as hg  # noqa: E402
import hypergradient.keras as hgk  # noqa: E402


def model(rate=0.1):
    keras.utils.set_random_seed(7)
    net = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
    net.compile(keras.optimizers.SGD(rate), "mse")
    return net


def data():
    x = np.random.default_rng(8).normal(size=(64, 3)).astype("float32")
    return x, (x @ np.array([[1.0], [2.0], [3.0]], "float32")) + x[:, :1] ** 2


class Rates(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.rates = []

    def on_epoch_end(self, epoch, logs=None):
        self.rates.append(float(self.model.optimizer.learning_rate))


def fit(callback, epochs=25):
    net, rates = model(), Rates()
    x, y = data()
    history = net.fit(
        x, y, batch_size=16, epochs=epochs, validation_split=0.25, verbose=0, shuffle=False,
        callbacks=[callback, rates],
    )  # fmt: skip
    return rates.rates, history.history


def test_it_stands_in_for_reduce_on_plateau():
    theirs, _ = fit(
        keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=2, min_delta=0.05, min_lr=1e-3)
    )
    callback = hgk.Callback(
        "kerasPlateau(initial: lr, factor: 0.5, patience: 2, minDelta: 0.05, minimum: 1e-3, "
        "watching: metric)"
    )
    ours, _ = fit(callback)
    assert ours == pytest.approx(theirs, rel=1e-6) and min(ours) < 0.1
    assert len(callback.history) == 25


def test_a_schedule_by_epochs_and_by_batches():
    ours, _ = fit(hgk.Callback("scheduled(cosine(from: 0.1, over: 25), in: epochs)"), 10)
    expected = [0.05 * (1 + math.cos(math.pi * (k + 1) / 25)) for k in range(10)]
    assert ours == pytest.approx(expected, rel=1e-6)
    callback = hgk.Callback("scheduled(cosine(from: 0.1, over: 30))", every="batch")
    fit(callback, 10)
    expected = [0.05 * (1 + math.cos(math.pi * min(k, 30) / 30)) for k in range(30)]
    assert callback.history == pytest.approx(expected, rel=1e-6)


def test_what_a_callback_can_not_see_is_refused():
    with pytest.raises(hg.HypergradientError, match="no gradients"):
        fit(hgk.Callback("hypergradient(initial: lr, hyperLearningRate: 1e-3)"), 1)
    with pytest.raises(hg.HypergradientError, match="val_lost"):
        fit(hgk.Callback("kerasPlateau(initial: lr, watching: metric)", monitor="val_lost"), 1)


def test_keras_own_momentum_has_the_rate_in_its_velocity():
    def make():
        optimizer = keras.optimizers.SGD(1.0, momentum=0.9)
        variable = keras.Variable(np.zeros(8, "float32"))
        optimizer.build([variable])

        def step(x, g, rate):
            variable.assign(x.astype("float32"))
            optimizer.learning_rate = rate
            optimizer.apply([keras.ops.convert_to_tensor(g.astype("float32"))], [variable])
            return keras.ops.convert_to_numpy(variable).astype(float)

        return step

    with pytest.raises(hg.HypergradientError, match="velocity contains the rate"):
        hg.check_foreign(make, 8, 1e-3)


def test_a_schedule_of_steps_is_learning_rate_scheduler():
    text = "scheduled(stepDecay(from: 0.1, every: 2, factor: 0.5))"
    theirs = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.1 * 0.5 ** (epoch // 2))
    used = []
    for callback in (theirs, hgk.Callback(text)):
        rates = Trained()
        net = model()
        x, y = data()
        for epochs in (5, 9):  # and goes on in another call of fit
            net.fit(x, y, epochs=epochs, initial_epoch=epochs // 9 * 5, verbose=0, callbacks=[callback, rates])
        used.append(rates.rates)
    assert used[1] == pytest.approx(used[0], rel=1e-6) and used[1][-1] < 0.01


class Trained(keras.callbacks.Callback):
    """The rate that an epoch is trained at."""

    def __init__(self):
        super().__init__()
        self.rates = []

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 0:
            self.rates.append(float(self.model.optimizer.learning_rate))


class Batches(keras.callbacks.Callback):
    """The loss of each batch, before it is trained on."""

    def __init__(self, x, y, size):
        super().__init__()
        self.x, self.y, self.size, self.losses = x, y, size, []

    def on_train_batch_begin(self, batch, logs=None):
        part = slice(batch * self.size, (batch + 1) * self.size)
        w, b = (np.asarray(keras.ops.convert_to_numpy(v), float) for v in self.model.weights)
        self.losses.append(float(np.mean((self.x[part] @ w + b - self.y[part]) ** 2)))


def test_by_batches_the_controller_sees_each_batchs_own_loss():
    x, y = data()
    x, y = x[:60], y[:60]  # the last batch is smaller
    seen = []
    callback = hgk.Callback(
        "plateau(initial: lr, reduce: by(0.5, after: 2), watching: loss())", every="batch")
    net, batches = model(0.01), Batches(x, y, 16)
    decide = callback._decide

    def spied(epoch):
        seen.append(callback._loss)
        decide(epoch)

    callback._decide = spied
    net.fit(x, y, batch_size=16, epochs=6, verbose=0, shuffle=False, callbacks=[batches, callback])
    assert len(batches.losses) == 24 and seen == pytest.approx(batches.losses[:-1], rel=1e-4)
    # The decisions are those of the same controller on these losses, from the second step on.
    alone = hg.Controller(callback.text, lr=float(np.float32(0.01)))
    assert len(callback.history) == 23
    assert callback.history == [alone.step(loss=loss, step=k + 1).rate for k, loss in enumerate(seen)]


ON_JAX = """
import contextlib, jax, keras, numpy as np, hypergradient.keras as hgk
if not hasattr(jax, "spmd_mode"):  # Keras 3.8 asks later JAX for it
    jax.spmd_mode = lambda mode: contextlib.nullcontext()
keras.utils.set_random_seed(7)
x = np.random.default_rng(8).normal(size=(60, 3)).astype("float32")
y = x @ np.ones((3, 1), "float32") + x[:, :1] ** 2
"""

LOSSES = """
seen = []
class Spied(hgk.Callback):
    def _decide(self, epoch):
        seen.append(self._loss)
        super()._decide(epoch)
net = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
net.compile(keras.optimizers.SGD(1e-30), "mse")
net.fit(x, y, batch_size=16, epochs=2, verbose=0, shuffle=False, callbacks=[
    Spied("plateau(initial: lr, reduce: by(0.5, after: 3), watching: loss())", every="batch")])
w, b = (np.asarray(keras.ops.convert_to_numpy(v), float) for v in net.weights)
parts = [float(np.mean((x[k:k + 16] @ w + b - y[k:k + 16]) ** 2)) for k in (0, 16, 32, 48)]
np.testing.assert_allclose(seen, (parts * 2)[:-1], rtol=1e-4)
"""

EXECUTIONS = """
def history(per_execution, state=None, **how):
    net = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
    net.compile(keras.optimizers.SGD(0.1), "mse", steps_per_execution=per_execution)
    callback = hgk.Callback("scheduled(stepDecay(from: 0.1, every: 1, factor: 0.5))", every="batch")
    if state is not None:
        callback.load(state)
    net.fit(x, y, batch_size=12, verbose=0, callbacks=[callback], **how)  # five batches
    return callback
rate = lambda *steps: [0.1 * 0.5**k for k in steps]
assert history(1, epochs=2).history == rate(*range(10))
first = history(2, epochs=2)
assert first.history == rate(0, 2, 4, 5, 7, 9), first.history
assert history(2, epochs=2, initial_epoch=1).history == rate(5, 7, 9)
assert history(2, first.state(), epochs=3, initial_epoch=2).history[6:] == rate(10, 12, 14)
"""


@pytest.mark.parametrize("program", [LOSSES, EXECUTIONS])
def test_by_batches_on_jax_too(program):
    pytest.importorskip("jax")
    run = subprocess.run(
        [sys.executable, "-c", ON_JAX + program], env=os.environ | {"KERAS_BACKEND": "jax"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]


@pytest.mark.parametrize("has_mean", [False, True])
def test_by_batches_with_a_step_of_ones_own(has_mean):
    class Own(keras.Sequential):
        mean = keras.metrics.Mean(name="loss")

        def train_step(self, batch):
            loss = keras.ops.cast(len(losses) + 1, "float32")
            losses.append(float(loss))
            self.mean.update_state(loss)
            return {"loss": self.mean.result() if has_mean else loss}

        @property
        def metrics(self):
            return [self.mean] if has_mean else []

    losses, seen = [], []
    net = Own([keras.layers.Input((3,)), keras.layers.Dense(1)])
    net.compile(keras.optimizers.SGD(0.1), "mse")
    callback = hgk.Callback(
        "plateau(initial: lr, reduce: by(0.5, after: 2), watching: loss())", every="batch")
    decide = callback._decide
    callback._decide = lambda epoch: (seen.append(callback._loss), decide(epoch))
    net.fit(*data(), batch_size=16, epochs=3, verbose=0, callbacks=[callback])
    assert len(losses) == 12 and seen == pytest.approx(losses[:-1], rel=1e-5)


# ---- Beside Keras' own callbacks


PLATEAU = "kerasPlateau(initial: lr, factor: 0.5, patience: 0, watching: metric)"
HALVED = "scheduled(stepDecay(from: 0.1, every: 1, factor: 0.5){})"


class Trainings(Trained):
    """The rate that each batch is trained at."""

    def on_train_batch_end(self, batch, logs=None):
        self.rates.append(float(self.model.optimizer.learning_rate))

    def on_train_batch_begin(self, batch, logs=None):
        pass


def rates_of(*callbacks, net=None, batch_size=64, **options):
    net, seen, (x, y) = net or model(), Trainings(), data()
    net.fit(x, y, batch_size=batch_size, verbose=0, callbacks=[*callbacks, seen], **options)
    return seen.rates


@pytest.mark.parametrize("every", ["epoch", "batch"])
@pytest.mark.parametrize("freq", [2, [2, 4]])
def test_an_epoch_without_a_validation_has_no_metric(every, freq):
    callback = hgk.Callback(
        "plateau(initial: lr, reduce: by(0.5, after: 1), watching: metric)", every=every)
    decide, seen = callback._decide, []
    callback._decide = lambda epoch: (seen.append(callback._metric), decide(epoch))
    with pytest.warns(UserWarning, match="no 'val_loss' among the logs of epoch 1") as said:
        rates_of(callback, epochs=5, validation_split=0.5, validation_freq=freq)
    assert sum("val_loss" in str(one.message) for one in said) == 1
    assert [one is None for one in seen] == [True, False, True, False, True] if every == "epoch" else [
        True, True, False, True, False]  # fmt: skip


def test_a_metric_that_never_came_is_refused_at_the_end():
    net = model()
    callback = hgk.Callback(PLATEAU, monitor="val_lost")
    with pytest.warns(UserWarning, match="val_lost"), pytest.raises(hg.HypergradientError, match="val_lost"):
        rates_of(callback, net=net, epochs=3)
    assert len(callback.history) == 3


@pytest.mark.parametrize("place", ["", ", in: epochs"])
def test_training_that_begins_later_is_where_learning_rate_scheduler_is(place):
    theirs = rates_of(
        keras.callbacks.LearningRateScheduler(lambda k: 0.1 * 0.5**k), initial_epoch=5, epochs=8)
    callback = hgk.Callback(HALVED.format(place))
    assert rates_of(callback, initial_epoch=5, epochs=8) == pytest.approx(theirs, rel=1e-6)
    assert len(callback.history) == 3
    by_batches = rates_of(
        hgk.Callback(HALVED.format(place), every="batch"), batch_size=32, initial_epoch=2, epochs=4)
    expected = [2, 2.5, 3, 3.5] if place else [4, 5, 6, 7]
    assert by_batches == pytest.approx([0.1 * 0.5 ** int(k) for k in expected], rel=1e-6)


class Interruption(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.at:
            raise KeyboardInterrupt


@pytest.mark.parametrize("text, monitor", [(HALVED.format(""), "loss"), (PLATEAU, "steady")])
@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.parametrize("is_same", [False, True])
def test_after_backup_and_restore(text, monitor, is_first, is_same, tmp_path):
    class Steady(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["steady"] = 1.0

    found, callback = [], hgk.Callback(text, monitor=monitor)
    for at in (3, 99):
        net, seen, stop = model(), Trainings(), Interruption()
        stop.at = at
        backup = keras.callbacks.BackupAndRestore(tmp_path)
        if not is_same or not found:
            callback = hgk.Callback(text, monitor=monitor)
        else:
            callback.load(state)
        order = [backup, callback] if is_first else [callback, backup]
        x, y = data()
        try:
            net.fit(x, y, epochs=6, batch_size=64, verbose=0, callbacks=[Steady(), *order, seen, stop])
        except KeyboardInterrupt:
            state = callback.state()
        found += seen.rates
    expected = [0, 1, 2, 3, 4, 5]
    if text == PLATEAU and is_same:
        expected = [0, 0, 1, 2, 3, 4]
    elif text == PLATEAU:
        # A new one sees a first metric once more, at the rate of the model, which may have been stored
        # before the last decision.
        last = 1 if is_first else 2
        expected = [0, 0, 1, last, last, last + 1]
    assert found == pytest.approx([0.1 * 0.5**k for k in expected], rel=1e-6)


@pytest.mark.parametrize("every", ["epoch", "batch"])
@pytest.mark.parametrize("text", [
    HALVED.format(""),
    "plateau(initial: lr, reduce: by(0.5, after: 1), comparing: .relative(0.9), watching: loss())",
    "scheduled(cosine(from: 0.1, over: 9)).times(plateau(initial: 1, reduce: by(0.5, after: 1), watching: metric))",
])  # fmt: skip
def test_a_state_goes_on(every, text):
    options = {"batch_size": 16, "shuffle": False}
    whole, first, again = (hgk.Callback(text, monitor="loss", every=every) for _ in range(3))
    rates = rates_of(whole, epochs=5, **options)

    net, other = model(), model(0.7)
    begun = rates_of(first, net=net, epochs=2, **options)
    other.set_weights(net.get_weights())
    again.load(pickle.loads(pickle.dumps(first.state())))
    begun += rates_of(again, net=other, initial_epoch=2, epochs=5, **options)
    assert begun == pytest.approx(rates, rel=1e-6) and len(set(rates)) > 2
    assert again.history == pytest.approx(whole.history, rel=1e-6)


def test_a_state_of_another_callback_is_refused():
    callback = hgk.Callback(PLATEAU, monitor="loss")
    with pytest.raises(hg.HypergradientError, match="not begun"):
        callback.state()
    rates_of(callback, epochs=1)
    with pytest.raises(hg.HypergradientError, match="no .*'controller'"):
        callback.load({})
    other = hgk.Callback(HALVED.format(""))
    with pytest.raises(hg.HypergradientError, match="not of"):
        other.load(callback.state())
    assert other.controller is None


def test_each_model_has_a_controller_of_its_own():
    ours, theirs = (
        [rates_of(callback, net=model(rate), epochs=3) for rate in (0.1, 0.2, 0.3)]
        for callback in (
            hgk.Callback(PLATEAU.replace("patience: 0", "minDelta: 1e6, patience: 0"), monitor="loss"),
            keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.5, min_delta=1e6, patience=0),
        )
    )
    for found, expected in zip(ours, theirs):
        assert found == pytest.approx(expected, rel=1e-6)
    assert ours[2][0] == pytest.approx(0.3) and ours[2][-1] < 0.3


def test_what_another_callback_sets_is_gone_on_from():
    class WarmUp(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch < 4:
                self.model.optimizer.learning_rate = 0.1 * (epoch + 1) / 4

    ours, theirs = (
        rates_of(WarmUp(), callback, net=model(0.025), epochs=9)
        for callback in (
            hgk.Callback(PLATEAU.replace("patience: 0", "minDelta: 9, patience: 3"), monitor="loss"),
            keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.5, min_delta=9, patience=3),
        )
    )
    assert ours == pytest.approx(theirs, rel=1e-6) and ours[3] == pytest.approx(0.1) and ours[-1] < 0.06
    with pytest.raises(hg.HypergradientError, match="own rate"):
        rates_of(WarmUp(), hgk.Callback("scheduled(cosine(from: 0.1, over: 9))"), epochs=3)
