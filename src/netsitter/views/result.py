"""The end of a recipe on the terminal: scores beside the baselines, the verdict, where things are."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from netsitter.run import Run
from netsitter.views.report.parts import score
from netsitter.views.visible import visible

SHOWN_TRIALS = 5
WIDE_ENOUGH = 64
"""Columns of a terminal from which on there is room for every metric."""
PIPED_WIDTH = 110
"""Columns where the output is no terminal: nothing need be cut off there."""


def print_result(path: Path, run: Run, *, has_model: bool) -> None:
    """Print to stdout what a person wants to know first of a run folder."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    facts = run.facts
    is_wide = console.width >= WIDE_ENOUGH
    if "test" in facts:
        console.print(_scores(facts, is_wide=is_wide))
        console.print(visible(facts["verdict"]) + "\n", markup=False, soft_wrap=not console.is_terminal)
    board = facts.get("leaderboard", [])
    if board:
        console.print(_leaderboard(board, facts["metric"]["name"], is_wide=is_wide))
    # Paths and commands are to be copied: no line break of ours goes into them.
    places = {"run folder": f"{path}", "report": f"{path / 'report.html'}"}
    if has_model:
        places["predict"] = f"netsitter predict {path} NEW.csv -o predictions.csv"
    console.print()
    for name, place in places.items():
        console.print(f"{name:<11} {place}", markup=False, soft_wrap=True)


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )


def _scores(facts: dict[str, Any], *, is_wide: bool) -> Table:
    """Test scores: the network first, then every baseline on the same rows."""
    metrics = list(facts["test"])
    shown = metrics if is_wide else metrics[:1]
    table = _table("Test score")
    table.add_column("")
    for metric in shown:
        table.add_column(metric, justify="right")
    table.add_column(f"95 % interval of {metrics[0]}" if is_wide else "95 % interval", justify="right")
    for name, scores in ({"network": facts["test"]} | facts["baselines"]).items():
        first = score(scores.get(metrics[0]))
        interval = f"{_number(first['low'])} – {_number(first['high'])}" if first["low"] is not None else "–"
        values = [_number(score(scores.get(metric))["value"]) for metric in shown]
        table.add_row(name, *values, interval, style="bold" if name == "network" else None)
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _leaderboard(board: list[dict[str, Any]], metric: str, *, is_wide: bool) -> Table:
    table = _table(f"Leaderboard, best {min(SHOWN_TRIALS, len(board))} of {len(board)}")
    for column in ("", "trial", f"validation {metric}" if is_wide else metric, "epochs", "seconds")[
        : 5 if is_wide else 3
    ]:
        table.add_column(column, justify="left" if column == "trial" else "right")
    for row in board[:SHOWN_TRIALS]:
        cells = (
            str(row["rank"]),
            row["name"],
            _number(row["validation"]),
            str(row["epochs"]),
            f"{row['seconds']:.1f}",
        )
        table.add_row(*(cells if is_wide else cells[:3]))
    return table
