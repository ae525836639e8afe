"""What can be tried for a finding: changes to the source, and remedies through hooks where there is none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netsitter.run import Run
from netsitter.treat.prescription import Dose
from netsitter.treat.remedies import all_remedies
from netsitter.treat.source import Case, Mended, propose

MAX_GROUP = 12
"""Candidates for one finding; the next finding is looked at after that."""
LAST_RESORTS = ("plateau", "not-learning", "underfitting")
"""Their remedies are tried where those for what was found did not help."""
REDEFINES = {"loss": ("loss",), "output": (), "data-scale": ("loss", "error")}
"""Scores that mean something else once a knob is turned through a hook."""
LONGER = {"train-longer": 3.0, "use-adam": 1.5}


@dataclass(frozen=True, kw_only=True)
class State:
    """A program on its way to being mended: its files, and what hooks put into it."""

    texts: Mapping[str, str]
    doses: tuple[Dose, ...] = ()

    @property
    def key(self) -> int:
        """The same for the same program under the same doses."""
        return hash((tuple(sorted(self.texts.items())), str([dose.to_json() for dose in self.doses])))


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One remedy on top of a state."""

    illness: str
    name: str
    text: str
    state: State
    distorts: tuple[str, ...] = ()
    slower: float = 1.0
    mended: Mended | None = None
    """The change to the source; None for a remedy through hooks."""
    remedy: Dose | None = None

    @property
    def corrects(self) -> bool:
        """Whether it sets the measurement right: no gain can tell, only that the finding is gone."""
        return self.mended is not None and self.mended.change.corrects

    @property
    def label(self) -> str:
        """What tells variants of one remedy apart."""
        return f"{self.illness}: {self.name}: {self.text}"


def groups(diagnosis: Mapping[str, Any], run: Run | None, *, is_wide: bool) -> Iterator[list[Case]]:
    """Findings to try remedies for, worst cause first; at last what often helps whatever the cause."""
    facts = known_facts(run)
    findings = list(diagnosis.get("findings", ()))
    for finding in (f for f in findings if f["severity"] != "odd"):
        yield [case_of(finding, facts)]
    if is_wide:
        for finding in (f for f in findings if f["severity"] == "odd"):
            yield [case_of(finding, facts)]
        yield [Case(illness=name, facts=facts) for name in LAST_RESORTS]


def case_of(finding: Mapping[str, Any], facts: Mapping[str, Any]) -> Case:
    """A finding of a diagnosis, as mends and hooks read it."""
    return Case(
        illness=finding["name"],
        where=tuple(finding["where"]),
        evidence=finding["evidence"],
        remedies={remedy["name"]: remedy["text"] for remedy in finding["remedies"]},
        knobs={remedy["name"]: remedy["knob"] for remedy in finding["remedies"]},
        facts=facts,
    )


def known_facts(run: Run | None) -> dict[str, Any]:
    """A run's facts, and how many distinct targets it has seen."""
    if run is None:
        return {}
    facts = dict(run.facts)
    seen = run["target/classes"] or run["target/distinct"]
    if seen:
        facts["distinct_targets"] = float(seen.finite.max(initial=0.0))
    return facts


def candidates(state: State, cases: Sequence[Case], tried: set[int]) -> list[Candidate]:
    """Those for a group of findings whose result was not run yet; they are put down in ``tried``."""
    found: list[Candidate] = []
    for case in cases:
        order = list(case.remedies)
        # The rule's own remedies first, as it lists them; the rest as the mends say.
        mine = sorted(
            _in_source(state, case), key=lambda c: order.index(c.name) if c.name in order else len(order)
        )
        names = {candidate.name for candidate in mine}
        mine += [c for c in _through_hooks(state, case) if c.name not in names]
        for candidate in mine:
            if candidate.state.key not in tried and len(found) < MAX_GROUP:
                tried.add(candidate.state.key)
                found.append(candidate)
    return found


def _in_source(state: State, case: Case) -> Iterator[Candidate]:
    for mended in propose(state.texts, case):
        change = mended.change
        yield Candidate(
            illness=case.illness,
            name=change.name,
            text=change.text,
            state=State(texts={**state.texts, mended.path: mended.after}, doses=state.doses),
            distorts=change.distorts,
            slower=change.slower,
            mended=mended,
        )


def _through_hooks(state: State, case: Case) -> Iterator[Candidate]:
    """Remedies that the rule names and that can be put in while the program runs."""
    for name, text in case.remedies.items():
        if name in all_remedies() and not any(dose.name == name for dose in state.doses):
            dose = Dose(name=name)
            yield Candidate(
                illness=case.illness,
                name=name,
                text=text,
                state=State(texts=state.texts, doses=(*state.doses, dose)),
                distorts=REDEFINES.get(case.knobs.get(name, ""), ()),
                slower=LONGER.get(name, 1.0),
                remedy=dose,
            )
