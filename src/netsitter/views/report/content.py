"""What a report says, read from a run. Nothing but the run is read, and a missing part is left out."""

from collections.abc import Callable, Mapping
from typing import Any

from netsitter.diagnosis import Diagnosis, diagnose
from netsitter.finding import Finding, Severity
from netsitter.run import Run
from netsitter.views.report import trained
from netsitter.views.report.curves import curve_words, loss_figure, read_losses
from netsitter.views.report.evidence import evidence_columns, evidence_figures
from netsitter.views.report.layers import layer_figures
from netsitter.views.report.levels import metric_figure, rate_figure
from netsitter.views.report.parts import only, present, primary_metric, score
from netsitter.views.report.text import setting

SHOWN_LAYERS = 120
PICTURED = 8
"""Findings with pictures, the first to act on first."""


def read_contents(run: Run) -> dict[str, Any]:
    """Every part of the report by its name; a part that the run cannot fill is absent.

    A fact of an unexpected form costs its own part only, which ``left_out`` then names.
    """
    contents: dict[str, Any] = {"left_out": {}}
    diagnosis = diagnose(run)
    for name, read in PARTS.items():
        try:
            part = read(run, diagnosis)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            contents["left_out"][name] = f"{type(error).__name__}: {error}"
            continue
        if part:
            contents[name] = part
    return contents


def _head(run: Run, diagnosis: Diagnosis) -> dict[str, Any]:
    """What the page says of the run as a whole, in the run's own words."""
    names = ("task", "task_reason", "target")
    return {name: str(run.facts[name]) if run.facts.get(name) else "" for name in names}


def _summary(run: Run, diagnosis: Diagnosis) -> dict[str, Any]:
    """The headline: how it ended, how well, and what to do now."""
    metric, test = primary_metric(run), run.facts.get("test") or {}
    names = [name for name in (metric, "accuracy", "r2") if name in test]
    data, split = run["data/rows"], run.facts.get("split") or {}
    end = run.end or {}
    return {
        "verdict": str(run.facts.get("verdict") or verdict_words(run, diagnosis)),
        "mood": _mood(run, diagnosis),
        "tiles": [{"label": f"test {name}", "score": score(test[name])} for name in dict.fromkeys(names)],
        "rows": int(data.last) if data else sum(v for v in split.values() if isinstance(v, int)) or None,
        "trials": len(run.facts.get("leaderboard") or []) or None,
        "steps": run.last_step + 1 if run["loss"] else None,
        "seconds": end.get("seconds"),
        "ended": str(end["reason"]) if end.get("reason") else "",
        "next": _next_step(diagnosis),
    }


def verdict_words(run: Run, diagnosis: Diagnosis) -> str:
    """The verdict on a training that no test has scored: the worst finding, or what the curves show."""
    wrong = [f for f in diagnosis.findings if f.severity is not Severity.ODD and f.explained_by is None]
    if wrong:
        others = len(wrong) - 1
        more = f" {others} more {'finding' if others == 1 else 'findings'} below." if others else ""
        return f"{wrong[0].name}: {wrong[0].message}{more}"
    losses = read_losses(run)
    told = " " + curve_words(losses) if losses is not None else ""
    odd = " A few things are worth a look." if diagnosis.findings else ""
    return f"No rule found anything wrong.{odd}{told}"


def _mood(run: Run, diagnosis: Diagnosis) -> str:
    """Colour of the headline: good, fair or poor; plain where nothing can be said."""
    worst = min((f.severity.rank for f in diagnosis.findings), default=Severity.ODD.rank)
    if run.facts.get("test"):
        return trained.mood(run)
    if worst < Severity.ODD.rank:
        return "poor"
    return "plain" if len(diagnosis.unchecked) else "good"


def _next_step(diagnosis: Diagnosis) -> str:
    """The first remedy of the first finding that is not merely odd."""
    wrong = (f for f in diagnosis.findings if f.severity is not Severity.ODD and f.remedies)
    return next((finding.remedies[0].text for finding in wrong), "")


