"""What the search tells: every trial as a line through its settings, and which settings mattered."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from netsitter.views.report.charts import is_finite
from netsitter.views.report.figure import Figure, Numbers, figure
from netsitter.views.report.layers import SHADES
from netsitter.views.report.plot import Axis, Plot
from netsitter.views.report.text import number, setting, short, visible

Trial = Mapping[str, Any]

MOST_AXES = 9
MOST_LINES = 200
"""Of the parallel coordinates, the best trials first."""
FEWEST_TRIALS = 10
"""For importances: a forest over fewer trials tells nothing."""
WIDE_RANGE = 20.0
"""Largest over smallest value beyond which an axis is logarithmic."""
UNKNOWN = 0.5
"""Where a value that is no number lies on an axis of numbers."""
OTHER_ROWS = ("squeeze", "refit")
"""Stages whose trials were scored on other rows: they cannot be compared with those of the search."""


def searched(board: Sequence[Trial]) -> list[Trial]:
    """Trials with a score on the same validation rows, best first."""
    rows = [r for r in board if is_finite(r.get("validation")) and r.get("stage") not in OTHER_ROWS]
    return sorted(rows, key=lambda row: row["validation"])


def settings_of(trials: Sequence[Trial], start: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Every setting in which the trials differ, with its value in each; ``start`` has those left alone."""
    names = sorted({name for trial in trials for name in trial.get("settings") or {}})
    table = {n: [(t.get("settings") or {}).get(n, start.get(n, "as given")) for t in trials] for n in names}
    shown: dict[tuple[int, ...], str] = {}
    for name, values in table.items():
        kinds = [setting(value) for value in values]
        if len({*kinds}) > 1:
            # What changes only together with another setting (a patience with its epochs) tells nothing more.
            shown.setdefault(tuple(map(kinds.index, kinds)), name)
    return {name: table[name] for name in shown.values()}


