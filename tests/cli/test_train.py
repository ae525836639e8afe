"""`netsitter train` and `predict`: output, exit codes, and one sentence for every bad input."""

import json
import os

import numpy as np
import pandas as pd
import pytest

QUICK = (
    *(
        "--budget",
        "4s",
        "--set",
        "recipe.max_trials=2",
        "--set",
        "recipe.folds=2",
        "--set",
        "recipe.threads=1",
    ),
    *(
        "--set",
        "fit.epochs=3",
        "--set",
        "net.width=16",
        "--set",
        "net.depth=1",
        "--set",
        "recipe.refit=false",
    ),
)


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(150, 2))
    path = tmp_path / "table.csv"
    pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": np.where(x.sum(1) > 0, "yes", "no")}).to_csv(
        path, index=False
    )
    return path


def test_train_then_predict(netsitter, table, tmp_path):
    trained = netsitter("train", table, "--target", "y", "--out", tmp_path / "run", "--json", *QUICK)
    assert trained.status == 0, trained.err
    result = json.loads(trained.out)
    assert set(result) >= {"run", "task", "test", "baselines", "verdict", "seconds", "findings"}
    assert set(result["test"]["log_loss"]) == {"value", "low", "high"}
    assert "a: number" in trained.err
    assert "task: binary" in trained.err
    out = tmp_path / "out.csv"
    assert netsitter("predict", tmp_path / "run", table, "-o", out).status == 0
    predictions = pd.read_csv(out)
    assert list(predictions) == ["prediction", "probability_no", "probability_yes"]
    assert len(predictions) == 150
    piped = netsitter("predict", tmp_path / "run", table)
    assert piped.out == out.read_text()


def test_a_guess_is_stated_before_it_is_acted_on(netsitter, table, tmp_path):
    said = netsitter("train", table, "-t", "y", "--out", tmp_path / "run", "--until", "look", *QUICK).err
    assert said.index("task: binary") < said.index("look")


def test_strict_ends_with_5_when_the_network_is_no_better_than_a_constant(netsitter, tmp_path):
    rng = np.random.default_rng(0)
    noise = tmp_path / "noise.csv"
    pd.DataFrame({"a": rng.normal(size=120), "y": rng.choice(["p", "q"], 120)}).to_csv(noise, index=False)
    ended = netsitter("train", noise, "-t", "y", "--out", tmp_path / "run", "--strict", "-q", *QUICK)
    assert ended.status == 5
    assert "no better than a constant answer" in " ".join(ended.out.split())


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


ROWS = "".join(f"{i % 7},{i * 3 % 11},{'ab'[i % 2]}\n" for i in range(60))
BAD_TABLES = {
    "empty": ("", 3, "empty"),
    "header-only": ("a,b,y\n", 3, "row"),
    "no-target": ("a,b,Y\n" + ROWS, 3, "Did you mean 'Y'"),
    "constant-target": ("a,b,y\n" + "".join(f"{i},{i % 3},same\n" for i in range(60)), 3, "'y'"),
    "missing-target": ("a,b,y\n" + "".join(f"{i},{i % 3},\n" for i in range(60)), 3, "'y'"),
    "one-row-class": ("a,b,y\n" + ROWS + "1,2,c\n", 3, "one row"),
    "five-rows": ("a,b,y\n1,2,a\n2,3,b\n3,4,a\n4,5,b\n5,5,a\n", 3, "5"),
    "twice-named": ("a,a,y\n" + ROWS, 3, "'a'"),
    "ragged": ("a,b,y\n" + ROWS + "1,2,a,9,9\n", 3, "row 61"),
    "binary": (bytes(range(256)) * 40, 3, "binary.csv"),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_bad_table_gets_one_sentence_and_leaves_nothing(netsitter, tmp_path, name):
    content, status, said = BAD_TABLES[name]
    path = write(tmp_path / f"{name}.csv", content)
    ended = netsitter("train", path, "--target", "y", "--out", tmp_path / "run", *QUICK)
    assert ended.status == status, ended.err
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert len(ended.err.strip().splitlines()) == 1, ended.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "none.csv", "-t", "y"), "none.csv"),
        (("train", "TABLE"), "--target"),
        (("train", "TABLE", "-t", "y", "--set", "net.widht=3"), "Did you mean 'width'"),
        (("train", "TABLE", "-t", "y", "--budget", "soon"), "duration"),
        (("train", "TABLE", "-t", "y", "--loss", "hubber"), "Did you mean 'huber'"),
        (("train", "TABLE", "-t", "y", "--column", "a=numbr"), "Did you mean 'number'"),
        (("train", "TABLE", "-t", "y", "--drop", "aa"), "Did you mean 'a'"),
        (("train", "TABLE", "-t", "y", "--group", "zz"), "'zz'"),
        (("train", "TABLE", "-t", "y", "--task", "regresion"), "Did you mean 'regression'"),
        (("train", "TABLE", "-t", "y", "--replay", "nowhere"), "nowhere"),
        (("train", "TABLE", "-t", "y", "--device", "warp"), "warp"),
        (("train", "--resume", "nowhere"), "nowhere"),
        (("predict", "nowhere", "TABLE"), "nowhere"),
        (("tarin",), "Did you mean 'train'"),
    ],
)
def test_wrong_usage_is_exit_2_with_one_sentence(netsitter, table, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    ended = netsitter(*(table if a == "TABLE" else a for a in arguments))
    assert ended.status == 2, ended.err
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "runs").exists()


def test_a_folder_as_table_is_refused(netsitter, tmp_path):
    ended = netsitter("train", tmp_path, "-t", "y", *QUICK)
    assert ended.status in (2, 3)
    assert str(tmp_path) in ended.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_output_folder_is_refused(netsitter, table, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    ended = netsitter("train", table, "-t", "y", "--out", locked / "run", *QUICK)
    assert ended.status == 2


def test_a_name_of_html_is_escaped_in_the_report(netsitter, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 2))
    name = "<script>alert(1)</script>"
    hostile = pd.DataFrame({name: x[:, 0], "b\x07": x[:, 1], "y": np.where(x[:, 0] > 0, "<b>", "&")})
    hostile.to_csv(tmp_path / "hostile.csv", index=False)
    ended = netsitter("train", tmp_path / "hostile.csv", "-t", "y", "--out", tmp_path / "run", "-q", *QUICK)
    assert ended.status == 0, ended.err
    report = (tmp_path / "run" / "report.html").read_text()
    assert name not in report
    assert "&lt;script&gt;" in report


def test_help_names_every_command(netsitter):
    shown = netsitter("--help").out
    for command in ("train", "predict", "rules", "explain", "diagnose", "run"):
        assert command in shown
