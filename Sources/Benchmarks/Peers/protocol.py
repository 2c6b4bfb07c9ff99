"""How a peer talks: one line of JSON in, one out. The peers' scripts follow this text.

A request {"row", "seconds", ...} is answered by {"seconds"}, the time of one operation, after about
as many seconds of work as it asks for; {"preparation"} beside it is what compiling took. Times are of
the monotonic clock. A row is set up when its request is not the last one's.
"""
import json
import sys
import time


def say(**answer):
    print(json.dumps(answer), flush=True)


def timed(operation, count):
    begin = time.perf_counter()
    for _ in range(count):
        operation()
    return time.perf_counter() - begin


class Repeats:
    """Finds how many operations take about as long as is asked, and times so many."""

    def __init__(self, operation):
        self.operation = operation
        self.count = 0

    def seconds(self, least):
        if self.count == 0:
            timed(self.operation, 1)
            self.count = 1
            elapsed = timed(self.operation, 1)
            while elapsed < least / 2:
                wanted = self.count * least / max(elapsed, 1e-9)
                self.count = max(self.count + 1, int(min(wanted, self.count * 100)))
                elapsed = timed(self.operation, self.count)
            return elapsed / self.count
        return timed(self.operation, self.count) / self.count


def serve(rows, name, version):
    """Answers until the input ends. `rows` makes an operation of a request's parameters, or a pair
    of the operation and the seconds of its preparation."""
    say(name=name, version=version)
    last, repeats = None, None
    for line in sys.stdin:
        request = json.loads(line)
        row, least = request.pop("row"), request.pop("seconds")
        key = json.dumps([row, request], sort_keys=True)
        answer = {}
        try:
            if key != last:
                last, repeats = None, None  # frees the last row's memory first
                made = rows[row](**request)
                operation = made
                if isinstance(made, tuple):
                    operation, answer["preparation"] = made
                last, repeats = key, Repeats(operation)
            answer["seconds"] = repeats.seconds(least)
        except Exception as error:  # the caller prints it and goes on without this peer
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        say(**answer)


def missing(error):
    say(error=str(error))
    sys.exit(0)
