"""What the live page costs: many runs, one very long run, and a training beside which it is open.

    python -m benchmarks.page many   [--runs 500]
    python -m benchmarks.page long   [--records 10000000]
    python -m benchmarks.page beside [--rounds 12] [--seconds 5]

``many`` and ``long`` write such runs into a temporary folder, serve them, and print how long a page waits
for its first sight, for all of it and for the verdicts, and what the server took of processor and memory.
``beside`` trains a small network at full speed under ``netsitter.watch``, and in turns opens the page on
it and closes it again: printed is what a step costs with and without, and what the server and the browser
took meanwhile. With Chromium there a real page is opened, else the stream of events is read by hand.
"""

import argparse
import contextlib
import json
import math
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.machine import describe
from netsitter.run import Run

CHROMIUM = Path("/usr/bin/chromium")
TICKS = os.sysconf("SC_CLK_TCK")


# ---- runs to be served


def write_many(folder: Path, runs: int) -> None:
    """Runs of 300 steps with ten layers, one in five of them diverging."""
    for number in range(runs):
        generator = random.Random(number)
        is_sick = number % 5 == 0
        with Run.create(
            folder / f"experiment-{number:04}", {"optimizers": [{"type": "Adam", "lr": 0.01}]}
        ) as run:
            run.extend((step, _numbers(step, generator, is_sick)) for step in range(300))
            run.finish(status="finished")


def _numbers(step: int, generator: random.Random, is_sick: bool) -> dict[str, float]:
    loss = (1.05**step if is_sick else 0.1 + math.exp(-step / 60)) * generator.uniform(0.9, 1.1)
    numbers = {"loss": loss, "lr/0": 0.01}
    if step % 10 == 9:
        numbers["val/loss"] = loss * 1.1
        numbers |= {f"grad_norm/layers.{i}.weight": loss * generator.random() for i in range(10)}
    return numbers


def write_long(folder: Path, records: int) -> int:
    """One run of so many steps; returns its size in bytes."""
    folder.mkdir(parents=True)
    generator = random.Random(0)
    with (folder / "run.jsonl").open("w") as file:
        file.write('{"kind": "fact", "facts": {"format": 1}}\n')
        for step in range(records):
            loss = 0.1 + math.exp(-3 * step / records) * generator.uniform(0.8, 1.2)
            if step % 1000:
                file.write(f'{{"kind": "record", "step": {step}, "values": {{"loss": {loss!r}}}}}\n')
            else:
                numbers = {"loss": loss, "val/loss": loss * 1.1, "grad_norm": generator.random()}
                file.write(json.dumps({"kind": "record", "step": step, "values": numbers}) + "\n")
        file.write('{"kind": "end", "status": "finished"}\n')
    return (folder / "run.jsonl").stat().st_size


# ---- a server, and someone who looks


class Server:
    """`netsitter serve` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "netsitter", "serve", str(folder), "--port", "0", "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["url"]
        self.base, _, self.token = self.url.partition("?token=")

    def events(self, **query: str) -> Iterator[tuple[str, dict]]:
        """The stream of events, for ever."""
        headers = {"authorization": f"Bearer {self.token}"}
        with httpx.stream("GET", self.base + "events", params=query, headers=headers, timeout=None) as answer:
            kind = ""
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: "):
                    yield kind, json.loads(line[6:])

    @property
    def seconds(self) -> float:
        return processor_seconds(self.process.pid)

    @property
    def peak(self) -> float:
        """Largest memory so far, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()


def processor_seconds(pid: int) -> float:
    """Of a process, its ended children included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def family_seconds(pid: int) -> float:
    """Of a process and of everything it started, as far as it is still there."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    family, grown = {pid}, True
    while grown:
        more = {child for child, parent in parents.items() if parent in family} - family
        family |= more
        grown = bool(more)
    total = 0.0
    for member in family:
        with contextlib.suppress(OSError):
            total += processor_seconds(member)
    return total


def many(runs: int) -> None:
    print(f"\n{runs} runs")
    with tempfile.TemporaryDirectory() as folder:
        write_many(Path(folder), runs)
        with Server(Path(folder)) as server:
            started, cards = time.monotonic(), {}
            told = {"listed": 0.0, "seen": 0.0, "judged": 0.0}
            for kind, data in server.events():
                cards |= {card["id"]: card for card in data["cards"]} if kind == "cards" else {}
                now = time.monotonic() - started
                if len(cards) == runs:
                    told["listed"] = told["listed"] or now
                    if all("loss" in card for card in cards.values()):
                        told["seen"] = told["seen"] or now
                    if all(card["verdict"] for card in cards.values()):
                        told["judged"] = now
                        break
            for what, seconds in told.items():
                print(f"  all {what:8} after {seconds:6.2f} s")
            print(f"  server: {server.seconds:.1f} s of processor, {server.peak:.0f} MB at most")
            browse(server, "table.runs tbody tr:nth-child(100)", "100 rows of the list")


