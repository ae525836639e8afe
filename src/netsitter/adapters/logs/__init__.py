"""Logs that people already have, read as runs. One file per format; the content decides which."""

import importlib
import os
import pkgutil
from pathlib import Path

from netsitter.errors import UsageError
from netsitter.run import Run

KNOWN = (
    "run.jsonl, a CSV (Lightning, Keras), trainer_state.json (Hugging Face), TensorBoard event files, "
    "a Weights & Biases, MLflow or trackio folder, a skorch history.json"
)


def read_log(path: str | os.PathLike[str], run: str | None = None) -> Run:
    """The run that a log tells of; ``run`` names one where a folder or database holds several.

    What a log cannot show is simply not in the Run: rules that need it are listed as unchecked.
    Raises UsageError for a path that is not there or is no log that we know, and DataError for a log
    that is broken.
    """
    path = Path(path)
    if not path.exists():
        raise UsageError(f"There is no {path}.")
    for module in pkgutil.iter_modules(__path__, __name__ + "."):
        if module.name.rpartition(".")[2].startswith("_"):
            continue
        log_format = importlib.import_module(module.name)
        if log_format.recognises(path):
            return log_format.read(path, run)
    raise UsageError(f"{path} is no log that netsitter knows. It knows: {KNOWN}.")
