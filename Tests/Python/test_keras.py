"""The Keras callback against Keras' own ReduceLROnPlateau and LearningRateScheduler."""

import math

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
