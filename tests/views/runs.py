"""Runs as the recipe leaves them, for the views' tests."""

import math

import numpy as np

from netsitter.run import Run

HOSTILE = "<script>alert('x')</script>\x07\u202e\"&|`--"


def _score(value: float, half: float) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


def finished_run(*, target: str = "price", columns: tuple[str, ...] = ("area", "rooms")) -> Run:
    """A regression that went well, every part of the report filled."""
    run = Run(
        {
            "task": "regression",
            "task_reason": "a number with 200 values",
            "target": target,
            "metric": {"name": "rmse", "better": "lower"},
            "schema": [{"name": name, "kind": "number", "reason": f"{name} is numeric"} for name in columns],
            "split": {"train": 700, "validation": 150, "test": 150},
            "loss": {"loss": "mse", "reason": "no outliers"},
            "seed": 0,
            "versions": {"netsitter": "0.1.0"},
            "data": {
                "columns": [
                    {
                        "name": name,
                        "kind": "number",
                        "missing": 7,
                        "distinct": 100,
                        "min": -5.0,
                        "lower": 0.0,
                        "median": 1.0,
                        "upper": 2.5,
                        "max": 90.0,
                    }
                    for name in columns
                ]
            },
            "stages": {"look": {"text": f"1000 rows; {target} looks fine.", "decided": {"worrying": []}}},
            "leaderboard": [
                {"rank": 1, "name": "first", "stage": "tune", "validation": 1.5, "seconds": 3.0, "epochs": 9,
                 "parameters": 1000, "settings": {"net.width": 64, "fit.lr": 0.01}, "failed": None},
                {"rank": 2, "name": "second", "stage": "tune", "validation": None, "seconds": 1.0,
                 "epochs": 1, "parameters": 1000, "settings": {"net.width": 32, "fit.lr": 0.01},
                 "failed": f"the loss became nan in {target}"},
            ],
            "test": {"rmse": _score(1.6, 0.2), "r2": _score(0.9, 0.05)},
            "baselines": {
                "mean": {"rmse": _score(5.0, 0.5), "r2": _score(0.0, 0.0)},
                "boosted trees": {"rmse": {"value": 1.5, "low": None, "high": None}, "r2": 0.91},
            },
            "gains": {"mean": {"value": 3.4, "low": 3.0, "high": 3.8}},
            "verdict": f"Better than a constant answer for {target}.",
            "residuals": {"predicted": [1.0, 2.0, 3.5], "actual": [1.1, 1.9, 3.0]},
            "importance": {name: {"value": 0.5, "low": 0.4, "high": 0.6} for name in columns},
            "worst_rows": [
                {"row": 17, "actual": 3.0, "predicted": 9.5, "error": 6.5, "cells": {columns[0]: 2.0}}
            ],
        }
    )  # fmt: skip
    run.append(0, {"data/rows": 1000, "data/train_rows": 700, "baseline/mean": 5.0, "baseline/linear": 4.9})
    run.append(0, {"init/loss": 1.05, "init/expected_loss": 1.0})
    random = np.random.default_rng(0)
    for step in range(300):
        loss = 0.1 + math.exp(-step / 60)
        run.append(step, {"loss": loss + 0.05 * random.random()})
        if step % 10 == 9:
            validation = loss + 0.05 + max(0, step - 150) / 1500
            run.append(
                step, {"val/loss": validation, "val/metric/rmse": 5 * validation, "lr/0": 0.01 - step * 3e-5}
            )
    run.finish(status="finished", seconds=75.0)
    return run


def classified_run(*, target: str = "species", classes: tuple[str, ...] = ("a", "b", "c")) -> Run:
    """A classification that is worse than the trees."""
    run = finished_run(target=target)
    n = len(classes)
    run.fact(
        task="multiclass",
        metric={"name": "log_loss", "better": "lower"},
        test={"log_loss": _score(0.5, 0.1), "accuracy": _score(0.8, 0.1)},
        baselines={"majority": {"log_loss": 1.1, "accuracy": 0.4}},
        gains={"boosted trees": {"value": -0.1, "low": -0.2, "high": -0.05}},
        residuals=None,
        confusion={"classes": list(classes), "counts": (np.eye(n, dtype=int) * 40 + 3).tolist()},
        calibration={"confidence": [0.5, 0.7, 0.9], "accuracy": [0.4, 0.72, 0.85], "count": [50, 50, 50]},
    )  # fmt: skip
    return run


def watched_run() -> Run:
    """A program that was watched: a deep network whose first layers hardly learn and whose loss is lost."""
    modules = {f"layer{i}": {"type": "Linear", "in": [8], "out": [8]} for i in range(6)}
    parameters = {f"{name}.weight": {"elements": 64, "trainable": True} for name in modules}
    run = Run({"model": {"name": "Net", "modules": modules, "parameters": parameters}})
    run.fact(optimizers=[{"type": "SGD", "lr": 0.1}])
    run.append(0, {"init/loss": 2.4, "init/loss_expected": 2.3})
    for step in range(200):
        run.append(step, {"loss": 2.3 + 0.01 * math.sin(step) if step < 180 else math.nan})
        for i, name in enumerate(modules):
            run.append(
                step,
                {
                    f"grad_norm/{name}.weight": 10.0 ** (i - 6),
                    f"grad_share/{name}.weight": 10.0 ** (i - 6),
                    f"update_ratio/{name}.weight": 10.0 ** (i - 7) if step < 180 else math.inf,
                    f"dead/{name}": min(1.0, step * i / 600),
                },
            )
    run.finish(status="finished", seconds=3.0)
    return run
