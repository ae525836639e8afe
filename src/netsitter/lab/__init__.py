"""The laboratory: one file an experiment, each a claim of the curriculum measured on this machine.

An experiment is a module of this folder. Its docstring is its manual (the first line is its title),
``CLAIM`` is what is held to be true, ``NAMED`` says which illness netsitter must name in which arm, and
``measure()`` returns a ``Result``. Dropping a file in is the only edit that a new experiment needs.
"""

import importlib
import inspect
import pkgutil
import time
from collections.abc import Mapping
from dataclasses import dataclass

from netsitter.errors import UsageError, did_you_mean
from netsitter.lab.result import Check, Outcome, Result


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment, as its module tells of it."""

    name: str
    title: str
    about: str
    claim: str
    named: Mapping[str, tuple[str, ...]]
    """Arm → illnesses of which netsitter must name one."""


def experiment_names() -> list[str]:
    """Names of all experiments, without importing any."""
    return sorted(
        module.name.replace("_", "-")
        for module in pkgutil.iter_modules(__path__)
        if not module.name.startswith("_") and module.name not in _TOOLS
    )


_TOOLS = ("chart", "data", "page", "result", "training")
"""Modules of this folder that experiments are made with."""


def find_experiment(name: str) -> Experiment:
    """The experiment of that name. Raises UsageError if there is none."""
    if name not in experiment_names():
        raise UsageError(f"There is no experiment {name!r}.{did_you_mean(name, experiment_names())}")
    module = importlib.import_module(_module(name))
    title, _, about = (inspect.getdoc(module) or "").partition("\n")
    return Experiment(
        name=name, title=title.rstrip("."), about=about.strip(), claim=module.CLAIM, named=module.NAMED
    )


def run_experiment(name: str) -> Outcome:
    """Measure, and judge the claim: every check must hold, the naming of illnesses among them.

    Raises UsageError if there is no experiment of that name.
    """
    experiment = find_experiment(name)
    started = time.monotonic()
    result: Result = importlib.import_module(_module(name)).measure()
    checks = (*result.checks, *(_naming(experiment, result, arm) for arm in experiment.named))
    return Outcome(
        name=name,
        title=experiment.title,
        about=experiment.about,
        claim=experiment.claim,
        result=result,
        checks=checks,
        seconds=time.monotonic() - started,
    )


def _naming(experiment: Experiment, result: Result, arm: str) -> Check:
    said, wanted = result.said.get(arm, ()), experiment.named[arm]
    return Check(
        text=f"netsitter names {' or '.join(wanted)} in {arm!r}",
        held=any(name in said for name in wanted),
        measured=f"it named {', '.join(said) or 'nothing'}",
    )


def _module(name: str) -> str:
    return f"{__name__}.{name.replace('-', '_')}"
