"""CONTRIBUTING.md is right: the rule it shows is written out as it says, and held to the contract."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import netsitter.rules
from netsitter.rules import all_rules

PAGE = Path(__file__).parents[1] / "CONTRIBUTING.md"
RUN = (
    "import sys, pytest, netsitter.rules\n"
    "netsitter.rules.__path__.append(sys.argv[1])\n"
    "sys.exit(pytest.main(['-p', 'no:cacheprovider', '-k', 'too-quiet', sys.argv[2]]))\n"
)


def scaffold(folder: Path, text: str) -> Path:
    """Write the page's example where its first line says, under ``folder``."""
    match = re.search(r"```python\n# src/netsitter/rules/(\w+\.py)\n(.*?)```", text, re.DOTALL)
    assert match is not None
    path = folder / match[1]
    path.write_text(match[2])
    return path


def contract(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the rules' contract with ``folder`` beside the package's own rules."""
    return subprocess.run(
        [sys.executable, "-c", RUN, str(folder), str(PAGE.parent / "tests" / "test_rules.py")],
        capture_output=True,
        text=True,
        check=False,
        cwd=PAGE.parent,
    )


@pytest.mark.slow
def test_the_example_is_a_rule_and_keeps_the_contract(tmp_path):
    scaffold(tmp_path, PAGE.read_text())
    done = contract(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"[1-9]\d* passed", done.stdout)


@pytest.mark.slow
def test_the_contract_would_have_caught_a_bad_one(tmp_path):
    scaffold(tmp_path, PAGE.read_text().replace("spread / target <", "spread / target >"))
    assert contract(tmp_path).returncode == 1


def test_the_example_is_found_by_its_file_alone(tmp_path, monkeypatch):
    scaffold(tmp_path, PAGE.read_text())
    monkeypatch.setattr(netsitter.rules, "__path__", [*netsitter.rules.__path__, str(tmp_path)])
    names = {rule.name for rule in all_rules.__wrapped__()}
    assert names == {rule.name for rule in all_rules()} | {"too-quiet"}


def test_what_the_page_names_exists():
    for path in re.findall(r"`((?:src|tests|docs)/[\w/.]+)`", PAGE.read_text()):
        assert (PAGE.parent / path).exists(), path
    targets = (PAGE.parent / "Makefile").read_text()
    for target in re.findall(r"`make (\w+)`", PAGE.read_text()):
        assert re.search(rf"^{target}:", targets, re.MULTILINE), f"make {target}"
