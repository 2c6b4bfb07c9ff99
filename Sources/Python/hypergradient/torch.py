"""For PyTorch: an optimizer, and a learning rate for any optimizer of PyTorch's.

>>> optimizer = hypergradient.torch.Optimizer(
...     model.parameters(), "adam + hypergradient(initial: 1e-3, hyperLearningRate: 1e-7)")

>>> optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
>>> rate = hypergradient.torch.LearningRate(
...     optimizer, "hypergradient(initial: lr, hyperLearningRate: 1e-7)")
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch

from . import _core, _states
from ._core import MISSING, Counts, Decision, HypergradientError
from ._inputs import Inputs
from ._kinds import expect_kind
from ._leader import Leader, expect_gradient, kind_of
from ._scalars import Scalars

__all__ = ["LearningRate", "Optimizer"]

Tensor = torch.Tensor

_DTYPES = {torch.float32: np.float32, torch.float64: np.float64}


class Optimizer(torch.optim.Optimizer):
    """A rule times a controller as a ``torch.optim.Optimizer``.

    A param group is an optimizer of its own: its rule, its rate, its own part of the parameters; inner
    products and norms are over all tensors of the group. A group may have a text of its own.

    Tensors in the CPU's memory, float32 or float64, and their gradients are used where they are, without
    a copy, where they are contiguous. On a device the rule is operations on tensors, inner products are the
    tensor library's, and the controller sees scalars only: so for the rules that
    ``hypergradient._directions.RULES`` lists, and for controllers that do not look at the new direction.
    Others: `LearningRate` with an optimizer of PyTorch's.

    ``group["lr"]`` is the rate that the last step applied. A number that is put there by hand, or by a
    scheduler, is given to the controller before the next step.

    :param params: parameters, or groups ``{"params": …, "text": …}``.
    :param text: ``"rule + controller"``, the same as in Swift.
    :param variables: values of the names in the text that stand for numbers, such as ``steps``.
    :param threads: that share long vectors in the CPU's memory.
    :param scalars: through scalars only, as on a device, or not; as the tensors' device asks for by
        default. In the CPU's memory this takes float16, bfloat16 and complex numbers, too.
    """

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        text: str,
        *,
        variables: Mapping[str, float] | None = None,
        threads: int = 1,
        scalars: bool | None = None,
    ) -> None:
        self._parts: list[_core.Optimizer | Scalars] = []
        self._applied: list[float] = []
        self._threads = threads
        self._scalars = scalars
        defaults = {"text": text, "variables": dict(variables or {}), "lr": None}
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        super().add_param_group(param_group)
        self._make(self.param_groups[-1])

    def _make(self, group: dict[str, Any]) -> None:
        part = self._part(group)
        given = group["lr"]
        group["lr"] = part.rate
        self._parts.append(part)
        for p in group["params"]:
            self.state[p] = _states.nothing(part)
        self._applied.append(part.rate)
        if given is not None:
            group["lr"] = given

    def _part(self, group: dict[str, Any]) -> _core.Optimizer | Scalars:
        if group.get("maximize"):
            raise HypergradientError(
                "a group maximizes by its text, 'adam.maximizing + constant(1e-3)', not by 'maximize'"
            )
        kinds = {p.dtype for p in group["params"]}
        if len(kinds) > 1:
            raise HypergradientError("the parameters of a group are of one type of numbers")
        devices = {p.device.type for p in group["params"]}
        if "meta" in devices:
            raise HypergradientError("a parameter is on meta, where it has no numbers")
        for p in group["params"]:
            expect_kind(p)
        scalars = devices != {"cpu"} if self._scalars is None else self._scalars
        if scalars:
            return Scalars(group["text"], group["params"], group["variables"])
        for p in group["params"]:
            if p.device.type != "cpu":
                raise HypergradientError(f"a parameter is on {p.device}: scalars=False is for the CPU")
            if p.dtype not in _DTYPES:
                raise HypergradientError(
                    f"a parameter is of {p.dtype}: float32 and float64 are trained where they are, "
                    "others with scalars=True"
                )
        part = _core.Optimizer._made(
            group["text"],
            [p.numel() for p in group["params"]],
            _DTYPES[next(iter(kinds))],
            group["variables"],
        )
        part.set_threads(self._threads)
        return part

    @torch.no_grad()
    def step(  # type: ignore[override,unused-ignore]
        self,
        closure: Callable[[], Any] | None = None,
        *,
        loss: float | Tensor | None = None,
        metric: float | None | _core._Missing = MISSING,
        epoch: float | None = None,
    ) -> Any:
        """One step.

        :param closure: computes the loss and its gradients anew, and returns the loss; called once.
        :param loss: the minibatch loss, for controllers and rules that read it; the closure's otherwise.
        :param metric: a validation metric; ``None`` at steps without one.
        :param epoch: epochs begun, a fraction inside one.
        :returns: the closure's loss.
        """
        result = None
        if closure is not None:
            with torch.enable_grad():
                result = closure()
            if loss is None:
                loss = result
        inputs = Inputs.of(loss, metric, epoch)
        groups = list(enumerate(zip(self.param_groups, self._parts)))
        for k, (group, part) in groups:
            self._expect(k, group, part)
        groups = [one for one in groups if any(p.grad is not None for p in one[1][0]["params"])]
        for k, (_, part) in groups:
            inputs.check(part, f"group {k}")
        for k, (group, part) in groups:
            if float(group["lr"]) != self._applied[k]:
                part.rate = self._applied[k] = float(group["lr"])
        for k, (group, part) in groups:
            if isinstance(part, Scalars):
                part.step(inputs)
            else:
                self._step_in_place(group, part, inputs)
            self._applied[k] = group["lr"] = part.rate
        return result

    @staticmethod
    def _step_in_place(group: dict[str, Any], part: _core.Optimizer, inputs: Inputs) -> None:
        copies: list[tuple[Tensor, Tensor]] = []
        kept: list[Tensor] = []  # as long as their addresses are used
        for i, p in enumerate(group["params"]):
            at = p.detach()
            if not at.is_contiguous():
                at = at.contiguous()
                copies.append((p, at))
            part._parameters[i] = at.data_ptr()
            if p.grad is None:
                part._gradients[i] = None
                continue
            gradient = p.grad.detach()
            if gradient.dtype != p.dtype or not gradient.is_contiguous():
                gradient = gradient.to(p.dtype).contiguous()
            kept.append(gradient)
            part._gradients[i] = gradient.data_ptr()
        needs_loss = inputs.loss is not None and "loss" in part.needs
        part.step_pointers(
            loss=float(inputs.loss) if needs_loss and inputs.loss is not None else None,
            metric=inputs.metric,
            epoch=inputs.epoch,
        )
        for p, at in copies:
            p.copy_(at)

    @staticmethod
    def _expect(k: int, group: dict[str, Any], part: _core.Optimizer | Scalars) -> None:
        """Refuses tensors that are none of those that a group was made of, before anything is written."""
        if isinstance(part, Scalars):
            part.expect(f" of group {k}")
            return
        if len(group["params"]) != len(part.lengths):
            raise HypergradientError(
                f"group {k} has {len(group['params'])} parameters, expected {len(part.lengths)}: more "
                "come by add_param_group()"
            )
        for i, (p, length) in enumerate(zip(group["params"], part.lengths)):
            where = f"parameter {i} of group {k}"
            dtype = _DTYPES.get(p.dtype)
            if (
                p.device.type != "cpu" or p.layout != torch.strided or dtype is None
                or dtype != part.dtype or p.numel() != length
            ):  # fmt: skip
                raise HypergradientError(
                    f"{where} is {kind_of(p)}, expected {length} numbers of {part.dtype} on cpu: a model "
                    "is changed before its optimizer is made"
                )
            if p.grad is not None and p.grad.layout != torch.strided:
                raise HypergradientError("a gradient is sparse: call to_dense() before the step")
            expect_gradient(p, where)
        has = {p.grad is not None for p in group["params"] if p.numel() > 0}
        if has == {True, False} and part.info.gathers:
            raise HypergradientError(
                f"a parameter of group {k} has no gradient, and the rule looks at all of it"
            )

    def rates(self) -> list[float]:
        """The rate that each group's last step applied."""
        return [part.rate for part in self._parts]

    def counts(self) -> list[Counts]:
        """How many steps each group has taken, skipped, retaken and restored."""
        return [part.counts for part in self._parts]

    def state_dict(self) -> dict[str, Any]:
        """As any optimizer's: a group's state, a tensor of bytes, stands beside its first parameter."""
        state = super().state_dict()
        for group, part in zip(state["param_groups"], self._parts):
            state["state"][group["params"][0]] = _states.packed(part)
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        groups, state = state_dict["param_groups"], state_dict["state"]
        saved = [state.get(group["params"][0], {}) for group in groups]
        if len(saved) != len(self._parts) or not all(one.keys() & _states.KEYS for one in saved):
            raise HypergradientError("the state is of another kind of optimizer, or other groups")
        if any(_states.key(part) not in one for part, one in zip(self._parts, saved)):
            raise HypergradientError("the state is of a group in another memory")
        # Checked before anything is changed.
        new = [
            _states.restored(part, one[_states.key(part)]) for part, one in zip(self._parts, saved)
        ]
        stand_ins = self.state
        super().load_state_dict({**state_dict, "state": {}})
        self.state = stand_ins
        self._parts = new
        self._applied = [made.rate for made in new]
        self._share()

    def _share(self) -> None:
        """Gives parts that were restored the threads, which are not in a state."""
        for part in self._parts:
            if not isinstance(part, Scalars):
                part.set_threads(self._threads)

    #: What is copied and pickled beside PyTorch's own, which leaves out hooks and schedulers.
    _KEPT = ("_parts", "_applied", "_threads", "_scalars")

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {name: getattr(self, name) for name in self._KEPT}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._share()


