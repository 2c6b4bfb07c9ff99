"""Gradient descent at a fixed rate: the least that a method says, without any library."""

import json
import sys

rate = 0.0

for line in sys.stdin:
    question = json.loads(line)
    if question["ask"] == "hello":
        rate = question.get("rate", 0.01)
        answer = {"version": 1, "numbers": "json"}
    else:
        theta = zip(question["at"], question["gradient"])
        answer = {"at": [x - rate * g for x, g in theta], "rate": rate}
    print(json.dumps(answer), flush=True)
