"""Memory that photos took goes back to the system, but not for every little."""

import pytest

from webapp.services import inference
from webapp.services.inference import STATM, WORTH_BYTES, Heap, _trim, resident

pytestmark = pytest.mark.skipif(_trim is None or not STATM.exists(), reason="needs Linux with glibc")


def test_free_pages_are_given_back_once_they_are_worth_it() -> None:
    tidy = Heap()
    tidy.tidy()
    assert not tidy.tidy(), "nothing has come since"
    # Small pieces lie in the heap itself; the last one keeps it from shrinking by itself.
    pieces = [bytes(60_000) for _ in range(2 * WORTH_BYTES // 60_000)]
    grown = resident()
    last = pieces[-1]
    del pieces
    assert tidy.tidy()
    assert resident() < grown - WORTH_BYTES
    assert len(last) == 60_000


def test_other_systems_keep_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "_trim", None)
    assert not Heap().tidy()
