"""`netsitter serve`: the live page of one run, or of many."""

import json
import sys
from pathlib import Path

import click

from netsitter.cli._options import json_option
from netsitter.errors import UsageError


@click.command()
@click.argument("runs", nargs=-1, type=click.Path())
@click.option("--port", type=click.IntRange(0, 65535), help="Default: 6420, or a free one if it is taken.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--allow-host",
    "hosts",
    metavar="NAME",
    multiple=True,
    help="A name that a proxy calls us by; repeatable.",
)
@click.option("--open/--no-browser", "opens", default=False, help="Whether to open a browser. Default: not.")
@click.option("--parent", type=int, hidden=True, help="End with this process.")
@json_option
def command(
    runs: tuple[str, ...],
    port: int | None,
    host: str,
    hosts: tuple[str, ...],
    opens: bool,
    parent: int | None,
    as_json: bool,
) -> None:
    """Show RUNS while they are written: run folders, or folders of runs. Default: ./runs.

    The page is offline and read-only, and only its address, which holds a random token, lets in. Set
    NETSITTER_TOKEN to keep the address over restarts. Ctrl-C ends it.
    """
    from netsitter.run import FILE_NAME
    from netsitter.views.page.serve import is_loopback, serve

    paths = [Path(run) for run in runs or ("runs",)]
    roots = [path.parent if path.name == FILE_NAME else path for path in paths]
    missing = [root for root in roots if not root.is_dir()]
    if missing and parent is None:
        hint = "" if runs else " Name a run folder: netsitter serve RUN."
        raise UsageError(f"there is no folder {missing[0]}.{hint}")
    if not is_loopback(host):
        click.echo(
            f"netsitter: on {host} others can reach this page, unencrypted; they need the token.", err=True
        )

    def announce(url: str) -> None:
        if as_json:
            click.echo(json.dumps({"url": url}))
        else:
            click.echo(url)
            click.echo("netsitter: Ctrl-C ends the page", err=True)
        sys.stdout.flush()
        if opens:
            import webbrowser

            webbrowser.open(url)

    serve(roots, host=host, port=port, hosts=hosts, announce=announce, parent=parent)
