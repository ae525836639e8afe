"""Trials per second: many networks as one against Optuna and plain torch, one network after another.

    python -m benchmarks.population [--quick] [--device cuda] [--rounds 5]

Both search one space (rate, decay, dropout) for an MLP of three layers on the same rows, with Optuna's
default sampler by ask and tell (ours for a whole population at a time), the same epochs and a validation
pass after each. Both have the whole machine: a process a core, of which each does the rival's trials and ours
in turn. The rival is what one writes by hand: rows in memory, ``nn.Sequential``, ``torch.optim.AdamW``, and
once more with ``fused=True``.

Each round gives seconds a trial by the clock and by processor time; a ratio is the median over rounds, so
that other work on the machine meets both. The limit is the matrix product: its share is of what
batched products reach here, in the same processes in the same rounds.
"""

import argparse
import multiprocessing
import os
import statistics
import time
from dataclasses import dataclass
from typing import Any

import optuna
import torch

from benchmarks.machine import describe
from benchmarks.population_side import BATCHES, EPOCHS, SHAPES, Side, Spent, operations
from netsitter.recipe.halving import Halving

QUICK_SHAPES = (32, 64, 128, 256)
TOGETHER = {16: 128, 32: 128, 64: 64, 128: 32, 256: 8, 512: 4}
"""Members of a process's population where it is measured against the rival."""
MOST_OPERATIONS = 10e12, 2e12
"""Of a population in the table by K, also with --quick: one or two minutes, and a fifth of it."""
TARGETS = {32: 15.0, 64: 5.0, 128: 2.5}
PEAK_TARGETS = {256: 0.6}
"""Width → share of what batched matrix products reach here, by processor time."""


