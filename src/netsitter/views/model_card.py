"""The README of a run folder: what the model is, how good it is, and what it must not be used for."""

from collections.abc import Mapping
from typing import Any

from netsitter.diagnosis import diagnose
from netsitter.run import Run
from netsitter.views.report.text import number, setting, visible

SHOWN_COLUMNS = 40


def model_card(run: Run) -> str:
    """A model card in Markdown (Mitchell et al. 2019), from the run alone; absent facts are left out."""
    facts = run.facts
    target = facts.get("target")
    parts = [
        f"# A network that predicts {_code(target)}" if target else "# A training run",
        _cell(facts["verdict"]) if facts.get("verdict") else "",
        _score(facts),
        _training(run),
        _inputs(facts),
        _limits(run),
        _use(target),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _code(value: Any) -> str:
    """Foreign text as Markdown code: nothing in it is markup, and it stays on its line."""
    text = visible(str(value)).replace("\n", "␊").replace("\t", " ")
    fence = "`" * (1 + max((len(run) for run in _ticks(text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _ticks(text: str) -> list[str]:
    return ["`" * len(part) for part in "".join(c if c == "`" else " " for c in text).split()]


def _cell(value: Any) -> str:
    return visible(str(value)).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _score(facts: Mapping[str, Any]) -> str:
    """Test scores of the network and the baselines, with intervals."""
    test = facts.get("test")
    if not test:
        return ""
    metrics = list(test)
    lines = [
        "## Test score",
        "",
        "95 % intervals; every model predicted the same rows, held back until the end.",
        "",
    ]
    lines += ["| | " + " | ".join(metrics) + " |", "|---" * (len(metrics) + 1) + "|"]
    for name, scores in {"**network**": test, **facts.get("baselines", {})}.items():
        lines.append(f"| {_cell(name)} | " + " | ".join(_interval(scores.get(m)) for m in metrics) + " |")
    return "\n".join(lines)


def _interval(score: Any) -> str:
    if not isinstance(score, Mapping):
        return number(score)
    value = number(score.get("value"))
    if score.get("low") is None or score.get("high") is None:
        return value
    return f"{value} ({number(score['low'])} – {number(score['high'])})"


def _training(run: Run) -> str:
    """What it was trained on and by what."""
    facts = run.facts
    split = facts.get("split") or {}
    loss = facts.get("loss") or {}
    rows = {
        "task": facts.get("task"),
        "rows": ", ".join(f"{number(n)} {part}" for part, n in split.items()) or None,
        "loss": loss.get("loss") if isinstance(loss, Mapping) else loss,
        "networks tried": len(facts.get("leaderboard", [])) or None,
        "seed": facts.get("seed"),
        "versions": setting(facts["versions"]) if facts.get("versions") else None,
    }
    known = [f"- {name}: {_cell(value)}" for name, value in rows.items() if value is not None]
    return "\n".join(["## Training", "", *known]) if known else ""


def _inputs(facts: Mapping[str, Any]) -> str:
    """The columns that it needs, and what each was taken for."""
    schema = [c for c in facts.get("schema", []) if c.get("name") != facts.get("target")]
    if not schema:
        return ""
    lines = [
        f"- {_code(column.get('name'))}: {_cell(column.get('kind'))}" for column in schema[:SHOWN_COLUMNS]
    ]
    if len(schema) > SHOWN_COLUMNS:
        lines.append(f"- and {len(schema) - SHOWN_COLUMNS} more")
    return "\n".join(["## Columns", "", *lines])


def _limits(run: Run) -> str:
    """What is known to be wrong, and what no test here can show."""
    findings = [f"- **{f.name}** ({f.severity}): {_cell(f.message)}" for f in diagnose(run).findings]
    return "\n".join(
        [
            "## Limits",
            "",
            "The score holds for rows like those it was tested on. Rows from another time, place or process "
            "may be predicted worse; nothing here says how much. That a column predicts the target does not "
            "mean that it causes it.",
            *(["", "Findings of netsitter's rules on this run:", "", *findings] if findings else []),
        ]
    )


def _use(target: Any) -> str:
    if target is None:
        return ""
    return (
        "## Use\n\n"
        "```\nnetsitter predict RUN NEW.csv -o predictions.csv\n```\n\n"
        "`RUN` is this folder. `report.html` shows the whole story, `run.jsonl` holds every number of it, "
        "and `model/` the weights (safetensors) and their description (JSON)."
    )
