"""Admission control: places, room as bytes arrive, and who gives way when there is none."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from webapp.services import current_upload, uploads
from webapp.services.uploads import MEBIBYTE, Ended, NoRoom, NoSender, Upload, Uploads

SECONDS = 30.0


class Silent:
    """A sender of which nothing arrives; remembers whether its read was ended."""

    def __init__(self) -> None:
        self.interrupted = False

    def pending(self) -> bool:
        return False

    def interrupt(self) -> None:
        self.interrupted = True


def store(
    places: int = 8, room: int = 64 * MEBIBYTE, per_visitor: int = 8, patience: float = SECONDS
) -> Uploads:
    return Uploads(places, room, room // 2, per_visitor, patience)


def later(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_place_goes_to_who_came_first_and_to_who_has_none_before_who_has_some() -> None:
    uploads = store(places=4)
    held = [uploads.enter("many"), uploads.enter("many"), uploads.enter("other"), uploads.enter("another")]
    order: list[str] = []

    def come(visitor: str) -> None:
        uploads.enter(visitor)
        order.append(visitor)

    threads = []
    for place, visitor in enumerate(("many", "first", "second"), start=1):
        threads.append(later(partial(come, visitor)))
        while len(uploads._line) < place:
            time.sleep(0.01)
    for place, upload in enumerate(held[2:] + held[:1], start=1):
        uploads.leave(upload)
        while len(order) < place:
            time.sleep(0.01)
    for thread in threads:
        thread.join(SECONDS)
    assert order == ["first", "second", "many"]


def send(client: FlaskClient, photo: bytes, where: str = "/api/v1/analyze") -> TestResponse:
    return client.post(where, data={"photo": (io.BytesIO(photo), "a.png")})


@pytest.fixture
def full(make_app: MakeApp) -> Flask:
    """An application with one photo in progress and one that waits: room for no more."""
    app = make_app(max_concurrent=1, queue_size=1, queue_timeout=20)
    admission = app.extensions["admission"]
    admission.patience = 0.1
    for visitor in ("a", "b"):
        admission.enter(visitor, NoSender())
    return app


def test_a_full_queue_says_when_to_come_back(full: Flask, empty_png: bytes) -> None:
    answer = send(full.test_client(), empty_png)
    assert answer.status_code == 503
    assert answer.json["type"] == "/api#busy"
    assert answer.json["retry_after"] == int(answer.headers["Retry-After"]) > 0


def test_a_person_gets_a_page_before_any_other_check(full: Flask, empty_png: bytes) -> None:
    answer = send(full.test_client(), empty_png, "/results")
    assert answer.status_code == 503
    assert "Many photos at once" in answer.text


def test_pages_are_served_while_the_queue_is_full(full: Flask) -> None:
    client = full.test_client()
    for page in ("/", "/model", "/healthz", "/readyz", "/api", "/pipeline", "/api/v1/models"):
        assert client.get(page).status_code == 200


def test_room_is_given_back_however_a_request_ends(make_app: MakeApp, empty_png: bytes) -> None:
    app = make_app(max_concurrent=1, queue_size=1)
    client, admission = app.test_client(), app.extensions["admission"]
    assert send(client, empty_png).status_code == 200
    assert send(client, b"no photo").status_code == 415
    assert client.post("/results").status_code == 400
    assert client.post("/nowhere", data=b"x" * 1000).status_code == 404
    assert client.put("/results", data=b"x").status_code == 405
    assert (admission.requests, admission.bytes) == (0, 0)


def test_nothing_is_kept_for_what_is_only_claimed() -> None:
    """Whatever lengths the others announce, only what has arrived of them counts."""
    taken = store(places=20, per_visitor=20, patience=0)
    for _ in range(14):
        taken.grow(taken.enter("a", NoSender()), 2 * MEBIBYTE)
    taken.grow(taken.enter("b", NoSender()), 8 * MEBIBYTE)


def test_everyone_has_room_for_a_small_photo() -> None:
    taken = store(room=16 * MEBIBYTE, patience=0)
    large = taken.enter("a", NoSender())
    taken.grow(large, 8 * MEBIBYTE)
    for visitor in "bcdefgh":
        taken.grow(taken.enter(visitor, NoSender()), MEBIBYTE)
    with pytest.raises(NoRoom):
        taken.grow(large, 2 * MEBIBYTE)


def test_room_is_waited_for() -> None:
    taken = store(room=16 * MEBIBYTE)
    large, other = taken.enter("a", NoSender()), taken.enter("b", NoSender())
    taken.grow(large, 8 * MEBIBYTE)
    waits = later(lambda: taken.grow(other, 3 * MEBIBYTE))
    taken.leave(large)
    waits.join(SECONDS)
    assert other.bytes == 3 * MEBIBYTE


def test_one_address_leaves_places_to_others() -> None:
    taken = store(places=8, patience=0)
    for _ in range(6):
        taken.complete(taken.enter("a", NoSender()))
    with pytest.raises(NoRoom):
        taken.enter("a", NoSender())
    taken.enter("b", NoSender())


def test_so_many_bodies_of_one_address_arrive_at_a_time() -> None:
    taken = store(places=20, per_visitor=2, patience=0)
    first, _ = (taken.enter("a", NoSender()) for _ in range(2))
    with pytest.raises(NoRoom):
        taken.enter("a", NoSender())
    taken.enter("b", NoSender())
    taken.complete(first)
    taken.enter("a", NoSender())


def test_who_trickles_is_ended_when_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "GRACE", 0.0)
    taken = store(places=2)
    slow = Silent()
    trickles = taken.enter("a", slow)
    taken.enter("b", NoSender())
    waits = later(lambda: taken.enter("c", NoSender()))
    while not slow.interrupted:
        time.sleep(0.01)
    with pytest.raises(Ended, match="slow"):
        taken.grow(trickles, 5)
    taken.leave(trickles)
    waits.join(SECONDS)
    assert taken.requests == 2


def test_nobody_is_ended_while_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "GRACE", 0.0)
    taken, slow = store(places=8), Silent()
    trickles = taken.enter("a", slow)
    for visitor in "bcdefgh":
        taken.enter(visitor, NoSender())
    taken.grow(trickles, 5)
    assert not slow.interrupted


def test_a_body_that_the_server_is_late_to_read_does_not_trickle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "GRACE", 0.0)
    assert not Upload("a", NoSender()).trickles()
    assert Upload("a", Silent()).trickles()


def test_who_has_most_gives_way_to_who_has_nothing() -> None:
    """The newest of its photos that wait, and none that is being read."""
    taken = store(places=2, per_visitor=9)
    # Of so few places one visitor may have all.
    mine = [taken.enter("a", NoSender()) for _ in range(2)]
    for upload in mine:
        taken.complete(upload)
    mine[0].begun = True
    waits = later(lambda: taken.enter("b", NoSender()))
    while not mine[1].ended:
        time.sleep(0.01)
    assert (mine[0].ended, mine[1].ended) == ("", "crowded")
    taken.leave(mine[1])
    waits.join(SECONDS)
    assert taken.requests == 2


def test_a_photo_that_gives_way_while_it_waits_is_told_to_come_back(
    make_app: MakeApp, empty_png: bytes
) -> None:
    app = make_app(max_concurrent=1)
    app.extensions["inference_semaphore"].acquire()
    answers: list[TestResponse] = []
    waits = later(lambda: answers.append(send(app.test_client(), empty_png)))
    admission = app.extensions["admission"]
    while not any(upload.whole_at for upload in admission._uploads):
        time.sleep(0.01)
    admission._uploads[0].ended = "crowded"
    waits.join(SECONDS)
    assert answers[0].status_code == 503


def test_a_photo_that_has_its_slot_is_read(app: Flask) -> None:
    with app.test_request_context("/results", method="POST"):
        g.upload = app.extensions["admission"].enter("a")
        g.upload.ended = "crowded"
        with pytest.raises(current_upload.Busy):
            current_upload.check()
        current_upload.begin()
        current_upload.check()


def test_what_one_request_may_bring_is_half_of_the_room(make_app: MakeApp) -> None:
    settings = make_app().extensions["settings"]
    assert settings.max_request_bytes == settings.queue_max_bytes // 2 == 32 * MEBIBYTE
