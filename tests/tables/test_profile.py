"""The profile finds what was planted, stays silent on clean tables, and learns from training rows only."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netsitter.diagnosis import diagnose
from netsitter.run import Run
from netsitter.tables.profile import profile
from netsitter.tables.read import read_table
from netsitter.tables.schema import infer_schema
from netsitter.tables.split import split_table

CASES = Path(__file__).parents[3] / "shared" / "cases" / "tables"
N = 600


def clean():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(N, 6)), columns=[f"x{i}" for i in range(6)])
    frame["town"] = random.choice(["north", "south", "east"], N)
    frame["y"] = np.where(frame["x0"] + frame["x1"] + 0.3 * random.normal(size=N) > 0, "yes", "no")
    return frame


def judge(frame, target="y", **options):
    schema = infer_schema(frame, target)
    split = split_table(frame, schema, seed=0, **options)
    series, facts = profile(frame, schema, split)
    run = Run(facts)
    run.append(0, series)
    diagnosis = diagnose(run)
    assert not diagnosis.broken
    return {finding.name: finding for finding in diagnosis.findings}


def test_a_clean_table_is_clean():
    assert judge(clean()) == {}


def planted():
    """Name of the illness, the sick table, and what ``where`` or the message must name."""
    random = np.random.default_rng(1)
    frame = clean()
    yes = frame["y"] == "yes"
    yield "constant-input", frame.assign(c=7), "'c'"
    yield "id-column", frame.assign(n=np.arange(N)), "'n'"
    yield "duplicate-rows", pd.concat([frame, frame.iloc[:120]], ignore_index=True), "repeat"
    yield "missing-values", frame.assign(x2=frame["x2"].where(random.random(N) < 0.2)), "'x2'"
    yield "missing-values", frame.assign(x2=frame["x2"].where(random.random(N) < 0.9, -999)), "-999"
    yield "outliers", frame.assign(x2=frame["x2"].mask(frame.index % 100 == 3, 1e6)), "1e+06 in 'x2', row"
    yield "rare-category", frame.assign(c=[f"c{i // 2 if i < 200 else i % 3}" for i in range(N)]), "'c'"
    yield (
        "mixed-types",
        frame.assign(x2=frame["x2"].astype(str).mask(frame.index % 100 == 3, "oops")),
        "'oops'",
    )
    yield "high-cardinality", frame.assign(c=[f"c{v}" for v in random.integers(0, 250, N)]), "'c'"
    yield "class-imbalance", frame[~yes | (random.random(N) < 0.04)].reset_index(drop=True), "'yes'"
    yield "target-leak", frame.assign(fee=2.0 * yes + 0.01 * random.normal(size=N)), "'fee'"
    yield "unshuffled-data", frame.sort_values("y", ignore_index=True), "sorted"


@pytest.mark.parametrize(("name", "frame", "says"), list(planted()))
def test_planted_illnesses_are_found(name, frame, says):
    found = judge(frame)
    assert name in found
    assert says in found[name].message


def test_swapped_labels_are_listed():
    frame = clean().drop(columns=["y"])
    frame["y"] = np.where(frame["x0"] > 0, "yes", "no")
    swapped = np.arange(0, N, 15)
    frame.loc[swapped, "y"] = np.where(frame.loc[swapped, "y"] == "yes", "no", "yes")
    found = judge(frame)["label-noise"]
    listed = {int(row.removeprefix("row ")) - 1 for row in found.where}
    assert len(listed) > 10
    assert len(listed - set(swapped)) <= len(listed) / 5


def test_wrong_numbers_are_listed():
    frame = clean().drop(columns=["y"])
    frame["y"] = np.exp(3 * frame["x0"] + 0.1 * frame["x1"])
    wrong = np.flatnonzero(frame["x0"] < -1)[::5]
    frame.loc[wrong, "y"] = 90.0
    listed = {int(row.removeprefix("row ")) - 1 for row in judge(frame)["label-noise"].where}
    assert len(listed) >= 5
    assert len(listed - set(wrong)) <= len(listed) / 5


def test_a_test_file_cut_from_the_training_file():
    frame = pd.concat([clean(), clean().iloc[:100]], ignore_index=True)
    found = judge(frame, test=np.arange(N, N + 100))["validation-leak"]
    assert found.where == ("test",)
    assert "such as rows 601" in found.message


def test_a_test_file_from_elsewhere():
    frame = clean()
    frame.loc[500:, "x3"] += 3
    found = judge(frame, test=np.arange(500, N))["drift"]
    assert found.where == ("test",)
    assert "'x3'" in found.message


def test_a_split_in_time_is_not_called_drift_for_its_time():
    assert "drift" not in judge(clean().assign(year=np.arange(N) // 20), time="year")


def test_only_training_rows_are_described():
    """A canary: wild validation and test cells change nothing but the comparisons with these parts."""
    frame = clean()
    schema = infer_schema(frame, "y")
    split = split_table(frame, schema, seed=0)
    wild = frame.copy()
    judging = np.concatenate([split.validation, split.test])
    wild.loc[judging, "x0"] = 1e9
    wild.loc[judging, "town"] = "canary"
    wild.loc[judging, "y"] = np.where(wild.loc[judging, "y"] == "yes", "no", "yes")
    series, facts = profile(frame, schema, split)
    wild_series, wild_facts = profile(wild, schema, split)
    compared = ("drift", "drift_error", "shared", "shared_rows")
    for before, after in ((series, wild_series), (facts["data"], wild_facts["data"])):
        assert {k: v for k, v in before.items() if not k.endswith(compared)} == {
            k: v for k, v in after.items() if not k.endswith(compared)
        }
    assert wild_series["data/test/drift"] > 0.95


def test_a_histogram_counts_every_row_and_is_not_flattened_by_one_of_them():
    frame = clean()
    frame.loc[0, "x0"] = 1e6
    schema = infer_schema(frame, "y")
    split = split_table(frame, schema, seed=0)
    column = profile(frame, schema, split)[1]["data"]["columns"][0]
    histogram = column["histogram"]
    assert sum(histogram["counts"]) == len(split.train)
    assert -4 < histogram["from"] < -2
    assert 2 < histogram["to"] < 4
    assert max(histogram["counts"]) < 0.2 * len(split.train)


def test_a_column_named_target_does_not_stand_for_the_target():
    frame = clean().assign(target=lambda f: f["x2"].where(f.index % 2 == 0))
    schema = infer_schema(frame, "y")
    series, _ = profile(frame, schema, split_table(frame, schema, seed=0))
    assert series["data/target/missing"] == 0


@pytest.mark.skipif(not CASES.exists(), reason="the real tables are not here")
@pytest.mark.parametrize(
    ("name", "target", "found"),
    [
        ("churn", "churn", set()),
        ("concrete", "compressive_strength", set()),
        ("hpc", "class", set()),
        ("ames", "Sale_Price", {"missing-values", "outliers"}),
        ("digits", "target", {"constant-input"}),
    ],
)
def test_real_tables_raise_no_false_alarm(name, target, found):
    diagnosis = judge(read_table(CASES / f"{name}.csv"), target)
    assert set(diagnosis) == found
    assert {str(finding.severity) for finding in diagnosis.values()} <= {"odd"}
