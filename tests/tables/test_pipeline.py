"""Any table goes through read, schema, split and encoding, or is refused in one sentence."""

import datetime
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netsitter.errors import NetsitterError
from netsitter.tables.encode import TableEncoder, TargetEncoder
from netsitter.tables.profile import profile
from netsitter.tables.read import read_table
from netsitter.tables.schema import infer_schema
from netsitter.tables.split import split_table

NUMBERS = st.floats(width=64) | st.integers(-(10**12), 10**12) | st.sampled_from([0, 1, -999, np.nan, np.inf])
WORDS = st.sampled_from(
    ["a", "b", "None", "NA", "", "12%", "$5", "1,234", "01.02.2020", "x y z", "<b>", "é\n"]
)
CELLS = {
    "numbers": NUMBERS,
    "few numbers": st.sampled_from([0, 1, 2, np.nan]),
    "words": WORDS,
    "text": st.text(max_size=12),
    "truth": st.booleans(),
    "gaps": st.sampled_from([True, False, None]),
    "moments": st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)),
    "anything": NUMBERS | WORDS | st.none() | st.booleans(),
}


@st.composite
def frames(draw):
    n = draw(st.integers(1, 19) | st.integers(20, 60))
    seed = draw(st.integers(0, 99))
    frame = {}
    for name in draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=5)):
        pool = draw(st.lists(CELLS[name], min_size=1, max_size=30, unique_by=repr))
        chosen = np.random.default_rng(seed + len(frame)).integers(0, len(pool), n)
        frame[f"{name} {len(frame)}"] = pd.Series([pool[i] for i in chosen])
    return pd.DataFrame(frame)


def go_through(frame, target):
    """The encoded rows and target, or the sentence of refusal."""
    try:
        table = read_table(frame)
        schema = infer_schema(table, target)
        split = split_table(table, schema, seed=0)
        encoder = TableEncoder.fit(table.iloc[split.train], schema)
        answers = table[target]
        target_encoder = TargetEncoder.fit(answers.iloc[split.train], schema.task)
        known = np.concatenate([split.train, split.validation, split.test])
        return encoder.transform(table), target_encoder.transform(answers.iloc[known]), encoder
    except NetsitterError as error:
        return str(error)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(frames(), st.data())
def test_finite_numbers_or_one_sentence(frame, data):
    target = data.draw(st.sampled_from(list(frame.columns)))
    result = go_through(frame, target)
    if isinstance(result, str):
        assert len(result.splitlines()) == 1
        assert result.endswith((".", "?", ")"))
        return
    encoded, answers, encoder = result
    assert np.isfinite(encoded.numeric).all()
    assert np.abs(encoded.numeric).max(initial=0) <= 3
    assert encoded.codes.shape == (len(frame), len(encoder.cardinalities))
    assert (encoded.codes >= 0).all()
    assert (encoded.codes < np.array(encoder.cardinalities, dtype=int)).all()
    assert np.isfinite(answers).all()


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(frames(), st.sampled_from([0, 1, 2.5]))
def test_any_table_has_a_profile(frame, constant):
    frame = frame.assign(y=np.arange(len(frame)) % 3 + constant, x=np.arange(len(frame)) ** 0.5)
    if len(frame) < 20:
        return
    schema = infer_schema(frame, "y")
    series, facts = profile(frame, schema, split_table(frame, schema, seed=0))
    json.dumps([series, facts], allow_nan=False)


def test_the_canary_teaches_nothing():
    """Validation and test cells that differ wildly change nothing that is learned from the training rows."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.normal(size=300), "c": random.choice(list("pqr"), 300)})
    frame["d"] = pd.date_range("2020-01-01", periods=300)
    frame["y"] = random.normal(size=300)
    schema = infer_schema(frame, "y")
    split = split_table(frame, schema, seed=0)
    wild = frame.copy()
    judging = np.concatenate([split.validation, split.test])
    wild.loc[judging, ["x", "y"]] = 1e12
    wild.loc[judging, "c"] = "canary"
    wild.loc[judging, "d"] = pd.Timestamp("1950-01-01")
    learned = [
        (
            TableEncoder.fit(table.iloc[split.train], schema),
            TargetEncoder.fit(table["y"].iloc[split.train], schema.task),
        )
        for table in (frame, wild)
    ]
    assert learned[0] == learned[1]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_and_a_frame_are_encoded_alike(tmp_path, suffix):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.normal(size=90), "n": random.integers(0, 9, 90), "y": list("ab") * 45})
    frame["c"] = random.choice(["1", "2", "many"], 90)
    frame["d"] = pd.date_range("2020-01-01 10:00", periods=90, freq="5h")
    path = tmp_path / f"t.{suffix}"
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path)
    schema = infer_schema(frame, "y")
    assert infer_schema(read_table(path), "y").inputs[0] == schema.inputs[0]
    encoder = TableEncoder.fit(frame, schema)
    np.testing.assert_array_equal(
        encoder.transform(frame).numeric, encoder.transform(read_table(path)).numeric
    )
