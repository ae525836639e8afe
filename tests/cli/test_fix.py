"""What `netsitter fix` says where there is nothing to try."""

import json

import pytest


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_program_that_is_not_there(netsitter):
    seen = netsitter("fix", "nowhere.py")
    assert seen.status == 2
    assert "There is no program 'nowhere.py'." in seen.err


def test_a_module_that_is_not_there(netsitter):
    seen = netsitter("fix", "-m", "no.such.module")
    assert seen.status == 2
    assert "There is no module 'no.such.module'" in seen.err


@pytest.mark.parametrize("seeds", ["a,b", "1,1", "-1"])
def test_seeds_are_different_whole_numbers(netsitter, seeds):
    seen = netsitter("fix", "--seeds", seeds, "train.py")
    assert seen.status == 2
    assert "whole numbers" in seen.err


def test_a_program_that_trains_nothing_is_left_alone(netsitter, tmp_path):
    (tmp_path / "train.py").write_text("print('RESULT acc=0.5')\n")
    seen = netsitter("fix", "train.py")
    assert seen.status == 0
    assert seen.out == "train.py: no training of PyTorch was seen; nothing was changed.\n"


def test_a_program_that_fails_at_once_says_its_own_error(netsitter, tmp_path):
    (tmp_path / "train.py").write_text("import no_such_library\n")
    seen = netsitter("fix", "train.py")
    assert seen.status == 4
    assert "No module named 'no_such_library'" in seen.err


def test_a_healthy_training_is_left_alone(netsitter, tmp_path):
    text = (
        "import torch\ntorch.manual_seed(0)\nx = torch.randn(64, 3)\ny = x.sum(1, keepdim=True)\n"
        "net = torch.nn.Linear(3, 1)\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
        "for _ in range(150):\n    loss = torch.nn.functional.mse_loss(net(x), y)\n    opt.zero_grad()\n"
        "    loss.backward()\n    opt.step()\nprint(loss.item())\n"
    )
    (tmp_path / "train.py").write_text(text)
    seen = netsitter("fix", "--json", "--apply", "--strict", "train.py")
    assert seen.status == 0
    document = json.loads(seen.out)
    assert document["healthy"]
    assert document["trials"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]
    assert (tmp_path / "train.py").read_text() == text


def test_an_option_behind_the_program_is_hinted_at(netsitter, tmp_path):
    (tmp_path / "train.py").write_text("import sys\nprint(sys.argv)\n")
    seen = netsitter("fix", "--jobs", "1", "train.py", "--apply", "--budget", "60")
    assert "for netsitter: netsitter fix --apply --budget 60 train.py\n" in seen.err
    assert seen.status == 0
    seen = netsitter("fix", "-m", "train", "--json")
    assert "for netsitter: netsitter fix --json -m train\n" in seen.err
    assert "nothing was changed" in seen.out


def test_options_in_their_place_need_no_hint(netsitter, tmp_path):
    (tmp_path / "train.py").write_text("print()\n")
    assert "meant for netsitter" not in netsitter("fix", "--budget", "60", "train.py", "60").err
