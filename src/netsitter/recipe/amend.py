"""What is found on a trial proposes what to change, and a fresh trial judges it. The search comes after."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from netsitter.diagnosis import diagnose
from netsitter.finding import Severity
from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.trial import Trial
from netsitter.run import FILE_NAME, Run
from netsitter.treat.remedies import all_remedies

MOST = 2
"""Proposals tried in a stage: a finding's first remedy is worth a trial, its fifth is not."""

LEFT = 0.2
"""Share of the recipe's time that must be left for them."""

Score = Callable[[Trial], float]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A remedy of a finding, as changes of a configuration."""

    finding: str
    remedy: str
    changes: Mapping[str, Any]


def proposals(context: Context, trial: Trial) -> Iterator[Proposal]:
    """From the findings on a finished trial, the first to act on first; nothing that the user pinned."""
    remedies = all_remedies()
    candidate = Candidate(net=trial.spec.net, fit=trial.spec.fit)
    seen: list[dict[str, Any]] = []
    kept = context.folder.path / "trials" / trial.spec.name
    for finding in diagnose(Run.open(kept)).findings if (kept / FILE_NAME).exists() else ():
        if finding.severity is Severity.ODD or finding.explained_by is not None:
            continue
        for remedy in finding.remedies:
            entry = remedies.get(remedy.name)
            changes = entry.amend(candidate, remedy.settings) if entry is not None else {}
            if changes and context.allowed(changes) == changes and changes not in seen:
                seen.append(changes)
                yield Proposal(finding=finding.name, remedy=remedy.name, changes=changes)


def amend(
    context: Context, stage: str, trial: Trial, score: Score, *, keep: tuple[str, ...] = ()
) -> tuple[Trial, str]:
    """The best of a trial and those that its findings propose, and a sentence on what each was worth.

    ``score`` is what this stage judges by, lower is better; settings named in ``keep`` are the stage's
    own. One change at a time, each from the best so far, under the same seed.
    """
    told: list[str] = []
    best = trial
    wanted = [p for p in proposals(context, trial) if not set(p.changes) & set(keep)]
    if not wanted:
        return trial, ""
    plan = context.folder.decide(
        f"plan/{stage}-findings",
        lambda: {"trials": MOST if context.remaining > LEFT * context.budget else 0},
    )
    for proposal in wanted[: plan["trials"]]:
        candidate = Candidate(net=best.spec.net, fit=best.spec.fit).but(proposal.changes)
        name = f"{stage}-{proposal.finding}-{proposal.remedy}"
        fresh = context.trial(name, stage, candidate, seed=trial.spec.seed)
        is_better = score(fresh) < score(best)
        changed = ", ".join(f"{key} = {_shown(value)}" for key, value in proposal.changes.items())
        told.append(
            f"{proposal.finding} → {proposal.remedy} ({changed}): {score(best):.4g} → {score(fresh):.4g}, "
            + ("kept" if is_better else "not kept")
        )
        best = fresh if is_better else best
    return best, f" From its findings: {'; '.join(told)}." if told else ""


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
