"""The states of an optimizer's groups, as tensors of bytes that stand where PyTorch looks for them."""

from __future__ import annotations

import io

import torch

from . import _core
from ._leader import bytes_of, state_of
from ._scalars import Scalars

Part = _core.Optimizer | Scalars
KEYS = {"hypergradient", "hypergradient_scalars"}


def key(part: Part) -> str:
    """What a state is named by, beside a parameter."""
    return "hypergradient_scalars" if isinstance(part, Scalars) else "hypergradient"


def nothing(part: Part) -> dict[str, torch.Tensor]:
    """What stands beside a parameter that has no state there. What stores checkpoints expects one beside
    each, and takes a step of its own where it finds none."""
    return {key(part): torch.empty(0, dtype=torch.uint8)}


def packed(part: Part) -> dict[str, torch.Tensor]:
    """Its length in eight bytes, the state, and zeros, so that a new optimizer's has the same length: what
    reads a checkpoint into one expects that."""
    if isinstance(part, Scalars):
        file = io.BytesIO()
        torch.save(part.state_dict(), file)
        state, room = file.getvalue(), 0
    else:
        vectors = 8 * part.info.memory_vectors * part.info.parameter_count
        state, room = part.save(), vectors + (1 << 16)
    return {key(part): bytes_of((len(state).to_bytes(8, "little") + state).ljust(room, b"\0"))}


def restored(part: Part, tensor: torch.Tensor) -> Part:
    """A new one in a packed state."""
    whole = state_of(tensor)
    state = whole[8 : 8 + int.from_bytes(whole[:8], "little")]
    if isinstance(part, Scalars):
        return part.restored(torch.load(io.BytesIO(state), map_location="cpu", weights_only=True))
    made: _core.Optimizer = _core._restored(_core.Optimizer, part._arguments(), state)
    return made
