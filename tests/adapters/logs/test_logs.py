"""Logs of other tools: what they wrote is what we read, and what they lack is said to be missing."""

import json
import math
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsitter.adapters.logs import read_log
from netsitter.adapters.logs._names import our_name
from netsitter.diagnosis import diagnose
from netsitter.errors import DataError, NetsitterError, UsageError
from netsitter.run import Run

FALLING = [float(v) for v in 2.0 * np.exp(-np.arange(60) / 8)]
RISING = [float(v) for v in 0.9 * np.exp(-np.arange(60) / 8) + np.maximum(0, np.arange(60) - 20) * 0.03]


# Each writer makes the same run in its tool's own form: a training loss that falls, a validation
# loss that turns up, a rate. They return what to read.


def lightning_csv(folder: Path) -> Path:
    """Lightning's CSVLogger: one row a kind of number, blank cells between."""
    lines = ["epoch,lr-Adam,step,train_loss,val_acc,val_loss"]
    for epoch, (train, val) in enumerate(zip(FALLING, RISING, strict=True)):
        lines += [f"{epoch},0.001,{10 * epoch},,,", f"{epoch},,{10 * epoch + 4},{train!r},,"]
        lines += [f"{epoch},,{10 * epoch + 9},,0.5,{val!r}"]
    (folder / "version_0").mkdir()
    (folder / "version_0" / "metrics.csv").write_text("\n".join(lines) + "\n")
    return folder


def keras_csv(folder: Path) -> Path:
    lines = ["epoch;accuracy;learning_rate;loss;val_accuracy;val_loss"]
    lines += [f"{i};0.9;0.001;{a!r};0.5;{b!r}" for i, (a, b) in enumerate(zip(FALLING, RISING, strict=True))]
    (folder / "training.csv").write_text("\n".join(lines) + "\n")
    return folder / "training.csv"


def hugging_face(folder: Path) -> Path:
    history = []
    for index, (train, val) in enumerate(zip(FALLING, RISING, strict=True)):
        step = 10 * (index + 1)
        history.append({"epoch": index, "grad_norm": 1.5, "learning_rate": 1e-3, "loss": train, "step": step})
        history.append(
            {"epoch": index, "eval_loss": val, "eval_accuracy": 0.5, "eval_runtime": 3.1, "step": step}
        )
    history.append({"epoch": 60, "step": 600, "train_loss": 99.0, "train_runtime": 12.0})
    for checkpoint in ("checkpoint-90", "checkpoint-600"):
        (folder / checkpoint).mkdir()
        kept = history if checkpoint == "checkpoint-600" else history[:18]
        (folder / checkpoint / "trainer_state.json").write_text(json.dumps({"log_history": kept}))
    return folder


def skorch_history(folder: Path) -> Path:
    epochs = [
        {
            "batches": [{"train_loss": train, "train_batch_size": 32}, {"valid_loss": val}],
            "epoch": index + 1,
            "train_loss": train,
            "valid_loss": val,
            "valid_acc": 0.5,
            "dur": 0.2,
            "train_loss_best": True,
            "event_lr": 1e-3,
        }
        for index, (train, val) in enumerate(zip(FALLING, RISING, strict=True))
    ]
    (folder / "history.json").write_text(json.dumps(epochs))
    return folder / "history.json"


def mlflow_folder(folder: Path) -> Path:
    metrics = folder / "mlruns" / "1234" / "abcd" / "metrics"
    metrics.mkdir(parents=True)
    (metrics.parent / "meta.yaml").write_text("run_id: abcd\n")
    for name, values in (("train_loss", FALLING), ("val_loss", RISING), ("lr", [1e-3] * 60)):
        lines = [f"{1700000000000 + i} {value!r} {i}" for i, value in enumerate(values)]
        (metrics / name).write_text("\n".join(lines) + "\n")
    return folder / "mlruns"


def trackio_database(folder: Path) -> Path:
    with closing(sqlite3.connect(folder / "project.db")) as database:
        database.execute(
            "CREATE TABLE metrics "
            "(id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT, step INTEGER, metrics TEXT)"
        )
        for step, (train, val) in enumerate(zip(FALLING, RISING, strict=True)):
            text = json.dumps({"train/loss": train, "val/loss": val, "lr": 1e-3})
            database.execute("INSERT INTO metrics VALUES (NULL, 'now', 'fine-sun-1', ?, ?)", (step, text))
        database.commit()
    return folder / "project.db"


def wandb_history(folder: Path) -> Path:
    files = folder / "offline-run-20250101_000000-abc" / "files"
    files.mkdir(parents=True)
    lines = [
        json.dumps({"_step": i, "_runtime": i, "train/loss": a, "eval/loss": b, "train/learning_rate": 1e-3})
        for i, (a, b) in enumerate(zip(FALLING, RISING, strict=True))
    ]
    (files / "wandb-history.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def wandb_binary(folder: Path) -> Path:
    wandb = pytest.importorskip("wandb")
    with wandb.init(mode="offline", dir=str(folder), settings=wandb.Settings(silent=True)) as run:
        for train, val in zip(FALLING, RISING, strict=True):
            run.log({"train/loss": train, "val/loss": val, "lr": 1e-3})
    return next((folder / "wandb").glob("offline-run-*"))


def tensorboard_events(folder: Path) -> Path:
    pytest.importorskip("tensorboard")
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder / "events")) as writer:
        for step, (train, val) in enumerate(zip(FALLING, RISING, strict=True)):
            writer.add_scalar("Loss/train", train, step)
            writer.add_scalar("Loss/val", val, step)
            writer.add_scalar("lr", 1e-3, step)
    return folder / "events"


