"""Options and output that several commands share."""

import ast
import contextlib
import itertools
import json
import os
import re
import shlex
import warnings
from collections.abc import Sequence
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


def hint_at_options_behind(program: str, arguments: Sequence[str], *, is_module: bool) -> None:
    """One line on stderr where the program's arguments hold options of the running command.

    What stands behind the program is the program's, so these do nothing here. Said of long options only
    (``-m`` and ``-h`` mean something else to every program), not behind a ``--``, and not of an option that a
    string in the program's source names: the program takes it itself.
    """
    context = click.get_current_context()
    command = context.command.params
    ours = {name: one for one in command if isinstance(one, click.Option) for name in one.opts}
    names, moved = [], []
    words = itertools.takewhile(lambda word: word != "--", arguments)
    for word in words:
        name, is_assigned, _ = word.partition("=")
        if name.startswith("--") and name in ours and not _names(program, name, is_module=is_module):
            has_value = not is_assigned and not ours[name].is_flag
            names.append(name)
            moved += [word, *itertools.islice(words, int(has_value))]
    if names and (is_module or Path(program).exists()):
        called = [*moved, *(["-m"] if is_module else []), program]
        handed = " and ".join(dict.fromkeys(names))
        click.echo(
            f"netsitter: {handed} went to the program, as all that stands behind it; "
            f"options for netsitter stand before it: {context.command_path} {shlex.join(called)}",
            err=True,
        )


def _names(program: str, option: str, *, is_module: bool) -> bool:
    """Whether a string in the program's own source names the option; not where there is no Python source."""
    whole = re.compile(rf"(?<![\w-]){re.escape(option)}(?![\w-])")
    path = Path(*program.split(".")) if is_module else Path(program)
    for file in (path.with_suffix(".py") if is_module else path, path / "__main__.py"):
        with contextlib.suppress(OSError, SyntaxError, ValueError, RecursionError), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the program's own run shows them
            texts = [n.value for n in ast.walk(ast.parse(file.read_bytes())) if isinstance(n, ast.Constant)]
            return any(whole.search(text) for text in texts if isinstance(text, str))
    return False