def setting_importance(table: Mapping[str, Sequence[Any]]) -> dict[str, float]:
    """Share of the differences between trials that each setting explains by itself, largest first.

    ``table`` holds the trials best first. Functional analysis of variance over a random forest (Hutter, Hoos
    and Leyton-Brown 2014), on ranks: one trial that diverged must not be all there is to explain. Empty for
    too few trials.
    """
    count = min(map(len, table.values()), default=0)
    if count < FEWEST_TRIALS or len(table) < 2:
        return {}
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    drawn = {name: _distribution(values) for name, values in table.items()}
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for rank in range(count):
        params = {
            n: values[rank] if _is_numeric(values) else setting(values[rank]) for n, values in table.items()
        }
        study.add_trial(optuna.trial.create_trial(params=params, distributions=drawn, value=float(rank)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
        return dict(optuna.importance.get_param_importances(study, evaluator=evaluator))


def _distribution(values: Sequence[Any]) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if _is_numeric(values):
        return FloatDistribution(min(values), max(values), log=_is_wide(values))
    return CategoricalDistribution(sorted({setting(value) for value in values}))


def _is_numeric(values: Sequence[Any]) -> bool:
    return all(is_finite(value) for value in values)


def _is_wide(values: Sequence[Any]) -> bool:
    return min(values) > 0 and max(values) / min(values) > WIDE_RANGE


def importance_figure(importance: Mapping[str, float], trials: int) -> Figure | None:
    """Bars, the most important first."""
    shown = dict(sorted(importance.items(), key=lambda item: -item[1])[:12])
    if not shown:
        return None
    plot = Plot(
        x=Axis(low=0, high=max(*shown.values(), 0.01) * 1.02, label="share of the differences explained"),
        y=Axis(low=-0.5, high=len(shown) - 0.5),
        title="Importance of each setting: " + ", ".join(f"{n} {v:.0%}" for n, v in shown.items()),
        width=760,
        height=22 * len(shown) + 54,
        left=190,
        right=60,
    )
    for row, (name, share) in enumerate(reversed(shown.items())):
        plot.bar((0, share), (row - 0.3, row + 0.3), "column")
        plot.text(0, row, short(name, 27), anchor="end", style="label small", shift=(-8, 4))
        plot.text(share, row, f"{share:.0%}", style="label small", shift=(6, 4))
    words = f"From a forest over {trials} trials; with so few it is a hint, not a measurement."
    if trials > 100:
        words = f"From a forest over {trials} trials."
    numbers = Numbers(head=("setting", "share"), rows=list(importance.items()))
    return figure(plot.render(y_ticks=False), words, numbers, title="Which settings mattered")


def parallel_figure(
    trials: Sequence[Trial], table: Mapping[str, Sequence[Any]], importance: Mapping[str, float], metric: str
) -> Figure | None:
    """Every trial as a line through its settings to its score; the best is thick, better ones are darker."""
    if len(trials) < 3 or not table:
        return None
    names = sorted(table, key=lambda name: (-importance.get(name, 0.0), name))[:MOST_AXES]
    scores = [trial["validation"] for trial in trials]
    axes = [_axis(table[name]) for name in names]
    score_axis = _score_axis(scores)
    plot = Plot(
        x=Axis(low=0, high=len(names)),
        y=Axis(low=0, high=1),
        title=f"{len(trials)} trials as lines through {len(names)} settings to their {short(metric)}",
        width=980,
        height=330,
        left=54,
        right=70,
        top=34,
        bottom=16,
    )
    for row in reversed(range(min(len(trials), MOST_LINES))):
        ys = [axis[0][row] for axis in axes] + [score_axis[0][row]]
        _draw_trial(plot, trials[row], ys, row, len(trials))
    for column, (name, (_, ticks)) in enumerate([*zip(names, axes, strict=True), (metric, score_axis)]):
        _draw_axis(plot, column, name, ticks, is_last=column == len(names))
    rows = [
        (t.get("name"), t["validation"], *(setting(table[n][i]) for n in names)) for i, t in enumerate(trials)
    ]
    return figure(
        plot.render(x_ticks=False, y_ticks=False),
        "Every line is a trial, from its settings on the left to its score on the right; the best one is "
        "thick. Where the best lines meet on an axis, that setting matters.",
        Numbers(head=("trial", f"validation {metric}", *names), rows=rows),
        title="All trials",
        is_wide=True,
    )


Ticks = list[tuple[float, str]]


def _axis(values: Sequence[Any]) -> tuple[list[float], Ticks]:
    """Where each value lies between 0 and 1, and what to write where."""
    known = [value for value in values if is_finite(value)]
    if len({*known}) > 2:
        axis = Axis(low=min(known), high=max(known), is_log=_is_wide(known))
        ticks = [(0.0, number(axis.low, 3)), (1.0, number(axis.high, 3))]
        others = sorted({setting(value) for value in values if not is_finite(value)})
        ticks += [(UNKNOWN, ", ".join(others))] if others else []
        return [axis.place(value) if is_finite(value) else UNKNOWN for value in values], ticks
    kinds = sorted({setting(value) for value in values}, key=lambda kind: (len(kind), kind))
    places = {kind: i / max(len(kinds) - 1, 1) for i, kind in enumerate(kinds)}
    return [places[setting(value)] for value in values], [(place, kind) for kind, place in places.items()]


def _score_axis(scores: Sequence[float]) -> tuple[list[float], Ticks]:
    """The best at the top. A few that diverged share the bottom, or all others would be one point."""
    best, worst = scores[0], scores[min(len(scores) - 1, round(0.9 * len(scores)))]
    wide = max(worst - best, 1e-12)
    places = [1 - min((score - best) / wide, 1.0) for score in scores]
    more = "" if worst >= scores[-1] else " or more"
    return places, [(1.0, number(best)), (0.0, number(worst) + more)]


def _draw_trial(plot: Plot, trial: Trial, ys: Sequence[float], rank: int, count: int) -> None:
    shade = min(SHADES - 2, round(rank / max(count - 1, 1) * (SHADES - 2)))
    style = "best-trial" if rank == 0 else f"trial shade{shade}"
    points = "".join(
        f"{'L' if i else 'M'}{px:.1f} {py:.1f}"
        for i, (px, py) in enumerate(plot.at(i, y) for i, y in enumerate(ys))
    )
    words = f"{short(trial.get('name'), 40)}: {number(trial['validation'])}"
    plot.marks.append(
        Markup('<path class="line {}" d="{}"><title>{}</title></path>').format(style, points, visible(words))
    )


def _draw_axis(plot: Plot, column: int, name: str, ticks: Ticks, *, is_last: bool) -> None:
    plot.line([column, column], [0, 1], "axis")
    first = column == 0
    title = (name.partition(".")[2] or name).replace("_", " ")
    anchor, shift = ("start", -44) if first else ("end", 62) if is_last else ("middle", 0)
    plot.text(column, 1, short(title, 15), anchor=anchor, style="label small", shift=(shift, -18))
    for place, text in ticks:
        plot.text(column, place, short(text, 13), style="tick halo", shift=(5, 4))