def own(folder: Path) -> Path:
    with Run.create(folder) as run:
        for step, (train, val) in enumerate(zip(FALLING, RISING, strict=True)):
            run.append(step, {"loss": train, "val/loss": val, "lr/0": 1e-3})
    return folder


TEXT_WRITERS = [
    lightning_csv,
    keras_csv,
    hugging_face,
    skorch_history,
    mlflow_folder,
    trackio_database,
    wandb_history,
    own,
]
WRITERS = [
    *TEXT_WRITERS,
    pytest.param(tensorboard_events, marks=pytest.mark.slow),
    pytest.param(wandb_binary, marks=pytest.mark.slow),
]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.filterwarnings("ignore")  # other tools' own deprecations
def test_the_curves_come_through(write, tmp_path):
    run = read_log(write(tmp_path))
    np.testing.assert_allclose(run["loss"].values, FALLING, rtol=1e-6)
    np.testing.assert_allclose(run["val/loss"].values, RISING, rtol=1e-6)
    assert np.all(np.diff(run["loss"].steps) > 0)
    if write is not skorch_history:
        assert run["lr/Adam" if write is lightning_csv else "lr/0"].last == pytest.approx(1e-3)


@pytest.mark.parametrize("write", TEXT_WRITERS)
def test_they_are_judged_by_the_same_rules(write, tmp_path):
    verdict = diagnose(read_log(write(tmp_path)))
    assert verdict.named("overfitting") is not None
    assert "vanishing-gradients" in verdict.unchecked, "what a log cannot show is listed"
    assert not verdict.broken


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("train_loss", "loss"),
        ("train_loss_step", "loss"),
        ("loss", "loss"),
        ("Loss/train", "loss"),
        ("train/loss", "loss"),
        ("eval_loss", "val/loss"),
        ("valid_loss", "val/loss"),
        ("Loss/val", "val/loss"),
        ("val_accuracy", "val/metric/accuracy"),
        ("valid_acc", "val/metric/accuracy"),
        ("accuracy", "metric/accuracy"),
        ("train/accuracy", "metric/accuracy"),
        ("lr-SGD/pg1", "lr/SGD/pg1"),
        ("learning_rate", "lr/0"),
        ("train/grad_norm", "grad_norm"),
        ("grad_2.0_norm_total", "grad_norm"),
        ("grad_2.0_norm/fc1.Weight", "grad_norm/fc1.Weight"),
        ("epoch", None),
        ("eval_samples_per_second", None),
        ("_runtime", None),
        ("train/global_step", None),
    ],
)
def test_names(name, ours):
    assert our_name(name) == ours


def test_not_a_number_is_the_message(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(
        "epoch,loss\n" + "".join(f"{i},{1.5**i}\n" for i in range(30)) + "30,inf\n31,nan\n32,nan\n"
    )
    run = read_log(path)
    assert run["loss"].first_nonfinite == 30
    assert math.isnan(run["loss"].last)
    assert diagnose(run).is_sick


def test_several_runs_ask_for_one(tmp_path):
    for version in ("version_0", "version_1"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "metrics.csv").write_text("step,train_loss\n0,1\n1,2\n")
    with pytest.raises(UsageError, match=r"--run.*version_0.*version_1"):
        read_log(tmp_path)
    with pytest.raises(UsageError, match="version_1"):
        read_log(tmp_path, run="version1")
    assert read_log(tmp_path, run="version_1")["loss"].last == 2


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("notes.txt", b"hello\n", UsageError),
        ("picture.png", b"\x89PNG\r\n", UsageError),
        ("empty.csv", b"", UsageError),
        ("table.csv", b"a,b\n1,2\n", UsageError),
        ("table.csv", b"\xff\xfe\x00loss", UsageError),
        ("trainer_state.json", b'{"log_history": 3}', DataError),
        ("trainer_state.json", b'{"log_history": [{"step": 1}]}', DataError),
        ("history.json", b'[{"batches": 3}]', DataError),
        ("project.db", b"SQLite format 3\x00 and nothing more", DataError),
        ("run.jsonl", b"{}\n", DataError),
        ("blank.csv", b"step,loss\n", DataError),
    ],
)
def test_what_is_no_log_is_one_clear_sentence(tmp_path, name, content, error):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error, match=name.replace(".", r"\.")) as caught:
        read_log(path)
    assert str(caught.value).count("\n") == 0


def test_a_missing_file_and_an_empty_folder(tmp_path):
    with pytest.raises(UsageError, match=r"There is no .*gone"):
        read_log(tmp_path / "gone")
    with pytest.raises(UsageError, match="is no log"):
        read_log(tmp_path)


@pytest.mark.parametrize("module", ["tensorboard", "wandb"])
def test_a_missing_package_says_how_to_get_it(tmp_path, monkeypatch, module):
    for name in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    path = tmp_path / ("events.out.tfevents.1" if module == "tensorboard" else "run-abc.wandb")
    path.write_bytes(b"")
    with pytest.raises(UsageError, match=rf"pip install 'netsitter\[{module}\]'"):
        read_log(path)


@given(
    content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
    name=st.sampled_from(["a.csv", "run.jsonl", "history.json", "trainer_state.json", "x.db", "x.txt"]),
    lead=st.sampled_from(
        [b"", b"step,loss\n", b'{"log_history": [', b'[{"batches": ', b"SQLite format 3\x00"]
    ),
)
def test_any_file_is_a_run_or_one_of_our_errors(tmp_path_factory, content, name, lead):
    path = tmp_path_factory.mktemp("log") / name
    path.write_bytes(lead + content)
    try:
        run = read_log(path)
    except NetsitterError:
        return
    assert not diagnose(run).broken
