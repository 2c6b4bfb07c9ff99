"""The lines between hypergrad and an objective in Python; copy it beside your program.

    import hypergrad_task
    hypergrad_task.serve(make)

`make(instance, steps)` returns an object with

    start                          θ₀, an array
    gradient(theta, step, seed)    loss and gradient; of all data, without noise, where seed is None
    loss(theta, step)              optional: the exact loss alone
    score(theta)                   optional: loss and accuracy on examples that no gradient sees
    deterministic, repeatable, stepsPerEpoch, reference, minimiser, groups    optional
"""

import base64
import json
import os
import sys

import numpy

KEYS = ["deterministic", "repeatable", "stepsPerEpoch", "reference", "groups"]


def serve(make):
    # What a library prints is no answer: all but our lines goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    task, dtype = None, None

    def encode(array):
        return base64.b64encode(numpy.ascontiguousarray(array, dtype).tobytes()).decode()

    def decode(text):
        return numpy.frombuffer(base64.b64decode(text), dtype).copy()

    def hello(question):
        start = numpy.asarray(task.start)
        answer = {
            "version": 1,
            "dimension": start.size,
            "start": encode(start),
            "numbers": "float32" if dtype == numpy.dtype("<f4") else "float64",
            "scores": hasattr(task, "score"),
        }
        for key in KEYS:
            if getattr(task, key, None) is not None:
                answer[key] = getattr(task, key)
        if getattr(task, "minimiser", None) is not None:
            answer["minimiser"] = encode(task.minimiser)
        return answer

    for line in sys.stdin:
        question = json.loads(line)
        ask = question["ask"]
        if ask == "hello":
            task = make(question["instance"], question.get("steps"))
            single = numpy.asarray(task.start).dtype == numpy.float32
            dtype = numpy.dtype("<f4") if single else numpy.dtype("<f8")
            answer = hello(question)
        else:
            theta = decode(question["at"])
            if ask == "gradient":
                loss, gradient = task.gradient(theta, question["step"], question.get("seed"))
                answer = {"loss": float(loss), "gradient": encode(gradient)}
            elif ask == "loss" and hasattr(task, "loss"):
                answer = {"loss": float(task.loss(theta, question["step"]))}
            elif ask == "loss":
                answer = {"loss": float(task.gradient(theta, question["step"], None)[0])}
            else:
                loss, accuracy = task.score(theta)
                answer = {"loss": float(loss), "accuracy": float(accuracy)}
        print(json.dumps(answer), file=answers, flush=True)
