"""From a table to a run folder: the public way in, also for going on and for repeating."""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import torch
from threadpoolctl import threadpool_limits

from netsitter.errors import DataError, NetsitterError, UsageError
from netsitter.files import fresh_folder
from netsitter.recipe.assemble import save_best
from netsitter.recipe.budget import default_budget
from netsitter.recipe.config import Config, build_config
from netsitter.recipe.context import Context
from netsitter.recipe.folder import RunFolder
from netsitter.recipe.follow import follow
from netsitter.recipe.join import own_folder, search_along, wait_for_invitation
from netsitter.recipe.look import guesses
from netsitter.recipe.model import Model, load_model
from netsitter.recipe.problem import Problem
from netsitter.recipe.source import Table, advise, read_source
from netsitter.recipe.threads import choose_threads
from netsitter.run import Run
from netsitter.tables.read import read_table
from netsitter.views.progress import Progress, Quiet


@dataclass(frozen=True, kw_only=True)
class Result:
    """A finished recipe."""

    path: Path
    model: Model | None
    run: Run
    seconds: float

    def predict(self, data: Any) -> pd.DataFrame:
        """As ``netsitter predict``: see ``Model.predict``. Raises UsageError if there is no model yet."""
        if self.model is None:
            raise UsageError(f"the recipe in {self.path} ended before a network was trained; go on with it.")
        return self.model.predict(read_table(data))

    @property
    def verdict(self) -> str:
        return self.run.facts.get("verdict", "")

    @property
    def is_worthless(self) -> bool:
        """Whether the test showed it to be no better than the dumb baseline."""
        return bool(self.run.facts.get("worthless", False))

    def _repr_html_(self) -> str:
        """For notebooks: the verdict, the score beside the baselines, and where things are."""
        from netsitter.views.notebook import result_html

        return result_html(self.path, self.run)

    def to_json(self) -> dict[str, Any]:
        from netsitter.diagnosis import diagnose

        facts = self.run.facts
        baselines = {
            name: {metric: score["value"] for metric, score in scores.items()}
            for name, scores in facts.get("baselines", {}).items()
        }
        return {
            "run": str(self.path),
            "task": facts.get("task"),
            "test": facts.get("test", {}),
            "baselines": baselines,
            "verdict": self.verdict,
            "seconds": round(self.seconds, 1),
            **diagnose(self.run).to_json(),
        }


