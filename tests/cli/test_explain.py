"""`netsitter explain`: the manual page, by name or code."""

import pytest
from click.testing import CliRunner

from netsitter.cli import cli
from netsitter.errors import UsageError
from netsitter.rule import HEADINGS


@pytest.mark.parametrize("word", ["overfitting", "F006", "f006", " Overfitting "])
def test_the_whole_manual(word):
    result = CliRunner().invoke(cli, ["explain", word])
    assert result.exit_code == 0
    assert result.stdout.startswith("overfitting [F006]")
    places = [result.stdout.index(heading) for heading in HEADINGS]
    assert places == sorted(places)
    assert "val/loss" in result.stdout


def test_did_you_mean():
    result = CliRunner().invoke(cli, ["explain", "overfiting"])
    assert isinstance(result.exception, UsageError)
    assert "Did you mean 'overfitting'?" in str(result.exception)
