"""Numbers and foreign text as they are shown."""

import pytest

from netsitter.views.report.text import duration, number, percent, setting, short, visible


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (12345, "12,345"),
        (1234.6, "1,235"),
        (0.123456, "0.1235"),
        (-0.5, "−0.5"),
        (1.5e-7, "1.5·10⁻⁷"),
        (-2e20, "−2·10²⁰"),
        (float("nan"), "–"),
        (None, "–"),
        (True, "–"),
        ("7", "–"),
    ],
)
def test_number(value: object, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (59.6, "1 min 0 s"),
        (75, "1 min 15 s"),
        (3900, "1 h 5 min"),
        (None, "–"),
    ],
)
def test_duration(seconds: object, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "0 %"), (0.0001, "<0.1 %"), (0.031, "3.1 %"), (0.5, "50 %"), (1, "100 %"), (None, "–")],
)
def test_percent(share: object, shown: str) -> None:
    assert percent(share) == shown


def test_setting() -> None:
    assert setting([128, 64]) == "128 × 64"
    assert setting({"net.width": 64, "fit.clip": None}) == "net.width 64, fit.clip –"
    assert setting(False) == "no"
    assert setting([]) == "none"


def test_control_characters_are_written_out() -> None:
    assert visible("a\x00b\x1b[31m\u202ec") == "a\\x00b\\x1b[31m\\u202ec"
    assert visible("Größe ✓ 你好") == "Größe ✓ 你好"


def test_short_keeps_both_ends() -> None:
    assert short("x" * 60) == "x" * 60
    assert short("abcdefghij", 5) == "ab…ij"