def long(records: int) -> None:
    print(f"\none run of {records:,} records")
    with tempfile.TemporaryDirectory() as folder:
        size = write_long(Path(folder) / "long", records)
        print(f"  {size / 1e6:,.0f} MB")
        with Server(Path(folder)) as server:
            run = next(data for kind, data in server.events() if kind == "cards" and data["cards"])["cards"][
                0
            ]["id"]
            started = time.monotonic()
            browse(server, "figure.chart canvas", "first curves", f"#/{run}")
            for kind, data in server.events(run=run):
                now = time.monotonic() - started
                if kind == "curves" and "loss" in data["curves"]:
                    points = data["curves"]["loss"]["steps"]
                    print(
                        f"  {len(points):5} points of the loss up to step {points[-1]:,} after {now:6.2f} s"
                    )
                if kind == "verdict":
                    print(f"  verdict after {now:.1f} s")
                    break
            print(f"  server: {server.seconds:.1f} s of processor, {server.peak:.0f} MB at most")


def browse(server: Server, selector: str, what: str, place: str = "") -> None:
    """Print how long a browser takes to show something."""
    with browser() as page:
        if page is None:
            return
        started = time.monotonic()
        page.goto(server.url)
        if place:
            page.evaluate("place => { location.hash = place }", place)
        page.wait_for_selector(selector)
        print(f"  browser: {what} after {time.monotonic() - started:.2f} s")


@contextlib.contextmanager
def browser() -> Iterator:
    """A page of Chromium without a window; None where it is missing."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield None
        return
    if not CHROMIUM.exists():
        yield None
        return
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield chromium.new_page()
        chromium.close()


# ---- beside a training


def train(folder: str, steps, ended) -> None:
    """Train until told to end, as fast as it goes; ``steps`` and processor seconds are told to the parent."""
    import torch
    from torch import nn

    from netsitter import watch

    torch.set_num_threads(1)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x, y = torch.randn(256, 64), torch.randn(256, 1)
    with watch(model, optimizer=optimizer, run_dir=folder, quiet=True):
        while not ended.value:
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
            steps.value += 1


def beside(rounds: int, seconds: float) -> None:
    context = multiprocessing.get_context("spawn")
    steps, ended = context.Value("q", 0), context.Value("b", 0)
    with tempfile.TemporaryDirectory() as folder:
        training = context.Process(target=train, args=(folder, steps, ended), daemon=True)
        training.start()
        while steps.value < 2000:
            time.sleep(0.2)
        with Server(Path(folder)) as server, browser() as page:
            turns: dict[bool, list[dict[str, float]]] = {False: [], True: []}
            for number in range(2 * rounds):
                # Open, closed, closed, open: a machine that slows down evenly taxes both alike.
                is_open = number % 4 in (0, 3)
                turns[is_open].append(turn(is_open, seconds, server, page, training.pid or 0, steps))
        ended.value = 1
        training.join()
    report(turns, has_browser=page is not None)


def turn(is_open: bool, seconds: float, server: Server, page, pid: int, steps) -> dict[str, float]:
    """One stretch of the training with the page open or closed."""
    if page is not None:
        page.goto(server.url if is_open else "about:blank")
    time.sleep(2)  # what opening and closing costs is no part of it
    meters = {
        "wall": time.monotonic,
        "steps": lambda: steps.value,
        "training": lambda: processor_seconds(pid),
        "server": lambda: server.seconds,
        "browser": lambda: family_seconds(os.getpid()) - server.seconds - processor_seconds(pid),
    }
    before = {name: read() for name, read in meters.items()}
    if page is None and is_open:
        deadline = time.monotonic() + seconds
        next(None for _ in server.events() if time.monotonic() > deadline)
    elif page is not None:
        page.wait_for_timeout(1000 * seconds)
    else:
        time.sleep(seconds)
    return {name: read() - before[name] for name, read in meters.items()}


def report(turns: dict[bool, list[dict[str, float]]], *, has_browser: bool) -> None:
    rate = statistics.median(t["steps"] / t["wall"] for t in turns[True])
    print(
        f"\na training of {rate:,.0f} steps a second, {'Chromium' if has_browser else 'a reader of events'}"
    )
    for name, cost in (("processor", "training"), ("wall clock", "wall")):
        per_step = {o: [t[cost] / t["steps"] for t in turns[o]] for o in turns}
        ratios = [a / b - 1 for a, b in zip(per_step[True], per_step[False], strict=True)]
        spread = statistics.quantiles(ratios, n=4)
        print(
            f"  a step with the page open, by {name:10}: {100 * statistics.median(ratios):+.2f} %   "
            f"(quartiles {100 * spread[0]:+.1f} .. {100 * spread[2]:+.1f})"
        )
    for who in ("server", "browser"):
        shares = [t[who] / t["wall"] for t in turns[True]]
        print(f"  {who:8} took {100 * statistics.median(shares):.2f} % of one core")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page")
    parser.add_argument(
        "what", nargs="*", choices=["many", "long", "beside"], default=["many", "long", "beside"]
    )
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=5)
    args = parser.parse_args()
    print(describe())
    if "many" in args.what:
        many(args.runs)
    if "long" in args.what:
        long(args.records)
    if "beside" in args.what:
        beside(args.rounds, args.seconds)


if __name__ == "__main__":
    main()
