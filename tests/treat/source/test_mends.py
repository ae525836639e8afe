"""One contract over every mend: its examples come out as written, and what it makes is Python."""

import difflib

import pytest

from netsitter.remedy import Knob
from netsitter.rules import all_rules
from netsitter.treat.source import Case, all_mends, propose

EXAMPLES = [
    pytest.param(mend, *example, id=f"{mend.__name__.rpartition('.')[2]}-{index}")
    for mend in all_mends()
    for index, example in enumerate(mend.EXAMPLES)
]


@pytest.mark.parametrize(("mend", "illness", "before", "after"), EXAMPLES)
def test_examples_come_out_as_written(mend, illness, before, after):
    case = Case(illness=illness, facts={"distinct_targets": 3})
    made = [one for one in propose({"p.py": before}, case) if one.knob is mend.KNOB]
    texts = [one.after for one in made]
    assert after in texts, "\n".join("\n".join(difflib.ndiff(after.splitlines(), text.splitlines())) for text in texts) or "nothing"


@pytest.mark.parametrize("mend", all_mends(), ids=lambda mend: mend.__name__.rpartition(".")[2])
def test_a_mend_is_whole(mend):
    rules = {rule.name for rule in all_rules()}
    assert mend.__doc__
    assert isinstance(mend.KNOB, Knob)
    assert set(mend.CURES) <= rules
    assert {illness for illness, _, _ in mend.EXAMPLES} <= set(mend.CURES)
