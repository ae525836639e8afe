"""`netsitter rules`: all illnesses, for people and for programs."""

import json

from click.testing import CliRunner

from netsitter.cli import cli
from netsitter.rules import all_rules


def test_one_line_each():
    result = CliRunner().invoke(cli, ["rules"])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) == len(all_rules())
    for rule, line in zip(all_rules(), lines, strict=True):
        assert line.split()[:3] == [rule.code, rule.name, str(rule.severity)]
        assert line.endswith(rule.summary)


def test_json():
    rows = json.loads(CliRunner().invoke(cli, ["rules", "--json"]).stdout)
    assert {row["name"] for row in rows} == {rule.name for rule in all_rules()}
    assert all({"code", "name", "severity", "summary", "needs"} <= set(row) for row in rows)
