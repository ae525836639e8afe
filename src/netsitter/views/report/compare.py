"""Several runs side by side: how each ended, what was wrong with each, and in what they differ."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup

from netsitter.diagnosis import Diagnosis, diagnose
from netsitter.finding import Severity
from netsitter.run import Run
from netsitter.views.report.charts import is_finite
from netsitter.views.report.content import verdict_words
from netsitter.views.report.curves import read_losses
from netsitter.views.report.figure import Figure, Numbers
from netsitter.views.report.parts import better, primary_metric, score
from netsitter.views.report.plot import Axis, Plot, axis_over
from netsitter.views.report.text import number, setting, short

MOST_LINES = 6
"""Styles of lines that can be told apart; more runs share the last one, in grey."""
MOST_DIFFERENCES = 60
COMPARED_FACTS = (
    *("task", "target", "metric", "loss", "losses", "seed", "budget", "split", "settings", "start"),
    *("optimizers", "norms", "dropouts", "versions", "curves_of"),
)


def read_comparison(runs: Mapping[str, Run]) -> dict[str, Any]:
    """Every part of the page of several runs."""
    named = {short(name, 60): run for name, run in runs.items()}
    verdicts = {name: diagnose(run) for name, run in named.items()}
    rows = [_row(name, run, verdicts[name]) for name, run in named.items()]
    figures = [_overlay(named, "val/loss", "Validation loss"), _overlay(named, "loss", "Training loss")]
    metric = _shared_metric(named)
    figures += [_overlay(named, f"val/metric/{metric}", f"Validation {metric}")] if metric else []
    return {
        "names": list(named),
        "rows": rows,
        "verdict": _verdict(named, rows),
        "figures": [picture for picture in figures if picture],
        "findings": _findings(verdicts),
        "differences": _differences(named),
        "metric": metric,
    }


def _row(name: str, run: Run, diagnosis: Diagnosis) -> dict[str, Any]:
    validation, loss, metric = run["val/loss"], run["loss"], primary_metric(run)
    best = _lowest(validation.values) if validation else None
    counts = {str(s): sum(f.severity is s for f in diagnosis.findings) for s in Severity}
    return {
        "name": name,
        "steps": run.last_step + 1 if loss else None,
        "train": float(loss.last) if loss else None,
        "validation": float(validation.values[best]) if best is not None else None,
        "best_step": int(validation.steps[best]) if best is not None else None,
        "test": score((run.facts.get("test") or {}).get(metric)),
        "seconds": (run.end or {}).get("seconds"),
        "counts": {name: count for name, count in counts.items() if count},
        "verdict": str(run.facts.get("verdict") or verdict_words(run, diagnosis)),
        "metric": metric,
    }


def _lowest(values: np.ndarray) -> int | None:
    finite = np.where(np.isfinite(values), values, np.nan)
    return int(np.nanargmin(finite)) if np.isfinite(finite).any() else None


def _shared_metric(runs: Mapping[str, Run]) -> str:
    """The metric that all runs have, if they have one."""
    names = {primary_metric(run) for run in runs.values()}
    return names.pop() if len(names) == 1 else ""


def _verdict(runs: Mapping[str, Run], rows: list[dict[str, Any]]) -> str:
    """Which run ended best, by the most trustworthy number that they share."""
    metric = _shared_metric(runs)
    kinds = [("test", f"test {metric}"), ("validation", "lowest validation loss"), ("train", "last loss")]
    for key, words in kinds:
        values = {row["name"]: row[key]["value"] if key == "test" else row[key] for row in rows}
        known = {name: value for name, value in values.items() if is_finite(value)}
        if len(known) < 2 or (key == "test" and len(known) < len(values)):
            continue
        apart = _what_forbids(runs, is_test=key == "test")
        if apart:
            return f"{apart}: compare how these runs behave, not the values they reach."
        is_higher = key == "test" and better(next(iter(runs.values())), metric) == "higher"
        first, second, *_ = sorted(known, key=lambda name: known[name], reverse=is_higher)
        missing = ", ".join(name for name in values if name not in known)
        text = f"{first} is best by its {words}, {number(known[first])}; "
        text += f"{second} follows with {number(known[second])}."
        return text + (f" Without such a number: {missing}." if missing else "")
    return "There is no number that two of these runs have: see each by itself."


def _what_forbids(runs: Mapping[str, Run], *, is_test: bool) -> str:
    """Why the values of these runs cannot be compared; empty where they can."""
    targets = {str(run.facts["target"]) for run in runs.values() if run.facts.get("target")}
    if len(targets) > 1:
        return "They predict different things"
    names = set() if is_test else {_loss_name(run) for run in runs.values()} - {""}
    return f"They minimise different losses ({', '.join(sorted(names))})" if len(names) > 1 else ""


def _loss_name(run: Run) -> str:
    losses, loss = run.facts.get("losses"), run.facts.get("loss")
    if isinstance(losses, list) and losses and isinstance(losses[0], Mapping):
        return str(losses[0].get("name") or "")
    return str(loss.get("loss") or "") if isinstance(loss, Mapping) else ""


def _overlay(runs: Mapping[str, Run], name: str, title: str) -> Figure | None:
    """One series of every run on the same axes, linear and logarithmic."""
    series = {run_name: _line_of(run, name) for run_name, run in runs.items()}
    series = {run_name: points for run_name, points in series.items() if len(points[0]) > 1}
    if len(series) < 2:
        return None
    styles = {run_name: f"series{i}" if i < MOST_LINES else "other" for i, run_name in enumerate(runs)}
    views = {
        kind: _lines(series, styles, title, is_log=kind == "logarithmic")
        for kind in ("linear", "logarithmic")
    }
    rows = [(n, int(s), float(v)) for n, points in series.items() for s, v in zip(*points, strict=True)]
    words = f"{title} of {len(series)} runs over the steps."
    return Figure(
        views={kind: view for kind, view in views.items() if view},
        caption=words,
        numbers=Numbers(head=("run", "step", title), rows=rows),
        title=title,
        is_wide=True,
    )


def _line_of(run: Run, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Steps and values; a training loss is averaged as on its own page."""
    if name == "loss":
        losses = read_losses(run)
        return (losses.steps, losses.train) if losses is not None else (np.array([]), np.array([]))
    return run[name].steps, run[name].values


