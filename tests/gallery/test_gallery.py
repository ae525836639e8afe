"""Sick programs are named and healthy ones are left in peace, seen from outside: by ``netsitter run``."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from netsitter.rules import all_rules

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).parent / "programs"
TRUTH = json.loads((PROGRAMS / "truth.json").read_text(encoding="utf-8"))

HEALTHY = ("gallery/conv1d_waveforms", "gallery/graph_convolution", "gallery/lora_adapter", "gallery/sam_two")
HEALTHY += ("gallery/raw_parameters", "gallery/wgan_weight", "gallery/double_sigmoid_binary.fixed")
SICK = ("gallery/double_sigmoid_binary", "gallery/zero_grad_between", "gallery/broadcast_handwritten")
SICK += ("gallery/zero_init_conv", "gallery/lr_too_high_adam", "gallery/nan_in_one_row")
"""One of each kind, chosen to be quick."""


def judge(folder: Path, *options: str) -> list[dict]:
    """The outcomes of `python -m benchmarks.gallery` on our own programs."""
    out = folder / "outcomes.json"
    command = [sys.executable, "-m", "benchmarks.gallery", "--programs", str(PROGRAMS), "--out", str(out)]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(out.read_text(encoding="utf-8"))["outcomes"]


def said(outcome: dict) -> list[tuple[str, str]]:
    return [(finding["name"], finding["severity"]) for finding in outcome["findings"]]


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    outcomes = judge(tmp_path_factory.mktemp("gallery"), "--only", *HEALTHY, *SICK)
    return {outcome["program"]["name"]: outcome for outcome in outcomes}


def found(quick: dict[str, dict], name: str) -> dict:
    """The outcome of that name, or of the only name that begins so."""
    matches = [n for n in quick if n.startswith(name) and n.endswith(".fixed") == name.endswith(".fixed")]
    assert len(matches) == 1, f"{name!r} is {matches}"
    return quick[matches[0]]


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_program_is_left_in_peace(quick, name):
    outcome = found(quick, name)
    assert outcome["error"] is None
    assert [name for name, severity in said(outcome) if severity != "odd"] == []


@pytest.mark.parametrize("name", SICK)
def test_a_sick_program_is_named_first(quick, name):
    outcome = found(quick, name)
    assert outcome["error"] is None
    first, severity = said(outcome)[0]
    assert first in outcome["program"]["faults"] + outcome["program"]["accept"]
    assert severity != "odd"


def test_no_rule_breaks(quick):
    assert {name: outcome["broken"] for name, outcome in quick.items() if outcome["broken"]} == {}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_whole_gallery_meets_the_bar(tmp_path):
    """Detected at least 95 %, named first at least 90 %, false alarms on at most 2 % of the healthy."""
    judge(tmp_path, "--seeds", "0,1,2")
    summary = json.loads((tmp_path / "outcomes.json").read_text(encoding="utf-8"))["summary"]
    assert summary["errors"] == 0
    assert summary["detected"] >= 0.95 * summary["sick"]
    assert summary["named"] >= 0.90 * summary["sick"]
    assert summary["false_alarms"] <= 0.02 * summary["healthy"]


@pytest.mark.parametrize("entry", TRUTH, ids=lambda entry: entry["file"])
def test_the_truth_is_well_formed(entry):
    known = {rule.name for rule in all_rules()}
    assert (PROGRAMS / entry["file"]).is_file()
    assert bool(entry["faults"]) != entry["healthy"]
    assert (entry["fixed"] is None) == entry["healthy"]
    assert entry["fixed"] is None or (PROGRAMS / entry["fixed"]).is_file()
    assert {*entry["faults"], *entry["accept"], *entry["symptoms"]} <= known
    assert f"RESULT {entry['metric_name']}=" in (PROGRAMS / entry["file"]).read_text(encoding="utf-8")


def test_every_program_is_in_the_truth():
    stated = {entry["file"] for entry in TRUTH} | {entry["fixed"] for entry in TRUTH if entry["fixed"]}
    # A folder is a package that the program beside it imports.
    files = [*PROGRAMS.glob("*.py"), *(PROGRAMS / "fixed").glob("*.py")]
    there = {path.relative_to(PROGRAMS).as_posix() for path in files}
    assert there == stated
