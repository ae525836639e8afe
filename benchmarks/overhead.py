"""What watching costs: step time with and without, interleaved in one process.

    python -m benchmarks.overhead [--seconds 12] [--device cpu]
    python -m benchmarks.overhead --million

Two faces of one network train in one process, one watched and one bare, a few steps at a time in turns,
so that a slow moment strikes both. Each has modules, parameters and an optimiser of its own for hooks to
cling to, but the numbers behind them are the same memory: where a network lies there makes more of a
difference than watching does. Each pair of blocks gives a ratio. Printed are the median ratio, and the
ratio of the whole time, in which a rare expensive step cannot hide; brackets are 95 % bootstrap intervals.
"bare again" is a face that is not watched either: what it differs by is the noise, and less than that
cannot be told. Time is of the processor on the CPU, with one thread, all threads of the process counted,
and of the wall clock, synchronised, on CUDA. "start" is what opening and the first steps took beyond a
bare face's, which includes importing the tool.
"""

import argparse
import copy
import resource
import time
import warnings
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.machine import describe
from benchmarks.networks import CLASSES, NETWORKS
from benchmarks.watchers import WATCHERS, Backward, Way, plain

POOL = 20
"""Batches made beforehand and used in turn."""
BLOCK = 0.03
"""Seconds of a block: many are needed for a median, and each should hold several steps."""
TWICE_AS_LONG = ("bare again", "netsitter.watch")
RESAMPLES = 2000
MILESTONES = (1_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
"""Steps after which memory is printed."""


class Training:
    """One network in training, a block of steps at a time."""

    def __init__(self, network: str, device: str) -> None:
        torch.manual_seed(0)
        self.model = NETWORKS[network].build().to(device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.inputs = [NETWORKS[network].inputs().to(device) for _ in range(POOL)]
        self.targets = [torch.randint(0, CLASSES, (len(x),), device=device) for x in self.inputs]
        self.device, self.step = device, 0
        self.block(20, plain)

    def face(self) -> "Training":
        """Another model and optimiser on the same memory."""
        twin = copy.copy(self)
        twin.model = copy.deepcopy(self.model)
        for mine, theirs in zip(self.model.parameters(), twin.model.parameters(), strict=True):
            theirs.data, theirs.grad = mine.data, None
        twin.optimizer = torch.optim.Adam(twin.model.parameters(), lr=1e-3)
        for mine, theirs in zip(self.model.parameters(), twin.model.parameters(), strict=True):
            twin.optimizer.state[theirs] = self.optimizer.state[mine]
        return twin

    def block(self, steps: int, backward: Backward) -> tuple[float, float]:
        """Seconds of the processor and of the wall clock for so many steps."""
        self._synchronise()
        wall, processor = time.perf_counter(), time.process_time()
        for _ in range(steps):
            x, y = self.inputs[self.step % POOL], self.targets[self.step % POOL]
            self.optimizer.zero_grad()
            backward(self.model(x), y, self.step)
            self.optimizer.step()
            self.step += 1
        self._synchronise()
        return time.process_time() - processor, time.perf_counter() - wall

    def _synchronise(self) -> None:
        if self.device == "cuda":
            torch.cuda.synchronize()


class Pairs:
    """Seconds of watched and bare blocks, one pair a row."""

    def __init__(self, device: str) -> None:
        self.clock = 1 if device == "cuda" else 0
        self.rows: list[tuple[tuple[float, float], tuple[float, float]]] = []
        self.start = 0.0
        self.steps = 1

    def take(self, watched: Training, other: Training, way: Way, seconds: float) -> None:
        """Blocks in turns until the time is up. Who goes first changes."""
        deadline = time.perf_counter() + seconds
        number = 0
        while time.perf_counter() < deadline:
            number += 1
            mine = watched.block(self.steps, way.backward) if number % 2 else None
            with way.asleep():
                bare = other.block(self.steps, plain)
            self.rows.append((mine or watched.block(self.steps, way.backward), bare))

    def line(self, name: str) -> str:
        table = np.array(self.rows)
        watched, bare = table[:, 0, self.clock], table[:, 1, self.clock]
        wall = np.median(table[:, 0, 1] / table[:, 1, 1])
        picks = np.random.default_rng(0).integers(0, len(table), (RESAMPLES, len(table)))
        medians = np.median((watched / bare)[picks], axis=1)
        wholes = watched[picks].sum(1) / bare[picks].sum(1)
        return (
            f"  {name:24} {1e6 * np.median(bare) / self.steps:7.0f} us bare"
            f"   median {_percent(np.median(watched / bare), medians)}"
            f"   whole {_percent(watched.sum() / bare.sum(), wholes)}"
            f"   wall {100 * (wall - 1):+6.2f} %   start {1e3 * self.start:+6.0f} ms"
        )


def _percent(ratio: float, resampled: np.ndarray) -> str:
    low, high = np.quantile(resampled, (0.025, 0.975))
    return f"{100 * (ratio - 1):+6.2f} % [{100 * (low - 1):+.2f}, {100 * (high - 1):+.2f}]"


def measure(network: str, watcher: str, args: argparse.Namespace) -> Pairs:
    """One way of watching one network."""
    pairs = Pairs(args.device)
    bare = Training(network, args.device)
    watched = bare.face()
    pairs.steps = max(2, round(BLOCK / (bare.block(40, plain)[1] / 40)))
    start = time.process_time()
    with WATCHERS[watcher](watched.model, watched.optimizer) as way:
        watched.block(args.warm_up, way.backward)
        started = time.process_time() - start
        with way.asleep():
            pairs.start = started - bare.block(args.warm_up, plain)[0]
        pairs.take(watched, bare, way, args.seconds * (2 if watcher in TWICE_AS_LONG else 1))
    return pairs


def compare(network: str, watchers: list[str], args: argparse.Namespace) -> None:
    """Print one table: every way of watching one network."""
    print(f"\n{network}, {args.device}", flush=True)
    for watcher in watchers:
        try:
            print(measure(network, watcher, args).line(watcher), flush=True)
        except Exception as error:
            print(f"  {watcher:24} left out: {type(error).__name__}: {str(error)[:100]}", flush=True)


def unlooked(pairs: int = 30, steps: int = 100) -> None:
    """Print what the steps cost on which nothing is looked at: most of them.

    Back to back, and with caches full of other work before each: the truth of a network lies between.
    """
    for is_cold in (False, True):
        watched: list[float] = []
        bare: list[float] = []
        for _ in range(pairs):
            watched.append(_median_step(1 << 40, steps, is_cold))
            bare.append(_median_step(None, steps, is_cold))
        extra = np.subtract(watched, bare)
        low, middle, high = np.quantile(extra, (0.25, 0.5, 0.75)) / 1e3
        name = "between other work" if is_cold else "back to back"
        print(f"a step that is not looked at, {name}: {middle:+.1f} us [{low:.1f}, {high:.1f}]", flush=True)


def _median_step(every: int | None, steps: int, is_cold: bool) -> float:
    """Nanoseconds of the processor for a step of a tiny network, watched if ``every`` says how often."""
    from netsitter import watch

    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 3))
    x, y, other = torch.randn(4, 4), torch.randint(0, 3, (4,)), torch.randn(512, 512)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    took = []
    with watch(model, optimizer=optimizer, every=every, quiet=True) if every else nullcontext():
        for _ in range(steps + 20):
            if is_cold:
                _work(other)
            began = time.process_time_ns()
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
            took.append(time.process_time_ns() - began)
    return float(np.median(took[20:]))


