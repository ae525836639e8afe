"""`netsitter predict`: a trained run on new rows."""

from pathlib import Path

import click

from netsitter.errors import UsageError


@click.command()
@click.argument("run")
@click.argument("data")
@click.option("--out", "-o", help="Where to write; a .parquet file or CSV. Default: CSV on stdout.")
def command(run: str, data: str, out: str | None) -> None:
    """Predict the rows of DATA with the model of RUN.

    One row per row of DATA, in order: `prediction`, then `probability_CLASS` for every class, or
    `lower` and `upper` for a regression.
    """
    from netsitter.files import write_atomic
    from netsitter.recipe import load

    predictions = load(run).predict(data)
    if out is None:
        click.echo(predictions.to_csv(index=False), nl=False)
        return
    path = Path(out)
    if not path.parent.is_dir():
        raise UsageError(f"cannot write {out}: there is no folder {path.parent}.")
    try:
        content = (
            predictions.to_parquet(index=False)
            if path.suffix == ".parquet"
            else predictions.to_csv(index=False)
        )
        write_atomic(path, content)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror}.") from None
    click.echo(f"{len(predictions)} predictions in {out}", err=True)
