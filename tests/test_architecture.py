"""The house rules, held by reading the source: layers, sizes, names, and what start-up imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import netsitter

SOURCE = Path(netsitter.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
CORE = {"run", "series", "finding", "remedy", "rule", "diagnosis", "curve", "errors", "files"}
HEAVY = ("torch", "pandas", "sklearn", "scipy", "optuna", "pyarrow")

MAY_IMPORT = {
    # layer: the layers of ours that it may import; imports point down only
    "core": {"core"},
    "rules": {"core"},
    "observe": {"core", "rules", "views"},
    # Remedies re-initialise by the schemes of nets/.
    "treat": {"core", "observe", "nets"},
    "nets": {"core"},
    "tables": {"core"},
    "views": {"core", "rules"},
    "adapters": {"core", "observe", "nets", "tables", "recipe"},
    "recipe": {"core", "rules", "observe", "treat", "nets", "tables", "views"},
    "lab": {"core", "rules", "observe", "treat", "nets", "tables", "recipe", "views"},
}
"""``__init__``, ``__main__`` and ``cli`` stand above all layers and may import any."""

MAX_LINES = 300
MAX_FUNCTION_LINES = 40
MAX_PUBLIC_NAMES = 12


def layer(path: Path) -> str | None:
    """The layer a file belongs to; None for those above all layers."""
    top = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    if top in CORE:
        return "core"
    return None if top in ("__init__", "__main__", "cli") else top


def imported(path: Path) -> set[str]:
    """Dotted names of every module that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write it out"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return names


def id_of(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", FILES, ids=id_of)
def test_imports_point_down_only(path):
    own = layer(path)
    if own is None:
        return
    assert own in MAY_IMPORT, f"{own}/ is no folder of the layout"
    for name in imported(path):
        if name.split(".")[0] == "netsitter" and name != "netsitter":
            other = name.split(".")[1]
            other = "core" if other in CORE else other
            is_rule_scan = (
                id_of(path) == "diagnosis.py" and other == "rules"
            )  # the default, imported when asked
            is_notebook = own == "core" and name.startswith("netsitter.views.notebook")  # when IPython asks
            hands_over = id_of(path) == "observe/watch.py" and other == "treat"  # `Sitter.treat` asks for it
            allowed = (
                other == own
                or other in MAY_IMPORT[own]
                or other.startswith("_")
                or is_rule_scan
                or is_notebook
                or hands_over
            )
            assert allowed, (
                f"{id_of(path)} ({own}) imports {name}: {own} may import {sorted(MAY_IMPORT[own])}"
            )


@pytest.mark.parametrize("path", [f for f in FILES if layer(f) in ("core", "rules", "observe")], ids=id_of)
def test_the_lower_layers_need_little(path):
    third_party = (
        {name.split(".")[0] for name in imported(path)} - set(sys.stdlib_module_names) - {"netsitter"}
    )
    assert (
        third_party
        <= {"core": {"numpy"}, "rules": {"numpy"}, "observe": {"numpy", "torch"}}[layer(path) or ""]
    )


def test_the_core_names_no_rule():
    for path in FILES:
        if layer(path) == "core":
            assert not {
                name
                for name in imported(path)
                if name.startswith("netsitter.rules.") and not name.endswith("all_rules")
            }


@pytest.mark.parametrize("path", FILES, ids=id_of)
def test_files_and_functions_are_short(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            lines = (node.end_lineno or 0) - first.lineno + 1
            assert lines <= MAX_FUNCTION_LINES, f"{id_of(path)}:{node.lineno} {node.name} has {lines} lines"


def test_there_is_no_drawer_for_odds_and_ends():
    vague = {"utils", "util", "helpers", "misc", "common", "manager"}
    assert [id_of(path) for path in FILES if path.stem.strip("_") in vague or path.parent.name in vague] == []


def test_public_names_are_few_and_real():
    assert len(netsitter.__all__) <= MAX_PUBLIC_NAMES
    assert list(netsitter.__all__) == sorted(netsitter.__all__)
    for name in netsitter.__all__:
        assert getattr(netsitter, name) is not None


def test_source_tells_nothing_of_where_it_was_written():
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert "/work/" not in text, id_of(path)
        assert "/tmp/" not in text, id_of(path)


@pytest.mark.parametrize("argv", [["--help"], ["rules"], ["--version"]], ids=" ".join)
def test_the_command_line_starts_light(argv):
    code = (
        "import sys\n"
        f"sys.argv = ['netsitter', *{argv!r}]\n"
        "from netsitter.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().splitlines()[-1] == "[]"


def test_importing_the_package_imports_nothing_of_ours():
    code = "import sys, netsitter; print([m for m in sys.modules if m.startswith('netsitter.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
