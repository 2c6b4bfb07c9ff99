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

from . import _core, _directions
from ._core import MISSING, Controller, Decision, HypergradientError

Tensor = torch.Tensor

_DTYPES = {torch.float32: np.float32, torch.float64: np.float64}


def _bytes(state: bytes) -> Tensor:
    return torch.frombuffer(bytearray(state), dtype=torch.uint8)


def _state(tensor: Tensor) -> bytes:
    return tensor.detach().cpu().numpy().astype(np.uint8).tobytes()


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
        default. In the CPU's memory this takes float16 and bfloat16, too.
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
        self._parts: list[_core.Optimizer | _Scalars] = []
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
        self._applied.append(part.rate)
        if given is not None:
            group["lr"] = given

    def _part(self, group: dict[str, Any]) -> _core.Optimizer | _Scalars:
        kinds = {p.dtype for p in group["params"]}
        if len(kinds) > 1:
            raise HypergradientError("the parameters of a group are of one type of numbers")
        devices = {p.device.type for p in group["params"]}
        if "meta" in devices:
            raise HypergradientError("a parameter is on meta, where it has no numbers")
        scalars = devices != {"cpu"} if self._scalars is None else self._scalars
        if scalars:
            return _Scalars(group["text"], group["params"], group["variables"])
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
        for k, (group, part) in enumerate(zip(self.param_groups, self._parts)):
            if float(group["lr"]) != self._applied[k]:
                part.rate = float(group["lr"])
            if isinstance(part, _Scalars):
                if any(p.grad is not None for p in group["params"]):
                    part.step(loss, metric, epoch)
                    self._applied[k] = group["lr"] = part.rate
                continue
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
                if p.grad.is_sparse:
                    raise HypergradientError("a gradient is sparse: call to_dense() before the step")
                gradient = p.grad.detach()
                if gradient.dtype != p.dtype or not gradient.is_contiguous():
                    gradient = gradient.to(p.dtype).contiguous()
                kept.append(gradient)
                part._gradients[i] = gradient.data_ptr()
            if not kept:
                continue
            needs_loss = loss is not None and "loss" in part.needs
            part.step_pointers(
                loss=float(loss) if needs_loss and loss is not None else None,
                metric=metric,
                epoch=epoch,
            )
            for p, at in copies:
                p.copy_(at)
            self._applied[k] = group["lr"] = part.rate
        return result

    def rates(self) -> list[float]:
        """The rate that each group's last step applied."""
        return [part.rate for part in self._parts]

    def state_dict(self) -> dict[str, Any]:
        """As any optimizer's, with a tensor of bytes, or tensors, for each group under
        ``"hypergradient"``."""
        state = super().state_dict()
        state["hypergradient"] = [
            part.state_dict() if isinstance(part, _Scalars) else _bytes(part.save())
            for part in self._parts
        ]
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        saved = state_dict.get("hypergradient")
        if saved is None or len(saved) != len(self._parts):
            raise HypergradientError("the state is of another kind of optimizer, or other groups")
        rest = {key: value for key, value in state_dict.items() if key != "hypergradient"}
        # Checked before anything is changed.
        new: list[_core.Optimizer | _Scalars] = []
        for part, one in zip(self._parts, saved):
            if isinstance(part, _Scalars) != isinstance(one, dict):
                raise HypergradientError("the state is of a group in another memory")
            if isinstance(part, _Scalars):
                new.append(part.restored(one))
            else:
                new.append(_core._restored(_core.Optimizer, part._arguments(), _state(one)))
        super().load_state_dict(rest)
        self._parts = new
        for k, made in enumerate(new):
            if not isinstance(made, _Scalars):
                made.set_threads(self._threads)
            self._applied[k] = made.rate

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)


