"""What decides about the steps of an optimizer by scalars of its tensors."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch

from . import _core, _library
from ._core import MISSING, Controller, Counts, Decision, HypergradientError
from ._kinds import expect_kind, numbers_of

Tensor = torch.Tensor
Function = TypeVar("Function", bound=Callable[..., Any])

#: Left out of what ``torch.compile`` traces, for which each rate would be another constant.
eager: Callable[[Function], Function] = torch.compiler.disable


def bytes_of(state: bytes) -> Tensor:
    return torch.frombuffer(bytearray(state), dtype=torch.uint8)


def state_of(tensor: Tensor) -> bytes:
    return tensor.detach().to("cpu", torch.uint8).numpy().tobytes()


def kind_of(tensor: Tensor) -> str:
    """For messages."""
    return f"{tuple(tensor.shape)} of {tensor.dtype} on {tensor.device}"


def expect_gradient(p: Tensor, where: str) -> None:
    """Refuses a gradient that is none of these parameters."""
    g = p.grad
    if g is None:
        return
    if g.shape != p.shape or g.device != p.device:
        raise HypergradientError(
            f"the gradient of {where} is {kind_of(g)}, expected {kind_of(p)}, as the parameter is now: "
            "zero_grad() and backward() after the model is changed"
        )


def own(value: Any) -> Any:
    """What was told, as it is now, whatever becomes of its tensor."""
    return value.detach().clone() if isinstance(value, Tensor) else value


def mark(rate: float | Tensor) -> Any:
    """What is another one after a rate was set, read without waiting for a device."""
    return (id(rate), rate._version) if isinstance(rate, Tensor) else rate


def starting_rates(groups: list[dict[str, Any]]) -> list[float]:
    """The rates that groups are to keep the ratios of: where a schedule has put one to zero, those that
    it begins from."""
    now = [float(group["lr"]) for group in groups]
    base = [float(group.get("initial_lr", rate)) for group, rate in zip(groups, now)]
    return base if any(rate == 0 != first for rate, first in zip(now, base)) else now


class Leader:
    """What decides about the steps of an optimizer by scalars of its tensors."""

    def __init__(
        self,
        optimizer: Any,
        text: str,
        variables: Mapping[str, float],
        late: bool = False,
        process_group: Any = None,
    ) -> None:
        self.optimizer = optimizer
        self.process_group = process_group
        rates = starting_rates(optimizer.param_groups)
        # A group at zero is frozen, and stays so.
        first = next((rate for rate in rates if rate != 0), 0.0)
        self._names_lr = "lr" not in variables
        self.controller = Controller(text, **({"lr": first} | dict(variables)))
        info = self.controller.info
        self._needs = set(self.controller.needs)
        self._keeps_best = bool(info.keeps_best)
        if self._needs & {"direction_alignment", "direction_norm"}:
            raise HypergradientError(
                "the controller looks at the new direction, known only once it is taken: "
                "hypergradient.torch.Optimizer has it for tensors in the CPU's memory"
            )
        self.ratios = [rate / first if first else 1.0 for rate in rates]
        #: Of the groups' rates as they were set last.
        self._marks: list[Any] = []
        self._keeps_direction = bool(
            info.keeps_direction or info.keeps_best or self._needs & _library.OF_DIRECTION
        )
        #: Whether a metric is for the step that comes, and not told to the controller at once.
        self.follows = not self._needs <= {"metric"} or self._keeps_direction
        #: Whether it looks at what a step knows: a loss, a gradient, a direction.
        self._looks = self.follows and (
            not self._needs <= {"metric", "epoch"} or self._keeps_direction or not info.always_steps
        )
        self.late = late and self.follows
        self._expect_kinds(optimizer.param_groups)
        #: Whether the decision about the step that comes is made.
        self._is_decided = False
        self._is_passed_over = False
        self._ascending: set[Tensor] = set()
        self._zero_steps = 0
        self._has_warned = False
        #: Steps by what was decided about them.
        self._kinds: Counter[str] = Counter()
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
        self._slopes: dict[Tensor, Tensor] = {}
        self._has_direction = False
        self._waiting: tuple[list[str], Tensor | None, dict[str, float]] | None = None
        self._held: list[tuple[Tensor, Tensor]] = []
        self._rate = self.controller.rate
        #: The last rate that was not zero, which the rates of new groups are compared with.
        self._unit = self._rate or first or 1.0
        self.decision = Decision("step", self._rate)
        self._set(self._rate)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.controller!r})"

    #: The metric of a step of which none was told.
    _no_metric: None | _core._Missing = MISSING

    def observe(
        self,
        *,
        loss: float | Tensor | None = None,
        metric: float | None | _core._Missing = MISSING,
        epoch: float | None = None,
    ) -> None:
        """What the next ``optimizer.step()`` is to know; the loss of a closure is known anyway."""
        if loss is not None:
            self._loss = own(loss)
        if not isinstance(metric, _core._Missing):
            self._metric = own(metric)
        if epoch is not None:
            self._epoch = own(epoch)

    @property
    def rate(self) -> float:
        """The rate in force."""
        return self._rate

    @property
    def counts(self) -> Counts:
        kinds = self._kinds
        return Counts(kinds.total(), kinds["skip"], kinds["retake"], kinds["restore"])

    def _expect_kinds(self, groups: list[dict[str, Any]]) -> None:
        if self._looks:
            for group in groups:
                for p in group["params"]:
                    expect_kind(p, self.process_group)

    def _admit(self) -> None:
        """What others have set since the last time: the rate is given to the controller, and the ratios are
        those that groups, new ones too, have to it now."""
        groups = self.optimizer.param_groups
        if [mark(group["lr"]) for group in groups] == self._marks:
            return
        self._expect_kinds(groups[len(self.ratios) :])
        now = [float(group["lr"]) for group in groups]
        self._unit = self._rate or self._unit
        led = next((k for k, (x, ratio) in enumerate(zip(now, self.ratios)) if x and ratio), None)
        if not any(now):
            self._rate = self.controller.take_over(0.0)
        else:
            if led is not None and mark(groups[led]["lr"]) != self._marks[led]:
                self._rate = self.controller.take_over(now[led] / self.ratios[led])
            unit = self._rate or self._unit
            self.ratios = [x / unit for x in now]
        self.ratios += [1.0] * (len(now) - len(self.ratios))
        self._marks = [mark(group["lr"]) for group in groups]

    def _set(self, rate: float) -> None:
        for group, ratio in zip(self.optimizer.param_groups, self.ratios):
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate * ratio)
            else:
                group["lr"] = rate * ratio
        self._marks = [mark(group["lr"]) for group in self.optimizer.param_groups]

    # ---- Inside optimizer.step()

    def _tensors(self) -> list[Tensor]:
        return [
            p for group in self.optimizer.param_groups for p in group["params"]
            if p.grad is not None
        ]  # fmt: skip

    def _gradient(self, p: Tensor) -> Tensor | None:
        """What is taken for the gradient of what is minimised: −f, of a group that maximizes f."""
        return p.grad.neg() if p in self._ascending and p.grad is not None else p.grad

    #: Whether directions are recovered from moves, so that there is none at a rate of zero.
    _recovers = True

    def _keep_origin(self, p: Tensor) -> None:
        """Before a step."""
        if p not in self._origins:
            self._origins[p] = torch.empty_like(numbers_of(p))
        self._origins[p].copy_(numbers_of(p))

    def _direction(self, p: Tensor) -> Tensor:
        """After a step: u, in the origin's place; that of the last one is the next origin's."""
        u = self._origins.pop(p).sub_(numbers_of(p)).div_(self._rate)
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
            one = torch.sum(numbers_of(a).to(wide) * numbers_of(b).to(wide))
            total = one if total is None else total + one.to(total.device)
        return total

    @eager
    @torch.no_grad()
    def _before(
        self, optimizer: torch.optim.Optimizer, args: Any, kwargs: dict[str, Any]
    ) -> Any:
        closure = kwargs.get("closure", args[1] if len(args) > 1 else None)
        self._is_passed_over = closure is None and self._is_empty()
        if self._is_passed_over:
            return None
        self._admit()
        changed: Any = None
        if closure is not None and self._looks:
            with torch.enable_grad():
                result = closure()
            self.observe(loss=result)
            kwargs = {key: value for key, value in kwargs.items() if key != "closure"}
            changed = (args[:1], {**kwargs, "closure": lambda: result})
        if not self._unscale(optimizer):
            self._is_passed_over = True
            return changed
        if not self.follows:
            if not self._is_decided:
                self._decide(self._signals())
            self._is_decided = False
            self._set(self._rate)
            return changed
        self._ascending = {
            p for group in optimizer.param_groups if group.get("maximize") for p in group["params"]
        }
        if self._looks:
            self.expect()
        signals: tuple[list[str], Tensor | None, dict[str, float]] | None = self._signals()
        if self.late:
            signals, self._waiting = self._waiting, signals
        if signals is not None:
            self._decide(signals)
        if self._keeps_best and self.controller.info.is_best:
            for group in optimizer.param_groups:
                for p in group["params"]:
                    self._best.setdefault(p, torch.empty_like(numbers_of(p))).copy_(numbers_of(p))
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

    def _is_empty(self) -> bool:
        """Whether others have put all rates to 0 where all gradients are: so what stores checkpoints makes
        the state of an optimizer that has none."""
        rates = [group["lr"] for group in self.optimizer.param_groups]
        return (
            [mark(rate) for rate in rates] != self._marks
            and not any(map(float, rates))
            and not any(p.grad is not None and (p.grad.is_sparse or p.grad.any()) for p in self._tensors())
        )

    def expect(self, group: str = "") -> None:
        """Refuses parameters that are of another kind than they were."""
        order = [p for one in self.optimizer.param_groups for p in one["params"]]
        for k, p in enumerate(order):
            where = f"parameter {k}{group}"
            here = numbers_of(p)
            for kept in self._kept_of(k, p):
                if kept.shape != here.shape or kept.dtype != here.dtype or kept.device != here.device:
                    raise HypergradientError(
                        f"{where} is {kind_of(p)}, and was {kind_of(kept)} at the steps before: a model "
                        "is changed before its optimizer and learning rate are made"
                    )
            expect_gradient(p, where)

    def _kept_of(self, number: int, p: Tensor) -> list[Tensor]:
        return [
            kept[p] for kept in (self._directions, self._traces, self._best) if p in kept
        ]  # fmt: skip

    def _unscale(self, optimizer: Any) -> bool:
        """What ``torch.amp.GradScaler`` leaves to a fused optimizer; False where there is no step."""
        found, scale = (getattr(optimizer, name, None) for name in ("found_inf", "grad_scale"))
        if found is not None and float(found) != 0:
            return False
        if scale is not None and self._looks:
            wide = torch.float64 if scale.device.type != "mps" else torch.float32
            inverse = scale.to(wide).reciprocal().float()
            for p in self._tensors():
                if p.grad is not None:
                    p.grad.mul_(inverse.to(p.grad.device))
            optimizer.grad_scale = torch.ones_like(scale)
        return True

    def _objective(self, loss: float | Tensor) -> float | Tensor:
        """What is minimised: −f where f is maximized."""
        groups = [group for group in self.optimizer.param_groups if group["params"]]
        ascending = [bool(group.get("maximize")) for group in groups]
        if any(ascending) and not all(ascending):
            raise HypergradientError(
                "the controller reads the loss, which some groups maximize and others minimize: "
                "give them optimizers of their own"
            )
        return -loss if any(ascending) else loss

    def _take_back(self) -> None:
        """The last step again at another rate, or back to the best parameters."""
        new = self.decision.rate
        if self.decision.kind == "retake":
            if self._has_direction:
                for p, u in self._directions.items():
                    numbers_of(p).add_(u, alpha=self._rate - new)
            self._rate = new
        elif self.decision.kind == "restore":
            for p, best in self._best.items():
                numbers_of(p).copy_(best)
            self._has_direction = False
            self._rate = new

    def _signals(self) -> tuple[list[str], Tensor | None, dict[str, float]]:
        """What was measured, as one tensor where it can be, and what is known on the CPU."""
        tensors = self._tensors()
        named: list[tuple[str, Tensor | None]] = []
        known: dict[str, float] = {}
        # Of a tensor that has no gradient now, or had none, nothing counts.
        led = [p for p in tensors if p in self._directions] if self._has_direction else []
        for name in self._needs:
            if name == "alignment":
                named.append((name, self._dot([(self._directions[p], self._gradient(p)) for p in led])))
            elif name == "gradient_norm":
                named.append((name, self._dot([(self._gradient(p), self._gradient(p)) for p in tensors])))
            elif name == "previous_direction_norm":
                pairs = [self._directions[p] for p in led]
                named.append((name, self._dot([(u, u) for u in pairs])))
            elif name == "previous_direction_alignment":
                slopes = [self._slopes[p] for p in led if p in self._slopes]
                here = [slope.to(slopes[0].device) for slope in slopes]
                named.append((name, torch.stack(here).sum() if here else None))
            elif name == "trace_alignment":
                named.append(
                    (name, self._dot(
                        [(self._traces[p], self._gradient(p)) for p in led if p in self._traces]))
                )
            elif name == "trace_norm":
                pairs = [self._traces[p] for p in led if p in self._traces]
                named.append((name, self._dot([(u, u) for u in pairs])))
            elif name == "loss" and self._loss is not None:
                loss = self._objective(self._loss)
                if isinstance(loss, Tensor):
                    named.append((name, loss))
                else:
                    known[name] = loss
        if self.process_group is None:
            known |= {name: 0.0 for name, value in named if value is None}
            found = [(name, value) for name, value in named if value is not None]
        else:
            found = self._over_all(named, known)
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
        if self.process_group is not None:
            torch.distributed.all_reduce(stacked, group=self.process_group)
        return [name for name, _ in found], stacked, known

    def _over_all(
        self, named: list[tuple[str, Tensor | None]], known: dict[str, float]
    ) -> list[tuple[str, Tensor]]:
        """This process' share of the sums and of the mean loss, the same ones in every process."""
        nothing = torch.zeros((), device=self.optimizer.param_groups[0]["params"][0].device)
        found = {name: nothing if value is None else value for name, value in named}
        if "loss" in known:
            found["loss"] = nothing + known.pop("loss")
        if "loss" in found:
            found["loss"] = found["loss"] / self.process_group.size()
        return sorted(found.items())

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

    @eager
    @torch.no_grad()
    def _after(self, optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        if self._is_passed_over:
            return
        self._kinds[self.decision.kind if self.follows else "step"] += 1
        if not self.follows:
            return
        if self.decision.kind != "step":
            for p, gradient in self._held:
                p.grad = gradient
            self._held = []
            return
        if not self._keeps_direction:
            return
        if self._rate == 0 and self._recovers:
            self._has_direction = False
            self._zero_steps += 1
            if self._zero_steps == 2:
                warnings.warn(
                    f"the rate of '{self.controller.text}' is 0, where no direction can be recovered "
                    "from a step, so that it may stay there: hold it above, .clamped(to: 1e-6...1)",
                    stacklevel=5,
                )
            return
        if self._zero_steps == 1:
            self._zero_steps = 0
        decay = self.controller.info.trace_decay if self._has_direction else 0.0
        tensors = self._tensors()
        new: dict[Tensor, Tensor] = {}
        for p in tensors:
            new[p] = self._direction(p)
        if self._recovers and not self._has_direction:
            self._warn_of_rounding(new)
        last, self._directions = self._directions, new
        if "previous_direction_alignment" in self._needs:
            made = {p: self._dot([(u, self._gradient(p))]) for p, u in new.items()}
            self._slopes = {p: slope for p, slope in made.items() if slope is not None}
        if self._needs & {"trace_alignment", "trace_norm"}:
            for p, u in new.items():
                if p in self._traces and p in last and decay:
                    self._traces[p].mul_(decay).add_(u)
                else:
                    self._traces[p] = u.clone()
        self._has_direction = True

    def _warn_of_rounding(self, directions: dict[Tensor, Tensor]) -> None:
        """Of a move that is shorter than what the parameters are rounded by: it says nothing of u."""
        slope = self._dot([(p.grad, p.grad) for p in directions])
        ulps = [numbers_of(p) * torch.finfo(numbers_of(p).dtype).eps for p in directions]
        rounding, u = self._dot([(x, x) for x in ulps]), self._dot([(x, x) for x in directions.values()])
        if self._has_warned or slope is None or rounding is None or u is None:
            return
        if slope > 0 and self._rate**2 * u <= rounding:
            self._has_warned = True
            warnings.warn(
                f"at the rate {self._rate} the parameters move by less than they are rounded by, so that no "
                "direction can be recovered: begin with a larger rate, or train by "
                "hypergradient.torch.Optimizer(…, scalars=True), which knows its directions",
                stacklevel=6,
            )

    # ---- State

    def state_dict(self) -> dict[str, Any]:
        """Everything that the next decision depends on, as tensors and numbers."""
        self._admit()
        order = [p for group in self.optimizer.param_groups for p in group["params"]]

        def numbered(tensors: dict[Tensor, Tensor]) -> dict[int, Tensor]:
            return {k: tensors[p].clone() for k, p in enumerate(order) if p in tensors}

        if self._waiting is not None:
            names, stacked, known = self._waiting
            waiting = {"names": names, "values": stacked, "known": dict(known)}
        else:
            waiting = None
        loss = self._loss
        told = {
            "loss": loss.clone() if isinstance(loss, Tensor) else loss, "epoch": self._epoch
        }  # fmt: skip
        if not isinstance(self._metric, _core._Missing):
            told["metric"] = self._metric
        return {
            "controller": bytes_of(self.controller.save()),
            "variables": {name: float(value) for name, value in self.controller.variables.items()},
            "told": told,
            "decided": self._is_decided,
            "unit": self._unit,
            "ratios": list(self.ratios),
            "rate": self._rate,
            "directions": numbered(self._directions),
            "traces": numbered(self._traces),
            "slopes": numbered(self._slopes),
            "best": numbered(self._best),
            "has_direction": self._has_direction,
            "waiting": waiting,
            "kinds": dict(self._kinds),
        }

    def _expect_state(self, state: dict[str, Any], order: list[Tensor]) -> None:
        """Refuses a state that is of none like this, before anything is changed."""
        vectors = ("directions", "traces", "slopes", "best")
        missing = {"controller", "ratios", "rate", "has_direction", "waiting", *vectors} - state.keys()
        missing -= {"slopes"}  # older states have none
        if missing:
            raise HypergradientError(
                f"the state is of no learning rate: it has no {', '.join(map(repr, sorted(missing)))}",
                _library.ERROR_STATE,
            )
        groups = len(self.optimizer.param_groups)
        if len(state["ratios"]) > groups:
            raise HypergradientError(
                f"the state is of {len(state['ratios'])} groups, and the optimizer has {groups}",
                _library.ERROR_STATE,
            )
        for name in vectors:
            for k, kept in state.get(name, {}).items():
                if k >= len(order):
                    raise HypergradientError(
                        f"the state has a parameter {k}, and the optimizer has {len(order)}",
                        _library.ERROR_STATE,
                    )
                if name != "slopes" and kept.shape != numbers_of(order[k]).shape:
                    raise HypergradientError(
                        f"parameter {k} is {kind_of(order[k])}, and was {kind_of(kept)} in the state",
                        _library.ERROR_STATE,
                    )

    def load_state_dict(self, state: dict[str, Any]) -> None:
        order = [p for group in self.optimizer.param_groups for p in group["params"]]
        self._expect_state(state, order)

        def named(tensors: Mapping[int, Tensor]) -> dict[Tensor, Tensor]:
            return {order[k]: t.to(numbers_of(order[k])).clone() for k, t in tensors.items()}

        directions, traces = named(state["directions"]), named(state["traces"])
        variables = dict(self.controller.variables)
        if self._names_lr and "lr" in state.get("variables", {}):
            # The rate that the optimizer had when the state's run began.
            variables["lr"] = state["variables"]["lr"]
        controller = Controller(self.controller.text, **variables)
        controller.load(state_of(state["controller"]))
        self.controller = controller
        told = state.get("told", {})
        self._loss, self._epoch = told.get("loss"), told.get("epoch")
        self._metric = told.get("metric", self._no_metric)
        self._is_decided = state.get("decided", False)
        self._unit = state.get("unit", self._unit)
        self.ratios = list(state["ratios"])
        self._rate = state["rate"]
        self._directions, self._traces = directions, traces
        self._best = named(state["best"])
        self._slopes = {order[k]: slope for k, slope in state.get("slopes", {}).items()}
        if state.get("slope") is not None:  # of all together, in older states
            self._slopes = dict.fromkeys(list(directions)[:1], state["slope"])
        self._has_direction = state["has_direction"]
        self._kinds = Counter(state.get("kinds", {}))
        waiting = state["waiting"]
        self._waiting = waiting and (waiting["names"], waiting["values"], dict(waiting["known"]))
        self.decision = Decision("step", self._rate)
        unit = self._rate or self._unit
        new = self.optimizer.param_groups[len(self.ratios) :]
        self.ratios += [float(group["lr"]) / unit for group in new]
        self._set(self._rate)
