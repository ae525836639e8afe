"""``netsitter fix train.py ARGS…``: remedies tried on your own run before they are recommended."""

import sys

import click

from netsitter.cli._options import json_option, print_json, say_what_went_to_the_program
from netsitter.errors import UsageError

SICK = 5


def _seeds(_: click.Context, __: click.Parameter, given: str) -> tuple[int, ...]:
    try:
        seeds = tuple(int(part) for part in given.split(","))
    except ValueError:
        raise click.BadParameter(f"{given!r} is not a list of whole numbers like 0,1,2") from None
    if len(set(seeds)) < len(seeds) or min(seeds) < 0:
        raise click.BadParameter("seeds are different whole numbers from 0 up")
    return seeds


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    short_help="Try remedies on a training program, and prove what helps.",
)
@click.option("-m", "is_module", is_flag=True, help="PROGRAM is a module name, as with python -m.")
@click.option(
    "--budget",
    type=click.FloatRange(min=1),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="Search no longer than this; the proof comes on top.",
)
@click.option(
    "--max-trials",
    type=click.IntRange(min=1),
    default=120,
    show_default=True,
    help="Run the program at most so often while searching.",
)
@click.option(
    "--seeds",
    default="0,1,2",
    show_default=True,
    callback=_seeds,
    help="What helps on the first is proven on all.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True, help="Runs at a time.")
@click.option(
    "--apply", "is_applied", is_flag=True, help="Write the proven change, after a backup beside each file."
)
@click.option("--strict", is_flag=True, help="Exit with 5 if something is wrong and no remedy was proven.")
@json_option
@click.argument("program")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(
    is_module: bool,
    budget: float,
    max_trials: int,
    seeds: tuple[int, ...],
    jobs: int,
    is_applied: bool,
    strict: bool,
    as_json: bool,
    program: str,
    arguments: tuple[str, ...],
) -> int:
    """Run PROGRAM with its ARGUMENTS, find what is wrong, try remedies, and prove what helps.

    Nothing is changed without --apply. The report goes to stdout, progress to stderr.
    """
    import os

    if not hasattr(os, "fork"):
        raise UsageError("`netsitter fix` needs a system that can fork processes (Linux, macOS).")
    from netsitter.treat.account import account
    from netsitter.treat.arm import Program
    from netsitter.treat.backup import apply
    from netsitter.treat.fix import fix
    from netsitter.views.repair import text

    say_what_went_to_the_program()
    repair = fix(
        Program(target=program, arguments=arguments, is_module=is_module),
        seeds=seeds,
        budget=budget,
        max_trials=max_trials,
        at_a_time=jobs,
        say=lambda line: print(f"netsitter: {line}", file=sys.stderr, flush=True),
    )
    document = account(repair)
    document["applied"] = apply(repair) if is_applied and repair.is_proven else []
    if as_json:
        print_json(document)
    else:
        click.echo(text(document))
        for one in document["applied"]:
            click.echo(f"changed {one['file']}; as it was: {one['backup']}")
    return SICK if strict and not repair.is_healthy and not repair.is_proven else 0
