"""Run an unmodified program under a prescription, in this process.

    python -m netsitter.treat.script --prescription FILE --out DIR [--seed N] [-m] PROGRAM ARGS…

The program's output, arguments and exit status are its own. DIR receives ``run.jsonl`` (one more in
``training-N/`` for every further training), ``diagnosis.json`` and ``treatment.json``: what became of
each remedy and where, the lines of the program where training is made, the yardstick, and seconds.
An empty prescription gives the run to compare with: it is observed in the same way.
"""

import argparse
import json
import os
import random
import sys
from pathlib import Path
from typing import Any

from netsitter.errors import NetsitterError
from netsitter.files import write_atomic
from netsitter.run import jsonable


def main() -> int:
    """Entry point; returns the program's exit status."""
    given = _parser().parse_args()
    try:
        from netsitter.treat.prescription import read

        doses = read(Path(given.prescription)) if given.prescription else ()
        return run(given, doses)
    except NetsitterError as error:
        print(f"netsitter: {error}", file=sys.stderr)
        return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m netsitter.treat.script")
    parser.add_argument("--prescription", metavar="FILE")
    parser.add_argument("--out", metavar="DIR", required=True)
    parser.add_argument("--seed", type=int)
    parser.add_argument("-m", dest="is_module", action="store_true")
    parser.add_argument("program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser


def run(given: argparse.Namespace, doses: tuple[Any, ...]) -> int:
    """Run the program under watch and treatment, and write down what came of it."""
    if given.seed is not None:
        seed_everything(given.seed)
    out = Path(given.out)
    return attend(given.program, given.arguments, doses, out, is_module=given.is_module, seed=given.seed or 0)


def attend(
    program: str, arguments: list[str], doses: tuple[Any, ...], out: Path, *, is_module: bool, seed: int
) -> int:
    """Run a program in this process under watch and treatment; what came of it is written to ``out``."""
    from netsitter.observe import watch
    from netsitter.observe.script import run_program
    from netsitter.treat.apply import apply_all
    from netsitter.treat.patient import Patient, clock

    out.mkdir(parents=True, exist_ok=True)
    sitter = watch(run_dir=out, quiet=True)
    patient = Patient()
    began = clock()
    try:
        with patient:
            acts = apply_all(patient, doses, seed=seed)
            status = run_program(program, arguments, is_module=is_module, sitter=sitter)
    finally:
        sitter.close()
    ended = clock()
    _write(out / "diagnosis.json", sitter.diagnosis.to_json())
    document = {
        "status": status,
        "remedies": [act.to_json() for act in acts],
        "places": [place.to_json() for place in patient.places],
        "yardstick": patient.yardstick.result(),
        "steps": patient.steps,
        "trainings": len(sitter.runs),
        "broken": patient.broken,
        "seconds": ended[0] - began[0],
        "cpu_seconds": ended[1] - began[1],
    }
    _write(out / "treatment.json", document)
    return status


def seed_everything(seed: int) -> None:
    """The same start for both arms of a trial: SEED in the environment, and every generator."""
    import numpy as np
    import torch

    os.environ["SEED"] = str(seed)
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def _write(path: Path, document: dict[str, Any]) -> None:
    write_atomic(path, json.dumps(jsonable(document), ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
