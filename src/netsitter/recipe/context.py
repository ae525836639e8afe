"""What every stage of the recipe is given: the folder, the problem, the time, and the leaderboard."""

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import torch

from netsitter import __version__
from netsitter.diagnosis import diagnose
from netsitter.errors import DataError
from netsitter.finding import Finding, Severity
from netsitter.nets.config import NetConfig
from netsitter.recipe.config import Config, FitConfig
from netsitter.recipe.folder import RunFolder
from netsitter.recipe.halving import Rungs
from netsitter.recipe.problem import HOLD_OUT, Part, Problem
from netsitter.recipe.trial import Spec, Trial, run_trial, run_trials
from netsitter.run import Run
from netsitter.views.progress import Progress


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Settings that a stage hands on to the next."""

    net: NetConfig
    fit: FitConfig

    def but(self, changes: Mapping[str, Any]) -> "Candidate":
        """These settings with ``{"net.dropout": 0.2, "fit.lr": 0.001}`` changed."""
        net = {key[4:]: value for key, value in changes.items() if key.startswith("net.")}
        fit = {key[4:]: value for key, value in changes.items() if key.startswith("fit.")}
        return Candidate(
            net=msgspec.structs.replace(self.net, **net), fit=msgspec.structs.replace(self.fit, **fit)
        )


@dataclass(kw_only=True)
class Context:
    folder: RunFolder
    problem: Problem
    config: Config
    budget: float
    """Seconds for the whole recipe."""
    progress: Progress
    trials: list[Trial] = field(default_factory=list)
    """Every trial so far, in the order in which they were run."""

    @property
    def remaining(self) -> float:
        """Seconds left. Only to be read inside ``folder.decide``."""
        return max(0.0, self.budget - self.folder.spent)

    def trial(
        self,
        name: str,
        stage: str,
        candidate: Candidate,
        *,
        seed: int,
        part: Part = HOLD_OUT,
        give_up: Callable[[int, float], bool] | None = None,
    ) -> Trial:
        """Run a trial, or remember it, and put it on the leaderboard."""
        spec = Spec(name=name, stage=stage, net=candidate.net, fit=candidate.fit, seed=seed, part=part)
        trial = run_trial(self.folder, self.problem, spec, give_up=give_up)
        self.trials.append(trial)
        self.progress.trial_ended(self.best.score if self.best else None, trial.curve)
        return trial

    def run(
        self,
        specs: Sequence[Spec],
        *,
        give_up: Callable[[int, float], bool] | None = None,
        rungs: Rungs | None = None,
    ) -> list[Trial]:
        """Run many trials together, or remember them, and put them on the leaderboard."""
        trials = run_trials(self.folder, self.problem, specs, give_up=give_up, rungs=rungs)
        for trial in trials:
            self.trials.append(trial)
            self.progress.trial_ended(self.best.score if self.best else None, trial.curve)
        return trials

    @property
    def best(self) -> Trial | None:
        """The best trial on the hold-out validation rows."""
        return min(self.ranked, key=lambda t: t.score or 0.0, default=None)

    @property
    def ranked(self) -> list[Trial]:
        """Usable hold-out trials, best first."""
        usable = [t for t in self.trials if t.is_usable and t.spec.part == HOLD_OUT]
        return sorted(usable, key=lambda t: (t.score, t.spec.name))

    def is_free(self, key: str) -> bool:
        """Whether a stage may choose this setting: the user has not pinned it."""
        return key not in self.config.pinned

    def allowed(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The changes that touch nothing the user pinned."""
        return {key: value for key, value in changes.items() if self.is_free(key)}

    def epochs(self, number: int) -> dict[str, Any]:
        """The changes for a training of so many epochs, with the patience that goes with them."""
        return self.allowed({"fit.epochs": number, "fit.patience": max(8, number // 3)})

    def record(self, stage: str, numbers: Mapping[str, float]) -> None:
        """Write a stage's numbers into the run, once."""
        step = max(self.folder.run.last_step, 0)
        named = {f"stage/{stage}/{name}": float(value) for name, value in numbers.items()}
        self.folder.once(f"record/{stage}/{min(named)}", lambda: self.folder.run.append(step, named))

    def conclude(self, stage: str, text: str, decided: Mapping[str, Any]) -> None:
        """State in one paragraph what a stage found and decided, then pass its gate of rules."""

        def write() -> list[str]:
            stages = {
                **self.folder.run.facts.get("stages", {}),
                stage: {"text": text, "decided": dict(decided)},
            }
            self.folder.run.fact(stages=stages)
            self.folder.run.note(stage=stage, text=text)
            return [finding.name for finding in self.gate(stage)]

        findings = self.folder.once(f"stage/{stage}", write)
        self.progress.stage_ended(stage, text, findings)

    # ---- what the report and the result read from the run

    def tell_facts(self, advice: Mapping[str, Any]) -> None:
        schema, config = self.problem.schema, self.config
        self.folder.run.fact(
            task=str(schema.task),
            task_reason=schema.task_reason,
            target=schema.target,
            schema=[{"name": c.name, "kind": str(c.kind), "reason": c.reason} for c in schema.columns],
            metric={"name": self.problem.metric, "better": "lower"},
            loss=dict(advice),
            seed=config.recipe.seed,
            budget=self.budget,
            split={part: len(getattr(self.problem.split, part)) for part in ("train", "validation", "test")},
            versions={
                "netsitter": __version__,
                "torch": torch.__version__,
                "python": platform.python_version(),
            },
        )

    def tell_leaderboard(self) -> None:
        """Every trial so far, best first, failed ones last with their reason."""
        ranked = [*self.ranked, *(t for t in self.trials if t not in self.ranked)]
        rows = [
            {
                "rank": rank,
                "name": trial.spec.name,
                "stage": trial.stage,
                "validation": trial.score,
                "train_loss": trial.train_loss,
                "epochs": trial.epochs,
                "parameters": trial.parameters,
                "seconds": trial.seconds,
                "settings": self.differences(trial),
                "failed": trial.failed,
                "findings": list(trial.findings),
            }
            for rank, trial in enumerate(ranked, 1)
        ]
        start = {
            f"{part}.{field}": getattr(settings, field)
            for part, settings in (("net", self.config.net), ("fit", self.config.fit))
            for field in settings.__struct_fields__
        }
        self.folder.run.fact(leaderboard=rows, start=start)

    def differences(self, trial: Trial) -> dict[str, Any]:
        """The settings in which a trial differs from the configuration it started from."""
        pairs = (("net", trial.spec.net, self.config.net), ("fit", trial.spec.fit, self.config.fit))
        return {
            f"{name}.{field}": getattr(mine, field)
            for name, mine, default in pairs
            for field in mine.__struct_fields__
            if getattr(mine, field) != getattr(default, field)
        }

    def tell_curves(self) -> None:
        """Copy the best search trial's curves into the run: what the rules and the report read."""
        best = self.best
        if best is None:
            return
        trial_run = Run.open(self.folder.path / "trials" / best.spec.name)
        run = self.folder.run
        run.fact(curves_of=best.spec.name, best_epoch=best.best_epoch)
        for name in trial_run.names():
            series = trial_run[name]
            run.extend(
                (step, {name: value})
                for step, value in zip(series.steps.tolist(), series.values, strict=True)
            )

    def tell_test(self, result: Mapping[str, Any], *, worthless: bool) -> None:
        facts = {key: result[key] for key in ("test", "baselines", "gains", "verdict")}
        self.folder.run.fact(**facts, **result["predictions"], worthless=worthless)

    def gate(self, stage: str) -> tuple[Finding, ...]:
        """The findings on the run as it stands. Raises DataError for a fatal one on the data."""
        findings = diagnose(self.folder.run).findings
        for finding in findings:
            if stage == "look" and finding.severity is Severity.FATAL:
                raise DataError(finding.message)
        return findings
