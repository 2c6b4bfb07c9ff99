"""Gradient descent that learns its rate by hypergradient descent: η ← η + β·⟨g_{t−1}, g_t⟩."""

import sys

import hypergrad_method

BETA = float(sys.argv[1]) if len(sys.argv) > 1 else 1e-5


class Descent:
    def __init__(self, hello):
        self.rate = hello.get("rate", 1e-3)
        self.last = None

    def step(self, theta, loss, gradient):
        if self.last is not None:
            self.rate += BETA * (self.last @ gradient)
        self.last = gradient
        return theta - self.rate * gradient, self.rate


hypergrad_method.serve(Descent)
