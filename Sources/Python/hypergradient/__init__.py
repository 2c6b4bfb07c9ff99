"""Learning rates that are learned, from the same code as the Swift package ``hypergradient``.

What is made is named by a text:

>>> import hypergradient
>>> control = hypergradient.Controller("hypergradient(initial: 0.1, hyperLearningRate: 0.01)")
>>> control.step(alignment=0.0).rate
0.1

==================  ==================================================================
`Controller`        turns a few scalars into a learning rate
`Schedule`          a function of the step
`Optimizer`         a rule times a controller, on numpy arrays, in place
`Method`            asks for losses and gradients where it likes
`Follower`          leads an optimizer that can't be opened
==================  ==================================================================

``hypergradient.torch``, ``hypergradient.optax`` and ``hypergradient.keras`` are for those libraries, and
import them; this module needs numpy alone.
"""

from ._core import (
    Controller,
    Counts,
    Decision,
    Follower,
    HypergradientError,
    Method,
    Optimizer,
    Schedule,
    check_foreign,
    describe,
    names,
    version,
)

#: The package's, beside `version`, the interface's.
__version__ = "0.1.0"

__all__ = [
    "Controller",
    "Counts",
    "Decision",
    "Follower",
    "HypergradientError",
    "Method",
    "Optimizer",
    "Schedule",
    "check_foreign",
    "describe",
    "names",
    "version",
]
