"""Softmax regression on scikit-learn's 1797 digits of 8 × 8 pixels, by numpy."""

import numpy
from sklearn.datasets import load_digits

import hypergrad_task


class Digits:
    def __init__(self, instance, steps):
        pixels, classes = load_digits(return_X_y=True)
        order = numpy.random.default_rng([2, instance]).permutation(len(classes))
        pixels = numpy.hstack([pixels[order] / 16, numpy.ones((len(classes), 1))])
        targets = numpy.eye(10)[classes[order]]
        self.train = (pixels[:1472], targets[:1472])
        self.held_out = (pixels[1472:], targets[1472:])
        self.start = numpy.zeros(65 * 10)
        self.batch = 64
        self.stepsPerEpoch = 1472 // self.batch

    def probabilities(self, theta, pixels):
        logits = pixels @ theta.reshape(65, 10)
        logits = logits - logits.max(axis=1, keepdims=True)
        logs = logits - numpy.log(numpy.exp(logits).sum(axis=1, keepdims=True))
        return logs, numpy.exp(logs)

    def gradient(self, theta, step, seed):
        pixels, targets = self.train
        if seed is not None:
            epoch, place = divmod(step, self.stepsPerEpoch)
            order = numpy.random.default_rng([seed, epoch]).permutation(len(targets))
            rows = order[place * self.batch : (place + 1) * self.batch]
            pixels, targets = pixels[rows], targets[rows]
        logs, probabilities = self.probabilities(theta, pixels)
        loss = -(targets * logs).sum() / len(targets) + 0.0005 * theta @ theta
        gradient = pixels.T @ (probabilities - targets) / len(targets)
        return loss, gradient.ravel() + 0.001 * theta

    def score(self, theta):
        pixels, targets = self.held_out
        logs, probabilities = self.probabilities(theta, pixels)
        right = probabilities.argmax(axis=1) == targets.argmax(axis=1)
        return -(targets * logs).sum() / len(targets), right.mean()


hypergrad_task.serve(Digits)
