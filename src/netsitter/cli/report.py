"""`netsitter report`: one or several runs as one page that needs nothing else."""

import sys
from pathlib import Path

import click

from netsitter.errors import UsageError


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN…")
@click.option(
    "--out", "-o", metavar="FILE", help="Default: report.html in the run folder; comparison.html for several."
)
@click.option("--run", "inner", metavar="NAME", help="Which run, where a RUN holds several.")
def command(runs: tuple[str, ...], out: str | None, inner: str | None) -> None:
    """Write a run as a page to look at, or several side by side.

    A RUN is a folder or run.jsonl of ours, or a log of Lightning, Keras, Hugging Face, TensorBoard,
    Weights & Biases, MLflow, trackio or skorch. The page is one file that works without a network;
    `-o -` writes it to stdout. Prints where it is.
    """
    from netsitter.adapters.logs import read_log
    from netsitter.files import write_atomic
    from netsitter.views.report import render_comparison, render_report

    read = {name: read_log(path, inner) for name, path in _named(runs).items()}
    name, first = next(iter(read.items()))
    page = render_comparison(read) if len(read) > 1 else render_report(first, name=name)
    if out == "-":
        sys.stdout.buffer.write(page.encode())
        return
    path = Path(out) if out is not None else _default(runs)
    try:
        write_atomic(path, page)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}.") from None
    click.echo(path)


def _named(paths: tuple[str, ...]) -> dict[str, Path]:
    """Each path by its last part, or by all of it where two end alike; a path given twice is taken once."""
    distinct = {path: Path(path) for path in dict.fromkeys(paths)}
    shorts = [_short(path) for path in distinct.values()]
    return {
        short if shorts.count(short) == 1 else text: path
        for short, (text, path) in zip(shorts, distinct.items(), strict=True)
    }


def _short(path: Path) -> str:
    """The folder's name for our own log, which is called run.jsonl everywhere."""
    path = path.resolve()
    return path.parent.name if path.name == "run.jsonl" else path.name


def _default(runs: tuple[str, ...]) -> Path:
    """In the run folder; beside a log that is a file, under its name: what is there is not overwritten."""
    if len(runs) > 1:
        return Path("comparison.html")
    (path,) = map(Path, runs)
    if path.is_dir():
        return path / "report.html"
    return path.with_name("report.html" if path.name == "run.jsonl" else f"{path.stem}.report.html")
