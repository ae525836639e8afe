"""Stage 1, look: become one with the data before any network sees it."""

from typing import Any

from netsitter.finding import Severity
from netsitter.recipe.context import Context
from netsitter.recipe.problem import Problem
from netsitter.tables.profile import profile
from netsitter.tables.schema import Schema

MOST_TOLD = 6
"""Findings in the stage's paragraph; the report has them all."""


def look(context: Context) -> None:
    """Write the table's profile into the run and let the data rules judge it.

    Raises DataError for a fatal finding: nothing could be learnt from such a table.
    """
    problem, run = context.problem, context.folder.run

    def measure() -> dict[str, Any]:
        series, facts = profile(problem.frame, problem.schema, problem.split)
        run.fact(**facts)
        run.append(0, series)
        return {"rows": len(problem.frame)}

    context.folder.once("look", measure)
    findings = context.gate("look")
    told = [f.message for f in findings][:MOST_TOLD]
    worrying = [f for f in findings if f.severity is not Severity.ODD]
    context.conclude("look", _story(problem, told), {"worrying": [f.name for f in worrying]})


def guesses(schema: Schema) -> list[str]:
    """What was guessed about the table and why, a line each: stated before it is acted on."""
    lines = [f"task: {schema.task} of {schema.target!r} ({schema.task_reason})"]
    lines += [f"  {column.name}: {column.kind} ({column.reason})" for column in schema.columns]
    return lines + list(schema.notes)


def _story(problem: Problem, told: list[str]) -> str:
    split = problem.split
    text = (
        f"{len(problem.frame)} rows and {len(problem.schema.inputs)} input columns; {len(split.train)} rows "
        f"to learn from, {len(split.validation)} to choose by, {len(split.test)} for the test ({split.how}). "
    )
    return text + (" ".join(told) if told else "Nothing in the table stands out.")
