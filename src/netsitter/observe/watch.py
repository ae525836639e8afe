"""``netsitter.watch``: one line before any training loop."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import torch
from torch import nn

from netsitter.diagnosis import Diagnosis, diagnose, join
from netsitter.finding import Depth, Finding, Severity
from netsitter.observe import children, seams
from netsitter.observe.machine import threads
from netsitter.observe.observer import Observer
from netsitter.observe.origin import raised_at
from netsitter.observe.pace import Pace
from netsitter.rule import Rule
from netsitter.run import Run
from netsitter.views import console, notebook

FIRST_VERDICT = 2.0
"""Seconds before the first look at the rules: shorter programs are judged when they end."""
REST = 2000
"""Once this many times as long as judging took has passed, it is time again: 0.05 % of the time. Until then
the gap doubles."""


def watch(
    model: nn.Module | None = None,
    *,
    optimizer: torch.optim.Optimizer | None = None,
    loss: nn.Module | None = None,
    every: int | None = None,
    budget: float = 0.01,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    run_dir: str | Path | None = None,
    on_finding: Callable[[Finding], None] | None = None,
    quiet: bool = False,
) -> "Sitter":
    """Watch a training from here on; use as a context manager, close it yourself, or let the program end.

    ``model`` limits the watch to one model; without it every model that an optimiser trains is
    watched. ``optimizer`` and ``loss`` (a module of your own) are found by themselves when they are
    made or called while the watch is open; name those that were made before. ``every`` looks closely
    at each n-th step; by default as often as ``budget`` (share of step time) pays for. ``select`` and
    ``ignore`` name rules by name, code or family letter. ``on_finding`` is called once for each new
    finding; it may raise KeyboardInterrupt to stop the training. ``run_dir`` keeps ``run.jsonl``;
    ``quiet`` says nothing on stderr. Raises UsageError for a rule that does not exist.
    """
    from netsitter.rules import choose

    return Sitter(
        model,
        optimizer=optimizer,
        loss=loss,
        pace=Pace(budget=budget, every=every),
        rules=choose(select, ignore),
        run_dir=Path(run_dir) if run_dir is not None else None,
        on_finding=on_finding,
        quiet=quiet,
    )


class Closable(Protocol):
    """A treatment that listens beside the watch."""

    def close(self) -> None: ...


class Sitter:
    """An open watch: the run it writes, and what it finds."""

    def __init__(
        self,
        model: nn.Module | None,
        *,
        optimizer: torch.optim.Optimizer | None,
        loss: nn.Module | None,
        pace: Pace,
        rules: tuple[Rule, ...],
        run_dir: Path | None,
        on_finding: Callable[[Finding], None] | None,
        quiet: bool,
    ) -> None:
        self._rules = rules
        self._run_dir = run_dir
        self._on_finding = on_finding
        self._quiet = quiet
        self._told: set[str] = set()
        self._screens: list[notebook.Screen] = []
        self._suspected: dict[str, int] = {}
        """Findings not yet told: the step at which each was first found."""
        self._pace = pace
        self._opened = time.perf_counter()
        self._judge_at = self._opened + FIRST_VERDICT
        self._is_open = True
        self._others: list[Run] = []
        self._live: Closable | None = None
        self._has_told_of_loss = False
        self._observer = Observer(
            model=model, loss=loss, pace=pace, make_run=self._make_run, on_step=self._on_step
        )
        seams.listen(self._observer)
        children.opened(self)
        for module in (model, loss):
            if module is not None:
                seams.hear_calls(module)
        if optimizer is not None:
            try:
                self._observer.on_optimizer(optimizer)
            except Exception as error:
                self._observer.excuse("on_optimizer", error)

    # ---- what is known

    @property
    def runs(self) -> list[Run]:
        """One for each training that was seen."""
        return [*(training.run for training in self._observer.ledger.trainings.all), *self._others]

    def adopt(self, runs: Iterable[Run]) -> None:
        """Judge these too: what other processes of the program have trained."""
        self._others += runs

    @property
    def run(self) -> Run:
        """The longest training's run; an empty one before the first step."""
        return max(self.runs, key=lambda run: run.last_step, default=Run())

    @property
    def diagnosis(self) -> Diagnosis:
        """The verdict on everything seen so far."""
        for training in self._observer.ledger.trainings.all:
            training.book.flush()
            training.state()
        verdict = join([diagnose(run, self._rules) for run in self.runs])
        return Diagnosis(
            findings=verdict.findings,
            unchecked=verdict.unchecked,
            broken={**verdict.broken, **self._observer.broken},
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.diagnosis.findings

    def log(self, **values: float) -> None:
        """Record numbers of your own at the current step: ``sitter.log(val_loss=0.3)``.

        ``val_NAME`` is recorded as ``val/NAME`` and everything else as ``metric/NAME``, except ``loss``.
        """
        named = {_logged_name(name): float(value) for name, value in values.items()}
        self._observer.ledger.note_pass(named)

    # ---- life

    def treat(self, *, allow: str = "safe") -> Self:
        """Treat the training while it runs; every act is a line of the run (`run.treatments`).

        ``safe`` acts only on what no healthy run shows, a loss that is NaN or far beyond all its jumps;
        ``unsafe`` also on a jump above everything seen lately. A batch is left out, the weights go back
        to a good state, rate and gradients are held for some steps, or no further step is taken. What does
        not help is undone. Raises UsageError for any other word.
        """
        from netsitter.treat.live import tend

        if self._live is None and self._is_open:
            roots = self._observer.anatomy.live_roots
            self._live = tend(allow, roots, lambda: self.run, self._observer.broken)
        return self

    def close(self) -> None:
        """Let go of torch, judge a last time and say what was found. Does nothing the second time."""
        if not self._is_open:
            return
        self._let_go()
        try:
            if self._live is not None:
                self._live.close()
            self._observer.finish()
            verdict = self.diagnosis
            if not self._quiet and self.runs:
                console.say(text for text in (console.course(self.run), console.summary(verdict)) if text)
            self._tell(verdict, aloud=False)
        except Exception as error:
            self._observer.excuse("close", error)
        finally:
            for training in self._observer.ledger.trainings.all:
                training.close()

    def abandon(self) -> None:
        """Let go of torch and say nothing: this process is not the one that opened the watch."""
        self._let_go()
        self._observer.give_up()

    def _let_go(self) -> None:
        self._is_open = False
        seams.leave(self._observer)
        children.closed(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.note_error(error)
        self.close()

    def note_error(self, error: BaseException) -> None:
        """The program is dying of ``error``: put on record what was seen of it."""
        try:
            self._observer.ledger.note_error(
                {
                    **self._observer.failure.facts,
                    "type": type(error).__name__,
                    "message": str(error)[:500],
                    "place": raised_at(error.__traceback__),
                }
            )
        except Exception as ours:
            self._observer.excuse("note_error", ours)

    def _make_run(self, index: int) -> Run:
        facts = {"versions": {"torch": torch.__version__}, "threads": threads()}
        if self._run_dir is None:
            return Run(facts)
        folder = self._run_dir if index == 0 else self._run_dir / f"training-{index + 1}"
        try:
            return Run.create(folder, facts)
        except OSError as error:
            self._observer.excuse("run_dir", error)
            return Run(facts)

    def _on_step(self, is_lost: bool) -> float:
        """Judge now and then, and at once when the loss is lost; returns the time of the next judgement."""
        now = time.perf_counter()
        urgent = is_lost and not self._has_told_of_loss
        if now < self._judge_at and not urgent:
            return self._judge_at
        self._has_told_of_loss |= is_lost
        self._tell(self.diagnosis, aloud=not self._quiet)
        took = time.perf_counter() - now
        self._pace.charge(took)
        self._judge_at = now + took + max(FIRST_VERDICT, min(now - self._opened, REST * took))
        return self._judge_at

    def _tell(self, verdict: Diagnosis, *, aloud: bool) -> None:
        for screen in self._screens:
            screen.show(notebook.watch_html(self.run, verdict))
        found = {finding.name for finding in verdict.findings}
        self._suspected = {name: step for name, step in self._suspected.items() if name in found}
        for finding in verdict.findings:
            if finding.name in self._told or finding.explained_by is not None:
                continue
            if finding.severity is Severity.ODD or not self._is_ripe(finding):
                continue
            self._told.add(finding.name)
            if aloud:
                console.say([console.line(finding)])
            if self._on_finding is not None:
                try:
                    self._on_finding(finding)
                except Exception as error:
                    self._observer.excuse("on_finding", error)

    def _is_ripe(self, finding: Finding) -> bool:
        """Whether it can be told while the training goes on.

        A mechanism is proven at once; an outcome only when the run is over; anything between when it
        still holds after twice as many steps, since early in a run nothing thrives yet.
        """
        proven = finding.severity is Severity.FATAL or finding.depth is Depth.MECHANISM
        if proven or not self._is_open:
            return True
        step = max(self.run.last_step, 1)
        first = self._suspected.setdefault(finding.name, step)
        return finding.depth is not Depth.OUTCOME and step >= 2 * first

    def __repr__(self) -> str:
        names = ", ".join(finding.name for finding in self.findings) or "nothing found"
        return f"<Sitter at step {max(self.run.last_step, 0)}: {names}>"

    def _repr_html_(self) -> str:
        """For notebooks: the curve and the findings as they are now."""
        return notebook.watch_html(self.run, self.diagnosis)

    def _ipython_display_(self) -> None:
        """In a notebook cell: a picture that is redrawn in its place as the training goes on."""
        self._screens.append(notebook.Screen(self._repr_html_))


def _logged_name(name: str) -> str:
    if name == "loss" or "/" in name:
        return name
    return "val/" + name[4:] if name.startswith("val_") else f"metric/{name}"
