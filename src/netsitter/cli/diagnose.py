"""`netsitter diagnose`: the same rules over a log that is already there."""

import sys

import click

from netsitter.cli._options import json_option, print_json, strict_option


@click.command()
@click.argument("log", type=click.Path())
@click.option("--run", metavar="NAME", help="Which run, where LOG holds several.")
@json_option
@strict_option
@click.option(
    "--select", multiple=True, metavar="RULE", help="Only these rules: name, code or family letter."
)
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules.")
def command(
    log: str, run: str | None, as_json: bool, strict: bool, select: tuple[str, ...], ignore: tuple[str, ...]
) -> None:
    """Say what went wrong in the training that wrote LOG.

    LOG is a run of ours (run.jsonl or its folder), or a log of Lightning, Keras, Hugging Face, TensorBoard,
    Weights & Biases, MLflow, trackio or skorch.
    """
    from netsitter.adapters.logs import read_log
    from netsitter.diagnosis import diagnose
    from netsitter.rules import choose
    from netsitter.views.console import summary

    diagnosis = diagnose(read_log(log, run), choose(select, ignore))
    if as_json:
        print_json(diagnosis.to_json())
    else:
        click.echo(summary(diagnosis))
    if strict and diagnosis.is_sick:
        sys.exit(5)