def _diagnosis(run: Run, diagnosis: Diagnosis) -> dict[str, Any]:
    causes = [f for f in diagnosis.findings if f.explained_by is None]
    items = [_item(run, finding, diagnosis, pictured=i < PICTURED) for i, finding in enumerate(causes)]
    return {
        "wrong": [item for item in items if item["finding"].severity is not Severity.ODD],
        "odd": [item for item in items if item["finding"].severity is Severity.ODD],
        "unchecked": dict(diagnosis.unchecked),
        "broken": dict(diagnosis.broken),
    }


def _item(run: Run, finding: Finding, diagnosis: Diagnosis, *, pictured: bool) -> dict[str, Any]:
    """A finding with its symptoms, its pictures, and what was tried against it."""
    return {
        "finding": finding,
        "symptoms": [f for f in diagnosis.findings if f.explained_by == finding.name],
        "figures": evidence_figures(run, finding) if pictured else [],
        "columns": evidence_columns(run, finding) if pictured else [],
        "remedies": [_remedy(remedy.to_json()) for remedy in finding.remedies],
    }


def _remedy(told: dict[str, Any]) -> dict[str, Any]:
    """A remedy, with what came of trying it where that was done."""
    trial = told.get("trial")
    return {
        **told,
        "trial": {k: setting(v) for k, v in trial.items()} if isinstance(trial, Mapping) else None,
    }


def _treatments(run: Run, diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """Remedies that were applied, in order, each with whether it was kept and why."""
    named = ("kind", "remedy", "step", "kept", "why", "finding")
    return [
        {
            **only(treatment, ("remedy", "step", "kept", "why")),
            "rest": {str(k): setting(v) for k, v in treatment.items() if k not in named and v is not None},
        }
        for treatment in run.treatments
    ]


def _curves(run: Run, diagnosis: Diagnosis) -> dict[str, Any]:
    losses = read_losses(run)
    if losses is None:
        return {}
    shown = [f for f in diagnosis.findings if f.explained_by is None and f.severity is not Severity.ODD]
    others = [metric_figure(run, primary_metric(run)), rate_figure(run)]
    return present(
        loss=loss_figure(run, losses, shown),
        others=[picture for picture in others if picture],
        has_validation=losses.best is not None,
        of=run.facts.get("curves_of"),
    )


def _inside(run: Run, diagnosis: Diagnosis) -> list[Any]:
    return layer_figures(run, {place for finding in diagnosis.findings for place in finding.where})


def _network(run: Run, diagnosis: Diagnosis) -> dict[str, Any]:
    """Of a watched run: the model's layers and its optimiser."""
    model = run.facts.get("model") or {}
    parameters = model.get("parameters") or {}
    modules = model.get("modules") or {}
    return present(
        name=model.get("name"),
        elements=sum(p.get("elements", 0) for p in parameters.values()),
        layers=[{"name": n, **only(m, ("type", "in", "out"))} for n, m in modules.items() if n][
            :SHOWN_LAYERS
        ],
        optimizers=[only(group, ("type", "lr")) for group in run.facts.get("optimizers") or []],
    )


def _reproduce(run: Run, diagnosis: Diagnosis) -> dict[str, str]:
    """What a repetition must have in common with this run."""
    names = ("seed", "budget", "loss", "versions")
    return {name: setting(run.facts[name]) for name in names if run.facts.get(name) is not None}


def _of_recipe(read: Callable[[Run], Any]) -> Callable[[Run, Diagnosis], Any]:
    return lambda run, diagnosis: read(run)


PARTS: Mapping[str, Callable[[Run, Diagnosis], Any]] = {
    "head": _head,
    "summary": _summary,
    "scores": _of_recipe(trained.scores),
    "diagnosis": _diagnosis,
    "treatments": _treatments,
    "curves": _curves,
    "inside": _inside,
    "stages": _of_recipe(trained.stages),
    "leaderboard": _of_recipe(trained.leaderboard),
    "predictions": _of_recipe(trained.predictions),
    "table": _of_recipe(trained.table),
    "network": _network,
    "reproduce": _reproduce,
}
