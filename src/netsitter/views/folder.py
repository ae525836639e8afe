"""The files of a run folder that people open: report, leaderboard, model card."""

import json
from pathlib import Path

from netsitter.files import write_atomic
from netsitter.run import Run


def write_views(path: Path) -> None:
    """Write ``report.html``, ``leaderboard.json`` and ``README.md`` from the run in ``path``."""
    from netsitter.views.model_card import model_card
    from netsitter.views.report import write_report

    run = Run.open(path)
    write_atomic(path / "leaderboard.json", json.dumps(run.facts.get("leaderboard", []), indent=1))
    write_report(run, path / "report.html")
    write_atomic(path / "README.md", model_card(run))