class LearningRate(Leader):
    """The learning rate of any optimizer of PyTorch's, by a controller.

    A controller of metrics is a drop-in for ``ReduceLROnPlateau``: call `step` with the metric.

    >>> rate = LearningRate(optimizer, "plateau(initial: lr, reduce: by(0.5, after: 5), watching: metric)")
    >>> rate.step(validation_loss)

    Any other decides inside ``optimizer.step()``, before the parameters move; nothing else is to be
    called. So does a schedule, which counts those steps. For a controller of directions, hypergradient
    descent among them, the directions are recovered from what the
    optimizer did,

        u_{t−1} = (θ_{t−2} − θ_{t−1}) / η_{t−1}

    which is right where they depend on no rate: for SGD as PyTorch has it, RMSProp, Adam, AdamW and
    others. The constructor tries it on a small copy of the optimizer and refuses what fails: a velocity
    that contains the rate, LBFGS, Rprop. Inner products and norms are the tensor library's, on the
    tensors' device, in double precision; per step a few scalars come to the CPU, all in one transfer.

    The gradients are the loss's: a coupled ``weight_decay`` of the optimizer's is none of it. A group
    with ``maximize`` minimises −f, and so is it seen. Of a fused optimizer under
    ``torch.amp.GradScaler`` the gradients are divided by the scale here, and a step that the scaler
    leaves out is none. With several param groups their rates keep the ratios that they have at first; one
    at zero stays there. A rate that others set, by hand or by a scheduler, is given to the controller
    before it decides again, and refused where it takes over none, such as a schedule; of several groups,
    that of the first that is not at zero, and the ratios are from then on those that the groups have.

    Where the controller discards a gradient, takes the last step again or restores the best parameters,
    the optimizer's step is one without gradients, and the parameters are moved here.

    In the text ``lr`` stands for the first group's rate that is not zero; in a state that is loaded, for
    what it was when the state's run began.

    :param late: uses the scalars of the step before, so that no step waits for the device.
    :param check: whether the optimizer is tried.
    :param process_group: the processes that each have a shard of every parameter, by FSDP: inner products
        are added over them, and the loss that is told is the mean of theirs. Metrics are to be the same in
        each. Its own state, of its own shards, is stored by each.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        text: str,
        *,
        late: bool = False,
        check: bool = True,
        process_group: torch.distributed.ProcessGroup | None = None,
        **variables: float,
    ) -> None:
        super().__init__(optimizer, text, variables, late, process_group)
        if check and self._keeps_direction:
            self.check(optimizer)
        if not self.follows:
            self._no_metric = self._metric = None
        self._hooks: list[Any] = []
        # What only has groups and their rates can be led by metrics.
        if self.follows or not self._needs or hasattr(optimizer, "register_step_pre_hook"):
            self._join()

    def _join(self) -> None:
        self._hooks = [
            self.optimizer.register_step_pre_hook(self._before),
            self.optimizer.register_step_post_hook(self._after),
        ]

    def __getstate__(self) -> dict[str, Any]:
        self._admit()
        return self.__dict__ | {"_hooks": bool(self._hooks)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state | {"_hooks": []})
        # A copied optimizer has none of the hooks, and tensors for rates are others.
        if state["_hooks"]:
            self._join()
        self._set(self._rate)

    @staticmethod
    def check(optimizer: torch.optim.Optimizer) -> None:
        """Raises where an optimizer's directions can't be recovered from outside."""
        kind = type(optimizer)
        inner = getattr(optimizer, "optimizer", None)
        way_out = (
            "lead its .optimizer" if isinstance(inner, torch.optim.Optimizer)
            else "check=False leads it untried"
        )  # fmt: skip
        for group in optimizer.param_groups:
            # Those that its initialiser takes: AdamW's groups have one more.
            taken = inspect.signature(kind.__init__).parameters
            takes_all = any(p.kind is p.VAR_KEYWORD for p in taken.values())
            options = {
                key: group[key]
                for key in optimizer.defaults
                if key in group and (takes_all or key in taken)
            }
            for key in ("fused", "foreach", "capturable", "differentiable"):
                if key in options:
                    options[key] = False

            # Some treat matrices in another way, or take nothing else.
            for shape in {(2, 4) if p.dim() > 1 else (8,) for p in group["params"]}:

                def make(
                    options: dict[str, Any] = options, shape: tuple[int, ...] = shape
                ) -> Callable[..., Any]:
                    theta = torch.nn.Parameter(torch.zeros(shape, dtype=torch.float64))
                    try:
                        copy = kind([theta], **(options | {"lr": 1.0}))
                    except Exception as error:
                        raise HypergradientError(
                            f"no {kind.__name__} for a trial could be made ({error}): {way_out}"
                        ) from None

                    def step(x: Any, g: Any, rate: float) -> Any:
                        with torch.no_grad():
                            theta.copy_(torch.from_numpy(x).reshape(shape))
                        theta.grad = torch.from_numpy(g).reshape(shape)
                        copy.param_groups[0]["lr"] = rate
                        copy.step()
                        return theta.detach().reshape(-1).numpy()

                    return step

                try:
                    _core.check_foreign(make, 8, 1e-6)
                except HypergradientError as error:
                    raise HypergradientError(
                        f"{kind.__name__} can't be led from outside: {error}", error.status
                    ) from None
                except Exception as error:
                    raise HypergradientError(
                        f"{kind.__name__} can't be led from outside: its step needs more than a "
                        f"gradient ({error}): {way_out}"
                    ) from None

    # ---- The trainer's side

    def step(self, metric: float | Tensor | None = None, epoch: float | None = None) -> Decision:
        """Tells the controller a metric, and sets the rate: after an epoch, as with
        ``ReduceLROnPlateau``. It is the decision about the next ``optimizer.step()``. For a controller
        that looks at more than metrics the metric is for that step, which decides. Without a metric it
        does nothing: steps are counted by ``optimizer.step()``."""
        value = None if metric is None else float(metric)
        if self.follows:
            self.observe(metric=value, epoch=epoch)
            return self.decision
        if value is None:
            return self.decision
        self._admit()
        self.decision = self.controller.decide({"metric": value} if self._needs else {})
        self._rate = self.controller.rate
        self._is_decided = True
        self._set(self._rate)
        return self.decision

    def get_last_lr(self) -> list[float]:
        """The rate of each group."""
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def remove(self) -> None:
        """Leaves the optimizer alone from here on."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
