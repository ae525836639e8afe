"""From a sick program to a proven diff, and a healthy one left alone."""

import json
import subprocess
import sys

import pytest

SICK = """\
import os

import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.rand(64, 1) * 16 - 8
y = 3 * x - 2 + torch.rand(64, 1)
net = torch.nn.Linear(1, 1)
RATE = 0.1
opt = torch.optim.SGD(net.parameters(), lr=RATE)
for step in range(300):
    loss = ((net(x) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print(f"RESULT mse={loss.item():.4f}")
"""


def fix(folder, *options):
    done = subprocess.run(
        [sys.executable, "-m", "netsitter", "fix", "--json", *options, "train.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_diverging_program_is_mended_and_its_diff_applies(tmp_path):
    (tmp_path / "train.py").write_text(SICK)
    document = fix(tmp_path)
    assert (tmp_path / "train.py").read_text() == SICK
    assert document["proven"]
    assert document["remedies"][0]["name"] == "lower-rate"
    assert document["remedies"][0]["line"] == SICK.split("\n").index("RATE = 0.1") + 1
    assert len(document["gain"]["after"]) == 3
    (tmp_path / "change.diff").write_text(document["diff"])
    subprocess.run(["git", "apply", "change.diff"], cwd=tmp_path, check=True)
    done = subprocess.run(
        [sys.executable, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"RESULT mse={document['gain']['after'][0]:.4f}\n"


@pytest.mark.slow
def test_apply_keeps_a_backup_and_a_second_fix_changes_nothing(tmp_path):
    (tmp_path / "train.py").write_text(SICK)
    document = fix(tmp_path, "--apply")
    assert (tmp_path / "train.py.orig").read_text() == SICK
    mended = (tmp_path / "train.py").read_text()
    assert "RATE = 0.01\n" in mended
    assert [one["file"] for one in document["applied"]] == [str(tmp_path / "train.py")]
    again = fix(tmp_path, "--apply")
    assert again["healthy"]
    assert again["trials"] == 1
    assert (tmp_path / "train.py").read_text() == mended
