"""The command line in several processes: what they write, how they are stopped, and one that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "static" / "samples"
PATIENCE = 300  # Seconds for what takes two: the machine may be busy.


@pytest.fixture
def portraits(tmp_path):
    """Twelve small portraits, and one file that is no photo."""
    top = tmp_path / "portraits"
    top.mkdir()
    with Image.open(SAMPLES / "astronaut.jpg") as portrait:
        small = portrait.resize((120, 120))
    for number in range(12):
        small.save(top / f"{number:02}.jpg")
    (top / "05.jpg").write_text("no picture")
    return top


def program(*arguments):
    return [sys.executable, "-m", "model", *map(str, arguments)]


def without_times(path):
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for record in records:
        record.pop("timings_ms", None)
    return records


@pytest.mark.slow
def test_several_processes_write_what_one_writes(portraits, tmp_path):
    for jobs in (1, 2):
        out = tmp_path / f"{jobs}.jsonl"
        stages = tmp_path / f"stages-{jobs}"
        command = program(portraits, "--out", out, "--jobs", jobs, "--stages", stages)
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=PATIENCE)
        assert done.returncode == 1, done.stderr
        assert done.stderr.startswith(b"11 photos read, 11 faces, 1 could not be read; ")
    assert without_times(tmp_path / "1.jsonl") == without_times(tmp_path / "2.jsonl")
    one, two = (
        sorted(
            path.relative_to(tmp_path / f"stages-{jobs}") for path in (tmp_path / f"stages-{jobs}").rglob("*")
        )
        for jobs in (1, 2)
    )
    assert one == two
    assert len(one) == 11 * 6


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to a whole console")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_leaves_one_line_and_a_whole_file(portraits, tmp_path, number, code):
    out = tmp_path / "out.json"
    names = [portraits / "00.jpg"] * 5000
    (tmp_path / "list").write_text("\n".join(map(str, names)))
    command = program("--files-from", tmp_path / "list", "--out", out, "--jobs", 2)
    # A group of its own, so that the signal reaches its processes, as Ctrl-C does, and no others.
    running = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while (not out.exists() or out.stat().st_size < 3000) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(running.pid, number)
        printed, said = running.communicate(timeout=PATIENCE)
    finally:
        running.kill()
    assert running.returncode == code, said
    (line,) = said.decode().splitlines()
    assert "stopped after" in line
    assert printed == b""
    assert 0 < len(json.loads(out.read_text(encoding="utf-8"))) < len(names)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="it asks /proc for the processes")
def test_a_process_that_is_killed_costs_no_photo(portraits, tmp_path):
    out = tmp_path / "out.jsonl"
    names = [portraits / "00.jpg", portraits / "01.jpg"] * 60
    (tmp_path / "list").write_text("\n".join(map(str, names)))
    command = program("--files-from", tmp_path / "list", "--out", out, "--jobs", 2)
    running = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + PATIENCE
        while (not out.exists() or not out.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(spawned_by(running.pid)[0], signal.SIGKILL)
        _, said = running.communicate(timeout=PATIENCE)
    finally:
        running.kill()
    assert running.returncode == 0, said
    assert [record["photo"] for record in without_times(out)] == [str(name) for name in names]


def spawned_by(parent):
    """Return the worker processes of a program, without multiprocessing's own."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            status = (path / "stat").read_text().rpartition(")")[2].split()
            command = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if int(status[1]) == parent and b"spawn_main" in command:
            found.append(int(path.name))
    return found
