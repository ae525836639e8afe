"""`netsitter train`: a table through the recipe."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from netsitter.cli._options import (
    json_option,
    keep_serving_option,
    live_page,
    print_json,
    serve_option,
    strict_option,
)
from netsitter.errors import UsageError
from netsitter.files import fresh_folder

STAGES = ("look", "baselines", "overfit", "regularize", "tune", "squeeze")


@click.command()
@click.argument("data", required=False)
@click.option("--target", "-t", help="The column to predict.")
@click.option("--out", "-o", help="The run folder, new. Default: runs/NAME-DATE-TIME.")
@click.option("--resume", metavar="RUN", help="Go on with an interrupted run.")
@click.option("--join", metavar="RUN", help="Help with the search of a run that another process is doing.")
@click.option("--replay", metavar="RUN", help="Repeat a run's plan on the same data, without a clock.")
@click.option("--budget", metavar="TIME", help="For the whole recipe, for example 90s or 5m.")
@click.option("--until", type=click.Choice(STAGES), help="End after this stage.")
@click.option("--seed", type=int, help="Default: 0.")
@click.option("--device", help="cpu, cuda, cuda:1, …  Default: cpu.")
@click.option("--task", help="regression, binary or multiclass, where the guess is wrong.")
@click.option("--column", "columns", metavar="NAME=KIND", multiple=True, help="A column's kind; repeatable.")
@click.option("--drop", metavar="NAME", multiple=True, help="Leave a column out; repeatable.")
@click.option("--group", metavar="COL", help="Rows of one group stay on one side of every split.")
@click.option("--time", metavar="COL", help="Test on the newest rows by this column.")
@click.option("--validation", metavar="FILE", help="Your own validation rows.")
@click.option("--test", metavar="FILE", help="Your own test rows.")
@click.option("--loss", help="For example mse, huber, cross-entropy, focal.")
@click.option("--init", help="For example he, xavier, orthogonal, lsuv.")
@click.option("--activation", help="For example relu, silu, tanh.")
@click.option("--config", "config_file", metavar="FILE", help="Settings in TOML.")
@click.option(
    "--set", "assignments", metavar="KEY=VALUE", multiple=True, help="Any setting, e.g. net.width=64."
)
@serve_option
@keep_serving_option
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
@json_option
@strict_option
def command(data: str | None, target: str | None, resume: str | None, **options: Any) -> int:
    """Train a trustworthy network on the table DATA.

    Six stages: look at the data, dumb baselines, overfit, regularise, tune, squeeze. The end is a run
    folder with a model, its honest test score, and a report.
    """
    if options["join"] is not None:
        return _join(options["join"], quiet=options["quiet"], as_json=options["as_json"])
    if resume is not None and data is not None:
        raise UsageError("--resume takes the table from the run; leave DATA out.")
    if resume is None and (data is None or target is None):
        raise UsageError("say which table and which column: netsitter train data.csv --target COLUMN.")
    if options["out"] is None and data is not None:
        options["out"] = str(fresh_folder(data))
    with live_page(resume or options["out"], serve=options["serve"], stays=options["keep_serving"]):
        result = _train(data, target, resume, options)
        _show(result, options["as_json"])
    return 5 if options["strict"] and _is_bad(result) else 0


def _train(data: str | None, target: str | None, resume: str | None, options: dict[str, Any]) -> Any:
    from netsitter.recipe import train as train_table
    from netsitter.recipe.entry import resume as resume_run
    from netsitter.views.progress import Quiet, Terminal

    with nullcontext(Quiet()) if options["quiet"] else Terminal() as progress:
        if resume is not None:
            return resume_run(resume, progress=progress)
        return train_table(
            data,
            target or "",
            out=options["out"],
            replay=options["replay"],
            settings=_settings(options),
            progress=progress,
        )


def _join(path: str, *, quiet: bool, as_json: bool) -> int:
    from netsitter.recipe.entry import join
    from netsitter.views.progress import Quiet, Terminal

    with nullcontext(Quiet()) if quiet else Terminal() as progress:
        added = join(path, progress=progress)
    if as_json:
        print_json({"run": path, "trials": added})
    else:
        click.echo(f"{added} trials were added to the search of {path}.")
    return 0


def _settings(options: dict[str, Any]) -> list[dict[str, Any]]:
    """Settings from the file, then --set, then the named options, later ones first in rank."""
    from netsitter.recipe.config import parse_assignment, parse_seconds, read_config_file

    layers = [read_config_file(Path(options["config_file"]))] if options["config_file"] else []
    layers += [parse_assignment(text) for text in options["assignments"]]
    kinds = [text.rpartition("=") for text in options["columns"]]
    for name, _, kind in kinds:
        if not name:
            raise UsageError(f"--column takes NAME=KIND, not {kind!r}.")
    named = {
        "data": {
            **{key: options[key] for key in ("task", "group", "time", "validation", "test")},
            "columns": {name: kind for name, _, kind in kinds} or None,
            "drop": list(options["drop"]) or None,
        },
        "net": {key: options[key] for key in ("init", "activation")},
        "fit": {"loss": options["loss"]},
        "recipe": {
            **{key: options[key] for key in ("until", "seed", "device")},
            "budget": parse_seconds(options["budget"]) if options["budget"] else None,
        },
    }
    return [*layers, named]


def _show(result: Any, as_json: bool) -> None:
    if as_json:
        print_json(result.to_json())
        return
    from netsitter.views.result import print_result

    print_result(result.path, result.run, has_model=result.model is not None)


def _is_bad(result: Any) -> bool:
    from netsitter.diagnosis import diagnose

    return result.is_worthless or diagnose(result.run).is_sick
