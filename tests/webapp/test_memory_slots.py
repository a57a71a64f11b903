"""Slots and models give way to memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model import ModelRegistry
from model.detection.search import surest
from model.faces.crop import crop_face, shrink_crop
from model.types import CropGeometry, Detection, Face, Photo
from tests.helpers import photos as faces_photos
from tests.helpers.several_models import NAME, build
from webapp import create_app
from webapp.services import inference
from webapp.services.inference import Slots
from webapp.settings import Settings

SECONDS = 30.0


def sized(monkeypatch: pytest.MonkeyPatch, *sizes: int) -> Callable[[], int]:
    """Let the process have these sizes, one after the other, and then the last."""
    left = list(sizes)

    def resident() -> int:
        return left.pop(0) if len(left) > 1 else left[0]

    monkeypatch.setattr(inference, "resident", resident)
    return resident


def test_a_small_process_reads_several_photos_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sized(monkeypatch, 100)
    slots = Slots(2, alone=200)
    assert slots.acquire(SECONDS)
    assert slots.acquire(SECONDS)
    assert not slots.acquire(0), "no more than two"
    slots.release()
    assert slots.acquire(SECONDS)


def test_a_large_process_reads_one_photo_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sized(monkeypatch, 300)
    slots = Slots(2, alone=200)
    assert slots.acquire(SECONDS), "one is always read"
    assert not slots.acquire(0)
    slots.release()
    assert slots.acquire(SECONDS)


def test_a_photo_that_waits_goes_on_when_the_process_has_become_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sized(monkeypatch, 300, 300, 100)
    slots = Slots(2, alone=200)
    assert slots.acquire(SECONDS)
    assert slots.acquire(SECONDS)


def test_who_came_first_is_read_first(monkeypatch: pytest.MonkeyPatch) -> None:
    sized(monkeypatch, 100)
    slots = Slots(1, alone=200)
    order: list[str] = []
    waiting: list[threading.Thread] = []
    assert slots.acquire(SECONDS)

    def visit(name: str) -> None:
        assert slots.acquire(SECONDS)
        order.append(name)
        slots.release()

    for place, name in enumerate("abc", start=1):
        waiting.append(threading.Thread(target=visit, args=(name,)))
        waiting[-1].start()
        while len(slots._waiting) < place:
            threading.Event().wait(0.01)
    slots.release()
    for thread in waiting:
        thread.join(SECONDS)
    assert order == ["a", "b", "c"]


def test_a_large_process_drops_the_models_beside_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = ModelRegistry.load(NAME, root=build(tmp_path, other={}), threads=1)
    app = create_app(Settings(secret_key="x" * 16, rate_limit=None), models)
    models.get("other")
    with app.app_context():
        sized(monkeypatch, 1 << 20)
        inference.make_room()
        assert list(models._loaded) == ["other"]
        sized(monkeypatch, 1 << 40)
        inference.make_room()
    assert not models._loaded
    assert models.get("other").metadata.name == "other", "it is read again"


def test_the_surest_faces_keep_their_order() -> None:
    faces = tuple(
        Face((0.0, 0.0, side, side), {}, score)
        for side, score in ((90.0, 0.8), (80.0, 0.99), (70.0, 0.9), (60.0, 0.99))
    )
    found = Detection(Photo(np.zeros((100, 100, 3), np.uint8)), faces)
    assert [face.box[2] for face in surest(found, 3).faces] == [80.0, 70.0, 60.0]
    assert surest(found, 9).faces == faces


def test_a_shrunk_crop_is_the_same_place_in_fewer_pixels() -> None:
    face = Face((150.0, 50.0, 160.0, 200.0), {"left_eye": (190, 110), "right_eye": (250, 120)}, 0.9)
    whole = crop_face(faces_photos.portrait(), face, CropGeometry(1.0))
    small = shrink_crop(whole, 50)
    assert (small.square, small.roll) == (whole.square, whole.roll)
    assert small.pixels.shape == small.aligned.shape == (50, 50, 3)
    assert abs(float(small.pixels.mean()) - float(whole.pixels.mean())) < 2
    assert shrink_crop(whole, 400) is whole


def test_a_reading_is_the_same_whether_its_crop_is_shrunk_or_not() -> None:
    models = ModelRegistry.load(threads=1)
    found = models.default.detect(faces_photos.portrait())
    (whole,), (small,) = (models.default.classify(found, crop_side=side).faces for side in (None, 40))
    np.testing.assert_array_equal(whole.prediction.logits, small.prediction.logits)
    assert whole.quality == small.quality
    assert small.crop.pixels.shape == (40, 40, 3)
