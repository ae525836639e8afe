"""The search's memory: an Optuna study in a file of the run folder, which several processes may share.

Settings are drawn in memory and written down as whole trials, one line each, so that a process that
is killed leaves nothing half said. Every process marks its trials as its own; what it left running is
failed when it comes back, and by the others once it is seen to be dead.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import optuna
from optuna.samplers import BaseSampler, PartialFixedSampler, RandomSampler, TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState, create_trial

from netsitter.recipe.space import Space

STARTUP_TRIALS = 24
"""Random ones before the model-based search begins: Optuna's default of 10 is for one at a time."""


class GroupSampler(TPESampler):
    """A tree-structured Parzen estimator for draws between which nothing is learnt.

    Its two densities are estimated at the first draw of each set of settings and serve the others: once a
    study holds some hundred trials, to estimate them anew costs as much as a tenth of a small training.
    """

    def __init__(self, **settings: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its options are marked experimental
            super().__init__(**settings)
        self._estimated: dict[Any, Any] = {}

    def _build_parzen_estimator(self, study: Any, search_space: Any, trials: Any, handle_below: bool) -> Any:
        key = (handle_below, *search_space)
        if key not in self._estimated:
            estimator = super()._build_parzen_estimator(study, search_space, trials, handle_below)
            self._estimated[key] = estimator
        return self._estimated[key]


Asked = dict[str, Any]
"""``name``, ``changes`` (setting → value), ``group`` (number within the batch)."""


class Search:
    """Ask and tell in batches, on a file. ``owner`` names this process among those that share it."""

    def __init__(self, path: Path, *, owner: str, seed: int) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.owner, self.seed = owner, seed
        _drop_torn_end(path)
        self._storage = JournalStorage(JournalFileBackend(str(path), lock_obj=_Lock(path)))  # pyright: ignore[reportArgumentType]
        self._study = optuna.create_study(
            study_name="tune", storage=self._storage, direction="minimize", load_if_exists=True
        )

    def ask(
        self, space: Space, names: Sequence[str], sizes: Sequence[int], points: Iterable[Mapping[str, Any]]
    ) -> list[Asked]:
        """Draw a batch: groups of ``sizes`` members, each of one shape; ``points`` lead the first groups.

        Random while little is known, then by a tree-structured Parzen estimator (Bergstra et al. 2011)
        over all settings together, which takes the groups before for bad (the constant liar of
        Ginsbourger et al. 2010), so that a batch does not ask the same thing twice.
        """
        self._fail_running({self.owner})
        drawn = self._in_memory()
        known = len(drawn.trials)
        leads, left = iter(points), iter(names)
        asked: list[Asked] = []
        for group, size in enumerate(sizes):
            lead, fixed = next(leads, None), {}
            sampler = self._sampler(known, group)
            for member in range(size):
                drawn.sampler = _with_fixed(sampler, fixed)
                if member == 0 and lead is not None:
                    drawn.enqueue_trial(space.within(lead))
                trial = drawn.ask()
                changes = space.draw(trial)
                fixed = fixed or {key: changes[key] for key in space.shape}
                asked.append({"name": next(left), "changes": changes, "group": group})
                self._publish(asked[-1], trial.distributions)
        return asked

    def tell(self, asked: Asked, score: float | None, reason: str | None) -> None:
        """What came of it: a score, or why there is none. Telling twice says it once."""
        found = self._named(asked["name"])
        if found is None:  # the run repeats another one's plan: this study has not asked
            found = self._publish(asked, {})
        if found.state.is_finished():
            return
        if reason is not None:
            self._storage.set_trial_user_attr(found._trial_id, "failed", reason)
        if score is None:
            self._study.tell(found.number, state=TrialState.FAIL)
        else:
            self._study.tell(found.number, score)

    def give_up(self, owners: Iterable[str]) -> None:
        """Fail what processes that are gone have left running."""
        self._fail_running(set(owners) - {self.owner})

    def _in_memory(self) -> optuna.Study:
        """A copy to draw in: thousands of small questions to a file would take longer than a training."""
        study = optuna.create_study(direction="minimize")
        study.add_trials([trial for trial in self._trials() if trial.params])
        return study

    def _sampler(self, known: int, group: int) -> BaseSampler:
        # A seed of its own for every group: what is drawn depends on what is known, not on who was killed.
        seed = self.seed + 7919 * known + 104_729 * group + sum(map(ord, self.owner))
        if known < STARTUP_TRIALS:
            return RandomSampler(seed)
        return GroupSampler(seed=seed, n_startup_trials=0, multivariate=True, constant_liar=True)

    def _publish(self, asked: Asked, distributions: dict[str, Any]) -> FrozenTrial:
        distributions = {key: value for key, value in distributions.items() if key in asked["changes"]}
        trial = create_trial(
            state=TrialState.RUNNING,
            params={key: asked["changes"][key] for key in distributions},
            distributions=distributions,
            user_attrs={"name": asked["name"], "owner": self.owner},
        )
        trial.datetime_start = datetime.now(UTC)
        number = self._storage.create_new_trial(self._study._study_id, trial)
        return self._storage.get_trial(number)

    def _named(self, name: str) -> FrozenTrial | None:
        return next((t for t in reversed(self._trials()) if t.user_attrs["name"] == name), None)

    def _fail_running(self, owners: set[str]) -> None:
        for trial in self._trials():
            if trial.state is TrialState.RUNNING and trial.user_attrs["owner"] in owners:
                self._study.tell(trial.number, state=TrialState.FAIL)

    def _trials(self) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False)


def _with_fixed(sampler: BaseSampler, fixed: dict[str, Any]) -> BaseSampler:
    """The sampler, with the shape of its group given."""
    if not fixed:
        return sampler
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # marked experimental since 2020
        return PartialFixedSampler(fixed, sampler)


class _Lock:
    """A lock that the system takes from whoever dies; Optuna's own are left behind by a kill."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_suffix(".lock")
        self._file: Any = None

    def acquire(self) -> bool:
        self._file = self._path.open("w")
        try:
            import fcntl

            fcntl.flock(self._file, fcntl.LOCK_EX)
        except ImportError:  # no such locks on this system
            pass
        return True

    def release(self) -> None:
        self._file.close()


def _drop_torn_end(path: Path) -> None:
    """A line that a kill or a full disk has cut off would make the whole file unreadable."""
    lock = _Lock(path)
    lock.acquire()
    try:
        text = path.read_bytes() if path.exists() else b""
        whole = text.rfind(b"\n") + 1
        if whole < len(text):
            with path.open("r+b") as file:
                file.truncate(whole)
    finally:
        lock.release()
