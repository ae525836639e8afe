"""`netsitter explain`: the manual page of one illness."""

import click


@click.command()
@click.argument("name")
def command(name: str) -> None:
    """Print the manual of an illness, by its NAME or its code."""
    from netsitter.errors import UsageError, did_you_mean
    from netsitter.rules import all_rules, find_rule

    rule = find_rule(name.strip().lower()) or find_rule(name.strip().upper())
    if rule is None:
        known = [word for rule in all_rules() for word in (rule.name, rule.code)]
        raise UsageError(
            f"There is no illness {name!r}.{did_you_mean(name, known)} See them all: netsitter rules"
        )
    click.secho(f"{rule.name} [{rule.code}] {rule.severity}", bold=True)
    click.echo(f"{rule.summary}\n")
    for heading, text in rule.sections().items():
        click.secho(heading, bold=True)
        click.echo(f"{text}\n")
    click.secho("What it reads", bold=True)
    click.echo(", ".join(need.removeprefix("@").replace("|", " or ") for need in rule.needs) or "nothing")
    if rule.explains:
        click.secho("\nWhat it causes", bold=True)
        click.echo(", ".join(rule.explains))