class _Leader:
    """What decides about the steps of an optimizer by scalars of its tensors."""

    def __init__(
        self,
        optimizer: Any,
        text: str,
        variables: Mapping[str, float],
        late: bool = False,
    ) -> None:
        self.optimizer = optimizer
        first = float(optimizer.param_groups[0]["lr"])
        self.controller = Controller(text, **({"lr": first} | dict(variables)))
        self.late = late
        info = self.controller.info
        self._needs = set(self.controller.needs)
        self._keeps_best = bool(info.keeps_best)
        if self._needs & {"direction_alignment", "direction_norm"}:
            raise HypergradientError(
                "the controller looks at the new direction, known only once it is taken: "
                "hypergradient.torch.Optimizer has it for tensors in the CPU's memory"
            )
        self.ratios = [
            float(group["lr"]) / first if first else 1.0 for group in optimizer.param_groups
        ]
        self._keeps_direction = bool(
            info.keeps_direction or info.keeps_best or self._needs & self._OF_DIRECTION
        )
        #: Whether it decides inside ``optimizer.step()``.
        self.follows = not self._needs <= {"metric"} or self._keeps_direction
        if late and not info.always_steps and self._keeps_direction:
            raise HypergradientError(
                "the controller may take back a step or restore parameters, which can't be late"
            )
        self._best: dict[Tensor, Tensor] = {}
        self._loss: float | Tensor | None = None
        self._metric: float | None | _core._Missing = MISSING
        self._epoch: float | None = None
        self._directions: dict[Tensor, Tensor] = {}
        self._origins: dict[Tensor, Tensor] = {}
        self._traces: dict[Tensor, Tensor] = {}
        self._slope: Tensor | None = None
        self._has_direction = False
        self._waiting: tuple[list[str], Tensor | None, dict[str, float]] | None = None
        self._held: list[tuple[Tensor, Tensor]] = []
        self._rate = self.controller.rate
        self.decision = Decision("step", self._rate)
        self._set(self._rate)

    def observe(
        self,
        *,
        loss: float | Tensor | None = None,
        metric: float | None | _core._Missing = MISSING,
        epoch: float | None = None,
    ) -> None:
        """What the next ``optimizer.step()`` is to know; the loss of a closure is known anyway."""
        if loss is not None:
            self._loss = loss.detach() if isinstance(loss, Tensor) else loss
        if not isinstance(metric, _core._Missing):
            self._metric = metric
        if epoch is not None:
            self._epoch = epoch

    @property
    def rate(self) -> float:
        """The rate in force."""
        return self._rate

    def _set(self, rate: float) -> None:
        while len(self.ratios) < len(self.optimizer.param_groups):
            group = self.optimizer.param_groups[len(self.ratios)]
            self.ratios.append(float(group["lr"]) / self._rate if self._rate else 1.0)
        for group, ratio in zip(self.optimizer.param_groups, self.ratios):
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate * ratio)
            else:
                group["lr"] = rate * ratio

    # ---- Inside optimizer.step()

    def _tensors(self) -> list[Tensor]:
        return [
            p for group in self.optimizer.param_groups for p in group["params"]
            if p.grad is not None
        ]  # fmt: skip

    def _gradient(self, p: Tensor) -> Tensor | None:
        """What is taken for the gradient of what is minimised."""
        return p.grad

    #: Whether directions are recovered from moves, so that there is none at a rate of zero.
    _recovers = True

    def _keep_origin(self, p: Tensor) -> None:
        """Before a step."""
        if p not in self._origins:
            self._origins[p] = torch.empty_like(p.detach())
        self._origins[p].copy_(p.detach())

    def _direction(self, p: Tensor) -> Tensor:
        """After a step: u, in the origin's place; that of the last one is the next origin's."""
        u = self._origins.pop(p).sub_(p.detach()).div_(self._rate)
        if p in self._directions:
            self._origins[p] = self._directions[p]
        return u

    @staticmethod
    def _dot(pairs: list[tuple[Tensor | None, Tensor | None]]) -> Tensor | None:
        total: Tensor | None = None
        for a, b in pairs:
            if a is None or b is None:
                continue
            if b.is_sparse:
                raise HypergradientError("a gradient is sparse: call to_dense() before the step")
            wide = torch.float64 if a.device.type != "mps" else torch.float32
            one = torch.sum(a.detach().to(wide) * b.detach().to(wide))
            total = one if total is None else total + one.to(total.device)
        return total

    @torch.no_grad()
    def _before(
        self, optimizer: torch.optim.Optimizer, args: Any, kwargs: dict[str, Any]
    ) -> Any:
        closure = kwargs.get("closure", args[1] if len(args) > 1 else None)
        changed: Any = None
        if closure is not None:
            with torch.enable_grad():
                result = closure()
            self.observe(loss=result)
            kwargs = {key: value for key, value in kwargs.items() if key != "closure"}
            changed = (args[:1], {**kwargs, "closure": lambda: result})
        signals: tuple[list[str], Tensor | None, dict[str, float]] | None = self._signals()
        if self.late:
            signals, self._waiting = self._waiting, signals
        if signals is not None:
            self._decide(signals)
        if self._keeps_best and self.controller.info.is_best:
            for group in optimizer.param_groups:
                for p in group["params"]:
                    self._best.setdefault(p, torch.empty_like(p.detach())).copy_(p.detach())
        if self.decision.kind != "step":
            self._take_back()
            self._held = [(p, p.grad) for p in self._tensors() if p.grad is not None]
            for p, _ in self._held:
                p.grad = None
            return changed
        self._set(self._rate)
        if self._keeps_direction:
            for p in self._tensors():
                self._keep_origin(p)
        return changed

    def _take_back(self) -> None:
        """The last step again at another rate, or back to the best parameters."""
        new = self.decision.rate
        if self.decision.kind == "retake":
            if self._has_direction:
                for p, u in self._directions.items():
                    p.add_(u, alpha=self._rate - new)
            self._rate = new
        elif self.decision.kind == "restore":
            for p, best in self._best.items():
                p.copy_(best)
            self._has_direction = False
            self._rate = new

    _OF_DIRECTION = {
        "alignment",
        "previous_direction_norm",
        "previous_direction_alignment",
        "trace_alignment",
        "trace_norm",
    }

    def _signals(self) -> tuple[list[str], Tensor | None, dict[str, float]]:
        """What was measured, as one tensor where it can be, and what is known on the CPU."""
        tensors = self._tensors()
        named: list[tuple[str, Tensor | None]] = []
        known: dict[str, float] = {}
        led = [p for p in tensors if p in self._directions] if self._has_direction else []
        for name in self._needs:
            if name == "alignment":
                named.append((name, self._dot([(self._directions[p], self._gradient(p)) for p in led])))
            elif name == "gradient_norm":
                named.append((name, self._dot([(self._gradient(p), self._gradient(p)) for p in tensors])))
            elif name == "previous_direction_norm":
                pairs = list(self._directions.values()) if self._has_direction else []
                named.append((name, self._dot([(u, u) for u in pairs])))
            elif name == "previous_direction_alignment":
                named.append((name, self._slope if self._has_direction else None))
            elif name == "trace_alignment":
                named.append(
                    (name, self._dot([(self._traces[p], self._gradient(p)) for p in led if p in self._traces]))
                )
            elif name == "trace_norm":
                pairs = list(self._traces.values()) if self._has_direction else []
                named.append((name, self._dot([(u, u) for u in pairs])))
            elif name == "loss" and self._loss is not None:
                if isinstance(self._loss, Tensor):
                    named.append((name, self._loss))
                else:
                    known[name] = self._loss
        for name, value in named:
            if value is None:
                known[name] = 0.0
        found = [(name, value) for name, value in named if value is not None]
        if "metric" in self._needs and not isinstance(self._metric, _core._Missing):
            known["metric"] = self._metric  # type: ignore[assignment]
            self._metric = None
        if "epoch" in self._needs and self._epoch is not None:
            known["epoch"] = self._epoch
        self._loss = None
        if not found:
            return [], None, known
        device = found[0][1].device
        stacked = torch.stack([value.reshape(()).double().to(device) for _, value in found])
        return [name for name, _ in found], stacked, known

    def _decide(self, signals: tuple[list[str], Tensor | None, dict[str, float]]) -> None:
        names, stacked, known = signals
        values: dict[str, float | None] = dict(known)
        if stacked is not None:
            for name, value in zip(names, stacked.tolist()):
                norm = name.endswith("norm")
                values[name] = value**0.5 if norm else value
        try:
            self.decision = self.controller.decide(values)
        except HypergradientError as error:
            if "'loss'" in str(error):
                raise HypergradientError(
                    f"{error}: call observe(loss=…) before optimizer.step(), or give it a closure",
                    error.status,
                ) from None
            raise
        if self.decision.kind == "step":
            self._rate = self.decision.rate

    @torch.no_grad()
    def _after(self, optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        if self.decision.kind != "step":
            for p, gradient in self._held:
                p.grad = gradient
            self._held = []
            return
        if not self._keeps_direction:
            return
        if self._rate == 0 and self._recovers:
            self._has_direction = False
            return
        decay = self.controller.info.trace_decay if self._has_direction else 0.0
        tensors = self._tensors()
        new: dict[Tensor, Tensor] = {}
        for p in tensors:
            new[p] = self._direction(p)
        self._directions = new
        if "previous_direction_alignment" in self._needs:
            self._slope = self._dot([(u, self._gradient(p)) for p, u in new.items()])
        if self._needs & {"trace_alignment", "trace_norm"}:
            for p, u in new.items():
                if p in self._traces and decay:
                    self._traces[p].mul_(decay).add_(u)
                else:
                    self._traces[p] = u.clone()
        self._has_direction = True

    # ---- State

    def state_dict(self) -> dict[str, Any]:
        """Everything that the next decision depends on, as tensors and numbers."""
        order = [p for group in self.optimizer.param_groups for p in group["params"]]

        def numbered(tensors: dict[Tensor, Tensor]) -> dict[int, Tensor]:
            return {k: tensors[p].clone() for k, p in enumerate(order) if p in tensors}

        if self._waiting is not None:
            names, stacked, known = self._waiting
            waiting = {"names": names, "values": stacked, "known": dict(known)}
        else:
            waiting = None
        return {
            "controller": _bytes(self.controller.save()),
            "ratios": list(self.ratios),
            "rate": self._rate,
            "directions": numbered(self._directions),
            "traces": numbered(self._traces),
            "slope": self._slope,
            "best": numbered(self._best),
            "has_direction": self._has_direction,
            "waiting": waiting,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        order = [p for group in self.optimizer.param_groups for p in group["params"]]

        def named(tensors: Mapping[int, Tensor]) -> dict[Tensor, Tensor]:
            return {order[k]: t.to(order[k]).clone() for k, t in tensors.items()}

        directions, traces = named(state["directions"]), named(state["traces"])
        self.controller.load(_state(state["controller"]))
        self.ratios = list(state["ratios"])
        self._rate = state["rate"]
        self._directions, self._traces = directions, traces
        self._best = named(state["best"])
        self._slope = state["slope"]
        self._has_direction = state["has_direction"]
        waiting = state["waiting"]
        self._waiting = waiting and (waiting["names"], waiting["values"], dict(waiting["known"]))
        self._set(self._rate)


class LearningRate(_Leader):
    """The learning rate of any optimizer of PyTorch's, by a controller.

    A controller of metrics is a drop-in for ``ReduceLROnPlateau``: call `step` with the metric.

    >>> rate = LearningRate(optimizer, "plateau(initial: lr, reduce: by(0.5, after: 5), watching: metric)")
    >>> rate.step(validation_loss)

    A controller of directions, hypergradient descent among them, decides inside ``optimizer.step()``,
    before the parameters move; nothing else is to be called. The directions are recovered from what the
    optimizer did,

        u_{t−1} = (θ_{t−2} − θ_{t−1}) / η_{t−1}

    which is right where they depend on no rate: for SGD as PyTorch has it, RMSProp, Adam, AdamW and
    others. The constructor tries it on a small copy of the optimizer and refuses what fails: a velocity
    that contains the rate, LBFGS, Rprop. Inner products and norms are the tensor library's, on the
    tensors' device, in double precision; per step a few scalars come to the CPU, all in one transfer.

    The gradients are the loss's: a coupled ``weight_decay`` of the optimizer's is none of it. With several
    param groups their rates keep the ratios that they have at first.

    Where the controller discards a gradient, takes the last step again or restores the best parameters,
    the optimizer's step is one without gradients, and the parameters are moved here.

    In the text ``lr`` stands for the first group's rate.

    :param late: uses the scalars of the step before, so that no step waits for the device.
    :param check: whether the optimizer is tried.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        text: str,
        *,
        late: bool = False,
        check: bool = True,
        **variables: float,
    ) -> None:
        super().__init__(optimizer, text, variables, late)
        self._hooks: list[Any] = []
        if self.follows:
            if check and self._keeps_direction:
                self.check(optimizer)
            self._hooks = [
                optimizer.register_step_pre_hook(self._before),
                optimizer.register_step_post_hook(self._after),
            ]

    @staticmethod
    def check(optimizer: torch.optim.Optimizer) -> None:
        """Raises where an optimizer's directions can't be recovered from outside."""
        kind = type(optimizer)
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

            def make(options: dict[str, Any] = options) -> Callable[..., Any]:
                theta = torch.nn.Parameter(torch.zeros(8, dtype=torch.float64))
                try:
                    copy = kind([theta], **(options | {"lr": 1.0}))
                except Exception as error:
                    raise HypergradientError(
                        f"no {kind.__name__} for a trial could be made ({error}): check=False "
                        "leads it untried"
                    ) from None

                def step(x: Any, g: Any, rate: float) -> Any:
                    with torch.no_grad():
                        theta.copy_(torch.from_numpy(x))
                    theta.grad = torch.from_numpy(g)
                    copy.param_groups[0]["lr"] = rate
                    copy.step()
                    return theta.detach().numpy()

                return step

            try:
                _core.check_foreign(make, 8, 1e-6)
            except HypergradientError as error:
                raise HypergradientError(
                    f"{kind.__name__} can't be led from outside: {error}", error.status
                ) from None
            except TypeError as error:
                raise HypergradientError(
                    f"{kind.__name__} can't be led from outside: its step needs more than a "
                    f"gradient ({error})"
                ) from None

    # ---- The trainer's side

    def step(self, metric: float | Tensor | None = None, epoch: float | None = None) -> Decision:
        """Tells the controller a metric, and sets the rate: after an epoch, as with
        ``ReduceLROnPlateau``. For a controller that decides inside ``optimizer.step()`` the metric is
        for the next step."""
        value = None if metric is None else float(metric)
        if self.follows:
            self.observe(metric=value, epoch=epoch)
            return self.decision
        self.decision = self.controller.step(metric=value, epoch=epoch)
        self._rate = self.controller.rate
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


class _Group:
    """Parameters with one rate, as an optimizer of PyTorch's has them."""

    def __init__(self, params: list[Tensor], rate: float) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": params, "lr": rate}]


class _Scalars(_Leader):
    """A rule times a controller for tensors that are not in the CPU's memory.

    The rule moves them by operations on tensors, and its directions are known as they are, to the
    controller by scalars only.
    """

    def __init__(self, text: str, params: list[Tensor], variables: Mapping[str, float]) -> None:
        # Its mistakes are found where the whole text is read.
        probe = _core.Optimizer._made(text, [1], np.float64, dict(variables))
        rule, controller = _directions.split(text)
        self._text, self._variables = text, dict(variables)
        self._rule = _directions.Directions(rule, variables)
        self._params = list(params)
        self._new: dict[Tensor, Tensor] = {}
        self._slopes: dict[Tensor, Tensor] = {}
        super().__init__(_Group(self._params, probe.rate), controller, variables)

    @property
    def rate(self) -> float:
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self.controller.rate = rate
        if self.controller.rate != rate:
            raise HypergradientError(
                f"the controller has its own rate, {self.controller.rate}, and does not take over {rate}"
            )
        self._rate = rate

    def _gradient(self, p: Tensor) -> Tensor | None:
        return self._slopes.get(p)

    _recovers = False

    def _keep_origin(self, p: Tensor) -> None:
        pass

    def _direction(self, p: Tensor) -> Tensor:
        return self._new[p]

    @torch.no_grad()
    def step(
        self, loss: float | Tensor | None, metric: float | None | _core._Missing, epoch: float | None
    ) -> None:
        moved = self._tensors()
        for p in moved:
            if p.grad is not None and p.grad.is_sparse:
                raise HypergradientError("a gradient is sparse: call to_dense() before the step")
        theta = [p.detach() for p in moved]
        grads = [p.grad.detach().to(p.dtype) for p in moved if p.grad is not None]
        grads = self._rule.gradients(theta, grads)
        self._slopes = dict(zip(moved, grads))
        self._loss, self._metric, self._epoch = None, MISSING, None
        self.observe(loss=loss, metric=metric, epoch=epoch)
        self._before(self.optimizer, (), {})
        if self.decision.kind == "step":
            numbers = [k for k, p in enumerate(self._params) if p in self._slopes]
            directions = self._rule.step(numbers, theta, grads)
            for p, u in zip(moved, directions):
                p.add_(u, alpha=-self._rate)
            self._new = dict(zip(moved, directions))
        self._after(self.optimizer, (), {})
        self._slopes, self._new = {}, {}

    def state_dict(self) -> dict[str, Any]:
        state = super().state_dict()
        state["rule"] = {
            "text": self._text,
            "index": self._rule.index,
            "kept": {key: kept.clone() for key, kept in self._rule.kept.items()},
        }
        return state

    def restored(self, state: dict[str, Any]) -> _Scalars:
        """A new one in a state."""
        if state["rule"]["text"] != self._text:
            raise HypergradientError(
                f"the state is of '{state['rule']['text']}', not of '{self._text}'"
            )
        made = _Scalars(self._text, self._params, self._variables)
        made.load_state_dict(state)
        made._rule.index = state["rule"]["index"]
        made._rule.kept = {
            key: kept.to(self._params[int(key.split()[-1])]).clone()
            for key, kept in state["rule"]["kept"].items()
        }
        return made