def train(
    data: Any,
    target: str,
    *,
    out: str | os.PathLike[str] | None = None,
    settings: Mapping[str, Any] | Sequence[Mapping[str, Any]] = (),
    replay: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Result:
    """Take a table through the recipe.

    ``data``: a file or any data frame; ``out``: the run folder, new; ``settings``: nested settings
    such as ``{"recipe": {"budget": 60}, "net": {"activation": "gelu"}}``, or several of them, later
    ones first in rank; ``replay``: a finished run whose plan is followed instead of the clock.
    Raises UsageError, DataError or TrainingError with one sentence.
    """
    started = time.monotonic()
    config = build_config(settings if isinstance(settings, Sequence) else [settings])
    _check_device(config.recipe.device)
    table = read_source(data, target, config)
    path = Path(out) if out is not None else fresh_folder(_name_of(data))
    if path.exists() and any(path.iterdir() if path.is_dir() else [path]):
        raise UsageError(
            f"{path} is there already; name another folder with --out, or go on with --resume {path}."
        )
    if replay is not None and not (Path(replay) / "state" / "journal.jsonl").exists():
        raise UsageError(f"{replay} is not a run folder whose plan could be repeated.")
    return _in_folder(path, table, config, progress or Quiet(), data=data, replay=replay, started=started)


def resume(path: str | os.PathLike[str], *, progress: Progress | None = None) -> Result:
    """Go on with an interrupted run, on the same plan, to the same model."""
    started = time.monotonic()
    path = Path(path)
    table, config, data = _read_order(path)
    return _in_folder(path, table, config, progress or Quiet(), data=data, replay=None, started=started)


def join(path: str | os.PathLike[str], *, progress: Progress | None = None) -> int:
    """Work on the search of a run that another process is doing; returns the trials added to it.

    Raises UsageError if there is no such run, or nobody works in it.
    """
    path = Path(path)
    table, config, _ = _read_order(path)
    invitation = wait_for_invitation(path)
    if invitation is None:
        return 0
    with RunFolder(own_folder(path)) as folder:
        context = _open_context(folder, table, config, progress or Quiet())
        with _threads(config.recipe.threads or 1):
            return search_along(context, path, invitation)


def _read_order(path: Path) -> tuple[Table, Config, Path]:
    """The table, the settings and where the table is, as the run was asked for."""
    order_file = path / "state" / "order.json"
    if not order_file.exists():
        raise UsageError(f"{path} is not a run folder that could be gone on with.")
    order = json.loads(order_file.read_text(encoding="utf-8"))
    config = msgspec.convert(order["config"], Config)
    data = path / order["data"] if order["is_copy"] else Path(order["data"])
    table = read_source(data, order["target"], config)
    if table.fingerprint != order["fingerprint"]:
        raise DataError(f"{data} has changed since the run in {path} began; train anew with --out.")
    return table, config, data


def load(path: str | os.PathLike[str]) -> Result:
    """Open a run folder, for predictions or to look at. Raises UsageError if there is no model in it."""
    path = Path(path)
    if not path.is_dir():
        raise UsageError(f"there is no run folder {path}.")
    model = load_model(path / "model")
    run = Run.open(path) if (path / "run.jsonl").exists() else Run()
    return Result(path=path, model=model, run=run, seconds=float((run.end or {}).get("seconds", 0.0)))


def _check_device(name: str) -> None:
    try:
        torch.zeros(1, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"there is no device {name!r} here: {reason}") from None


def _name_of(data: Any) -> str:
    return os.fspath(data) if isinstance(data, str | os.PathLike) else "table"


def _in_folder(
    path: Path, table: Table, config: Config, progress: Progress, *, data: Any, replay: Any, started: float
) -> Result:
    for line in guesses(table.schema):
        progress.say(line)
    with RunFolder(path, started=started) as folder:
        if replay is not None:
            folder.copy_decisions(Path(replay))
        _write_order(folder, table, config, data)
        context = _open_context(folder, table, config, progress)
        threads = folder.decide("plan/threads", lambda: config.recipe.threads or choose_threads(context))
        with _threads(threads):
            _follow(context)
        run = Run.open(path)
        model = load_model(path / "model") if (path / "model" / "model.json").exists() else None
        return Result(path=path, model=model, run=run, seconds=folder.spent)


def _follow(context: Context) -> None:
    """Go through the recipe; however it ends, the folder says how and shows what there is."""
    path = context.folder.path
    try:
        follow(context)
    except KeyboardInterrupt:
        kept = f"the best network so far is in {path / 'model'}; " if save_best(context) else ""
        _close(context, status="interrupted")
        raise KeyboardInterrupt(f"interrupted; {kept}go on with: netsitter train --resume {path}") from None
    except NetsitterError as error:
        _close(context, status="failed", reason=str(error))
        raise
    _close(context, status="finished")


def _close(context: Context, **end: str) -> None:
    from netsitter.views.folder import write_views

    context.tell_leaderboard()
    context.folder.run.finish(**end, seconds=round(context.folder.spent, 1))
    write_views(context.folder.path)


def _write_order(folder: RunFolder, table: Table, config: Config, data: Any) -> None:
    """What was asked for, so that the run can be resumed; a data frame is kept beside it."""
    if (folder.path / "state" / "order.json").exists():
        return
    is_copy = not isinstance(data, str | os.PathLike)
    if is_copy:
        table.frame.to_feather(folder.path / "state" / "table.feather")
    order = {
        "data": "state/table.feather" if is_copy else str(Path(data).resolve()),
        "is_copy": is_copy,
        "target": table.schema.target,
        "fingerprint": table.fingerprint,
        "config": msgspec.to_builtins(config),
    }
    folder.write("state/order.json", json.dumps(order, indent=1))


def _open_context(folder: RunFolder, table: Table, config: Config, progress: Progress) -> Context:
    advice = folder.once("advice", lambda: advise(table, config))
    problem = Problem(table.frame, table.schema, table.split, config, advice)
    progress.say(f"loss: {advice['loss']} ({advice['reason']})")
    budget = folder.decide("plan/budget", lambda: config.recipe.budget or _usual_budget(problem))
    why = "" if config.recipe.budget else ", about what one large network would take here (--budget sets it)"
    progress.say(f"budget: {budget:.0f} s{why}; run folder: {folder.path}")
    context = Context(folder=folder, problem=problem, config=config, budget=budget, progress=progress)
    folder.once("facts", lambda: context.tell_facts(advice))
    return context


def _usual_budget(problem: Problem) -> float:
    """Measured on one thread: how many to use is chosen later, and waiting for busy cores is no training."""
    with _threads(1):
        return default_budget(problem)


@contextmanager
def _threads(number: int) -> Iterator[None]:
    """Limit torch, BLAS and the OpenMP of scikit-learn: threads that wait for busy cores are slow ones."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        with threadpool_limits(limits=number):
            yield
    finally:
        torch.set_num_threads(before)
