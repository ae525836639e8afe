"""Replicas of a distributed training: two real processes, compared without ever waiting."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import distributed, nn
from torch.multiprocessing.spawn import spawn

import netsitter
from netsitter.observe import ranks

STEPS = 40
APART_FROM = 10


def test_ranks_are_compared_ever_more_rarely():
    due = [ranks.next_due(0)]
    while due[-1] < 34:
        due.append(ranks.next_due(due[-1]))
    assert due == [
        2,
        3,
        4,
        5,
        6,
        8,
        9,
        10,
        16,
        17,
        18,
        32,
        33,
        34,
    ]


def test_nothing_is_compared_where_nothing_is_replicated():
    assert ranks.compare(2, [torch.zeros(3)]) == {}


def train(rank: int, *, is_watched: bool, drifts: bool) -> dict[str, Any]:
    torch.manual_seed(0)
    model = nn.parallel.DistributedDataParallel(nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2)))
    torch.manual_seed(rank)
    sitter = netsitter.watch(model, quiet=True) if is_watched else None
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(STEPS):
        x = torch.randn(32, 8)
        optimizer.zero_grad()
        F.cross_entropy(model(x), (x[:, 0] > 0).long()).backward()
        optimizer.step()
        if drifts and rank == 1 and step == APART_FROM:
            with torch.no_grad():
                next(model.parameters()).mul_(1.5)
    if sitter is None:
        return {}
    sitter.close()
    seen = sitter.run["rank/divergence"]
    return {
        "steps": seen.steps.tolist(),
        "divergence": seen.values.tolist(),
        "findings": [finding.name for finding in sitter.findings],
        "broken": sitter.diagnosis.broken,
    }


def work(rank: int, port: int, folder: Path) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
    results = {
        "equal": train(rank, is_watched=True, drifts=False),
        "apart": train(rank, is_watched=True, drifts=True),
        "alone": train(rank, is_watched=rank == 0, drifts=False),
    }
    (folder / f"{rank}.json").write_text(json.dumps(results))
    distributed.barrier()
    distributed.destroy_process_group()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each rank saw in each training."""
    folder = tmp_path_factory.mktemp("ranks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    subprocess.run(
        [sys.executable, __file__, str(port), str(folder)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=240,
        check=True,
    )
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


@pytest.mark.slow
def test_replicas_that_agree_are_left_alone(seen):
    for rank in range(2):
        assert seen[rank]["equal"]["broken"] == {}
        assert seen[rank]["equal"]["findings"] == []
        assert max(seen[rank]["equal"]["divergence"]) < 1e-9
        assert len(seen[rank]["equal"]["divergence"]) >= 5


@pytest.mark.slow
def test_replicas_that_come_apart_are_named_on_every_rank(seen):
    for rank in range(2):
        apart = seen[rank]["apart"]
        assert apart["findings"][0] == "rank-divergence"
        first = next(s for s, d in zip(apart["steps"], apart["divergence"], strict=True) if d > 1e-6)
        assert first > APART_FROM


@pytest.mark.slow
def test_a_rank_that_is_watched_alone_waits_for_nobody(seen):
    assert seen[0]["alone"]["divergence"] == []
    assert seen[0]["alone"]["broken"] == {}


if __name__ == "__main__":
    spawn(work, (int(sys.argv[1]), Path(sys.argv[2])), nprocs=2)
