"""The end of a recipe on the terminal: scores beside the baselines, the verdict, where things are."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from netsitter.run import Run

SHOWN_TRIALS = 5


def print_result(path: Path, run: Run, *, has_model: bool) -> None:
    """Print to stdout what a person wants to know first of a run folder."""
    console = Console(highlight=False, soft_wrap=True)
    facts = run.facts
    if "test" in facts:
        console.print(_scores(facts))
        console.print(facts["verdict"], markup=False)
    board = facts.get("leaderboard", [])
    if board:
        console.print(_leaderboard(board, facts["metric"]["name"]))
    console.print(f"\nrun folder  {path}", markup=False)
    console.print(f"report      {path / 'report.html'}", markup=False)
    if has_model:
        console.print(f"predict     netsitter predict {path} NEW.csv -o predictions.csv", markup=False)


def _scores(facts: dict[str, Any]) -> Table:
    """Test scores: the network first, then every baseline on the same rows."""
    metrics = list(facts["test"])
    table = Table(title="Test score", title_justify="left")
    table.add_column("")
    for metric in metrics:
        table.add_column(metric, justify="right")
    table.add_column(f"95 % interval of {metrics[0]}", justify="right")
    for name, scores in ({"network": facts["test"]} | facts["baselines"]).items():
        first = scores[metrics[0]]
        interval = f"{_number(first['low'])} – {_number(first['high'])}"
        values = [_number(scores[metric]["value"]) for metric in metrics]
        table.add_row(name, *values, interval, style="bold" if name == "network" else None)
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _leaderboard(board: list[dict[str, Any]], metric: str) -> Table:
    table = Table(title=f"Leaderboard, best {SHOWN_TRIALS} of {len(board)}", title_justify="left")
    for column in ("", "trial", f"validation {metric}", "epochs", "seconds"):
        table.add_column(column, justify="left" if column == "trial" else "right")
    for row in board[:SHOWN_TRIALS]:
        score = _number(row["validation"])
        table.add_row(str(row["rank"]), row["name"], score, str(row["epochs"]), f"{row['seconds']:.1f}")
    return table