class Processes:
    """A process a core, which all do the same thing at the same time when told to."""

    def __init__(self, number: int, device: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.ends, self.processes = [], []
        for _ in range(number):
            mine, theirs = context.Pipe()
            process = context.Process(target=serve, args=(theirs, device), daemon=True)
            process.start()
            self.ends.append(mine)
            self.processes.append(process)

    def do(self, width: int, name: str, count: int, **settings: Any) -> tuple[Spent, float]:
        """What all of them did, and the seconds from the first to the last."""
        started = time.monotonic()
        for end in self.ends:
            end.send((width, name, count, settings))
        found: list[Spent] = [end.recv() for end in self.ends]
        spent = Spent(
            trials=sum(each.trials for each in found),
            steps=sum(each.steps for each in found),
            processor=sum(each.processor for each in found),
            best=min(each.best for each in found),
        )
        return spent, time.monotonic() - started

    def close(self) -> None:
        for end, process in zip(self.ends, self.processes, strict=True):
            end.send(None)
            process.join()


def serve(end: Any, device: str) -> None:
    torch.set_num_threads(1)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sides: dict[int, Side] = {}
    while (order := end.recv()) is not None:
        width, name, count, settings = order
        if width not in sides:
            sides[width] = Side(width, device)
        end.send(getattr(sides[width], name)(count, **settings))


@dataclass(kw_only=True)
class Timing:
    """Seconds a trial of the whole machine, round by round."""

    clock: list[float]
    processor: list[float]
    spent: Spent


Way = tuple[str, str, int, dict[str, Any]]
"""A name to print, what a side does, how many trials, and how."""


def time_in_turns(processes: Processes, width: int, ways: list[Way], rounds: int) -> dict[str, Timing]:
    timings: dict[str, Timing] = {}
    for number in range(rounds + 1):
        for title, name, count, settings in ways:
            warm = max(1, count // 8) if number == 0 else count
            spent, seconds = processes.do(width, name, warm, **settings)
            if number == 0:  # to wake everything up
                timings[title] = Timing(clock=[], processor=[], spent=spent)
                continue
            timings[title].clock.append(seconds / spent.trials)
            timings[title].processor.append(spent.processor / spent.trials)
            timings[title].spent = spent
    return timings


def ratio(rival: list[float], ours: list[float]) -> float:
    return statistics.median(r / o for r, o in zip(rival, ours, strict=True))


def compare(processes: Processes, width: int, rounds: int) -> None:
    count, rivals = TOGETHER[width], 2 if width >= 128 else 4
    halving = Halving(at=(0.125, 0.25, 0.5), keep=0.5)
    exact = {"precision": torch.float32}
    ways: list[Way] = [
        ("plain torch", "rival", rivals, {"fused": False}),
        ("plain torch, fused", "rival", rivals, {"fused": True}),
        (f"population of {count}", "ours", count, exact),
        (f"population of {count}, halving", "ours", count, {**exact, "halving": halving}),
        (f"population of {count}, bfloat16", "ours", count, {"precision": torch.bfloat16}),
        ("peak", "peak", 100, {}),
    ]
    timings = time_in_turns(processes, width, ways, rounds)
    peak = timings.pop("peak").spent.steps / 1e3 / len(processes.ends)
    plain, fused = timings["plain torch"], timings["plain torch, fused"]
    print(f"\nwidth {width}, batch {SHAPES[width]}: {EPOCHS} epochs of {BATCHES} batches a trial")
    print(f"  {'':34s} trials/s   x plain (clock, processor)   x fused (clock, processor)   share of peak")
    shares: dict[str, float] = {}
    for title, timing in timings.items():
        seconds = statistics.median(timing.processor)
        shares[title] = timing.spent.steps / timing.spent.trials * operations(width) / 1e9 / seconds / peak
        print(
            f"  {title:34s} {1 / statistics.median(timing.clock):8.2f}"
            f"   {ratio(plain.clock, timing.clock):11.2f} {ratio(plain.processor, timing.processor):11.2f}"
            f"   {ratio(fused.clock, timing.clock):14.2f} {ratio(fused.processor, timing.processor):11.2f}"
            f"   {shares[title]:10.1%}",
            flush=True,
        )
    together = timings[f"population of {count}"]
    if width in TARGETS:
        reached = ratio(plain.clock, together.clock)
        word = "met" if reached >= TARGETS[width] else "missed"
        print(f"  target: {TARGETS[width]:g} times plain torch by the clock: {reached:.2f}, {word}")
    if width in PEAK_TARGETS:
        reached = shares[f"population of {count}"]
        word = "met" if reached >= PEAK_TARGETS[width] else "missed"
        print(
            f"  target: {PEAK_TARGETS[width]:.0%} of the {peak:.0f} GFLOP/s a core of batched products: "
            f"{reached:.1%}, {word}"
        )
    cut = timings[f"population of {count}, halving"]
    print(f"  halving: {ratio(together.clock, cut.clock):.2f} times the trials of a population without it")


def sweep(processes: Processes, widths: list[int], sizes: list[int], most: float) -> None:
    """Trials per second of the whole machine by width and members of a process's population."""
    print("\ntrials per second by members of a process's population, float32")
    print("  width" + "".join(f"{size:>10d}" for size in sizes))
    for width in widths:
        cells = []
        for size in sizes:
            if size * EPOCHS * BATCHES * operations(width) > most:
                cells.append(f"{'-':>10s}")
                continue
            spent, seconds = processes.do(width, "ours", size, precision=torch.float32)
            cells.append(f"{spent.trials / seconds:10.2f}")
        print(f"  {width:5d}" + "".join(cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="four widths, two rounds, a smaller table")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--widths", type=int, nargs="+", choices=list(SHAPES))
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    print(describe())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    number = cores if options.device == "cpu" else 1
    print(f"{number} process{'es' * (number > 1)} for either side, {options.device}")
    processes = Processes(number, options.device)
    widths = options.widths or list(QUICK_SHAPES if options.quick else SHAPES)
    for width in widths:
        compare(processes, width, options.rounds or (2 if options.quick else 5))
    sweep(processes, widths, [1, 4, 16, 64, 256], MOST_OPERATIONS[options.quick])
    processes.close()


if __name__ == "__main__":
    main()
