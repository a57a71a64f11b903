"""A process forked from one that has used the networks: it answers, and it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from model.store import forks

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300  # Seconds: a hang would last for ever, and the machine may be busy.

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

POOL = """
import multiprocessing as mp, sys
from model import Recognizer

recognizer = Recognizer.load("landmarks")
if "used" in sys.argv:
    recognizer.analyze("static/samples/astronaut.jpg")

def work(name):
    return len(recognizer.analyze(f"static/samples/{name}.jpg").faces)

with mp.get_context("fork").Pool(2) as pool:
    print(pool.map(work, ["astronaut", "small", "dim"]))
"""
CHILD = """
import os, sys
from model import Recognizer

recognizer = Recognizer.load()
recognizer.analyze("static/samples/astronaut.jpg")
child = os.fork()
if not child:
    sys.exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def program(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("before", ["used", "fresh"])
def test_a_forked_pool_answers(before: str) -> None:
    assert program(POOL, before) == "[1, 1, 1]"


def test_a_forked_process_ends_without_waiting_for_threads_that_are_gone() -> None:
    assert program(CHILD) == "0"


def test_what_is_made_anew_is_made_once_in_each_process() -> None:
    made: list[int] = []

    def make() -> object:
        made.append(1)
        return object()

    thing = forks.Renewed(make)
    first = thing.get()
    assert thing.get() is first
    forks._forget_all()
    assert thing.get() is not first
    assert thing.get() is thing.get()
    assert len(made) == 2


def test_a_lock_that_was_held_is_free_in_the_forked_process() -> None:
    lock = forks.ForkSafeLock()
    lock.__enter__()
    forks._forget_all()
    assert lock._lock.acquire(blocking=False)
