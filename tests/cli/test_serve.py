"""`netsitter serve`, and `--serve` beside a training: what is said, and how it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from netsitter.run import Run

PROGRAM = """
import sys, time, torch
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
began = time.monotonic()
while time.monotonic() - began < float(sys.argv[1]):
    optimizer.zero_grad()
    torch.nn.functional.mse_loss(model(torch.ones(4, 2)), torch.ones(4, 1)).backward()
    optimizer.step()
    time.sleep(0.02)
print("the program's own words")
"""


@pytest.fixture
def runs(tmp_path):
    with Run.create(tmp_path / "runs" / "one") as run:
        run.append(0, {"loss": 1.0})
    return tmp_path / "runs"


def start(*arguments, **options) -> subprocess.Popen:
    command = [sys.executable, "-m", "netsitter", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def is_gone(url: str) -> bool:
    """Whether nobody answers there, now or within ten seconds."""
    for _ in range(100):
        try:
            httpx.get(url)
        except httpx.TransportError:
            return True
        time.sleep(0.1)
    return False


def test_an_interrupt_ends_it_quietly_while_a_page_is_open(runs):
    server = start("serve", runs, "--port", 0, "--json")
    url = json.loads(server.stdout.readline())["url"]
    base, _, token = url.partition("?token=")
    headers = {"authorization": f"Bearer {token}"}
    with httpx.stream("GET", base + "events", headers=headers, timeout=30) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        next(line for line in answer.iter_lines() if line.startswith("data:"))
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=20)
    assert (server.returncode, out, err) == (0, "", "")


def test_a_port_in_use_gets_one_sentence(netsitter, runs):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = netsitter("serve", runs, "--port", port)
    assert outcome.status == 2
    assert re.fullmatch(rf"netsitter: cannot serve on 127.0.0.1, port {port}: .*in use.*\n", outcome.err)


def test_a_folder_that_is_not_there(netsitter, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "there is no folder runs" in netsitter("serve").err
    outcome = netsitter("serve", "nowhere")
    assert (outcome.status, outcome.out) == (2, "")


def test_it_starts_without_the_heavy_parts(runs):
    code = (
        "import sys\n"
        "import netsitter.views.page.serve, netsitter.views.page.beside\n"
        "from netsitter.views.page.library import Library\n"
        f"library = Library([__import__('pathlib').Path({str(runs)!r})])\n"
        "library.read_on() and library.read_on(); library.judge_one()\n"
        "print([name for name in ('torch', 'pandas', 'sklearn', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_page_beside_a_program_ends_with_it(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    program = start("run", "--serve", tmp_path / "program.py", 6, cwd=tmp_path)
    said = next(line for line in program.stderr if "live page" in line)
    url = re.search(r"http://\S+", said)[0]
    base, _, token = url.partition("?token=")
    headers = {"authorization": f"Bearer {token}"}
    # The address is known before the program's first step, and the first steps arrive within seconds.
    with httpx.stream("GET", base + "events", headers=headers, timeout=30) as answer:
        cards = (json.loads(line[6:])["cards"] for line in answer.iter_lines() if line.startswith("data: "))
        card = next(card for some in cards for card in some if card.get("step", 0) > 0)
    assert card["status"] == "running"
    out, _ = program.communicate(timeout=60)
    assert (program.returncode, out) == (0, "the program's own words\n")
    assert is_gone(base)
    (folder,) = (tmp_path / "runs").iterdir()
    assert Run.open(folder).end == {"status": "finished"}


@pytest.mark.slow
def test_a_page_that_stays_ends_with_an_interrupt(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    program = start("run", "--keep-serving", "--run-dir", "kept", tmp_path / "program.py", 1, cwd=tmp_path)
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(program.stderr), daemon=True)
    reader.start()
    deadline = time.monotonic() + 60
    while not any("stays until" in line for line in lines) and time.monotonic() < deadline:
        time.sleep(0.1)
    while not (match := re.search(r"http://\S+", "".join(lines))) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert match is not None
    assert httpx.get(match[0], follow_redirects=True).status_code == 200
    program.send_signal(signal.SIGINT)
    assert program.wait(timeout=30) == 0
    reader.join()
    program.stdout.close()
    program.stderr.close()
    assert is_gone(match[0])


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="parents are followed by their number")
def test_a_page_does_not_outlive_a_program_that_is_killed(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    program = start("run", "--serve", tmp_path / "program.py", 60, cwd=tmp_path)
    url = re.search(r"http://\S+", next(line for line in program.stderr if "live page" in line))[0]
    program.kill()
    program.communicate(timeout=20)
    assert is_gone(url)
