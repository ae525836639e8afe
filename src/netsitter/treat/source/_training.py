"""Where a program makes its optimiser, its loss and its steps, read from its source."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import libcst as cst

from netsitter.treat.source._reading import Source, number
from netsitter.treat.source._settings import entries, stands_for

NOT_OPTIMIZERS = ("lr_scheduler", "swa_utils")
FUNCTIONAL = "torch.nn.functional."
LOSS_FUNCTIONS = {
    "cross_entropy": "CrossEntropyLoss",
    "nll_loss": "NLLLoss",
    "binary_cross_entropy": "BCELoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
    "mse_loss": "MSELoss",
    "l1_loss": "L1Loss",
    "smooth_l1_loss": "SmoothL1Loss",
    "huber_loss": "HuberLoss",
    "kl_div": "KLDivLoss",
}
"""Functions of torch.nn.functional, and the modules of torch.nn that call them."""


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A loss function as the program uses it."""

    kind: str
    """As in torch.nn.functional."""
    maker: cst.Call
    """The call that has its settings: the function's own, or the one that makes the module."""
    uses: tuple[cst.Call, ...]
    """Calls with prediction and target."""

    @property
    def is_module(self) -> bool:
        return self.maker not in self.uses


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number, and where it is written."""

    node: Any
    value: float


class Training(Source):
    """A source with the parts of its training picked out."""

    @cached_property
    def optimizers(self) -> list[cst.Call]:
        """Calls that make an optimiser of torch: by its class, or by what a table of classes holds."""
        return [
            call
            for call in self.all(cst.Call)
            if (
                self.name(call).startswith("torch.optim.")
                and self.name(call).rpartition(".")[2][:1].isupper()
                and not any(part in self.name(call) for part in NOT_OPTIMIZERS)
            )
            or (
                (isinstance(call.func, cst.Subscript | cst.Call) or self._is_variable(call.func))
                and call.args
                and "parameters()" in self.code(call.args[0].value)
            )
        ]

    def _is_variable(self, func: cst.BaseExpression) -> bool:
        """Whether a function is called that a variable or parameter holds."""
        home = self.function(func)
        parameters = [p.name.value for p in home.params.params] if home is not None else []
        return isinstance(func, cst.Name) and (func.value in parameters or bool(self.assigned(func.value)))

    @cached_property
    def backwards(self) -> list[cst.Call]:
        """``loss.backward()`` and its like."""
        return self.methods("backward")

    @cached_property
    def schedulers(self) -> set[str]:
        """What learning-rate schedulers are called."""
        named = {name for name in self.assignments if "sched" in name.lower()}
        return named | {self.target(call) for call in self.calls("torch.optim.lr_scheduler.")} - {""}

    @cached_property
    def steps(self) -> list[cst.Call]:
        """``optimizer.step()``, schedulers left out."""
        return [
            call
            for call in self.methods("step")
            if self.receiver(call) not in self.schedulers and "sched" not in self.receiver(call).lower()
        ]

    def uncalled(self, attribute: str) -> list[cst.Attribute]:
        """Statements ``anything.attribute`` that lack the parentheses of a call."""
        said = (node.value for node in self.all(cst.Expr))
        return [one for one in said if isinstance(one, cst.Attribute) and one.attr.value == attribute]

    @cached_property
    def losses(self) -> list[Loss]:
        """Loss functions of torch, those used near a backward first."""
        found = []
        for call in self.all(cst.Call):
            name = self.name(call)
            short = name.rpartition(".")[2]
            if name.startswith(FUNCTIONAL) and short in LOSS_FUNCTIONS and len(call.args) >= 2:
                found.append(Loss(kind=short, maker=call, uses=(call,)))
            kind = next(
                (
                    k
                    for k, module in LOSS_FUNCTIONS.items()
                    if name in (f"torch.nn.{module}", f"torch.nn.modules.loss.{module}")
                ),
                None,
            )
            if kind is not None:
                called = self.target(call)
                uses = [
                    c
                    for c in self.all(cst.Call)
                    if len(c.args) >= 2 and (c.func is call or (called and self.code(c.func) == called))
                ]
                found.append(Loss(kind=kind, maker=call, uses=tuple(uses)))
        return sorted(found, key=lambda loss: not any(self.in_training(use) for use in loss.uses))

    @cached_property
    def models(self) -> list[str]:
        """What ``.parameters()`` is asked of where an optimiser is made: ``model``, ``self.net``."""
        asked = [
            self.receiver(call)
            for made in self.optimizers
            for call in self.inside(made, cst.Call)
            if isinstance(call.func, cst.Attribute)
            and call.func.attr.value in ("parameters", "named_parameters")
        ]
        return list(dict.fromkeys(asked))

    @cached_property
    def sequentials(self) -> list[cst.Call]:
        return self.calls("torch.nn.Sequential", "torch.nn.modules.container.Sequential")

    @cached_property
    def forwards(self) -> list[cst.FunctionDef]:
        """``forward`` of the program's own modules."""
        return [
            f
            for f in self.all(cst.FunctionDef)
            if f.name.value in ("forward", "__call__") and any(True for _ in self.around(f, cst.ClassDef))
        ]

    def layers(self, sequential: cst.Call) -> list[cst.Arg]:
        """What a Sequential is made of; empty where it is made of a list elsewhere."""
        return [] if any(arg.star or arg.keyword for arg in sequential.args) else list(sequential.args)

    def layer_name(self, node: cst.CSTNode) -> str:
        """``Linear`` for a call of torch.nn.Linear; empty for anything else."""
        name = self.name(node) if isinstance(node, cst.Call) else ""
        return (
            name.rpartition(".")[2]
            if name.startswith("torch.nn.") and not name.startswith(FUNCTIONAL)
            else ""
        )

    def receiver(self, call: cst.Call) -> str:
        """``optimizer`` in ``optimizer.step()``."""
        return self.code(call.func.value) if isinstance(call.func, cst.Attribute) else ""

    def called(self, call: cst.Call) -> str:
        """The last word of what is called, whatever it means: ``shuffle`` of ``rng.shuffle(…)``."""
        return self.code(call.func).rpartition(".")[2]

    def stepped(self, step: cst.Call) -> str:
        """The optimiser of ``optimizer.step()`` and of ``scaler.step(optimizer)``."""
        if "scaler" in self.receiver(step).lower() and step.args:
            return self.code(step.args[0].value)
        return self.receiver(step)

    def target(self, value: cst.CSTNode) -> str:
        """The name that a value is assigned to; empty if it is used at once."""
        for name, pairs in self.assignments.items():
            if any(one is value for _, one in pairs):
                return name
        return ""

    def in_training(self, node: cst.CSTNode) -> bool:
        """Whether a backward is in the same loop, or function, as this."""
        home = (self.loops(node) or [self.function(node) or self.module])[0]
        return any(any(n is call for n in self.inside(home, cst.Call)) for call in self.backwards)

    def is_evaluation(self, node: cst.CSTNode) -> bool:
        """Whether this runs without gradients, by a ``with`` or a decorator around it."""
        quiet = ("no_grad", "inference_mode")
        for block in self.around(node, cst.With):
            if any(word in self.code(item.item) for item in block.items for word in quiet):
                return True
        return any(
            word in self.code(d)
            for f in self.around(node, cst.FunctionDef)
            for d in f.decorators
            for word in quiet
        )

    def epoch_loop(self, node: cst.CSTNode) -> Any:
        """The outermost loop that a training step runs in, through calls of its function; or None."""
        seen: set[int] = set()
        loop: Any = None
        while id(node) not in seen:
            seen.add(id(node))
            loops = self.loops(node)
            if loops:
                loop = loops[-1]
            home = self.function(node)
            callers = self.callers(home) if home is not None else []
            if not callers:
                break
            node = max(callers, key=lambda call: len(self.loops(call)))
        return loop

    def callers(self, function: cst.FunctionDef) -> list[cst.Call]:
        """Calls of a function or method by its name."""
        name = function.name.value
        return [
            call
            for call in self.all(cst.Call)
            if (isinstance(call.func, cst.Name) and call.func.value == name)
            or (isinstance(call.func, cst.Attribute) and call.func.attr.value == name)
        ]

    def literal(self, value: cst.BaseExpression | None, depth: int = 0) -> Any:
        """The number that an expression stands for, where it is written: itself, a constant, a default.

        Follows a name to its only assignment, a parameter to what the function is called with or its default,
        ``config["lr"]`` to the dictionary, and ``args.lr`` to the keyword, the class field or
        ``add_argument``. None where that is not certain.
        """
        if value is None or depth > 6:
            return None
        if number(self.code(value)) is not None:
            return value
        found = stands_for(self, value)
        return self.literal(found[0], depth + 1) if len(found) == 1 else None

    def figure(self, given: cst.Arg | cst.BaseExpression | None) -> Figure | None:
        """The number that an argument or expression stands for; None where that is not certain."""
        node = self.literal(given.value if isinstance(given, cst.Arg) else given)
        value = number(self.code(node)) if node is not None else None
        return None if value is None else Figure(node=node, value=value)

    def argument(self, call: cst.Call, keyword: str, position: int | None = None) -> cst.Arg | None:
        """An argument of a call; also one that ``**options`` brings, where only one place is named so."""
        given = super().argument(call, keyword, position)
        if given is None and isinstance(call.func, cst.Name):
            made = [value for _, value in self.assigned(call.func.value)]
            if len(made) == 1 and isinstance(made[0], cst.Call) and "partial" in self.code(made[0].func):
                return super().argument(made[0], keyword)
        if given is None and any(arg.star == "**" for arg in call.args):
            values = entries(self, keyword)
            return cst.Arg(value=values[0]) if len(values) == 1 else None
        return given

    def is_inside(self, node: cst.CSTNode, holder: cst.CSTNode) -> bool:
        start, end = self.span(node)
        first, last = self.span(holder)
        return first <= start and end <= last

    def loss_value(self, backward: cst.Call) -> Any:
        """The expression that a backward starts from; of a name, what it was last given; None if unknown."""
        value = backward.func.value if isinstance(backward.func, cst.Attribute) else None
        while (
            isinstance(value, cst.Call)
            and isinstance(value.func, cst.Attribute)
            and value.func.attr.value == "scale"
            and value.args
        ):
            value = value.args[0].value
        if isinstance(value, cst.Name):
            home = self.function(backward)
            before = [
                (self.line(s), one)
                for s, one in self.assigned(value.value)
                if self.function(s) is home and self.line(s) < self.line(backward)
            ]
            return max(before, key=lambda pair: pair[0])[1] if before else None
        return value

    def returned_by(self, value: cst.CSTNode) -> list[cst.BaseExpression]:
        """What functions of the program that are called in an expression return."""
        called = {call.func.value for call in self.inside(value, cst.Call) if isinstance(call.func, cst.Name)}
        return [
            r.value
            for f in self.all(cst.FunctionDef)
            if f.name.value in called
            for r in self.inside(f, cst.Return)
            if r.value is not None
        ]
