"""The pages of the rules are those that the rules make: docs that no test reads rot."""

import re
from pathlib import Path

import pytest

from netsitter.rules import all_rules

generate = pytest.importorskip("docs.generate")


def test_the_pages_are_up_to_date():
    written = {path.name: path.read_text(encoding="utf-8") for path in generate.FOLDER.glob("*.md")}
    assert written == generate.pages(), "run `make docs`"


def test_pages_are_written_and_old_ones_removed(tmp_path):
    (tmp_path / "gone.md").write_text("a rule that is no more")
    generate.main(tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == {rule.name for rule in all_rules()} | {"README"}


def test_every_link_leads_somewhere(tmp_path):
    generate.main(tmp_path)
    for page in tmp_path.iterdir():
        for target in re.findall(r"\]\(([\w-]+\.md)\)", page.read_text()):
            assert (tmp_path / target).exists(), f"{page.name} links to {target}"


def test_names_in_the_vocabulary_are_written_once():
    text = (Path(generate.__file__).parent / "numbers.md").read_text()
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) == len(set(rows))