def _lines(
    series: Mapping[str, tuple[np.ndarray, np.ndarray]],
    styles: Mapping[str, str],
    title: str,
    *,
    is_log: bool,
) -> Markup | None:
    finite = np.concatenate([values[np.isfinite(values)] for _, values in series.values()])
    if not len(finite) or (is_log and finite.min() <= 0):
        return None
    tall = finite if is_log else finite[finite <= np.quantile(finite, 0.995)]
    plot = Plot(
        x=Axis(low=0, high=float(max(1, *(steps[-1] for steps, _ in series.values()))), label="step"),
        y=axis_over(tall, is_log=is_log, label=title.lower()),
        title=f"{title} of {', '.join(series)}, {'logarithmic' if is_log else 'linear'} scale",
        width=980,
        height=360,
        right=150,
    )
    ends: dict[str, tuple[float, str]] = {}
    for name, (steps, values) in series.items():
        style = styles[name]
        plot.line(steps, values, style)
        plot.broken(steps, values)
        known = values[np.isfinite(values)]
        ends |= {f"{short(name, 20)}": (float(known[-1]), style)} if len(known) else {}
    plot.ends(ends)
    return plot.render()


def _findings(verdicts: Mapping[str, Diagnosis]) -> list[dict[str, Any]]:
    """One row an illness, one column a run: how bad it is there."""
    found = [(finding, name) for name, verdict in verdicts.items() for finding in verdict.findings]
    names = dict.fromkeys(
        finding.name for finding, _ in sorted(found, key=lambda item: item[0].severity.rank)
    )
    return [
        {
            "name": illness,
            "marks": [
                next((str(f.severity) for f in verdict.findings if f.name == illness), "")
                for verdict in verdicts.values()
            ],
        }
        for illness in names
    ]


def _differences(runs: Mapping[str, Run]) -> list[dict[str, Any]]:
    """Facts in which the runs differ, flattened to one value a line."""
    flat = {name: _flat({k: run.facts.get(k) for k in COMPARED_FACTS}) for name, run in runs.items()}
    for name, run in runs.items():
        parameters = ((run.facts.get("model") or {}).get("parameters") or {}).values()
        flat[name]["parameters"] = (
            number(sum(p.get("elements", 0) for p in parameters)) if parameters else "–"
        )
    keys = list(dict.fromkeys(key for values in flat.values() for key in values))
    rows = [{"name": key, "values": [values.get(key, "–") for values in flat.values()]} for key in keys]
    return [row for row in rows if len(set(row["values"])) > 1][:MOST_DIFFERENCES]


def _flat(value: Any, path: str = "") -> dict[str, str]:
    """``{"a": {"b": 1}}`` as ``{"a.b": "1"}``."""
    if isinstance(value, Mapping):
        return {
            k: v
            for key, inner in value.items()
            for k, v in _flat(inner, f"{path}.{key}" if path else str(key)).items()
        }
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return {k: v for i, inner in enumerate(value) for k, v in _flat(inner, f"{path}.{i}").items()}
    return {} if value is None else {path: short(setting(value), 60)}
