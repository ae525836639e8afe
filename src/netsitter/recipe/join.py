"""Several processes on one search: how others are invited, and how what they found is taken up.

A process that joins a run has a folder of its own inside the run's, ``joined/N``, with its own journal,
lock and trials; it shares the study in ``state/optuna.log``, and no other file is written by two. The
first process takes up the trials that others have finished between two of its rounds, as a decision:
resumed or repeated, the run takes up the same ones. Whoever dies takes nothing of the others along.
"""

import itertools
import json
import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from netsitter.errors import UsageError
from netsitter.nets.config import NetConfig
from netsitter.recipe.config import FitConfig
from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.folder import RunFolder, is_locked, read_journal
from netsitter.recipe.rounds import FEWEST_MEMBERS, Rounds, round_sizes
from netsitter.recipe.space import search_space
from netsitter.recipe.study import Search
from netsitter.recipe.trial import Spec, Trial

INVITATION, STUDY = "state/search.json", "state/optuna.log"
WAIT = 0.5
"""Seconds between two looks for a search that has not begun."""


def invite(context: Context, base: Candidate, plan: dict[str, float]) -> None:
    """Write down what a process needs to know to join the search."""
    ends = time.time() + plan["until"] - context.folder.spent
    invitation = {
        "net": msgspec.to_builtins(base.net),
        "fit": msgspec.to_builtins(base.fit),
        "epochs": plan["epochs"],
        "longest": plan["longest"],
        "ends": ends,
    }
    context.folder.write(INVITATION, json.dumps(invitation, indent=1))


def take_up(context: Context, number: int) -> list[Trial]:
    """Put what others have finished by now on the leaderboard; their networks come into this run."""
    folder = context.folder
    chosen = folder.decide(f"joined/{number}", lambda: _finished_elsewhere(context))
    specs = [msgspec.convert(spec, Spec) for spec in chosen]
    for spec in specs:
        _adopt(folder, spec.name)
    # In a run that repeats this one they are not there to be adopted, and are trained instead.
    return context.run(specs) if specs else []


def _joined_folders(path: Path) -> list[Path]:
    return sorted((path / "joined").glob("*"), key=lambda p: int(p.name))


def _finished_elsewhere(context: Context) -> list[dict[str, Any]]:
    """The specs of the joined processes' trials that this run does not know yet."""
    specs = []
    for place in _joined_folders(context.folder.path):
        for key, line in read_journal(place / "state" / "journal.jsonl").items():
            if key.startswith("trial/") and not context.folder.knows(key):
                specs.append(line["value"]["spec"])
    return specs


def _adopt(folder: RunFolder, name: str) -> None:
    """Copy a joined process's trial with its files; the journal's line comes last and makes it whole."""
    if folder.knows(f"trial/{name}"):
        return
    for place in _joined_folders(folder.path):
        line = read_journal(place / "state" / "journal.jsonl").get(f"trial/{name}")
        if line is not None:
            shutil.copytree(place / "trials" / name, folder.path / "trials" / name, dirs_exist_ok=True)
            folder.once(f"trial/{name}", partial(line.get, "value"))
            return


def own_folder(path: Path) -> Path:
    """A fresh folder for a process that joins; the number is claimed by making it."""
    (path / "joined").mkdir(exist_ok=True)
    for number in itertools.count(1):
        try:
            (path / "joined" / str(number)).mkdir()
        except FileExistsError:
            continue
        return path / "joined" / str(number)
    raise AssertionError("unreachable")


def wait_for_invitation(path: Path) -> dict[str, Any] | None:
    """What ``invite`` wrote; None once the run is past its search. Raises UsageError if nobody runs it."""
    while True:
        if is_over(path):
            return None
        if (path / INVITATION).exists() and is_locked(path):
            return json.loads((path / INVITATION).read_text(encoding="utf-8"))
        if not is_locked(path):
            raise UsageError(f"no process is working in {path}; go on with it first: --resume {path}.")
        time.sleep(WAIT)


def is_over(path: Path) -> bool:
    return "stage/tune" in read_journal(path / "state" / "journal.jsonl")


def search_along(context: Context, path: Path, invitation: dict[str, Any]) -> int:
    """Search in rounds until the run in ``path`` has ended its own search; returns the trials added."""
    base = Candidate(
        net=msgspec.convert(invitation["net"], NetConfig), fit=msgspec.convert(invitation["fit"], FitConfig)
    )
    owner = f"joined-{context.folder.path.name}"
    search = Search(path / STUDY, owner=owner, seed=context.config.recipe.seed)
    space = search_space(context, base, int(invitation["epochs"]))
    most = context.config.recipe.max_trials
    rounds = Rounds(
        context=context,
        search=search,
        space=space,
        base=base,
        left=lambda: invitation["ends"] - time.time(),
        longest=invitation["longest"],
    )
    trials: list[Trial] = []
    for number in itertools.count():
        left = rounds.left()
        sizes = round_sizes(trials, left, most - len(trials)) if trials else [FEWEST_MEMBERS]
        if is_over(path) or not is_locked(path) or left <= 0 or not sizes:
            break
        found = rounds.train(f"{owner}-{number}", sizes)
        if not found:
            break
        trials += found
    return len(trials)
