"""Options and output that several commands share."""

import json
from typing import Any

import click


def print_json(value: Any) -> None:
    """One JSON document on stdout, NaN as null."""
    from netsitter.run import jsonable

    click.echo(json.dumps(jsonable(value), indent=2, ensure_ascii=False))


json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
strict_option = click.option(
    "--strict", is_flag=True, help="Exit with 5 when a finding is fatal or sick, or the result is worthless."
)
