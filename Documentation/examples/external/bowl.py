"""f(θ) = ½ Σ i θᵢ² from (1, …, 1): the least that a program says."""

import json
import sys

DIMENSION = 10

for line in sys.stdin:
    question = json.loads(line)
    if question["ask"] == "hello":
        answer = {
            "version": 1,
            "dimension": DIMENSION,
            "start": [1.0] * DIMENSION,
            "numbers": "json",
            "deterministic": True,
        }
    else:
        theta = question["at"]
        answer = {
            "loss": 0.5 * sum((i + 1) * x * x for i, x in enumerate(theta)),
            "gradient": [(i + 1) * x for i, x in enumerate(theta)],
        }
    print(json.dumps(answer), flush=True)
