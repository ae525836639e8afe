"""What a report says, read from a run. Nothing but the run is read, and a missing part is left out."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from netsitter.diagnosis import Diagnosis, diagnose
from netsitter.run import Run
from netsitter.views.report.charts import (
    calibration_plot,
    confusion_table,
    importance_plot,
    is_finite,
    range_bar,
    residual_plots,
    score_plot,
)
from netsitter.views.report.curves import curve_words, loss_plot, metric_plot, rate_plot, read_losses
from netsitter.views.report.text import setting

SHOWN_TRIALS = 12
SHOWN_COLUMNS = 60
LOWER_IS_BETTER = ("rmse", "mae", "mse", "loss", "error")
STAGE_TITLES = {
    "look": "Look at the data",
    "baselines": "Dumb baselines and a checked skeleton",
    "overfit": "Overfit",
    "regularize": "Regularise",
    "tune": "Tune",
    "squeeze": "Squeeze out the juice",
}


def read_contents(run: Run) -> dict[str, Any]:
    """Every part of the report by its name; a part that the run cannot fill is absent.

    A fact of an unexpected form costs its own part only, which ``left_out`` then names.
    """
    contents: dict[str, Any] = {"left_out": {}}
    for name, read in PARTS.items():
        try:
            part = read(run)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            contents["left_out"][name] = f"{type(error).__name__}: {error}"
            continue
        if part:
            contents[name] = part
    return contents


def _head(run: Run) -> dict[str, Any]:
    """What the page says of the run as a whole, in the run's own words."""
    names = ("task", "task_reason", "target", "verdict")
    return {name: str(run.facts[name]) if run.facts.get(name) else "" for name in names}


def _summary(run: Run) -> dict[str, Any]:
    """The headline: what it was about, how it ended, and how well."""
    metric, test = _metric(run), run.facts.get("test", {})
    data, split = run["data/rows"], run.facts.get("split", {})
    tiles = []
    if metric in test:
        tiles.append({"label": f"test {metric}", "score": _score(test[metric])})
    tiles += [
        {"label": f"test {name}", "score": _score(test[name])}
        for name in ("accuracy", "r2")
        if name in test and name != metric
    ]
    return {
        "tiles": tiles,
        "rows": int(data.last) if data else sum(v for v in split.values() if isinstance(v, int)) or None,
        "trials": len(run.facts.get("leaderboard", [])) or None,
        "seconds": (run.end or {}).get("seconds"),
        "mood": _mood(run),
    }


def _mood(run: Run) -> str:
    """Colour of the headline: good, fair or poor; plain when there was no test."""
    gains = run.facts.get("gains", {})
    if run.facts.get("worthless"):
        return "poor"
    if not gains:
        return "plain"
    return "fair" if any(is_finite(g.get("high")) and g["high"] < 0 for g in gains.values()) else "good"


def _metric(run: Run) -> str:
    """The primary metric's name, or that of the first validation metric."""
    named = run.facts.get("metric")
    if isinstance(named, Mapping) and "name" in named:
        return str(named["name"])
    return next(iter(run.match("val/metric/*")), "")


def _better(run: Run, metric: str) -> str:
    """Whether lower or higher is better. The primary metric says so; the others are known by name."""
    named = run.facts.get("metric")
    if isinstance(named, Mapping) and named.get("name") == metric:
        return str(named.get("better", "lower"))
    return "lower" if any(word in metric for word in LOWER_IS_BETTER) else "higher"


def _scores(run: Run) -> dict[str, Any]:
    """Test scores of the network and of every baseline, as a plot a metric and as a table."""
    test, baselines = run.facts.get("test", {}), run.facts.get("baselines", {})
    first = _metric(run)
    metrics = sorted(test, key=lambda name: name != first)
    models = {"network": test, **baselines}
    plots = [
        score_plot(m, {n: _score(s.get(m)) for n, s in models.items()}, _better(run, m)) for m in metrics
    ]
    gains = run.facts.get("gains", {})
    return {
        "plots": [(m, plot) for m, plot in zip(metrics, plots, strict=True) if plot],
        "compared": [{"name": n, "gain": _score(g), "word": _compared(g)} for n, g in gains.items()],
        "metric": first,
    } if test else {}  # fmt: skip


def _score(value: Any) -> dict[str, Any]:
    """A score with its interval, whether or not it was given with one."""
    given = value if isinstance(value, Mapping) else {"value": value}
    return {key: given.get(key) for key in ("value", "low", "high")}


def _compared(gain: Mapping[str, Any]) -> str:
    low, high = gain.get("low"), gain.get("high")
    if not (is_finite(low) and is_finite(high)):
        return "unclear"
    return "better" if low > 0 else "worse" if high < 0 else "no clear difference"


def _diagnosis(run: Run) -> Diagnosis:
    return diagnose(run)


def _curves(run: Run) -> dict[str, Any]:
    losses = read_losses(run)
    if losses is None:
        return {}
    plots = [loss_plot(run, losses, is_log=False), loss_plot(run, losses, is_log=True)]
    others = [metric_plot(run, _metric(run)), rate_plot(run)]
    return {
        "plots": [plot for plot in plots if plot],
        "others": [plot for plot in others if plot],
        "words": curve_words(losses),
        "has_validation": losses.best is not None,
        "of": run.facts.get("curves_of"),
    }


