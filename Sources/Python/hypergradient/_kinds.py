"""Which tensors are trained, and the numbers that they are made of."""

from __future__ import annotations

from typing import Any

import torch

from ._core import HypergradientError

Tensor = torch.Tensor

#: A complex number is two real ones, as to PyTorch's optimizers.
KINDS = {
    torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128,
}  # fmt: skip


def is_distributed(tensor: Tensor) -> bool:
    """Whether it is a DTensor."""
    return hasattr(tensor, "to_local")


def is_sharded(tensor: Tensor) -> bool:
    """Whether this process has a part of it alone, by FSDP of either kind."""
    return is_distributed(tensor) or bool(getattr(tensor, "_fsdp_flattened", False))


def numbers_of(tensor: Tensor) -> Tensor:
    """The real numbers of a tensor that are here, in its own memory."""
    here = tensor.detach()
    if is_distributed(here):
        here = here.to_local()  # type: ignore[attr-defined]
    return torch.view_as_real(here.resolve_conj()) if here.is_complex() else here


def expect_kind(p: Tensor, group: Any = None) -> None:
    """Refuses a parameter that can't be trained, or a part of one without the processes that have the
    others."""
    if p.dtype not in KINDS:
        raise HypergradientError(
            f"a parameter is of {p.dtype}, which no rule trains: {', '.join(sorted(map(str, KINDS)))}"
        )
    if not is_sharded(p):
        return
    if group is None:
        raise HypergradientError(
            "a parameter is sharded, and its part here would have a rate of its own: "
            "hypergradient.torch.LearningRate(…, process_group=…) adds inner products over all processes"
        )
    if is_distributed(p):
        placements, mesh = p.placements, p.device_mesh  # type: ignore[attr-defined]
        if not all(one.is_shard() for one in placements) or mesh.size() != group.size():
            raise HypergradientError(
                f"a parameter is {placements} over {mesh.size()} processes, expected one shard in each "
                f"of the {group.size()} of process_group"
            )
