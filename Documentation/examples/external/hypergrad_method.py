"""The lines between hypergrad and a method in Python; copy it beside your program.

    import hypergrad_method
    hypergrad_method.serve(make)

`make(hello)` is given the hello, a dictionary, and returns an object with

    step(theta, loss, gradient)    the new θ, and the rate that was applied or None
    asks, repeatable               optional: True, and False

An object that asks for itself, `asks = True`, has `step(theta, oracle)` instead, where

    oracle.gradient(point, draw=0)          loss and gradient; NaN and None where they are not finite
    oracle.loss(point, draw=0)              the loss alone, a third of the price
    oracle.product(point, along, draw=0)    the Hessian times a vector, twice the price
"""

import base64
import json
import os
import sys

import numpy

NUMBERS = numpy.dtype("<f8")


def encode(array):
    return base64.b64encode(numpy.ascontiguousarray(array, NUMBERS).tobytes()).decode()


def decode(text):
    return None if text is None else numpy.frombuffer(base64.b64decode(text), NUMBERS).copy()


class Oracle:
    def __init__(self, say):
        self.say = say

    def ask(self, want, point, draw, **more):
        self.say({"want": want, "at": encode(point), "draw": draw, **more})
        return json.loads(sys.stdin.readline())

    def gradient(self, point, draw=0):
        answer = self.ask("gradient", point, draw)
        gradient = decode(answer["gradient"])
        return (numpy.nan if answer["loss"] is None else answer["loss"]), gradient

    def loss(self, point, draw=0):
        loss = self.ask("loss", point, draw)["loss"]
        return numpy.nan if loss is None else loss

    def product(self, point, along, draw=0):
        return decode(self.ask("product", point, draw, along=encode(along))["product"])


def serve(make):
    # What a library prints is no answer: all but our lines goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    method = None

    def say(answer):
        print(json.dumps(answer), file=answers, flush=True)

    oracle = Oracle(say)
    while line := sys.stdin.readline():
        question = json.loads(line)
        if question["ask"] == "hello":
            method = make(question)
            say({
                "version": 1,
                "numbers": "float64",
                "asks": getattr(method, "asks", False),
                "repeatable": getattr(method, "repeatable", True),
            })
            continue
        theta = decode(question["at"])
        if getattr(method, "asks", False):
            theta, rate = method.step(theta, oracle)
        else:
            theta, rate = method.step(theta, question["loss"], decode(question["gradient"]))
        say({"at": encode(theta), "rate": None if rate is None else float(rate)})
