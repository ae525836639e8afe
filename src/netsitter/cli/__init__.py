"""The command line: one thin file per command, found by name; nothing heavy is imported for help."""

import importlib
import pkgutil
import sys

import click

from netsitter import __version__
from netsitter.errors import NetsitterError, did_you_mean


class CommandFolder(click.Group):
    """A group whose commands are the modules beside this one; each has a ``command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (module.name for module in pkgutil.iter_modules(__path__))
        return sorted(name.replace("_", "-") for name in names if not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        return importlib.import_module(f"{__name__}.{cmd_name.replace('-', '_')}").command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.list_commands(ctx) and not args[0].startswith("-"):
            hint = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.command(cls=CommandFolder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="netsitter")
def cli() -> None:
    """The babysitter for neural-network training."""


def main() -> None:
    """Entry point: our errors are one sentence and an exit code, never a traceback."""
    try:
        status = cli.main(standalone_mode=False)
    except NetsitterError as error:
        click.echo(f"netsitter: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        # click turns a KeyboardInterrupt into an Abort; what we had to say is in its cause.
        reason = str(error.__cause__ or error) or "interrupted"
        click.echo(f"netsitter: {reason}", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has left (`netsitter rules | head`): not an error of ours.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        click.echo(f"netsitter: cannot read or write{place}: {error.strerror or error}", err=True)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)
