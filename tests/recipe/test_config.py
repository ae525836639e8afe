"""Settings: merged in order, checked, wrong ones named by their path."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsitter.errors import UsageError
from netsitter.recipe.config import build_config, parse_assignment, parse_seconds, read_config_file


def test_later_layers_win_and_what_was_set_is_pinned():
    config = build_config(
        [{"net": {"width": 64}, "fit": {"lr": 0.01}}, {"net": {"width": 32, "depth": None}}]
    )
    assert config.net.width == 32
    assert config.fit.lr == 0.01
    assert config.pinned == ("fit.lr", "net.width")


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ({"net": {"widht": 3}}, r"'net.widht'.*Did you mean 'width'"),
        ({"nett": {}}, r"'nett'.*Did you mean 'net'"),
        ({"net": {"width": "wide"}}, r"net.width: Expected `int`, got `str`"),
        ({"net": 3}, r"'net' is a table"),
        ({"fit": {"loss": "hubber"}}, r"fit.loss.*Did you mean 'huber'"),
        ({"net": {"activation": "rellu"}}, r"net.activation.*Did you mean 'relu'"),
        ({"net": {"init": "kaiming"}}, r"net.init"),
        ({"fit": {"lr": 0}}, r"fit.lr is 0.*above 0"),
        ({"fit": {"lr": float("nan")}}, r"fit.lr"),
        ({"recipe": {"folds": 1}}, r"recipe.folds is 1.*at least 2"),
        ({"data": {"test_fraction": 1.5}}, r"data.test_fraction"),
        ({"net": {"dropout": 1.0}}, r"net.dropout"),
    ],
)
def test_a_wrong_setting_is_named_with_its_path(layer, said):
    with pytest.raises(UsageError, match=said):
        build_config([layer])


def test_a_config_file_that_is_no_toml_is_named(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text("[net\nwidth = 3")
    with pytest.raises(UsageError, match=r"wrong.toml is not valid TOML"):
        read_config_file(path)
    with pytest.raises(UsageError, match="cannot read the configuration file"):
        read_config_file(tmp_path / "none.toml")


def test_assignments_are_toml_values_or_plain_words():
    assert parse_assignment("net.width=64") == {"net": {"width": 64}}
    assert parse_assignment("net.activation=gelu") == {"net": {"activation": "gelu"}}
    assert parse_assignment("net.hidden=[8, 4]") == {"net": {"hidden": [8, 4]}}
    with pytest.raises(UsageError, match=r"SECTION\.KEY=VALUE"):
        parse_assignment("net.width")


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("0.5m", 30)]
)
def test_durations(text, seconds):
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "m", "1.2.3s", "1h.", "²", "-5m", "5 m", "inf", "9" * 400])
def test_what_is_no_duration(text):
    with pytest.raises(UsageError, match="90s, 5m or 1h30m"):
        parse_seconds(text)


@given(st.text(max_size=8))
def test_a_duration_is_a_positive_number_or_a_usage_error(text):
    with suppress(UsageError):
        assert parse_seconds(text) > 0
