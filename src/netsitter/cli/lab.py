"""``netsitter lab``: experiments that show each claim of the curriculum on this machine."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from netsitter.lab.result import Outcome

ALL = "all"


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME…|all]")
@click.option(
    "--out",
    "-o",
    "folder",
    default="lab",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the pictures go.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was measured as JSON.")
def command(names: tuple[str, ...], folder: Path, as_json: bool) -> int:
    """Run experiments by NAME, or all of them; without a name, list them.

    Each measures a claim, says whether it held, and what netsitter named while it watched. A claim that
    does not hold on this machine is reported so.
    """
    from netsitter.lab import experiment_names, find_experiment

    if not names:
        _list(as_json)
        return 0
    wanted = experiment_names() if ALL in names else list(dict.fromkeys(names))
    for name in wanted:
        find_experiment(name)  # a wrong name is told before the first experiment has cost its time
    outcomes = _run(wanted, quiet=as_json)
    page = _write(outcomes, folder, "index" if ALL in names else wanted[0] if len(wanted) == 1 else "chosen")
    if as_json:
        click.echo(json.dumps([outcome.to_json() for outcome in outcomes], indent=1))
    elif len(outcomes) > 1:
        click.echo(f"{sum(o.held for o in outcomes)} of {len(outcomes)} claims held on this machine.")
    click.echo(f"pictures: {page}", err=as_json)
    return 0


def _list(as_json: bool) -> None:
    from netsitter.lab import experiment_names, find_experiment

    experiments = [find_experiment(name) for name in experiment_names()]
    if as_json:
        click.echo(
            json.dumps([{"name": e.name, "title": e.title, "claim": e.claim} for e in experiments], indent=1)
        )
        return
    width = max(len(experiment.name) for experiment in experiments)
    for experiment in experiments:
        click.echo(f"{experiment.name:<{width}}  {experiment.title}")


def _run(names: list[str], *, quiet: bool) -> "list[Outcome]":
    import torch

    from netsitter.lab import run_experiment

    # Networks this small are slower on two threads than on one, and results depend on the number.
    torch.set_num_threads(1)
    outcomes = []
    for name in names:
        outcomes.append(run_experiment(name))
        if quiet:
            click.echo(f"{name}: {'held' if outcomes[-1].held else 'did not hold'}", err=True)
        else:
            click.echo(_told(outcomes[-1]))
    return outcomes


def _told(outcome: "Outcome") -> str:
    """The outcome for a terminal."""
    lines = [click.style(f"{outcome.name}: {outcome.title}", bold=True), f"claim: {outcome.claim}"]
    for check in outcome.checks:
        mark = click.style("held", fg="green") if check.held else click.style("did not hold", fg="red")
        lines.append(f"  {mark}: {check.text} ({check.measured})")
    for chart in outcome.result.charts:
        lines.append(f"  {chart.title}: {chart.y} over {chart.x}")
        width = max(len(name) for name in chart.lines)
        lines += [f"    {name:<{width}}  {chart.spark(name)}" for name in chart.lines]
    for arm, names in outcome.result.said.items():
        lines.append(f"  netsitter on {arm!r}: {', '.join(names) or 'nothing wrong'}")
    seeds = ", ".join(map(str, outcome.result.seeds))
    lines.append(f"  seeds {seeds}; {outcome.seconds:.1f} s")
    return "\n".join(lines) + "\n"


def _write(outcomes: "list[Outcome]", folder: Path, name: str) -> Path:
    from netsitter.files import write_atomic
    from netsitter.lab.page import render_page

    folder.mkdir(parents=True, exist_ok=True)
    title = outcomes[0].title if len(outcomes) == 1 else "The laboratory of neural-network training"
    path = folder / f"{name}.html"
    write_atomic(path, render_page(outcomes, title=title))
    return path
