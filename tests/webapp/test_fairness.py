"""Slots go round among visitors, and a request's photos have a budget."""

from __future__ import annotations

import io
import threading
import time
from typing import Any

import pytest

from tests.conftest import MakeApp
from tests.helpers.memory import encoded
from webapp.services import cpu, inference, turns
from webapp.services.cpu import CpuMeter
from webapp.services.inference import Slots
from webapp.services.turns import Turn, expected_seconds
from webapp.services.visitor import visitor

SECONDS = 30.0


def order_of(slots: Slots, *visitors: str) -> list[str]:
    """Return in which order these visitors, who come one after the other, get the one slot there is."""
    order: list[str] = []

    def visit(name: str) -> None:
        assert slots.acquire(SECONDS, name)
        order.append(name)
        slots.release(name)

    waiting = []
    for place, name in enumerate(visitors, start=1):
        waiting.append(threading.Thread(target=visit, args=(name,)))
        waiting[-1].start()
        while len(slots._waiting) < place:
            time.sleep(0.01)
    slots.release("first")
    for thread in waiting:
        thread.join(SECONDS)
    return order


def test_who_has_used_the_least_is_next(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = CpuMeter()
    slots = Slots(1, alone=1 << 60, meter=meter)
    assert slots.acquire(SECONDS, "first")
    monkeypatch.setattr(meter, "_used", {"greedy": 7.0, "first": 1.0})
    assert order_of(slots, "greedy", "greedy", "other", "first") == ["other", "first", "greedy", "greedy"]


def test_who_holds_a_slot_waits_for_who_holds_none() -> None:
    slots = Slots(2, alone=1 << 60)
    assert slots.acquire(SECONDS, "first")
    assert slots.acquire(SECONDS, "first")
    assert order_of(slots, "first", "other")[0] == "other"


def test_a_dear_photo_is_put_off_for_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    slots = Slots(1, alone=1 << 60)
    came = [
        ("all models", 0.0, 0.9),
        ("phone", 0.1, 0.3),
        ("large", 0.2, 0.5),
        ("later", 3.9, 0.0),
        ("too late", 4.3, 0.0),
    ]
    slots._waiting = [Turn(place, at, name, expected) for place, (name, at, expected) in enumerate(came)]
    order = [turn.visitor for turn in sorted(slots._waiting, key=slots._rank)]
    assert order == ["phone", "later", "all models", "large", "too late"]


@pytest.mark.parametrize("side", [320, 1200, 2000, 4000])
def test_larger_photos_and_more_models_are_expected_to_take_longer(side: int) -> None:
    small, large = (encoded(each) for each in (side // 2, side))
    if side < 4000:
        assert expected_seconds(large) > expected_seconds(small)
    assert expected_seconds(large, 7) == pytest.approx(expected_seconds(large) + 6 * turns.MODEL_SECONDS)
    assert expected_seconds(large) < 2 * turns.ORDINARY
    assert expected_seconds(b"no photo") == turns.PAGE_SECONDS


def test_processor_time_is_shared_out_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    used, now = [0.0], [0.0]
    monkeypatch.setattr("time.process_time", lambda: used[0])
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    meter = CpuMeter(_cpu=0.0, _at=0.0)
    one = meter.begin("a")
    used[0] = 2.0
    other = meter.begin("b")
    used[0] = 4.0
    assert (meter.end(one), meter.end(other)) == (3.0, 1.0)
    assert (meter.used("a"), meter.used("b")) == (3.0, 1.0)
    now[0] = cpu.HALF_LIFE
    meter.end(meter.begin("c"))
    assert meter.used("a") == pytest.approx(1.5)
    now[0] = 1000 * cpu.HALF_LIFE
    meter.end(meter.begin("c"))
    assert not meter._used, "no address is kept for long"


def test_a_clock_that_went_back_forgets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.process_time", lambda: 0.0)
    monkeypatch.setattr("time.monotonic", lambda: 0.0)
    meter = CpuMeter(_used={"a": 1.0}, _cpu=0.0, _at=1e6)
    meter.end(meter.begin("b"))
    assert meter.used("a") == 1.0


def photos(content: bytes, number: int) -> dict[str, Any]:
    return {"photo": [(io.BytesIO(content), f"{place}.png") for place in range(number)]}


def test_photos_beyond_a_requests_budget_are_not_read(
    make_app: MakeApp, empty_png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "REQUEST_CPU_SECONDS", inference.PHOTO_CPU_SECONDS)
    answer = make_app().test_client().post("/api/v1/analyze", data=photos(empty_png, 3))
    assert answer.status_code == 200
    assert ["error" in photo for photo in answer.json] == [False, True, True]
    assert "too much for one request" in answer.json[1]["error"]


def test_photos_that_would_come_too_late_are_not_read(
    make_app: MakeApp, empty_png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer says so for those, before a router gives up on all."""
    app = make_app()
    slots, client = app.extensions["inference_semaphore"], app.test_client()
    monkeypatch.setattr(inference, "ANSWER_SECONDS", 0.0)
    real = slots.release

    def release_and_keep(name: str) -> None:
        real(name)
        slots._most = 0

    monkeypatch.setattr(slots, "release", release_and_keep)
    answer = client.post("/api/v1/analyze", data=photos(empty_png, 2))
    assert answer.status_code == 200
    assert "other photos took too long" in answer.json[1]["error"]
    assert client.post("/api/v1/analyze", data=photos(empty_png, 2)).status_code == 503, "none of it is read"


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:DB8::0001", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
        (None, "unknown"),
    ],
)
def test_what_counts_as_one_visitor(address: str | None, counts_as: str) -> None:
    assert visitor(address) == counts_as
