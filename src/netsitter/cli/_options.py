"""Options and output that several commands share."""

import contextlib
import json
import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from netsitter.errors import UsageError


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


def say_what_went_to_the_program() -> None:
    """One line on stderr where the program was given words that are options of this command.

    All behind PROGRAM is the program's own; an option that its source names is one that it takes itself.
    """
    from netsitter.treat.arm import Program
    from netsitter.treat.sources import program_files

    context = click.get_current_context()
    options = {
        name: option
        for option in context.command.params
        if isinstance(option, click.Option)
        for name in option.opts
        if name.startswith("--")
    }
    given: tuple[str, ...] = context.params["arguments"]
    program, is_module = context.params["program"], context.params["is_module"]
    places = [i for i, word in enumerate(given) if word.partition("=")[0] in options]
    if not places:
        return
    try:
        sources = program_files(Program(target=program, is_module=is_module)).values()
    except UsageError:
        return
    named, ours = [], []
    for i in places:
        name, has_value, _ = given[i].partition("=")
        if not any(re.search(rf"{name}(?![\w-])", text) for text in sources):
            needs_next = not has_value and not options[name].is_flag
            named.append(name)
            ours += given[i : i + 1 + needs_next]
    if named:
        called = shlex.join([*ours, *(["-m"] if is_module else []), program])
        what = f"{', '.join(named)} behind {program}: given to the program"
        line = f"netsitter: {what}; if meant for netsitter: netsitter {context.info_name} {called}"
        print(line, file=sys.stderr, flush=True)
