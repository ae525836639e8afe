"""One training: the optimisers that step together, and the Run that they write."""

import weakref
from collections import Counter
from collections.abc import Mapping
from typing import Any

import torch

from netsitter.observe import ranks
from netsitter.observe.anatomy import Anatomy
from netsitter.observe.book import Book
from netsitter.observe.neighbours import Neighbours
from netsitter.run import Run

UNKNOWN = object()
"""Stands for the learning rates that have not been seen yet."""


class Training:
    """Owns a Run; is told what happened on each step and keeps the run's facts current."""

    def __init__(self, run: Run, anatomy: Anatomy) -> None:
        self.run = run
        self.anatomy = anatomy
        self.book = Book(run)
        self.seen: Counter[str] = Counter()
        self.since: dict[str, int] = {}
        self.optimizers: list[weakref.ref[torch.optim.Optimizer]] = []
        self.parameter_ids: set[int] = set()
        self.reached: set[str] = set()
        self.called: set[str] = set()
        self.facts: dict[str, Any] = {}
        self.samples = 0
        self.has_line_search = False
        """Whether a step calls its closure more than once."""
        self.neighbours = Neighbours()
        self.alternating = False
        self._made_of = 0
        self._stated: dict[str, Any] = {}
        self.compare_at = ranks.next_due(0)
        """The step at which replicas are compared next (netsitter.observe.ranks)."""
        self._rates: dict[str, float] = {}
        self.latest_rates: list[Any] = [UNKNOWN]

    # ---- optimisers

    def adopt(self, optimizer: torch.optim.Optimizer) -> None:
        # One made anew for the same parameters takes the place of the one before.
        self.optimizers = [known for known in self.optimizers if known() is not None]
        self.optimizers.append(weakref.ref(optimizer))
        self.has_line_search |= isinstance(optimizer, torch.optim.LBFGS)
        self.parameter_ids |= {id(p) for p in held(optimizer)}

    def live_optimizers(self) -> list[torch.optim.Optimizer]:
        return [o for reference in self.optimizers if (o := reference()) is not None]

    def holds(self, optimizer: torch.optim.Optimizer) -> bool:
        return any(reference() is optimizer for reference in self.optimizers)

    def shares(self, optimizer: torch.optim.Optimizer) -> bool:
        """Whether it steps parameters that an optimiser of this training steps: a re-made optimiser."""
        return any(id(p) in self.parameter_ids for p in held(optimizer))

    def covers(self, optimizer: torch.optim.Optimizer) -> bool:
        """Whether it brings nothing new."""
        return all(id(p) in self.parameter_ids for p in held(optimizer))

    def is_left_by(self, optimizer: torch.optim.Optimizer) -> bool:
        """Whether it drops parameters of this training and brings new ones: another head, another loss."""
        ids = {id(p) for p in held(optimizer)}
        return not self.live_optimizers() and bool(ids - self.parameter_ids and self.parameter_ids - ids)

    # ---- writing

    def count(self, name: str, times: int = 1) -> None:
        if name not in self.since:
            self.since[name] = max(self.book.step, 0)
        self.seen[name] += times

    def has_new_rates(self) -> bool:
        """Whether a learning rate differs from the one of the last call."""
        latest, index = self.latest_rates, 0
        for reference in self.optimizers:
            for group in [] if (optimizer := reference()) is None else optimizer.param_groups:
                # Most rates are the same object as before; where one is not, all are looked at more closely.
                if group.get("lr") is not latest[index]:
                    self.latest_rates = self._all_rates()
                    return latest != self.latest_rates
                index += 1
        return False

    def _all_rates(self) -> list[Any]:
        # A rate that is a tensor is changed in place: its number is kept, not the tensor.
        groups = [group for optimizer in self.live_optimizers() for group in optimizer.param_groups]
        return [*(_plain(_readable(group.get("lr"))) for group in groups), UNKNOWN]

    def close(self) -> None:
        """Put on record how the training ended, and let go of the file."""
        error = self.facts.get("error")
        interrupted = error is not None and error["type"] == "KeyboardInterrupt"
        status = "finished" if error is None else "interrupted" if interrupted else "failed"
        self.book.keep(lambda: self.run.finish(status=status))
        self.book.keep(self.run.close)

    def rates(self, always: bool) -> dict[str, float]:
        """Learning rates: those that changed, or all of them."""
        found: dict[str, float] = {}
        for index, reference in enumerate(self.optimizers):
            optimizer = reference()
            if optimizer is None:
                continue
            for number, group in enumerate(optimizer.param_groups):
                name = f"lr/opt{index}.{number}" if index else f"lr/{number}"
                rate = group.get("lr")
                if rate is not None and (always or _readable(rate) not in (None, self._rates.get(name))):
                    found[name] = self._rates[name] = float(rate)
        return found

    def state(self) -> None:
        """Write the facts that changed since they were last stated."""
        book = self.book
        counted = {"steps": book.steps, "backwards": book.backwards} if book.steps else {}
        self.facts["seen"] = {**counted, **self.seen}
        self.facts["since"] = dict(self.since)
        if self.alternating:
            self.facts["alternating"] = True
        changed = {name: fact for name, fact in self.facts.items() if self._stated.get(name) != fact}
        if changed:
            self._stated.update(changed)
            self.book.keep(lambda: self.run.fact(**changed))

    def has_changed(self) -> bool:
        """Whether layers were frozen, thawed, added or handed to an optimiser since the last description."""
        known = [(id(p), p.requires_grad) for _, p in self.anatomy.parameters()]
        held_now = [len(held(optimizer)) for optimizer in self.live_optimizers()]
        before, self._made_of = self._made_of, hash((*known, *held_now))
        return before != self._made_of

    def conclude(self, optimised: set[int]) -> None:
        """The end: the model stays described as it was in training, whatever has become of it since."""
        model = self.facts.get("model")
        if model is None:
            self.describe(optimised)
            return
        # Of two with one name the later one has taken the other's place.
        late = {name for name, p in dict(self.anatomy.parameters()).items() if id(p) in optimised}
        parameters = {
            name: {
                **about,
                "reached": self._is_reached(name),
                "optimised": about["optimised"] or name in late,
            }
            for name, about in model["parameters"].items()
        }
        modules = {n: {**about, "called": n in self.called} for n, about in model["modules"].items()}
        self.facts["model"] = {**model, "parameters": parameters, "modules": modules}

    def _is_reached(self, name: str) -> bool | None:
        """Whether backward came to that parameter in any look; None where there was no time for one."""
        return name in self.reached if self.samples else None

    def describe(self, optimised: set[int]) -> None:
        """Bring the facts about model and optimisers up to date; ``optimised`` by any optimiser there is."""
        stepped = {id(p) for optimizer in self.live_optimizers() for p in held(optimizer)}
        self.facts["model"] = self._model(optimised | stepped, stepped)
        modules = self.facts["model"]["modules"]
        self.facts["dropouts"] = {n: m for n, m in modules.items() if "Dropout" in m["type"] and m.get("p")}
        self.facts["norms"] = {n: m for n, m in modules.items() if "Norm" in m["type"]}
        self.facts["optimizers"] = [
            self._group(type(optimizer).__name__, group)
            for optimizer in self.live_optimizers()
            for group in optimizer.param_groups
        ]

    def _model(self, optimised: set[int], stepped: set[int]) -> dict[str, Any]:
        """The parts of the models that this training touches."""
        parameters: dict[str, Any] = {}
        for name, parameter in self.anatomy.parameters():
            parameters[name] = {
                "shape": list(parameter.shape),
                "module": name.rpartition(".")[0],
                "kind": self.anatomy.kind(parameter),
                "trainable": parameter.requires_grad,
                "optimised": id(parameter) in optimised,
                "stepped": id(parameter) in stepped,
                "pretrained": self.anatomy.is_pretrained(parameter),
                "reached": self._is_reached(name),
                "elements": parameter.numel(),
            }
        modules = {
            name: _module_facts(module, name in self.called) for name, module in self.anatomy.modules()
        }
        roots = [type(root).__name__ for root in self.anatomy.live_roots()]
        return {
            "name": ", ".join(roots[:4]),
            "parameters": dict(list(parameters.items())[:2000]),
            "modules": dict(list(modules.items())[:2000]),
            "unregistered": sorted(self.anatomy.unregistered),
        }

    def _group(self, kind: str, group: Mapping[str, Any]) -> dict[str, Any]:
        plain = ("lr", "weight_decay", "momentum", "betas", "eps", "maximize", "nesterov", "alpha")
        return {
            "type": kind,
            **{key: _plain(group[key]) for key in plain if group.get(key) is not None},
            "parameters": len(group["params"]),
            "foreign": len(self.anatomy.foreign(group["params"])),
        }


def held(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    """The parameters that an optimiser steps."""
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _module_facts(module: torch.nn.Module, called: bool) -> dict[str, Any]:
    size = {
        "in": getattr(module, "in_features", getattr(module, "in_channels", None)),
        "out": getattr(module, "out_features", getattr(module, "out_channels", None)),
        "p": getattr(module, "p", None) if "Dropout" in type(module).__name__ else None,
        "momentum": getattr(module, "momentum", None) if "BatchNorm" in type(module).__name__ else None,
    }
    known = {key: _plain(value) for key, value in size.items() if value is not None}
    return {"type": type(module).__name__, **known, "called": called}


def _readable(rate: Any) -> Any:
    """None for a rate that lies on a device: reading it would make the device wait."""
    return None if isinstance(rate, torch.Tensor) and not rate.is_cpu else rate


def _plain(value: Any) -> Any:
    """A JSON value of a hyperparameter, which may be a tensor."""
    if isinstance(value, torch.Tensor):
        return float(value) if value.numel() == 1 else value.tolist()
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
