"""How good are the predictions? Judged apart from the loss, which a remedy may change.

Pairs of prediction and target are seen where a loss function is called and, in evaluation, where the
program compares by hand (``(model(x).argmax(1) == y)``, ``model(x) - y``). Counted are the error rate, the
error balanced over the classes, the log loss, and R² in the target's own units.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.utils.weak import WeakIdKeyDictionary

from netsitter.observe.look import first_tensor
from netsitter.observe.losses import BINARY, CLASSIFIERS, REGRESSIONS, LossCall, call_of
from netsitter.observe.seams import LOSSES
from netsitter.observe.validation import MAX_ROWS, SAME, fingerprints
from netsitter.treat.calls import Call, Calls, tensors

COMPARISONS = {"eq", "ne"}
DIFFERENCES = {"sub", "rsub", "subtract"}
MAX_CLASSES = 100
"""Whole-numbered targets with more distinct values than this are counts, not classes."""
RECENT = 0.1
"""Without validation, the last tenth of the training batches is judged by."""


@dataclass(kw_only=True)
class Tally:
    """Sums over the rows of one pass, from one source of pairs."""

    step: int
    rows: int = 0
    scored: int = 0
    wrong: float = 0.0
    by_class: dict[int, list[float]] = field(default_factory=dict)
    """Class → rows, wrong ones."""
    log_rows: int = 0
    log_loss: float = 0.0
    numbers: int = 0
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    """Of the target, its square, the squared residual; about the first batch's mean."""
    shift: float | None = None

    def add_classes(self, predicted: torch.Tensor, target: torch.Tensor) -> None:
        target, wrong = target.flatten().long(), (predicted.flatten() != target.flatten())
        self.scored += target.numel()
        self.wrong += float(wrong.sum())
        for label in torch.unique(target)[:MAX_CLASSES].tolist():
            of_class = target == label
            known = self.by_class.setdefault(label, [0.0, 0.0])
            known[0] += float(of_class.sum())
            known[1] += float(wrong[of_class].sum())

    def add_log_loss(self, losses: torch.Tensor) -> None:
        self.log_rows += losses.numel()
        self.log_loss += float(losses.double().sum())

    def add_numbers(self, prediction: torch.Tensor, target: torch.Tensor) -> None:
        target, prediction = target.detach().double().flatten(), prediction.detach().double().flatten()
        if self.shift is None:
            self.shift = float(target.mean())
        centred = target - self.shift
        self.numbers += target.numel()
        for index, part in enumerate((centred, centred.square(), (prediction - target).square())):
            self.sums[index] += float(part.sum())

    def scores(self) -> dict[str, float]:
        """Those that the pairs allow."""
        found: dict[str, float] = {}
        if self.scored:
            found["error"] = self.wrong / self.scored
            found["balanced_error"] = sum(w / n for n, w in self.by_class.values()) / len(self.by_class)
        if self.log_rows:
            found["log_loss"] = self.log_loss / self.log_rows
        if self.numbers > 2:
            total, squares, residuals = self.sums
            spread = squares - total * total / self.numbers
            found["r2"] = 1 - residuals / max(spread, 1e-30)
            found["mse"] = residuals / self.numbers
        return found


