"""Our options behind the program are the program's; one line says so, unless the program takes them."""

import sys

import pytest

HINT = "went to the program"


@pytest.fixture(autouse=True)
def in_folder(monkeypatch, tmp_path):
    """A program takes over argv, the path and __main__; give them back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def run(netsitter, tmp_path):
    def run(source: str, *arguments: str, command: str = "run"):
        (tmp_path / "train.py").write_text(source)
        return netsitter(command, "train.py", *arguments)

    return run


ECHO = "import sys\nprint(sys.argv[1:])\nraise SystemExit(3)\n"


def test_an_option_behind_the_program_is_hinted_at_and_still_the_programs(run):
    seen = run(ECHO, "--lr", "3", "--strict")
    assert (seen.status, seen.out) == (3, "['--lr', '3', '--strict']\n")
    (line,) = [line for line in seen.err.splitlines() if HINT in line]
    assert "--strict went to the program" in line
    assert line.endswith("run --strict train.py")


def test_values_and_several_options_are_in_one_line(run):
    seen = run(ECHO, "--budget", "30", "--seeds=1,2", "--apply", "mnist", command="fix")
    (line,) = [line for line in seen.err.splitlines() if HINT in line]
    assert "--budget and --seeds and --apply went" in line
    assert line.endswith("fix --budget 30 --seeds=1,2 --apply train.py")


@pytest.mark.parametrize(
    ("source", "arguments"),
    [
        (ECHO, ["--lr", "3"]),
        (ECHO, ["--strictly", "--help", "-m"]),
        (ECHO, ["--", "--strict"]),
        ("import argparse\np = argparse.ArgumentParser()\np.add_argument('--strict')\n", ["--strict=1"]),
        ("'''Usage: train.py [--strict|--lax]'''\n", ["--strict"]),
    ],
    ids=["other", "alike", "behind-two-dashes", "takes-it", "docopt"],
)
def test_no_hint_where_the_program_may_mean_it(run, source, arguments):
    assert HINT not in run(source, *arguments).err


@pytest.mark.parametrize("source", ["# --strict\n", "print('--strictly --no-strict')\n", "(\n"])
def test_what_is_no_string_of_the_option_takes_nothing(run, source):
    assert HINT in run(source, "--strict").err


@pytest.mark.parametrize("command", ["run", "fix"])
def test_a_module_is_looked_at_too(netsitter, tmp_path, command):
    package = tmp_path / f"package_for_{command}"
    package.mkdir()
    (package / "__main__.py").write_text("print('--json')\n")
    seen = netsitter(command, "-m", package.name, "--json=x", "--strict")
    (line,) = [line for line in seen.err.splitlines() if HINT in line]
    assert "--strict went to" in line
    assert line.endswith(f"{command} --strict -m {package.name}")


def test_a_program_that_is_not_there_was_handed_nothing(netsitter):
    seen = netsitter("fix", "nowhere.py", "--apply")
    assert seen.status == 2
    assert HINT not in seen.err
