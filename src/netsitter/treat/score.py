"""How good a run was: the scores that the program itself prints, and those that were watched.

The program's last word about its result comes first: it is what its author judges by. A score in units
that a remedy changes (the loss after the loss was swapped) is no judge of that remedy.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from netsitter.run import Run

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|nan|inf)(?![\w])", re.IGNORECASE)
WORD = re.compile(r"[A-Za-z][A-Za-z0-9²]*")
HIGHER = frozenset(
    {
        "acc",
        "accuracy",
        "r2",
        "r²",
        "auc",
        "auroc",
        "auprc",
        "ap",
        "map",
        "f1",
        "fscore",
        "recall",
        "precision",
    }
    | {
        "sensitivity",
        "specificity",
        "iou",
        "dice",
        "miou",
        "mcc",
        "kappa",
        "bleu",
        "rouge",
        "score",
        "correct",
    }
    | {"corr", "correlation", "pearson", "spearman", "reward", "top1", "top5", "hits", "ndcg", "mrr", "ev"}
)
"""Words of scores of which more is better."""
LOWER_SHARE = frozenset({"mape", "smape", "wer", "cer", "errorrate"})
"""Lower is better, in no unit of the loss or of the target."""
ERROR = frozenset({"mse", "rmse", "mae", "rmsle", "error", "err", "mad", "distance", "fid", "residual"})
LOSS = frozenset(
    {"loss", "nll", "bce", "ce", "xent", "logloss", "perplexity", "ppl", "cost", "kl", "objective", "energy"}
    | {"brier", "crossentropy"}
)
LIKELIHOOD = frozenset({"likelihood", "logprob", "loglik", "ll", "elbo"})
HELD_OUT = frozenset(
    {
        "val",
        "valid",
        "validation",
        "test",
        "testing",
        "eval",
        "dev",
        "heldout",
        "holdout",
        "out",
        "oof",
        "new",
    }
)
TRAINING = frozenset({"train", "training", "fit", "running", "batch"})
RARE = frozenset({"balanced", "f1", "fscore", "auc", "auroc", "auprc", "ap", "mcc", "kappa", "dice", "iou"})
"""Words of scores that a network does not raise by leaving rare classes out."""
SMALL = 1e-9
"""Down to here a loss counts by its logarithm; below 0 by the logarithm of its size, joined smoothly."""
USUAL_ROWS = 300
"""Rows assumed behind a score where nothing tells: a standard error of 0.03 at an accuracy of 0.5."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """One number about a run's quality."""

    name: str
    value: float
    kind: str
    """``score`` in its own unit, ``error`` in the target's, ``loss`` in the loss's."""
    higher: bool
    rank: int = 0
    """How far it is trusted, 0 most."""
    rows: float = USUAL_ROWS

    @property
    def level(self) -> float:
        """On a scale where more is better and equal steps mean equal things; -inf where there is no number.

        Errors and losses count by their logarithm, losses below 0 by that of their size; no error is
        below 0, and an R² below 0 is as good as none.
        """
        if not math.isfinite(self.value) or (self.kind == "error" and self.value < 0):
            return -math.inf
        if self.kind == "score":
            value = self.value if self.higher else -self.value
            return max(value, 0.0) if self.is_share else value
        if self.higher:
            return self.value
        if self.value > SMALL:
            return -math.log(self.value)
        return -math.log(SMALL) + math.asinh(1) - math.asinh(self.value / SMALL)

    def is_spoilt_by(self, distorts: Iterable[str]) -> bool:
        """Whether it means something else after a change that redefines these."""
        is_trained_on = self.kind == "loss" and self.rank > 1
        return self.kind in distorts or ("training-loss" in distorts and is_trained_on)

    @property
    def is_share(self) -> bool:
        return self.kind == "score" and self.higher

    @property
    def noise(self) -> float:
        """Standard error of ``level`` from the number of rows behind it."""
        if self.kind != "score":
            return math.sqrt(2 / self.rows) * (abs(self.value) if self.higher else 1.0)
        share = min(max(abs(self.value), 0.0), 1.0)
        return max(math.sqrt(share * (1 - share) / self.rows), 0.5 / self.rows)


def scores(output: str, run: Run | None, yardstick: Mapping[str, Any] | None = None) -> list[Score]:
    """Every score of a run, the most trusted first; the last value of each name."""
    rows = _rows(run)
    found = [*_printed(output, rows), *_measured(yardstick or {})]
    if run is not None:
        found += _watched(run)
    return sorted(found, key=lambda score: score.rank)


def curve(output: str, name: str) -> list[float]:
    """All values that a program printed under a name, in order."""
    return [value for line in output.splitlines() for said, value in _numbers(line) if said == name]


