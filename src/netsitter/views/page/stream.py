"""What is new to one open page, as server-sent events.

An event's id tells how far into each shown log the page has got, in bytes. A page that lost its
connection sends it back and is told only what it missed, also by a server that was started anew.
"""

import json
import time
from typing import Any

import msgspec
import numpy as np

from netsitter.run import jsonable
from netsitter.series import TAIL, Series
from netsitter.views.page.card import number
from netsitter.views.page.entry import Entry
from netsitter.views.page.layers import layer_maps
from netsitter.views.page.library import Library
from netsitter.views.page.settings import settings_of

CURVES = (
    *("loss", "val/loss", "val2/loss", "train_eval/loss", "init/loss_expected", "init/expected_loss"),
    *("baseline/*", "val/metric/*", "metric/*", "lr/*", "grad_norm", "grad_norm_stepped"),
)
"""What a page draws without being asked."""
MOST_CURVES = 40
MOST_NAMES = 4000
"""Names of numbers that a page offers to draw."""
HELD = 6000
"""Points of one curve that a page may hold before it is sent the thinned curve again."""
MOST_NOTES = 50
ABOUT_REST = 3.0
"""Seconds between two looks at the facts; more where a look takes long."""
MAPS_REST = 5.0
"""Seconds between two drawings of the layers' maps; more where a drawing takes long."""


class Viewer:
    """One open page: the runs it shows, and what it knows of them."""

    def __init__(
        self, library: Library, runs: list[str], *, extra: list[str] | None = None, cursor: str = ""
    ) -> None:
        self.library, self.runs, self.extra = library, runs, extra or []
        self._cards: dict[str, int] = {}
        self._known = {run: _Known(offset) for run, offset in _parse(cursor).items() if run in runs}

    @property
    def is_waiting(self) -> bool:
        """Whether nothing is seen yet of something that it shows: look again soon."""
        entries = [self.library.entries.get(run) for run in self.runs]
        return not self.library.is_scanned or any(e and not (e.is_settled or e.is_sampled) for e in entries)

    def gather(self) -> bytes:
        """Events for all that is new; empty if nothing is."""
        events = [*self._card_events()]
        for run in self.runs:
            entry = self.library.entries.get(run)
            if entry is not None:
                known = self._known.setdefault(run, _Known(None))
                events += known.events(entry, self.extra)
        cursor = ",".join(f"{run}:{known.place}" for run, known in self._known.items() if known.place)
        return b"".join(_event(name, data, cursor) for name, data in events)

    def _card_events(self) -> list[tuple[str, Any]]:
        entries = self.library.entries
        if not self.library.is_scanned:
            return []
        changed = [entry for entry in entries.values() if self._cards.get(entry.id) != entry.version]
        gone = [run for run in self._cards if run not in entries]
        first = not self._cards
        for run in gone:
            del self._cards[run]
        self._cards |= {entry.id: entry.version for entry in changed}
        if not (changed or gone or first):
            return []
        return [("cards", {"cards": [entry.card for entry in changed], "gone": gone, "total": len(entries)})]


