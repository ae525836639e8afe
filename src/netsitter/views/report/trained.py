"""The parts of a report that only `netsitter train` fills: scores, stages, search, predictions, table."""

from collections.abc import Mapping
from typing import Any

from netsitter.run import Run
from netsitter.views.report.charts import is_finite, range_bar, score_plot
from netsitter.views.report.figure import Numbers, figure
from netsitter.views.report.parts import better, only, present, primary_metric, score
from netsitter.views.report.predictions import (
    calibration_figure,
    confused_pairs,
    confusion_table,
    importance_figure,
    residual_figures,
    worst_rows,
)
from netsitter.views.report.search import importance_figure as settings_figure
from netsitter.views.report.search import parallel_figure, searched, setting_importance, settings_of
from netsitter.views.report.text import setting

SHOWN_TRIALS, LISTED_TRIALS = 12, 300
"""At once, and after a click; a longer leaderboard is in its own file."""
SHOWN_COLUMNS = 60
SHOWN_SETTINGS = 6
"""Settings with a column of their own on the leaderboard; a trial's others are in its last cell."""
STAGE_TITLES = {
    "look": "Look at the data",
    "baselines": "Dumb baselines and a checked skeleton",
    "overfit": "Overfit",
    "regularize": "Regularise",
    "tune": "Tune",
    "squeeze": "Squeeze out the juice",
}
TRIAL = ("rank", "name", "stage", "validation", "epochs", "parameters", "seconds", "failed")
COLUMN = ("name", "kind", "reason", "missing", "distinct", "min", "max", "top")


def mood(run: Run) -> str:
    """Colour of the headline of a tested network."""
    gains = run.facts.get("gains") or {}
    if run.facts.get("worthless"):
        return "poor"
    if not gains:
        return "plain"
    return "fair" if any(is_finite(g.get("high")) and g["high"] < 0 for g in gains.values()) else "good"


def scores(run: Run) -> dict[str, Any]:
    """Test scores of the network and of every baseline, as a figure a metric, and the paired gains."""
    test, baselines = run.facts.get("test"), run.facts.get("baselines") or {}
    if not test:
        return {}
    first = primary_metric(run)
    models = {"network": test, **baselines}
    made = []
    for metric in sorted(test, key=lambda name: name != first):
        values = {name: score(scored.get(metric)) for name, scored in models.items()}
        numbers = Numbers(
            head=("model", metric, "95 % from", "to"), rows=[(n, *v.values()) for n, v in values.items()]
        )
        words = f"Test {metric}, {better(run, metric)} is better, with 95 % intervals."
        made.append(figure(score_plot(metric, values, better(run, metric)), words, numbers))
    gains = run.facts.get("gains") or {}
    return {
        "figures": [picture for picture in made if picture],
        "compared": [{"name": n, "gain": score(g), "word": _compared(g)} for n, g in gains.items()],
        "metric": first,
    }


def _compared(gain: Mapping[str, Any]) -> str:
    low, high = gain.get("low"), gain.get("high")
    if not (is_finite(low) and is_finite(high)):
        return "unclear"
    return "better" if low > 0 else "worse" if high < 0 else "no clear difference"


def stages(run: Run) -> list[dict[str, Any]]:
    told = run.facts.get("stages") or {}
    order = [*(s for s in STAGE_TITLES if s in told), *(s for s in told if s not in STAGE_TITLES)]
    return [
        {
            "title": STAGE_TITLES.get(name, name),
            "text": told[name].get("text", ""),
            "decided": {
                k.replace("_", " "): setting(v) for k, v in (told[name].get("decided") or {}).items()
            },
        }
        for name in order
    ]


def leaderboard(run: Run) -> dict[str, Any]:
    """Every trial, best first; which settings mattered; and why the failed ones failed."""
    board = run.facts.get("leaderboard") or []
    if not board:
        return {}
    start = run.facts.get("start") or {}
    trials = searched(board)
    table = settings_of(trials, start)
    importance = setting_importance(table)
    metric = primary_metric(run) or "score"
    names = sorted(table, key=lambda name: (-importance.get(name, 0.0), name))[:SHOWN_SETTINGS]
    rows = _rows(board, names, start)
    return present(
        shown=rows[:SHOWN_TRIALS],
        more=rows[SHOWN_TRIALS:LISTED_TRIALS],
        left=len(rows[LISTED_TRIALS:]),
        failed=[row for row in rows if row["failed"]],
        names=names,
        metric=metric,
        parallel=parallel_figure(trials, table, importance, metric),
        importance=settings_figure(importance, len(trials)),
    )


def _rows(board: list[Any], names: list[str], start: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The trials, with the place of each score between the best and the worst of those shown first."""
    known = [row["validation"] for row in board[:SHOWN_TRIALS] if is_finite(row.get("validation"))]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    rows = []
    for row in board:
        value, own = row.get("validation"), row.get("settings") or {}
        share = (value - low) / (high - low) if is_finite(value) and high > low else 0.0
        rows.append(
            {
                **only(row, TRIAL),
                "length": round(100 * min(max(share, 0.0), 1.0)),
                "settings": [setting(own.get(name, start.get(name))) for name in names],
                "others": {k: setting(v) for k, v in own.items() if k not in names},
            }
        )
    return rows


def predictions(run: Run) -> dict[str, Any]:
    facts = run.facts
    residuals, confusion, calibration = (facts.get(n) for n in ("residuals", "confusion", "calibration"))
    importance = facts.get("importance") or {}
    figures = residual_figures(residuals["predicted"], residuals["actual"]) if residuals else []
    if calibration:
        figures += [picture for picture in [calibration_figure(calibration)] if picture]
    return present(
        figures=figures,
        confusion=confusion_table(confusion["classes"], confusion["counts"]) if confusion else None,
        pairs=confused_pairs(confusion["classes"], confusion["counts"]) if confusion else None,
        importance=importance_figure(importance, primary_metric(run)) if importance else None,
        worst=worst_rows(facts.get("worst_rows") or [], importance),
    )


def table(run: Run) -> dict[str, Any]:
    """What is in each column, from the profile, or failing that from the schema."""
    profile = (run.facts.get("data") or {}).get("columns") or run.facts.get("schema") or []
    rows = [{**only(fact, COLUMN), "range": range_bar(fact)} for fact in profile[:SHOWN_COLUMNS]]
    known = run["data/train_rows"].last
    reasons = {c.get("name"): c.get("reason") for c in run.facts.get("schema") or []}
    for row in rows:
        row["missing_share"] = row["missing"] / known if is_finite(row.get("missing")) and known else None
        row["reason"] = row.get("reason") or reasons.get(row.get("name"))
        row["commonest"] = ", ".join(f"{v} ({n})" for v, n in (row["top"] or [])[:3])
    split = {str(part): n for part, n in (run.facts.get("split") or {}).items()}
    has_words = any(row["commonest"] for row in rows)
    return present(columns=rows, hidden=len(profile) - len(rows), split=split, has_words=has_words)
