"""The model card: what it says, and that foreign names stay names."""

from netsitter.run import Run
from netsitter.views.model_card import model_card
from tests.views.runs import HOSTILE, classified_run, finished_run


def test_it_says_what_a_stranger_must_know() -> None:
    card = model_card(finished_run())
    assert card.startswith("# A network that predicts `price`\n")
    for expected in (
        "Better than a constant answer",
        "| **network** | 1.6 (1.4 – 1.8) |",
        "| mean | 5 (4.5 – 5.5) |",
        "700 train, 150 validation, 150 test",
        "- `area`: number",
        "## Limits",
        "netsitter predict RUN NEW.csv",
    ):
        assert expected in card


def test_every_table_row_has_its_columns() -> None:
    rows = [line for line in model_card(classified_run()).splitlines() if line.startswith("|")]
    assert len({row.count("|") - row.count("\\|") for row in rows}) == 1


def test_hostile_names_stay_on_their_line_as_code() -> None:
    card = model_card(finished_run(target=f"{HOSTILE}\n# Title", columns=(HOSTILE,)))
    assert "\n# Title" not in card
    assert "\x07" not in card
    assert "\u202e" not in card
    assert "``<script>" in card, "the fence is longer than any tick in the name"


def test_a_run_without_a_recipe() -> None:
    card = model_card(Run())
    assert card.startswith("# A training run")
    assert "Test score" not in card
