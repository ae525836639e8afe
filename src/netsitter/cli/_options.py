"""Options and output that several commands share."""

import contextlib
import json
import os
from pathlib import Path
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
serve_option = click.option(
    "--serve", is_flag=True, help="Show a live page while it trains; its address is said on stderr."
)
keep_serving_option = click.option(
    "--keep-serving", is_flag=True, help="As --serve, and the page stays until Ctrl-C."
)


def live_page(folder: str | None, *, serve: bool, stays: bool) -> contextlib.AbstractContextManager[None]:
    """The live page of ``folder`` beside what is done inside, where it is asked for.

    Of several processes that train together, the first one serves.
    """
    if folder is None or not (serve or stays) or os.environ.get("RANK", "0") != "0":
        return contextlib.nullcontext()
    from netsitter.views.page.beside import serving

    return serving(Path(folder), stays=stays)