def _work(matrix: torch.Tensor) -> None:
    """Some megabytes and many of torch's functions, none of which a watch hears."""
    weight = matrix[:64].clone().requires_grad_()
    hidden = (matrix @ weight.T).relu().softmax(1)
    torch.autograd.grad(torch.layer_norm(hidden, (64,)).square().mean(), [weight])


def memory(steps: int = 1_000_000) -> None:
    """Print how much memory a small watched training holds as it goes on."""
    from netsitter import watch

    model = nn.Linear(8, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    x, y = torch.randn(16, 8), torch.randn(16, 1)
    print(f"\nmemory of a watched training of {steps} steps")
    with watch(model, optimizer=optimizer, quiet=True):
        for step in range(1, steps + 1):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
            if step in MILESTONES:
                print(f"  step {step:9d}   {_resident():8.1f} MB", flush=True)


def _resident() -> float:
    """Megabytes of this process that lie in memory now; the peak where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overhead")
    parser.add_argument("--seconds", type=float, default=12, help="a tool and network; ours twice as long")
    parser.add_argument("--warm-up", type=int, default=100, help="steps before the first timed block")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--only", default="", help="only networks whose name holds this text")
    parser.add_argument("--watchers", nargs="+", default=list(WATCHERS), choices=list(WATCHERS))
    parser.add_argument("--million", action="store_true", help="only the memory of a million steps")
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    print(describe())
    if args.million:
        memory()
        return
    unlooked()
    for network in NETWORKS:
        if args.only in network:
            compare(network, args.watchers, args)


if __name__ == "__main__":
    main()
