"""The main job on a real table: train, then predict. `make demo` runs this."""

import subprocess
import sys
import time
from pathlib import Path

TABLE = Path(__file__).parent / "storms.csv"
BUDGET = "75s"


def main() -> int:
    run = Path("runs") / f"demo-{time.strftime('%Y%m%d-%H%M%S')}"
    netsitter = [sys.executable, "-m", "netsitter"]
    train = [
        "train",
        str(TABLE),
        "--target",
        "pressure",
        "--group",
        "storm",
        "--budget",
        BUDGET,
        "--out",
        str(run),
    ]
    predictions = run / "predictions.csv"
    predict = ["predict", str(run), str(TABLE), "--out", str(predictions)]
    for arguments in (train, predict):
        print("$ netsitter " + " ".join(arguments), flush=True)
        status = subprocess.run([*netsitter, *arguments], check=False).returncode
        if status:
            return status
    with predictions.open() as file:
        print("".join(file.readline() for _ in range(4)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
