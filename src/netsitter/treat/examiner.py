"""Takes the notes of a training's first iteration, and makes its exam."""

import weakref
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from netsitter.observe import graph
from netsitter.observe.graph import Reading
from netsitter.observe.look import first_tensor
from netsitter.observe.losses import LossCall, call_by_hand, call_of
from netsitter.observe.objective import Objective, read_objective
from netsitter.observe.seams import LOSSES
from netsitter.observe.training import held
from netsitter.treat.calls import Call
from netsitter.treat.examine import BENDS, Bend, Exam, Layer, RootCall, mark_heads, rows_in, site_of
from netsitter.treat.places import Place, here

if TYPE_CHECKING:
    from netsitter.treat.patient import Patient

HAND = 5
"""A loss written by hand is read for the yardstick on every so many steps: it costs a walk over its graph."""


class Examiner:
    """Takes notes while some optimiser has not been examined, and makes its exam at its first step."""

    def __init__(self, patient: "Patient") -> None:
        self._patient = patient
        self.exams: list[Exam] = []
        self._expected: list[weakref.ref[torch.optim.Optimizer]] = []
        self._seen: set[int] = set()
        """ids of parameters whose training was examined: an optimiser made anew is no new training."""
        self._roots: list[RootCall] = []
        self._losses: list[tuple[LossCall, Place | None]] = []
        self._bends: list[Bend] = []
        self._is_by_hand = False
        """Whether some training writes its loss out itself."""
        self._latest: torch.Tensor | None = None
        """The last output of a model, kept for the step on which such a loss is read."""
        self._read: tuple[Reading, Objective, torch.Tensor | None, LossCall | None] | None = None

    def begin(self) -> None:
        self._patient.calls.witness(BENDS, self._on_bend)
        self._patient.calls.witness(LOSSES, self._on_loss)

    def expect(self, optimizer: torch.optim.Optimizer) -> None:
        self._expected.append(weakref.ref(optimizer))

    @property
    def is_looking(self) -> bool:
        is_forward = torch.is_grad_enabled() and not self._patient.calls.is_in_backward
        return bool(self._expected) and is_forward

    # ---- notes

    def on_forward(
        self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
    ) -> None:
        if self._is_by_hand and torch.is_grad_enabled() and self._patient.steps % HAND == HAND - 1:
            self._latest = first_tensor(output)
        name = self._patient.anatomy.module_name(model) if self.is_looking else None
        if name is not None:
            self._fresh()
            self._roots.append(RootCall(name=name, module=model, args=args, kwargs=kwargs, output=output))

    def _on_loss(self, call: Call, result: Any) -> None:
        if self.is_looking and getattr(result, "requires_grad", False):
            pair = call_of(call.name, call.args, call.kwargs, result)
            place = here("loss", call.name)
            if pair is not None:
                self._losses.append((pair, place))
            if place is not None:
                self._patient.places[place] = None

    def _on_bend(self, call: Call, result: Any) -> None:
        if not self.is_looking or not isinstance(result, torch.Tensor) or result.grad_fn is None:
            return
        self._fresh()
        given = call.given(0, "input")
        if isinstance(given, torch.Tensor) and len(self._bends) < 2000:
            site = site_of(self._patient, call.name)
            turn = sum(bend.site == site for bend in self._bends)
            bend = Bend(kind=call.name, site=site, node=result.grad_fn, given=given, turn=turn)
            self._bends.append(bend)

    def _fresh(self) -> None:
        """A forward after a backward begins a new iteration."""
        if self._read is not None:
            self._roots, self._losses, self._bends, self._read = [], [], [], None

    def before_backward(self, tensors: Any) -> None:
        loss = tensors if isinstance(tensors, torch.Tensor) else first_tensor(tensors)
        if self._is_by_hand and loss is not None and self._patient.steps % HAND == HAND - 1:
            self._measure_by_hand(loss)
        if not self._expected or loss is None or loss.numel() != 1 or loss.grad_fn is None:
            return
        if self._read is None:
            reading = graph.read(loss)
            batch = first_tensor(self._roots[0].args or self._roots[0].kwargs) if self._roots else None
            rows = rows_in(batch, reading)
            self._patient.learn(reading.leaves)
            mark_heads(self._bends, loss.grad_fn)
            objective = read_objective(loss, rows)
            output = first_tensor(self._roots[-1].output) if self._roots else None
            # Read now: backward frees what the graph has saved.
            by_hand = None if self._losses else call_by_hand(objective, output)
            self._is_by_hand |= by_hand is not None
            self._read = reading, objective, self._prediction(), by_hand

    def _measure_by_hand(self, loss: torch.Tensor) -> None:
        """Every so often, pairs of a loss that the program writes out itself are read from its graph."""
        output, self._latest = self._latest, None
        if loss.grad_fn is not None and loss.numel() == 1 and output is not None:
            pair = call_by_hand(read_objective(loss, len(output)), output)
            if pair is not None:
                self._patient.yardstick.add_by_hand(pair)

    def _prediction(self) -> torch.Tensor | None:
        if self._losses:
            return self._losses[0][0].prediction
        return first_tensor(self._roots[-1].output) if self._roots else None

    # ---- the exam

    def conclude(self, optimizer: torch.optim.Optimizer) -> Exam | None:
        """The exam of an optimiser that steps for the first time; None for one that is known."""
        if not any(reference() is optimizer for reference in self._expected):
            return None
        self._expected = [r for r in self._expected if (o := r()) is not None and o is not optimizer]
        parameters = held(optimizer)
        is_new = not any(id(p) in self._seen for p in parameters)
        self._seen |= {id(p) for p in parameters}
        if self._read is None or not is_new:
            return None
        reading, objective, prediction, by_hand = self._read
        exam = Exam(
            optimizer=optimizer,
            calls=self._roots,
            losses=self._losses,
            bends=self._bends,
            layers=self._layers(reading),
            reading=reading,
            objective=objective,
            prediction=prediction,
            by_hand=by_hand,
        )
        self.exams.append(exam)
        return exam

    def _layers(self, reading: Reading) -> list[Layer]:
        anatomy = self._patient.anatomy
        return [
            Layer(
                node=node,
                weight=weight,
                name=anatomy.name(weight).removesuffix(".weight"),
                module=anatomy.holder(weight),
            )
            for node, weight in reversed(reading.layers)
            if not any(norm in graph.op(node) for norm in graph.NORMS)
        ]