def _stages(run: Run) -> list[dict[str, Any]]:
    told = run.facts.get("stages", {})
    order = [*(s for s in STAGE_TITLES if s in told), *(s for s in told if s not in STAGE_TITLES)]
    return [
        {
            "title": STAGE_TITLES.get(name, name),
            "text": told[name].get("text", ""),
            "decided": {k: setting(v) for k, v in (told[name].get("decided") or {}).items()},
        }
        for name in order
    ]


def _leaderboard(run: Run) -> dict[str, Any]:
    """The trials, with the place of each score between the best and the worst of those shown."""
    board = run.facts.get("leaderboard", [])
    scores = [row["validation"] for row in board[:SHOWN_TRIALS] if is_finite(row.get("validation"))]
    low, high = (min(scores), max(scores)) if scores else (0.0, 0.0)
    settings = [{k: setting(v) for k, v in (row.get("settings") or {}).items()} for row in board]
    common = dict(set.intersection(*(set(s.items()) for s in settings))) if len(board) > 1 else {}
    rows = []
    for row, own in zip(board, settings, strict=True):
        score = row.get("validation")
        share = (score - low) / (high - low) if is_finite(score) and high > low else 0.0
        differing = {k: v for k, v in own.items() if k not in common}
        rows.append(
            {**_only(row, TRIAL), "settings": differing, "length": round(100 * min(max(share, 0.0), 1.0))}
        )
    return _present(
        shown=rows[:SHOWN_TRIALS],
        more=rows[SHOWN_TRIALS:],
        common=dict(sorted(common.items())),
        metric=_metric(run) or "score",
    ) if rows else {}  # fmt: skip


def _predictions(run: Run) -> dict[str, Any]:
    residuals = run.facts.get("residuals")
    confusion = run.facts.get("confusion")
    calibration = run.facts.get("calibration")
    importance = run.facts.get("importance")
    plots: list[tuple[str, Markup]] = []
    if residuals:
        names = ("Each dot is a test row; on the line the network is right.", "The errors, by size.")
        plots += zip(names, residual_plots(residuals["predicted"], residuals["actual"]), strict=False)
    if calibration:
        plot = calibration_plot(calibration["confidence"], calibration["accuracy"])
        words = "On the line the network is as often right as it says; below it, it is too sure of itself."
        plots += [(words, plot)] if plot else []
    return _present(
        plots=plots,
        confusion=confusion_table(confusion["classes"], confusion["counts"]) if confusion else None,
        importance=importance_plot(importance, _metric(run)) if importance else None,
    )


def _table(run: Run) -> dict[str, Any]:
    """What is in each column, from the profile, or failing that from the schema."""
    profile = run.facts.get("data", {}).get("columns") or run.facts.get("schema", [])
    rows = [{**_only(fact, COLUMN), "range": range_bar(fact)} for fact in profile[:SHOWN_COLUMNS]]
    known = run["data/train_rows"].last
    for row in rows:
        row["missing_share"] = row["missing"] / known if is_finite(row.get("missing")) and known else None
    reasons = {c.get("name"): c.get("reason") for c in run.facts.get("schema", [])}
    for row in rows:
        row["reason"] = row.get("reason") or reasons.get(row.get("name"))
    split = {str(part): n for part, n in (run.facts.get("split") or {}).items()}
    return _present(columns=rows, hidden=len(profile) - len(rows), split=split)


def _network(run: Run) -> dict[str, Any]:
    """Of a watched run: the model's layers and its optimiser."""
    model = run.facts.get("model") or {}
    parameters = model.get("parameters", {})
    return _present(
        name=model.get("name"),
        elements=sum(p.get("elements", 0) for p in parameters.values()),
        layers=[
            {"name": n, **_only(m, ("type", "in", "out"))} for n, m in model.get("modules", {}).items() if n
        ][:SHOWN_COLUMNS],
        optimizers=[_only(group, ("type", "lr")) for group in run.facts.get("optimizers") or []],
    )


def _reproduce(run: Run) -> dict[str, str]:
    """What a repetition must have in common with this run."""
    names = ("seed", "budget", "versions")
    return {name: setting(run.facts[name]) for name in names if run.facts.get(name) is not None}


def _only(fact: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The named entries, None where there is none: the page may then ask for each."""
    return {name: fact.get(name) for name in names}


def _present(**parts: Any) -> dict[str, Any]:
    """Only the parts that say something."""
    return {name: part for name, part in parts.items() if part}


TRIAL = ("rank", "name", "validation", "epochs", "parameters", "seconds", "failed")
COLUMN = ("name", "kind", "reason", "missing", "distinct", "min", "max")

PARTS: dict[str, Callable[[Run], Any]] = {
    "head": _head,
    "summary": _summary,
    "scores": _scores,
    "diagnosis": _diagnosis,
    "curves": _curves,
    "stages": _stages,
    "leaderboard": _leaderboard,
    "predictions": _predictions,
    "table": _table,
    "network": _network,
    "reproduce": _reproduce,
}
