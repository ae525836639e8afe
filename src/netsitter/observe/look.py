"""A close look at one step: modules, graph, loss, gradients, update. Kept as tensors, fetched once."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook

from netsitter.observe import graph, probes
from netsitter.observe.anatomy import Anatomy, spread
from netsitter.observe.axes import inner_axes
from netsitter.observe.ignorant import ignorant_loss
from netsitter.observe.losses import LossCall, Targets, call_by_hand, call_from_graph
from netsitter.observe.mixing import Reshapes, cuts_up, measure_mixing
from netsitter.observe.objective import Objective, read_objective
from netsitter.observe.recurrence import measure_fading
from netsitter.observe.scores import predicted, score, top_share


def first_tensor(values: Any) -> torch.Tensor | None:
    """The first tensor in arguments or an output: inside lists, tuples, dicts and output objects."""
    if isinstance(values, torch.Tensor):
        return values
    if isinstance(values, dict):
        values = list(values.values())
    if isinstance(values, list | tuple):
        return next((t for value in values if (t := first_tensor(value)) is not None), None)
    return None


class Look:
    """Collects what one sampled step shows. ``numbers`` are for the run, ``facts`` for its header."""

    def __init__(self, anatomy: Anatomy, targets: Targets, is_first: bool, *, is_compiled: bool) -> None:
        self.anatomy = anatomy
        self.targets = targets
        self.is_first = is_first
        self.numbers: probes.Numbers = {}
        self.facts: dict[str, Any] = {}
        self.calls: list[LossCall] = []
        self.batch: torch.Tensor | None = None
        self.output: torch.Tensor | None = None
        self.target: torch.Tensor | None = None
        self._leaves: list[torch.Tensor] = []
        """Parameters that a loss of this step reaches."""
        self.called: set[str] = set()
        self._reshapes = Reshapes()
        self._muted: set[str] = set()
        """Modules that were called under no_grad, but not from a model that was."""
        self.seconds = 0.0
        self.has_saved_hooks = False
        """Checkpointing: saved tensors must not be touched, or they would be computed again."""
        self._raw: probes.Numbers = {}
        """Of the gradients after the last backward."""
        self._made: dict[int, tuple[int, int]] = {}  # the gradients that these are of
        self._before: list[torch.Tensor] = []
        self._watched: probes.Named = []
        self._let_go: Callable[[], None] | None = None
        if not is_compiled:  # hooks inside a compiled model would not fire, or make torch compile it anew
            self.open()

    # ---- the forward pass

    def open(self) -> None:
        """Listen to every module until `close`; global, so nothing clings to the program's modules."""
        self._let_go = register_module_forward_hook(self._module_called).remove

    def close(self) -> None:
        if self._let_go is not None:
            self._let_go()
            self._let_go = None

    def model_called(self, batch: torch.Tensor | None, output: torch.Tensor | None) -> None:
        """A root module was called: the last call before backward counts."""
        if self.batch is None or (batch is not None and batch.is_floating_point() and batch.grad_fn is None):
            self.batch = batch  # what another model has made, and a head is given, is no input
        self.output = output
        with contextlib.suppress(Exception):  # tensors without memory of their own have no address
            if names := self._reshapes.of(batch):
                self.facts["scrambled"] = names

    def _module_called(self, module: nn.Module, args: Any, output: Any) -> None:
        if torch.compiler.is_compiling():
            return
        name = self.anatomy.module_name(module)
        if name is None:
            return
        if not torch.is_grad_enabled():
            is_root = any(module is root for root in self.anatomy.live_roots())
            self._muted = set() if is_root else self._muted | {name}
            return
        self.called.add(name)
        if any(p is not None for p in module._parameters.values()):
            # What goes wrong in one module costs its own numbers only.
            with contextlib.suppress(Exception), self.timed():
                self._measure_module(name, module, args, output)

    def _measure_module(self, name: str, module: nn.Module, args: Any, output: Any) -> None:
        result = first_tensor(output)
        if result is None or not result.is_floating_point() or result.numel() == 0:
            return
        given = first_tensor(args)
        if getattr(module, "batch_first", True) is False and given is not None and given.dim() == 3:
            self.facts["time_first"] = {**self.facts.get("time_first", {}), name: list(given.shape)}
        if given is not None:
            self._reshapes.note(name, given, result)
        values = probes.first_rows(result)
        mean = values.mean()
        std = probes.std_of(values, mean)
        self.numbers[f"act_mean/{name}"] = mean
        self.numbers[f"act_std/{name}"] = std
        if self.is_first and given is not None and given.is_floating_point():
            spread_in = probes.std_of(probes.first_rows(given))
            # Behind dead units nothing comes in: there is no gain to speak of.
            self.numbers[f"init/gain/{name}"] = torch.where(spread_in > 1e-12, std / spread_in, torch.nan)

    # ---- the loss and its graph

    def read(self, loss: torch.Tensor, scale: float, *, has_saved_hooks: bool) -> graph.Reading:
        """Read everything that the graph of ``loss`` says, before backward frees it."""
        self.has_saved_hooks = has_saved_hooks
        with self.timed():
            reading = graph.read(loss)
            self._leaves += reading.leaves
            if not (reading.has_own_code or self.has_saved_hooks):  # checkpoints run under no_grad first
                self.called |= self._muted
            if self.batch is None and not self.has_saved_hooks:
                self.batch = graph.given(reading)
            rows = self._rows(reading)
            objective = read_objective(loss, rows, scale)
            call = self._main_call(loss, objective, rows)
            self.numbers["batch/rows"] = rows
            self._note_head(loss, call)
            self.facts["graph"] = objective.to_json() | inner_axes(reading, rows)
            self._measure_activations(reading)
            self._measure_batch()
            if call is not None:
                self._measure_call(call, objective)
            if self.is_first and self.output is not None and not self.has_saved_hooks:
                mixed = measure_mixing(self.output, reading, self.anatomy.live_roots())
                if mixed is not None:
                    self.numbers["wiring/mixing"] = mixed
                for weight, kept in measure_fading(loss, reading, self.anatomy.live_roots()):
                    self.numbers[f"init/through_time/{self.anatomy.name(weight)}"] = kept
            return reading

    def reach(self, loss: torch.Tensor) -> None:
        """A further loss before the step: only what it reaches is of interest."""
        with self.timed():
            self._leaves += graph.read(loss).leaves

    @property
    def reached(self) -> set[str]:
        """Names of the parameters that the losses reach, as far as they are known by now."""
        return {self.anatomy.name(leaf) for leaf in self._leaves}

    def _rows(self, reading: graph.Reading) -> int:
        if self.batch is not None and self.batch.dim():
            return len(self.batch)
        if self.calls and self.calls[0].prediction.dim():
            return len(self.calls[0].prediction)
        shapes = [graph.shape(node) for node, _ in reading.layers]
        return next((dims[0] for dims in shapes[::-1] if dims), 0)

    def _main_call(self, loss: torch.Tensor, objective: Objective, rows: int) -> LossCall | None:
        """The loss call that reaches the loss and has a row for every example."""
        calls = self.calls
        if not calls and not self.has_saved_hooks:
            calls = [c for term in objective.terms if (c := call_from_graph(term, loss)) is not None]
            by_hand = call_by_hand(objective, self.output)
            if not calls and by_hand is not None:
                calls = [by_hand]
        full = [c for c in calls if c.prediction.dim() and c.prediction.shape[0] >= rows]
        return next(iter(full or calls), None)

    def _note_head(self, loss: torch.Tensor, call: LossCall | None) -> None:
        """What lies between the last weighted layer and the loss function."""
        top = loss.grad_fn if call is None else call.made_by or call.prediction.grad_fn
        if top is None:
            return
        head, weight, _ = graph.head_of(top)
        self.facts["head"] = head
        if weight is not None:
            self.facts["head_layer"] = self.anatomy.name(weight).removesuffix(".weight")

    def _measure_call(self, call: LossCall, objective: Objective) -> None:
        sign = objective.loss_sign
        self.facts["losses"] = [c.facts(sign) for c in [call, *(c for c in self.calls if c is not call)][:8]]
        self.target = call.target
        if cuts_up(self.output, call.prediction):
            self.facts["scrambled_output"] = list(call.prediction.shape)
        self.numbers |= self.targets.look(call)
        self.numbers |= probes.outputs(call.prediction)
        self.numbers |= {f"metric/{name}": value for name, value in score(call).items()}
        classes = predicted(call)
        if classes is not None and classes.numel():
            self.numbers["output/top_share"] = top_share(classes)
        value = call.value
        if value is None or value.numel() != 1:
            return
        shown = value.detach().float()
        if call.reduction == "sum":
            shown = shown / max(len(call.prediction), 1)
        self.numbers["loss/call"] = shown
        if self.is_first:
            self.numbers["init/loss"] = shown
            expected = ignorant_loss(call)
            if expected is not None:
                self.numbers["init/loss_expected"] = expected

    def _measure_activations(self, reading: graph.Reading) -> None:
        """Dead and saturated units from what autograd saved, functional activations included."""
        self.facts["activations"] = self._activations(reading)
        if self.has_saved_hooks:
            return
        for kind, node, weight in spread(reading.activations):
            known = kind in ("relu", "tanh", "sigmoid") and hasattr(node, "_saved_result")
            if weight is None or not known:
                continue
            layer = self.anatomy.name(weight).removesuffix(".weight")
            for name, value in probes.activation(kind, node).items():
                self.numbers[f"{name}/{layer}"] = value

    def _activations(self, reading: graph.Reading) -> dict[str, str | None]:
        layers = [self.anatomy.name(weight).removesuffix(".weight") for _, weight in reading.layers[::-1]]
        known = self.anatomy.activations.get(tuple(layers))
        if known is not None:
            return known
        found: dict[str, str | None] = dict.fromkeys(layers)
        for node, _ in reading.layers:
            for weight, bend in graph.feeds(node):
                layer = self.anatomy.name(weight).removesuffix(".weight")
                found[layer] = found.get(layer) or bend
        for kind, _, weight in reading.activations:
            if weight is not None:
                found[self.anatomy.name(weight).removesuffix(".weight")] = kind
        self.anatomy.activations[tuple(layers)] = found = dict(spread(list(found.items())))
        return found

    def _measure_batch(self) -> None:
        batch = self.batch
        if batch is None or batch.numel() == 0:
            return
        self.facts["input_shape"] = list(batch.shape)
        if not batch.is_floating_point():
            if batch.dim() >= 2 and len(batch) >= 2:
                self.numbers["input/constant"] = (batch == batch[:1]).all(0).float().mean()
            return
        self.numbers |= probes.inputs(batch)
        if self.is_first and (columns := probes.columns(batch)) is not None:
            self.facts["input_columns"] = columns

    # ---- the gradients and the step

    def gradients(self, named: probes.Named, scale: float) -> None:
        """After each backward; with accumulation the last one stands."""
        with self.timed():
            self._raw = probes.gradients(spread(named), scale)
            self._made = probes.versions(spread(named)) if scale == 1.0 else {}

    def fetch(self, waiting: probes.Numbers | None = None) -> dict[str, float]:
        """Everything that was measured, and what has waited on the device since the last look."""
        return probes.fetch(self.numbers | self._raw | (waiting or {}))

    def before_step(self, named: probes.Named) -> None:
        with self.timed():
            self._watched = spread([(n, p) for n, p in named if p.is_floating_point()])
            if self.is_first:
                self.numbers |= probes.initial(self._watched)
            norm = self._raw.get("grad_norm")
            if not self._made or self._made != probes.versions(named):
                norm = probes.stepped_norm(p for _, p in named)
            if norm is not None:
                self.numbers["grad_norm_stepped"] = norm
            self._before = probes.snapshot(self._watched)

    def after_step(self) -> None:
        with self.timed():
            if self._before:
                self.numbers |= probes.updates(self._watched, self._before)
            self._before, self._watched = [], []

    def forget(self) -> None:
        """Let go of the program's tensors: a look must not keep a batch or a graph alive."""
        self.batch = self.output = self.target = None
        self.calls, self._leaves = [], []

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Charge the time to this look, and leave grad mode out of it."""
        started = time.perf_counter()
        try:
            with torch.no_grad():
                yield
        finally:
            self.seconds += time.perf_counter() - started
