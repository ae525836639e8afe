"""``netsitter run train.py ARGS…``: any training program, watched and otherwise untouched."""

import contextlib
import json
import sys
import tempfile
from functools import partial
from pathlib import Path

import click

from netsitter.cli._options import (
    keep_serving_option,
    live_page,
    say_what_went_to_the_program,
    serve_option,
)
from netsitter.files import fresh_folder, write_atomic

SICK = 5
INTERRUPTED = 130


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    short_help="Run a training program under watch.",
)
@click.option("-m", "is_module", is_flag=True, help="PROGRAM is a module name, as with python -m.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False), help="Write the diagnosis to FILE as JSON."
)
@click.option("--run-dir", type=click.Path(file_okay=False), help="Keep run.jsonl in DIR.")
@serve_option
@keep_serving_option
@click.option("--strict", is_flag=True, help="Exit with 5 if the program ended well but something is wrong.")
@click.option(
    "--select", multiple=True, metavar="RULE", help="Only these rules: name, code or family letter."
)
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules.")
@click.option(
    "--stop-on", type=click.Choice(["fatal", "sick"]), help="End the program at the first such finding."
)
@click.argument("program")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(
    is_module: bool,
    json_file: str | None,
    run_dir: str | None,
    serve: bool,
    keep_serving: bool,
    strict: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    stop_on: str | None,
    program: str,
    arguments: tuple[str, ...],
) -> int:
    """Run PROGRAM with its ARGUMENTS and say what goes wrong in its trainings.

    Its output, arguments, results and exit status are its own. Findings go to stderr.
    """
    from netsitter.observe import children, watch
    from netsitter.observe.script import run_program

    say_what_went_to_the_program()
    if run_dir is None and (serve or keep_serving):
        run_dir = str(fresh_folder(program))
    with tempfile.TemporaryDirectory(prefix="netsitter-") as spare, contextlib.ExitStack() as stack:
        stack.enter_context(live_page(run_dir, serve=serve, stays=keep_serving))
        sitter = watch(
            select=select, ignore=ignore, run_dir=run_dir, on_finding=partial(children.stop_at, stop_on)
        )
        stack.callback(sitter.close)
        others = Path(run_dir or spare) / "processes"

        def finish() -> None:
            """Judge and write, once: at the end, or when the program leaves through os._exit."""
            sitter.adopt(children.runs(others))
            with contextlib.suppress(SystemExit):
                sitter.close()
            if json_file is not None:
                _write(Path(json_file), sitter.diagnosis.to_json())

        stack.enter_context(children.before_exit(finish))
        with children.invited(others, select=select, ignore=ignore, stop_on=stop_on):
            status = run_program(program, list(arguments), is_module=is_module, sitter=sitter)
        finish()
    if status == INTERRUPTED:
        children.die_of_interrupt()
    return SICK if status == 0 and strict and sitter.diagnosis.is_sick else status


def _write(path: Path, document: dict[str, object]) -> None:
    """Whole or not at all. A file that cannot be written does not change how the program ended."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")
    except OSError as error:
        print(f"netsitter: {path} could not be written: {error}", file=sys.stderr)