class Yardstick:
    """Entered into a program's calls; `result` at its end."""

    def __init__(self, calls: Calls) -> None:
        self._validation: dict[tuple[int, str], Tally] = {}
        self._training: deque[Tally] = deque(maxlen=4096)
        self._trained: dict[float, None] = {}
        self._derived = WeakIdKeyDictionary()
        """Tensors computed from a model's output: by the model's own evaluation on new rows or not."""
        self._is_seen = False
        self.step = 0
        calls.witness(LOSSES, self._on_loss)
        calls.overhear = self._on_evaluation
        # What was computed without gradients is often compared outside of the block.
        calls.follows = lambda: len(self._derived) > 0

    def on_forward(self, batch: torch.Tensor | None, output: Any) -> None:
        """A root module was called."""
        result = first_tensor(output)
        if result is None:
            return
        if torch.is_grad_enabled() and result.requires_grad:
            if len(self._trained) < MAX_ROWS:
                self._trained |= dict.fromkeys(fingerprints(batch, 256))
            return
        rows = fingerprints(batch, 64)
        self._is_seen = bool(rows) and sum(row in self._trained for row in rows) >= SAME * len(rows)
        self._derived[result] = not self._is_seen

    # ---- pairs

    def add_by_hand(self, pair: LossCall) -> None:
        """A loss that the program writes out itself."""
        if pair.target is not None:
            with torch.no_grad():
                tally = Tally(step=self.step, rows=len(pair.prediction) if pair.prediction.dim() else 1)
                self._training.append(tally)
                score(pair, tally)

    def _on_loss(self, call: Call, result: Any) -> None:
        pair = call_of(call.name, call.args, call.kwargs, result)
        if pair is None or pair.target is None:
            return
        with torch.no_grad():
            if getattr(result, "requires_grad", False):
                tally = Tally(step=self.step)
                self._training.append(tally)
            elif self._is_seen:
                return
            else:
                tally = self._validation.setdefault((self.step, "loss"), Tally(step=self.step))
            tally.rows += len(pair.prediction) if pair.prediction.dim() else 1
            score(pair, tally)

    def _on_evaluation(self, name: str, args: Any, result: Any) -> None:
        """Some function was called: follow what comes from a model's output in evaluation."""
        given = tensors(args)
        mine = [tensor for tensor in given if tensor in self._derived]
        if not mine:
            return
        is_new = self._derived[mine[0]]
        for tensor in tensors(result if isinstance(result, tuple | list) else [result]):
            self._derived[tensor] = is_new
        others = [tensor for tensor in given if tensor not in self._derived]
        if not is_new or len(mine) != 1 or len(others) != 1 or others[0].numel() != mine[0].numel():
            return
        if name in COMPARISONS:
            tally = self._validation.setdefault((self.step, "classes"), Tally(step=self.step))
            tally.add_classes(mine[0], others[0])
            tally.rows += mine[0].numel()
        elif name in DIFFERENCES and others[0].is_floating_point() and mine[0].numel() > 2:
            tally = self._validation.setdefault((self.step, "numbers"), Tally(step=self.step))
            tally.add_numbers(mine[0], others[0])
            tally.rows += mine[0].numel()

    # ---- the result

    def result(self) -> dict[str, Any] | None:
        """``{"on", "rows", "error", "balanced_error", "log_loss", "r2", "mse", "passes"}``; None unseen.

        Of the last pass; ``passes`` has every one with its step. Scores that no pair allowed are left out.
        """
        passes = self._passes()
        if passes:
            most = max(entry["rows"] for entry in passes)
            whole = [entry for entry in passes if entry["rows"] >= most / 2]
            return {"on": "validation", **whole[-1], "passes": whole}
        recent = [t for t in self._training if t.step >= (1 - RECENT) * self.step]
        if not recent:
            return None
        entry = self._merged(recent)
        return {"on": "training", **entry, "passes": [entry]}

    def latest(self) -> dict[str, Any] | None:
        """Scores of the latest validation pass, and its step."""
        steps = [step for step, _ in self._validation]
        if not steps:
            return None
        latest = max(steps)
        entry: dict[str, Any] = {"step": latest}
        for (step, _), tally in self._validation.items():
            entry |= tally.scores() if step == latest else {}
        return entry

    def _passes(self) -> list[dict[str, Any]]:
        by_step: dict[int, dict[str, Any]] = {}
        for (step, _), tally in sorted(self._validation.items(), key=lambda item: item[1].rows):
            entry = by_step.setdefault(step, {"step": step, "rows": 0})
            entry |= tally.scores() | {"rows": tally.rows}
        return [by_step[step] for step in sorted(by_step) if len(by_step[step]) > 2]

    @staticmethod
    def _merged(tallies: list[Tally]) -> dict[str, Any]:
        weighted: dict[str, list[tuple[int, float]]] = {}
        for tally in tallies:
            for name, value in tally.scores().items():
                weighted.setdefault(name, []).append((tally.rows, value))
        rows = sum(tally.rows for tally in tallies)
        means = {n: sum(r * v for r, v in p) / max(sum(r for r, _ in p), 1) for n, p in weighted.items()}
        return {"step": tallies[-1].step, "rows": rows, **means}


def score(pair: LossCall, tally: Tally) -> None:
    """Add one loss call's pairs to a tally."""
    prediction, target = pair.prediction.detach(), pair.target
    if target is None or prediction.numel() == 0 or target.numel() == 0:
        return
    if pair.name in BINARY and prediction.numel() == target.numel():
        _score_binary(pair.name, prediction, target.reshape(prediction.shape), tally)
    elif pair.name in CLASSIFIERS and prediction.dim() >= 2 and not target.is_floating_point():
        _score_classes(pair.name, prediction, target, tally)
    elif prediction.numel() == target.numel():
        target = target.reshape(prediction.shape)
        if _is_one_hot(target):
            tally.add_classes(prediction.argmax(1), target.argmax(1))
        elif pair.name in REGRESSIONS or pair.name == "custom":
            tally.add_numbers(prediction, target)
            if _is_whole(target):
                tally.add_classes(prediction.round(), target)


def _score_binary(name: str, prediction: torch.Tensor, target: torch.Tensor, tally: Tally) -> None:
    if _is_one_hot(target):
        tally.add_classes(prediction.argmax(1), target.argmax(1))
    elif _is_whole(target):
        tally.add_classes((prediction > BINARY[name]).long(), target)
    with_logits = name.endswith("logits")
    function = torch.nn.functional.binary_cross_entropy_with_logits
    if not with_logits:
        function = torch.nn.functional.binary_cross_entropy
        prediction = prediction.clamp(0, 1)
    with torch._C.DisableTorchFunction():
        tally.add_log_loss(function(prediction.float(), target.float(), reduction="none"))


def _score_classes(name: str, prediction: torch.Tensor, target: torch.Tensor, tally: Tally) -> None:
    """Rows whose target is no class (ignore_index) are left out."""
    scores = prediction.movedim(1, -1).reshape(-1, prediction.shape[1]).float()
    flat = target.flatten().long()
    known = (flat >= 0) & (flat < scores.shape[1])
    scores, flat = scores[known], flat[known]
    if flat.numel() == 0:
        return
    tally.add_classes(scores.argmax(1), flat)
    if name == "cross_entropy":
        scores = scores.log_softmax(1)
    tally.add_log_loss(-scores.gather(1, flat[:, None]))


def _is_one_hot(target: torch.Tensor) -> bool:
    is_table = target.dim() == 2 and target.shape[1] > 1
    return is_table and bool(((target == 0) | (target == 1)).all() and (target.sum(1) == 1).all())


def _is_whole(target: torch.Tensor) -> bool:
    values = target.detach().float()
    return bool((values == values.round()).all()) and len(torch.unique(values)) <= MAX_CLASSES
