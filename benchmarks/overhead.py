"""What watching costs: step time with and without, interleaved in one run.

    python -m benchmarks.overhead [--rounds 50] [--steps 20] [--device cpu] [--memory 200000]

Each way of watching trains in a process of its own; the processes take turns, one block of steps at a
time (A B C A B C ...), so that none is taxed by another's hooks and a slow moment strikes all alike.
For every round the block is divided by the bare block of the same round. Printed are the median of
these ratios, and the ratio of the whole time, in which a rare expensive step cannot hide. "bare again" is
a second bare process: what it differs by is the noise, and less than that cannot be told. All processes
are started anew some times, for where a process lands in memory makes a difference of its own.
Time is of the processor on the CPU, with one thread, and of the wall clock, synchronised, on CUDA.
"""

import argparse
import multiprocessing
import multiprocessing.connection
import resource
import statistics
import time
import warnings

import torch
from torch import nn

from benchmarks.machine import describe
from benchmarks.networks import CLASSES, NETWORKS
from benchmarks.watchers import WATCHERS, Backward

POOL = 20
"""Batches made beforehand and used in turn."""


class Training:
    """One network in training, a block of steps at a time."""

    def __init__(self, network: str, device: str) -> None:
        torch.manual_seed(0)
        self.model = NETWORKS[network].build().to(device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.inputs = [NETWORKS[network].inputs().to(device) for _ in range(POOL)]
        self.targets = [torch.randint(0, CLASSES, (len(x),), device=device) for x in self.inputs]
        self.device, self.step = device, 0

    def block(self, steps: int, backward: Backward) -> float:
        """Seconds for so many steps."""
        clock = time.perf_counter if self.device == "cuda" else time.process_time
        self._synchronise()
        started = clock()
        for _ in range(steps):
            x, y = self.inputs[self.step % POOL], self.targets[self.step % POOL]
            self.optimizer.zero_grad()
            backward(self.model(x), y, self.step)
            self.optimizer.step()
            self.step += 1
        self._synchronise()
        return clock() - started

    def _synchronise(self) -> None:
        if self.device == "cuda":
            torch.cuda.synchronize()


def work(
    network: str, watcher: str, device: str, warm_up: int, pipe: multiprocessing.connection.Connection
) -> None:
    """In a process of its own: answer each number of steps with the seconds they took."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    training = Training(network, device)
    try:
        with WATCHERS[watcher](training.model, training.optimizer) as backward:
            pipe.send(training.block(warm_up, backward))
            while steps := pipe.recv():
                pipe.send(training.block(steps, backward))
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")


class Turn:
    """One way of watching, waiting for its turn."""

    def __init__(self, network: str, watcher: str, device: str, warm_up: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=work, args=(network, watcher, device, warm_up, theirs), daemon=True
        )
        self.process.start()
        self.watcher, self.seconds = watcher, []
        started = self.pipe.recv()
        self.failure = started if isinstance(started, str) else None

    def take(self, steps: int) -> None:
        self.pipe.send(steps)
        answer = self.pipe.recv()
        if isinstance(answer, str):
            self.failure = answer
        else:
            self.seconds.append(answer)

    def end(self) -> None:
        if self.failure is None:
            self.pipe.send(0)
        self.process.join()


def compare(network: str, watchers: list[str], args: argparse.Namespace) -> None:
    """Print one table: every way of watching one network."""
    rounds, steps = args.rounds, args.steps
    print(f"\n{network}, {args.device}: {args.spawns} x {rounds} rounds of {steps} steps", flush=True)
    seconds: dict[str, list[float]] = {watcher: [] for watcher in watchers}
    for _ in range(args.spawns):
        turns = [Turn(network, watcher, args.device, args.warm_up) for watcher in seconds]
        for number in range(rounds):
            turns = [turn for turn in turns if turn.failure is None or drop(turn, seconds)]
            # Who goes first changes, so that no one always follows the same neighbour.
            for turn in turns[number % len(turns) :] + turns[: number % len(turns)]:
                turn.take(steps)
        for turn in turns:
            turn.end()
            if turn.failure is None or drop(turn, seconds):
                seconds[turn.watcher] += turn.seconds
    for watcher, mine in seconds.items():
        print(line(watcher, mine, seconds["bare"], steps), flush=True)


def drop(turn: Turn, seconds: dict[str, list[float]]) -> bool:
    """Say why this one is left out of the table; always False, for it is not kept."""
    print(f"  {turn.watcher:24} left out: {turn.failure}", flush=True)
    seconds.pop(turn.watcher)
    return False


def line(watcher: str, mine: list[float], bare: list[float], steps: int) -> str:
    ratios = [a / b for a, b in zip(mine, bare, strict=True)]
    median, whole = statistics.median(ratios), sum(mine) / sum(bare)
    quartiles = statistics.quantiles(ratios, n=4)
    return (
        f"  {watcher:24} {1e6 * statistics.median(mine) / steps:8.0f} us a step   "
        f"median {100 * (median - 1):+7.2f} %   whole {100 * (whole - 1):+7.2f} %   "
        f"(quartiles {100 * (quartiles[0] - 1):+.1f} .. {100 * (quartiles[2] - 1):+.1f})"
    )


def memory(steps: int) -> None:
    """Print the peak memory of a small watched training as it goes on."""
    from netsitter import watch

    torch.set_num_threads(1)
    model = nn.Linear(8, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    x, y = torch.randn(16, 8), torch.randn(16, 1)
    print(f"\nmemory of a watched training of {steps} steps")
    with watch(model, optimizer=optimizer, quiet=True):
        for step in range(1, steps + 1):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
            if step % (steps // 10) == 0:
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                print(f"  step {step:9d}   peak {peak:8.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overhead")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--spawns", type=int, default=3, help="how often every process is started anew")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--warm-up", type=int, default=300, help="steps before the first timed block")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--only", default="", help="only networks whose name holds this text")
    parser.add_argument("--watchers", nargs="+", default=list(WATCHERS), choices=list(WATCHERS))
    parser.add_argument("--memory", type=int, default=100_000, help="steps of the memory run; 0 for none")
    args = parser.parse_args()
    watchers = ["bare", "bare again", *(name for name in args.watchers if not name.startswith("bare"))]
    print(describe())
    for network in NETWORKS:
        if args.only in network:
            compare(network, watchers, args)
    if args.memory:
        memory(args.memory)


if __name__ == "__main__":
    main()
