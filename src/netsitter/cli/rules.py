"""`netsitter rules`: every illness that netsitter knows."""

import json

import click

SHADES = {"fatal": "red", "sick": "yellow", "odd": "cyan"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
def command(as_json: bool) -> None:
    """List the illnesses netsitter knows, one a line."""
    from netsitter.rules import all_rules

    if as_json:
        rows = [
            {
                "code": rule.code,
                "name": rule.name,
                "severity": str(rule.severity),
                "summary": rule.summary,
                "needs": list(rule.needs),
            }
            for rule in all_rules()
        ]
        click.echo(json.dumps(rows, indent=1))
        return
    width = max(len(rule.name) for rule in all_rules())
    for rule in all_rules():
        severity = click.style(f"{rule.severity:<5}", fg=SHADES[rule.severity])
        click.echo(f"{rule.code}  {rule.name:<{width}}  {severity}  {rule.summary}")
