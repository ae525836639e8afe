"""Other tools' names for our numbers, and how their records become a run."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from netsitter.errors import DataError, UsageError, did_you_mean
from netsitter.run import Run

TRAIN = r"(?:train|training|tr)"
VALID = r"(?:val|valid|validation|eval|dev|test)"
LOSSES = ("loss", "total_loss", "objective", "cost")
SHORT = {"acc": "accuracy", "categorical_accuracy": "accuracy", "sparse_categorical_accuracy": "accuracy"}
SKIPPED = re.compile(
    r"(?:.*/)?(?:epochs?|(?:global_?|trainer_?)?step|iter(ation)?s?|time.*|_.*|.*(runtime|per_second|samples|wall|dur|timestamp|_best).*)"
)


def our_name(name: str) -> str | None:
    """Our name for another tool's number: ``eval_loss`` is ``val/loss``; None for clocks and counters."""
    plain = name.strip().strip("/").replace("\\", "/")
    low = plain.lower().replace(" ", "_")
    if SKIPPED.fullmatch(low):
        return None
    low = re.sub(r"_(step|epoch)$", "", low)
    if match := re.fullmatch(r"(?:train/)?(?:lr|learning_rate)(?:[-_/](.+))?", low):
        return f"lr/{plain[-len(match[1]) :] if match[1] else '0'}"
    if re.fullmatch(r"(?:train/)?(?:grad(?:ient)?_norm|grad_2(?:\.0)?_norm_total|gradients?/norm)", low):
        return "grad_norm"
    if match := re.fullmatch(r"grad_2(?:\.0)?_norm/(.+)", low):
        return f"grad_norm/{plain[-len(match[1]) :]}"
    side, rest = _side(low)
    rest = SHORT.get(rest, rest)
    prefix = "val/" if side == "val" else ""
    return prefix + ("loss" if rest in LOSSES else f"metric/{rest}")


def _side(name: str) -> tuple[str, str]:
    """Which data a number is about, and its name without saying so."""
    for side, words in (("val", VALID), ("train", TRAIN)):
        if match := re.fullmatch(rf"{words}[-_/.:](.+)", name):
            return side, match[1].split("/")[-1]
        if match := re.fullmatch(rf"(.+)[-_/.:]{words}", name):
            return side, match[1].split("/")[-1]
    return "train", name.split("/")[-1]


def run_of(records: Iterable[tuple[int, Mapping[str, Any]]], source: str) -> Run:
    """A run of another tool's records: (step, numbers under their own names).

    Values that are no numbers are passed over. Where a name comes twice under different spellings
    (``train_loss_step``, ``train_loss_epoch``) the one with more points is taken.
    Raises DataError if there is no loss among them.
    """
    points: dict[str, list[tuple[int, float]]] = {}
    for step, values in records:
        for name, value in values.items():
            number = _number(value)
            if number is not None:
                points.setdefault(name, []).append((step, number))
    chosen: dict[str, str] = {}
    for name in points:
        ours = our_name(name)
        if ours is not None and len(points[name]) > len(points.get(chosen.get(ours, ""), ())):
            chosen[ours] = name
    if not any(ours in ("loss", "val/loss") for ours in chosen):
        raise DataError(f"{source} has no loss: its numbers are {sorted(points)[:12]}.")
    run = Run({"source": source, "renamed": chosen})
    for ours, name in chosen.items():
        run.extend((step, {ours: value}) for step, value in points[name])
    return run


def _number(value: Any) -> float | None:
    """A float, NaN and infinities included; None for what is missing or no number."""
    if value is None or isinstance(value, bool) or (isinstance(value, str) and not value.strip()):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def choose_run(names: Iterable[str], wanted: str | None, source: str) -> str:
    """One of several runs; raises UsageError where it is not clear which."""
    known = sorted(names)
    if not known:
        raise DataError(f"{source} holds no run.")
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted is None:
        raise UsageError(f"{source} holds {len(known)} runs: choose one with --run.{did_you_mean('', known)}")
    if wanted not in known:
        raise UsageError(f"{source} has no run {wanted!r}.{did_you_mean(wanted, known)}")
    return wanted
