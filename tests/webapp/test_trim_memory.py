"""Freed memory is returned to the system, from a threshold on."""

import os

import pytest

from tests.helpers.memory import resident as resident_megabytes
from webapp.services import inference
from webapp.services.inference import STATM, TRIM_THRESHOLD, trim_memory

needs_glibc = pytest.mark.skipif(
    inference._malloc_trim is None or not STATM.exists(), reason="needs Linux with glibc"
)


def resident() -> int:
    """The process's resident memory in bytes."""
    return round(1e6 * resident_megabytes(os.getpid()))


@needs_glibc
def test_free_pages_are_given_back_once_they_are_worth_it() -> None:
    trim_memory(threshold=-resident())
    assert not trim_memory(), "nothing has come since"
    # Small pieces lie in the heap itself; the last one keeps it from shrinking by itself.
    pieces = [bytes(60_000) for _ in range(2 * TRIM_THRESHOLD // 60_000)]
    grown = resident()
    last = pieces[-1]
    del pieces
    assert trim_memory()
    assert resident() < grown - TRIM_THRESHOLD
    assert len(last) == 60_000


def test_other_systems_keep_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "_malloc_trim", None)
    assert not trim_memory()
