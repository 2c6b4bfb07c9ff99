"""Logistic regression on minibatches of synthetic examples, by numpy: draws keyed by seed and step."""

import numpy

import hypergrad_task


class Logistic:
    def __init__(self, instance, steps):
        random = numpy.random.default_rng([1, instance])
        truth = random.normal(size=8)
        features = random.normal(size=(320, 8))
        signs = numpy.where(features @ truth + random.normal(size=320) > 0, 1.0, -1.0)
        self.rows = features * signs[:, None]
        self.rows, self.held_out = self.rows[:256], self.rows[256:]
        self.start = numpy.zeros(8)
        self.batch = 32
        self.stepsPerEpoch = len(self.rows) // self.batch

    def gradient(self, theta, step, seed):
        rows = self.rows
        if seed is not None:
            epoch, place = divmod(step, self.stepsPerEpoch)
            order = numpy.random.default_rng([seed, epoch]).permutation(len(rows))
            rows = rows[order[place * self.batch : (place + 1) * self.batch]]
        margins = rows @ theta
        weights = numpy.exp(-numpy.logaddexp(0, margins))
        loss = numpy.logaddexp(0, -margins).mean() + 0.005 * theta @ theta
        return loss, 0.01 * theta - rows.T @ weights / len(rows)

    def score(self, theta):
        margins = self.held_out @ theta
        return numpy.logaddexp(0, -margins).mean(), (margins > 0).mean()


hypergrad_task.serve(Logistic)
