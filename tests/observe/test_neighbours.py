"""Nearest neighbours tell whether inputs and labels belong together."""

import math

import pytest
import torch

from netsitter.observe.neighbours import ROWS, Neighbours


def asked(inputs: torch.Tensor, labels: torch.Tensor, batch: int = 32) -> dict[str, float]:
    neighbours = Neighbours()
    for start in range(0, len(inputs), batch):
        neighbours.add(inputs[start : start + batch], labels[start : start + batch])
    return neighbours.numbers()


@pytest.fixture
def rows():
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 4, (400,), generator=generator)
    return torch.randn(400, 6, generator=generator) + 5.0 * labels[:, None], labels, generator


def test_neighbours_share_a_class_until_labels_are_shuffled(rows):
    inputs, labels, generator = rows
    together = asked(inputs, labels)
    apart = asked(inputs, labels[torch.randperm(400, generator=generator)])
    assert together["data/neighbour_agreement"] > 0.95
    assert together["data/neighbour_chance"] == pytest.approx(0.25, abs=0.02)
    assert abs(apart["data/neighbour_agreement"] - apart["data/neighbour_chance"]) < 0.1


def test_real_targets(rows):
    inputs, _, generator = rows
    target = inputs.mean(1, keepdim=True)
    together = asked(inputs, target)
    apart = asked(inputs, target[torch.randperm(400, generator=generator)])
    assert together["data/neighbour_agreement"] > 0.8
    assert together["data/neighbour_chance"] == 0
    assert abs(apart["data/neighbour_agreement"]) < 0.25


def test_a_row_seen_again_is_no_neighbour_of_itself(rows):
    inputs, labels, generator = rows
    shuffled = labels[torch.randperm(400, generator=generator)]
    twice = asked(inputs[:200].repeat(2, 1), shuffled[:200].repeat(2))
    assert twice["data/neighbour_rows"] == 200
    assert twice["data/neighbour_agreement"] < 0.5


def test_images_and_large_inputs_are_flattened_and_bounded(rows):
    _, labels, generator = rows
    images = torch.randn(400, 3, 40, 40, generator=generator) + labels[:, None, None, None]
    assert asked(images, labels)["data/neighbour_agreement"] > 0.95
    assert asked(images.repeat(3, 1, 1, 1), labels.repeat(3))["data/neighbour_rows"] <= ROWS


@pytest.mark.parametrize(
    ("inputs", "labels"),
    [
        (torch.randn(400, 6), torch.zeros(400)),  # nothing to tell apart
        (torch.randint(0, 9, (400, 6)), torch.arange(400)),  # tokens have no distance
        (torch.randn(400, 6), torch.randn(400, 3)),  # no one label a row
        (torch.full((400, 6), math.nan), torch.arange(400)),
        (torch.randn(8, 6), torch.arange(8)),
    ],
)
def test_where_it_cannot_be_asked_it_says_nothing(inputs, labels):
    assert asked(inputs, labels) == {}


def test_words_that_hardly_come_twice_are_no_amounts(rows):
    inputs, _, generator = rows
    words = torch.randint(0, 900, (400,), generator=generator)
    assert "data/neighbour_agreement" not in asked(inputs, words)
    assert "data/neighbour_agreement" in asked(inputs, words.float())