def judge(
    untreated: Iterable[Score], treated: Iterable[Score], distorts: Iterable[str] = (), prefer: str = ""
) -> tuple[Score | None, Score] | None:
    """The pair to compare two runs by: the most trusted score that means the same in both.

    ``prefer`` is a word of a name to trust most, and with it scores that are made for rare classes. The
    first of the pair is None where the untreated run has no such number. None if there is no common ground.
    """
    before, after = {s.name: s for s in untreated}, list(treated)
    spoilt = set(distorts)
    usable = [s for s in after if not s.is_spoilt_by(spoilt)]

    def trust(score: Score) -> tuple[bool, int]:
        known = before.get(score.name)
        is_preferred = prefer in score.name or bool(RARE & set(re.split(r"[^a-z0-9]+", score.name)))
        return not is_preferred, score.rank if known is None else min(score.rank, known.rank)

    for score in sorted(usable, key=trust):
        if score.name in before:
            return before[score.name], score
        if score.rank == 0:
            return None, score
    return None


def _rows(run: Run | None) -> float:
    if run is None:
        return USUAL_ROWS
    rows = run["val/rows"].last if "val/rows" in run else math.nan
    return max(float(rows), 10.0) if math.isfinite(rows) else USUAL_ROWS


def _printed(output: str, rows: float) -> list[Score]:
    lines = [line for line in output.splitlines() if line.strip()]
    last: dict[str, float] = {}
    times: dict[str, int] = {}
    for line in lines:
        for name, value in _numbers(line):
            last.pop(name, None)
            last[name] = value
            times[name] = times.get(name, 0) + 1
    final = {name for name, _ in _numbers(lines[-1])} if lines else set()
    found = []
    for place, (name, value) in enumerate(reversed(last.items())):
        kind, higher = meaning(name) or ("", True)
        words = set(WORD.findall(name.lower().replace("_", " ")))
        if name in final and (times[name] == 1 or place == 0) and not words & TRAINING:
            rank = 0 if times[name] == 1 or kind == "score" or words & HELD_OUT else 4
        elif words & HELD_OUT:
            rank = 1
        else:
            rank = 6 if words & TRAINING else 2 if kind == "score" else 4
        found.append(Score(name=name, value=value, kind=kind, higher=higher, rank=rank, rows=rows))
    return found


def _numbers(line: str) -> Iterable[tuple[str, float]]:
    """Named numbers of a line, names as printed; only those whose direction is known."""
    end = 0
    for match in NUMBER.finditer(line):
        words = re.findall(r"[A-Za-z][\w²]*", line[end : match.start()])
        end = match.end()
        if not words:
            continue
        name = words[-1].lower()
        before = words[-2].lower() if len(words) > 1 else ""
        if meaning(name) and (before in HELD_OUT | TRAINING):
            name = f"{before} {name}"
        if meaning(name):
            yield name, float(match.group())


def meaning(name: str) -> tuple[str, bool] | None:
    """``(kind, higher is better)`` by the words of a score's name; None where they do not tell."""
    words = [w for w in re.split(r"[^a-z0-9²]+", name.lower()) if w]
    for word in reversed(words):
        if word in HIGHER or word.endswith(("accuracy", "auc")):
            return "score", True
        if word in LOWER_SHARE:
            return "score", False
        if word in ERROR:
            return "error", False
        if word in LOSS or word.endswith("loss"):
            return "loss", False
        if word in LIKELIHOOD:
            return "loss", True
    return None


def _measured(yardstick: Mapping[str, Any]) -> list[Score]:
    """What the yardstick saw of predictions and targets, apart from any loss."""
    rank = 3 if yardstick.get("on") == "validation" else 6
    rows = max(float(yardstick.get("rows") or USUAL_ROWS), 10.0)
    known = (
        ("balanced_error", "score", False),
        ("error", "score", False),
        ("r2", "score", True),
        ("log_loss", "loss", False),
        ("mse", "error", False),
    )
    return [
        Score(
            name=f"{yardstick['on']} {name.replace('_', ' ')}",
            value=float(yardstick[name]),
            kind=kind,
            higher=higher,
            rank=rank + 2 * (kind != "score"),
            rows=rows,
        )
        for name, kind, higher in known
        if yardstick.get(name) is not None
    ]


def _watched(run: Run) -> list[Score]:
    rows = _rows(run)
    found = []
    for prefix, rank, count in (("val/", 3, rows), ("train_eval/", 5, rows), ("", 6, USUAL_ROWS)):
        for metric in ("accuracy", "r2"):
            series = run[f"{prefix}metric/{metric}"]
            if series:
                value = (
                    float(series.last) if prefix else float(np.mean(series.tail(max(1, len(series) // 10))))
                )
                found.append(
                    Score(
                        name=f"{prefix}metric/{metric}",
                        value=value,
                        kind="score",
                        higher=True,
                        rank=rank,
                        rows=count,
                    )
                )
        series = run[f"{prefix}loss"]
        if series:
            value = float(series.last) if prefix else float(np.mean(series.tail(max(1, len(series) // 20))))
            found.append(
                Score(name=f"{prefix}loss", value=value, kind="loss", higher=False, rank=rank + 2, rows=count)
            )
    return found
