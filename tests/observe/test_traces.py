"""A watch changes nothing, and leaves nothing behind."""

import copy
import pickle

import pytest
import torch
import torch.nn.functional as F
import torch.optim.optimizer as optim
from torch import nn
from torch.nn.modules import module as modules

from netsitter.observe import seams
from tests.observe.loops import mlp, sit, train


def traces() -> tuple[object, ...]:
    """Everything in torch that a watch touches."""
    return (
        [getattr(F, name) for name in seams.LOSSES],
        torch.autograd.backward,
        torch.compile,
        vars(nn.Module)["zero_grad"],
        vars(nn.Module)["load_state_dict"],
        vars(optim.Optimizer)["__init__"],
        vars(optim.Optimizer)["zero_grad"],
        vars(nn.Sequential).get("__call__"),
        nn.utils.clip_grad_norm_,
        torch.amp.GradScaler.scale,
        len(optim._global_optimizer_pre_hooks),
        len(optim._global_optimizer_post_hooks),
        len(modules._global_forward_hooks),
    )


def test_results_are_those_of_the_unwatched_run_bit_for_bit():
    def result() -> tuple[list[float], torch.Tensor]:
        torch.manual_seed(0)
        return train(mlp()), torch.get_rng_state()

    losses, state = result()
    with sit(every=1):
        watched, watched_state = result()
    assert watched == losses
    assert torch.equal(watched_state, state)


def test_every_trace_is_gone_after_the_end():
    before = traces()
    with sit() as sitter:
        assert traces() != before
        train(mlp())
    assert traces() == before
    sitter.close()
    assert traces() == before


def test_every_trace_is_gone_after_an_exception():
    def interrupted() -> None:
        with sit():
            train(mlp(), steps=3)
            raise KeyboardInterrupt

    before = traces()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert traces() == before


def test_watches_may_overlap_and_close_in_any_order():
    before = traces()
    model, other = mlp(), mlp()
    first, second = sit(model), sit(other)
    train(model, steps=10)
    first.close()
    train(other, steps=20)
    second.close()
    assert traces() == before
    assert first.run.last_step == 9
    assert second.run.last_step == 19


def test_a_watched_model_is_copied_and_pickled_without_us():
    model = mlp()
    with sit(model):
        train(model, steps=3)
        twin = pickle.loads(pickle.dumps(copy.deepcopy(model)))
        assert not any(m._forward_hooks or m._forward_pre_hooks for m in twin.modules())
    assert b"netsitter" not in pickle.dumps(model)


def test_modes_are_as_they_were():
    model = mlp()
    with sit(model, every=1):
        train(model, steps=3)
        assert model.training
        model.eval()
        train(model, steps=3)
        assert not model.training
