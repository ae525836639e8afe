import pytest

from netsitter.errors import UsageError
from netsitter.treat.arm import Program
from netsitter.treat.sources import program_files


def test_a_programs_files_are_those_beside_it_that_it_imports(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("import torch\nimport model\nfrom parts.data import rows\n")
    (tmp_path / "model.py").write_text("from parts import size\n")
    (tmp_path / "other.py").write_text("")
    (tmp_path / "parts").mkdir()
    for name in ("__init__", "data", "size"):
        (tmp_path / "parts" / f"{name}.py").write_text("")
    found = program_files(Program(target="train.py"))
    assert next(iter(found)) == str(tmp_path / "train.py")
    assert {path.removeprefix(f"{tmp_path}/") for path in found} == {
        "train.py",
        "model.py",
        "parts/__init__.py",
        "parts/data.py",
    }


def test_a_module_is_found_as_python_finds_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "__init__.py").write_text("")
    (tmp_path / "jobs" / "__main__.py").write_text("print(1)\n")
    assert list(program_files(Program(target="jobs", is_module=True))) == [
        str(tmp_path / "jobs" / "__main__.py")
    ]


def test_a_program_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no program"):
        program_files(Program(target="train.py"))
