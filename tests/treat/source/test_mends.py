"""One contract over every mend: its examples come out as written, and what it makes is Python."""

import difflib
from pathlib import Path

import pytest

from netsitter.remedy import Knob
from netsitter.rules import all_rules
from netsitter.treat.source import Case, all_mends, propose, read

PROGRAMS = sorted((Path(__file__).parents[2] / "gallery" / "programs").glob("*.py"))

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
    assert after in texts, (
        "\n".join("\n".join(difflib.ndiff(after.splitlines(), text.splitlines())) for text in texts)
        or "nothing"
    )


@pytest.mark.parametrize("mend", all_mends(), ids=lambda mend: mend.__name__.rpartition(".")[2])
def test_a_mend_is_whole(mend):
    rules = {rule.name for rule in all_rules()}
    assert mend.__doc__
    assert isinstance(mend.KNOB, Knob)
    assert set(mend.CURES) <= rules
    assert {illness for illness, _, _ in mend.EXAMPLES} <= set(mend.CURES)


@pytest.mark.parametrize("path", PROGRAMS[::20], ids=lambda path: path.stem)
def test_no_mend_breaks_on_a_program(path):
    source = read(path.read_text())
    assert source is not None
    evidence = {"classes": 3, "majority": 0.9, "outputs": 9, "largest_class": 9, "raw": 2.0, "best_step": 5}
    facts = {"distinct_targets": 3, "input_shape": [8, 9], "seen": {"steps": 20}}
    for mend in all_mends():
        for illness in mend.CURES:
            for change in mend.changes(source, Case(illness=illness, evidence=evidence, facts=facts)):
                source.apply(change.edits)


def test_a_mend_that_breaks_leaves_the_others_to_propose(monkeypatch):
    def broken(source, case):
        raise IndexError

    first, *others = [mend for mend in all_mends() if "lr-too-high" in mend.CURES]
    text = "import torch\nopt = torch.optim.SGD(net.parameters(), lr=9.0)\n"
    monkeypatch.setattr(first, "changes", broken)
    assert others
    assert "lower-rate" in {one.change.name for one in propose({"p.py": text}, Case(illness="lr-too-high"))}


@pytest.mark.parametrize(
    "text",
    [
        "for x, y in d:\n    p = net(x)\n    hit = ((p > 0.5).float() == y).sum()\n    f(p, y).backward()\n",
        "y = rate.round()\nfor x, y in d:\n    loss = f(net(x), y)\n    loss.backward()\n",
        "class N(M):\n    def forward(self, x):\n        return x + (x.round() - x).detach()\n",
    ],
    ids=["a score beside the loss", "data made before the loop", "a gradient led past the step"],
)
def test_rounding_stays_where_the_loss_has_its_slope(text):
    made = propose({"p.py": text}, Case(illness="not-learning"))
    assert not [one for one in made if "rounding" in one.change.text]
