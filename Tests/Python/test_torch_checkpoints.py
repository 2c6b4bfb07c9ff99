"""PyTorch's functions for checkpoints, `torch.distributed.checkpoint`, in one process."""

import copy

import pytest

torch = pytest.importorskip("torch")
checkpoint = pytest.importorskip("torch.distributed.checkpoint")

from test_torch import network, train  # noqa: E402
from torch.distributed.checkpoint.state_dict import (  # noqa: E402
    get_optimizer_state_dict,
    set_optimizer_state_dict,
)

import hypergradient.torch as hgt  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:Detected an existing checkpoint")


def stored(net, optimizer, folder):
    """By PyTorch's functions for checkpoints, after zero_grad()."""
    optimizer.zero_grad()
    state = get_optimizer_state_dict(net, optimizer)
    checkpoint.save({"optimizer": state}, checkpoint_id=folder, no_dist=True)
    return copy.deepcopy(state)


CHECKPOINTED = [
    "adam + hypergradient(initial: 0.01, hyperLearningRate: 1e-3)",
    "adam + traceAligned(initial: 1e-3, steps: 60)",
    "sgd + scheduled(stepDecay(from: 0.1, every: 10, factor: 0.5))",
]


@pytest.mark.parametrize("text", CHECKPOINTED)
@pytest.mark.parametrize("scalars", [False, True])
def test_pytorchs_checkpoints_have_the_state_and_take_no_step(text, scalars, tmp_path):
    runs = []
    for stores in (False, True):
        net, x, y = network()
        optimizer = hgt.Optimizer(net.parameters(), text, scalars=scalars)
        for _ in range(3):
            train(net, x, y, optimizer, 5)
            state = stored(net, optimizer, tmp_path / "stored") if stores else None
        model = copy.deepcopy(net)
        runs.append(train(net, x, y, optimizer, 5))
    assert runs[0] == runs[1]
    again = hgt.Optimizer(model.parameters(), text, scalars=scalars)
    if not scalars:  # into a new one's, as for models that are too large to be copied
        state = get_optimizer_state_dict(model, again)
        checkpoint.load(
            {"optimizer": state}, checkpoint_id=tmp_path / "stored", no_dist=True)
    set_optimizer_state_dict(model, again, state)
    assert train(model, x, y, again, 5) == runs[0]


@pytest.mark.parametrize("text", [one.partition(" + ")[2] for one in CHECKPOINTED])
@pytest.mark.parametrize("make", [torch.optim.SGD, torch.optim.AdamW])
def test_a_learning_rate_passes_over_the_step_of_a_checkpoint(text, make, tmp_path):
    runs = []
    for stores in (False, True):
        net, x, y = network()
        optimizer = make(net.parameters(), lr=0.1)
        rate = hgt.LearningRate(optimizer, text)
        rates = []
        for _ in range(12):
            loss = torch.nn.functional.mse_loss(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            rate.observe(loss=loss)
            optimizer.step()
            rates.append((rate.rate, loss.item()))
            if stores:
                stored(net, optimizer, tmp_path / "stored")
        runs.append(rates)
    assert runs[0] == runs[1] and rate.controller.info.steps == 12
    # Into a new one, whose optimizer makes its state by such a step.
    before = rate.state_dict()
    other = make(net.parameters(), lr=0.1)
    again = hgt.LearningRate(other, text)
    set_optimizer_state_dict(net, other, stored(net, optimizer, tmp_path / "stored"))
    again.load_state_dict(before)
    assert again.controller.info.steps == 12 and again.rate == rate.rate