class _Known:
    """What a page knows of one run."""

    def __init__(self, offset: int | None) -> None:
        self.resumes_at = offset
        self.place = ""
        """Offset up to which the curves were sent; empty before the first."""
        self._counts: dict[str, int] | None = None
        """Points sent of every curve, thinned ones included."""
        self._held: dict[str, int] = {}
        self._log: object = None
        self._generation = 0
        self._sample: object = None
        """The sample that was sent, while the log is read for the first time."""
        self._about: object = None
        self._about_at = 0.0
        self._told: dict[str, Any] = {}
        self._verdict = -1
        self._maps_at, self._maps_place = 0.0, ""

    def events(self, entry: Entry, extra: list[str]) -> list[tuple[str, Any]]:
        with entry.looked_at():
            log = entry.wake()
            if self.resumes_at is not None and self._log is None:
                log.want(self.resumes_at)
            if self._log is not log or log.generation != self._generation:
                self._log, self._generation, self._counts = log, log.generation, None
                self._about, self._told, self._verdict = None, {}, -1
            events = [
                *self._about_event(entry),
                *self._curves_event(entry, extra),
                *self._verdict_event(entry),
            ]
            return [*events, *self._maps_event(entry)]

    def _about_event(self, entry: Entry) -> list[tuple[str, Any]]:
        """Facts, notes, what there is to draw, and how far reading has got."""
        run, now = entry.run, time.monotonic()
        about = (run.end is None, entry.is_sampled, round(entry.read_share, 2), len(run.notes))
        if about == self._about and now < self._about_at:
            return []
        settings = settings_of(run.facts)
        self._about, self._about_at = about, now + max(ABOUT_REST, 200 * (time.monotonic() - now))
        told = {
            "id": entry.id,
            "read": entry.read_share,
            "sampled": entry.is_sampled,
            "settings": settings,
            "notes": run.notes[-MOST_NOTES:],
            "treatments": run.treatments[-MOST_NOTES:],
            "names": run.names()[:MOST_NAMES],
        }
        if told == self._told:
            return []
        self._told = told
        return [("about", told)]

    def _curves_event(self, entry: Entry, extra: list[str]) -> list[tuple[str, Any]]:
        """New points of the curves, or whole curves where the page cannot go on from what it has."""
        log, run = entry.wake(), entry.run
        if not entry.is_settled:
            if self.resumes_at is not None or not entry.is_sampled or self._sample is run:
                return []
            self._sample = run
        elif self.resumes_at is not None:
            self._counts, self.resumes_at = log.marks.get(self.resumes_at), None
        sent = self._counts or {}
        curves = {}
        for name in drawn(run.names(), extra):
            new = run[name].count - sent.get(name, 0)
            if new or name not in sent:
                curves[name] = self._curve(name, run[name], new if name in sent else None)
        if not curves:
            return []
        if entry.is_settled:
            self._counts = log.mark()
            self.place = f"{log.offset}"
        return [("curves", {"id": entry.id, "curves": curves})]

    def _curve(self, name: str, series: Series, new: int | None) -> dict[str, Any]:
        goes_on = new is not None and new <= TAIL and self._held.get(name, 0) + new <= HELD
        count = new if goes_on and new is not None else len(series)
        self._held[name] = count + (self._held.get(name, 0) if goes_on else 0)
        return {
            "more": goes_on,
            "steps": series.steps[len(series) - count :].tolist(),
            "values": _values(series.values[len(series) - count :]),
        }

    def _verdict_event(self, entry: Entry) -> list[tuple[str, Any]]:
        if entry.judge.verdict is None or entry.judge.version == self._verdict:
            return []
        self._verdict = entry.judge.version
        return [("verdict", {"id": entry.id, **entry.judge.verdict})]

    def _maps_event(self, entry: Entry) -> list[tuple[str, Any]]:
        now = time.monotonic()
        place = f"{entry.wake().offset} {entry.is_settled}"
        if not entry.is_settled or place == self._maps_place or now < self._maps_at:
            return []
        maps = layer_maps(entry.run)
        self._maps_place, self._maps_at = place, now + max(MAPS_REST, 200 * (time.monotonic() - now))
        return [("maps", {"id": entry.id, "maps": maps})]


def drawn(names: list[str], extra: list[str]) -> list[str]:
    """The curves of ``names`` that a page draws, the most important ones first, then those it asked for."""
    chosen: list[str] = []
    for pattern in CURVES:
        prefix = pattern.removesuffix("*")
        chosen += [n for n in names if n == pattern or (prefix != pattern and n.startswith(prefix))]
    known = set(names)
    return list(dict.fromkeys([*chosen[:MOST_CURVES], *(name for name in extra if name in known)]))


def _values(values: np.ndarray) -> list[float | str]:
    """Rounded to what a screen can show; what is not finite is a word, for JSON has none for it."""
    numbers = values.tolist()
    if not np.isfinite(values).all():
        return [number(value) for value in numbers]
    return numbers


def _event(name: str, data: Any, cursor: str) -> bytes:
    try:
        text = msgspec.json.encode(data)
    except (ValueError, OverflowError):
        # A lone surrogate in a name, or a whole number of more than 64 bits: JSON can write them.
        text = json.dumps(jsonable(data)).encode()
    return b"event: %s\nid: %s\ndata: %s\n\n" % (name.encode(), cursor.encode(), text)


def _parse(cursor: str) -> dict[str, int]:
    """``RUN:OFFSET,RUN:OFFSET``; what cannot be read is left out."""
    pairs = (part.partition(":") for part in cursor.split(","))
    return {run: int(offset) for run, _, offset in pairs if offset.isascii() and offset.isdigit()}
