"""The command around a watched program: options before it, and what a finding does to it."""

import pytest

from netsitter.observe import script


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch):
    """A program takes over argv, the path and __main__; give them back."""
    import sys

    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def test_the_programs_options_are_its_own(netsitter, tmp_path):
    path = tmp_path / "p.py"
    path.write_text("import sys; print(sys.argv[1:], __name__, __file__ == sys.argv[0])\n")
    seen = netsitter("run", path, "--json", "x", "--strict", "-m")
    assert seen.out == "['--json', 'x', '--strict', '-m'] __main__ True\n"
    assert seen.status == 0


@pytest.mark.parametrize(
    ("line", "status"), [("raise SystemExit", 0), ("raise SystemExit(7)", 7), ("raise SystemExit('bye')", 1)]
)
def test_exit_codes_are_the_programs(netsitter, tmp_path, line, status):
    path = tmp_path / "p.py"
    path.write_text(line + "\n")
    assert netsitter("run", path).status == status


def test_tracebacks_show_no_frame_of_ours(netsitter, tmp_path):
    path = tmp_path / "p.py"
    path.write_text("def f():\n    1 / 0\n\ntry:\n    f()\nexcept ZeroDivisionError:\n    {}['x']\n")
    seen = netsitter("run", path)
    assert seen.status == 1
    assert "ZeroDivisionError" in seen.err
    assert "KeyError" in seen.err
    assert script.OURS not in seen.err


def test_a_rule_that_does_not_exist_is_named_before_the_program_runs(netsitter, tmp_path):
    path = tmp_path / "p.py"
    path.write_text("print('ran')\n")
    seen = netsitter("run", "--select", "double-sofmax", path)
    assert seen.status == 2
    assert "double-softmax" in seen.err
    assert "ran" not in seen.out


def test_stop_on_ends_the_program_at_the_finding(netsitter, tmp_path):
    path = tmp_path / "p.py"
    path.write_text(
        "import torch\n"
        "w = torch.nn.Parameter(torch.ones(3))\n"
        "o = torch.optim.SGD([w], lr=1.0)\n"
        "for i in range(50):\n"
        "    o.zero_grad(); ((w * 1e30) ** 4).sum().backward(); o.step()\n"
        "print('end')\n"
    )
    assert netsitter("run", path).out == "end\n"
    seen = netsitter("run", "--stop-on", "fatal", path)
    assert seen.out == ""
    assert seen.status == 4
    assert "non-finite-loss" in seen.err


def test_a_verdict_that_cannot_be_written_does_not_change_the_status(netsitter, tmp_path):
    path = tmp_path / "p.py"
    path.write_text("print('end')\n")
    (tmp_path / "file").write_text("")
    seen = netsitter("run", "--json", tmp_path / "file" / "x.json", path)
    assert seen.status == 0
    assert "x.json" in seen.err


def test_an_option_behind_the_program_is_hinted_at_and_stays_the_programs(netsitter, tmp_path):
    path = tmp_path / "p.py"
    path.write_text("import sys; print(sys.argv[1:]); raise SystemExit(3)\n")
    seen = netsitter("run", path, "--lr", "1", "--strict", "--select", "R1", "--run-dir=x")
    assert seen.out == "['--lr', '1', '--strict', '--select', 'R1', '--run-dir=x']\n"
    assert seen.status == 3
    (said,) = [line for line in seen.err.splitlines() if "meant for netsitter" in line]
    assert said.endswith(f"netsitter run --strict --select R1 --run-dir=x {path}")


def test_an_option_that_the_program_takes_itself_is_not_hinted_at(netsitter, tmp_path):
    (tmp_path / "settings.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--strict')\n"
    )
    path = tmp_path / "p.py"
    path.write_text("import settings\nsettings.p.parse_known_args()\n")
    assert "netsitter" not in netsitter("run", path, "--strict=1").err
    assert "netsitter run --json x" in netsitter("run", path, "--strict=1", "--json", "x").err
    assert "netsitter" not in netsitter("run", path, "-m", "--jsonl", "--serves").err
