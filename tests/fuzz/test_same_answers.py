"""Concurrent requests get the same answers as sequential ones; ``tests.fuzz.same_answers`` sends 500 photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from tests.fuzz.same_answers import THREADS, Photo, answer, at_once, mixed_photos, serially

if TYPE_CHECKING:
    from tests.conftest import MakeApp

PHOTOS = 40


def test_sixteen_threads_answer_as_one_does(make_app: MakeApp) -> None:
    """Equal to the byte, but for times and tokens; all of them wait for their turn, so none is sent away."""
    app = make_app(queue_timeout=120, queue_size=THREADS)
    photos = mixed_photos(PHOTOS)
    expected = serially(app, photos)
    assert len(set(expected)) > 0.8 * PHOTOS, "most photos are different, and so are their answers"
    assert sum(each.startswith("200") for each in expected) > PHOTOS / 2
    assert at_once(app, photos) == expected


def test_what_is_compared_is_the_answer_and_not_its_times(app: Flask, portrait_jpeg: bytes) -> None:
    for address in ("/results", "/api/v1/analyze"):
        once = answer(app, Photo(address, portrait_jpeg))
        assert once.startswith("200 ")
        assert once == answer(app, Photo(address, portrait_jpeg))
    assert answer(app, Photo("/results", b"x")) != answer(app, Photo("/results", b""))
