"""Words tell of labels, whatever their order."""

import torch

from netsitter.observe.neighbours import Neighbours


def asked(tokens: torch.Tensor, labels: torch.Tensor) -> dict[str, float]:
    neighbours = Neighbours()
    for start in range(0, len(tokens), 32):
        neighbours.add(tokens[start : start + 32], labels[start : start + 32])
    return neighbours.numbers()


def test_words_tell_a_label_until_it_is_shuffled():
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(0, 60, (400, 9), generator=generator)
    labels = ((tokens < 20).sum(1) > (tokens >= 40).sum(1)).long()
    together = asked(tokens, labels)
    apart = asked(tokens, labels[torch.randperm(400, generator=generator)])
    assert together["data/bag_agreement"] > 0.85
    assert abs(apart["data/bag_agreement"] - apart["data/bag_chance"]) < 0.12
    assert together["data/bag_rows"] == 400


def test_the_same_rows_in_every_epoch_do_not_tell_their_own_label():
    generator = torch.Generator().manual_seed(1)
    tokens = torch.randint(0, 60, (120, 9), generator=generator).repeat(4, 1)
    labels = torch.randint(0, 2, (120,), generator=generator).repeat(4)
    numbers = asked(tokens, labels)
    assert numbers["data/bag_rows"] == 120
    assert numbers["data/bag_agreement"] < 0.65


def test_numbers_and_few_rows_are_left():
    tokens = torch.randint(0, 60, (64, 9))
    assert asked(tokens, torch.randint(0, 2, (64,))) == {}
    assert asked(tokens, torch.randn(64)) == {}
