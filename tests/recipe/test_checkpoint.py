"""Any state goes into a checkpoint and comes back as it was."""

import math
from pathlib import Path

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netsitter.recipe.checkpoint import Checkpoint

plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text()
trees = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text() | st.integers(0, 99), inner, max_size=4)
        | st.tuples(inner, inner)
    ),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(tree=trees)
def test_round_trip_of_plain_values(tree, tmp_path_factory):
    path = Path(tmp_path_factory.mktemp("checkpoint")) / "state"
    Checkpoint(path).save({"tree": tree})
    assert Checkpoint(path).load() == {"tree": tree}


def test_tensors_keep_dtype_shape_and_nan(tmp_path):
    tensors = [torch.tensor([1.0, math.nan]), torch.arange(3, dtype=torch.uint8), torch.zeros(2, 0)]
    checkpoint = Checkpoint(tmp_path / "state")
    checkpoint.save({"tensors": tensors, 3: math.inf})
    state = checkpoint.load()
    assert state is not None
    assert state[3] == math.inf
    for ours, theirs in zip(state["tensors"], tensors, strict=True):
        assert ours.dtype == theirs.dtype
        assert torch.equal(ours.nan_to_num(7), theirs.nan_to_num(7))


def test_there_may_be_none(tmp_path):
    checkpoint = Checkpoint(tmp_path / "state")
    assert checkpoint.load() is None
    checkpoint.clear()
