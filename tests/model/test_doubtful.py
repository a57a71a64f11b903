"""Drawings, statues and patterns are marked as perhaps not a photograph of a face; photos, however poor, are not."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.things import drawings
from bench.things.catalogue import things
from model import Recognizer
from model.faces.quality import EVEN, evenness
from model.output.serialize import analysis_to_dict
from model.output.tables import table_text
from tests.helpers.photos import portrait

LIST = Path(drawings.__file__).parent / "list.csv"


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.load()


@pytest.mark.parametrize("draw", [drawings.cartoon, drawings.shaded_cartoon])
def test_a_drawn_face_is_never_read_without_a_word(recognizer, draw):
    found = []
    for seed in range(4):
        analysis = recognizer.analyze(draw(np.random.default_rng(seed)))
        found += [face.quality for face in analysis.faces]
        if analysis.faces:
            result = analysis_to_dict("drawn.png", analysis)
            assert all("doubtful" in face["quality"]["warnings"] for face in result["faces"])
            assert "perhaps no photo of a face" in table_text(result)
    assert any(quality.score > 0.95 for quality in found), "the detector's score alone would not tell"


@pytest.mark.parametrize(
    "change",
    [
        lambda photo: photo,
        lambda photo: cv2.GaussianBlur(photo, (0, 0), 3),
        lambda photo: np.asarray(photo * 0.4, np.uint8),
        lambda photo: np.asarray(photo * 0.5 + 64, np.uint8),
        lambda photo: np.asarray((photo * 1.6).clip(0, 255), np.uint8),
        lambda photo: cv2.imdecode(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 15])[1], 1),
        lambda photo: cv2.resize(photo, (1536, 1536), interpolation=cv2.INTER_CUBIC),
    ],
    ids=["as it is", "blurred", "dark", "dim", "overexposed", "JPEG 15", "enlarged"],
)
def test_a_poor_photo_is_a_photo(recognizer, change):
    (face,) = recognizer.analyze(change(portrait())).faces
    assert face.quality.evenness < EVEN / 2


def test_evenness_is_the_share_without_grain():
    rng = np.random.default_rng(0)
    gray = rng.integers(40, 200, (48, 48)).astype(np.uint8)
    assert evenness(gray) == 0
    gray[:, 24:] = 120
    assert evenness(gray) == pytest.approx(0.5, abs=0.03)
    gray[:, 24:] = 255
    assert evenness(gray) == 0, "what is overexposed has no grain in photos either"


def test_the_list_is_of_these_pictures():
    with LIST.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 200
    assert len({row["picture"] for row in rows}) == len(rows)
    made = list(things())
    assert [(row["picture"], row["kind"], row["half"]) for row in rows] == [
        (thing.name, thing.kind, thing.half) for thing in made
    ]
    assert all(thing.pixels.dtype == np.uint8 and thing.pixels.ndim == 3 for thing in made)
    sure: Counter[str] = Counter()
    pictures: Counter[str] = Counter()
    for row in rows:
        sure[row["half"]] += int(row["sure"])
        pictures[row["half"]] += 1
    assert sure["report"] / pictures["report"] <= 0.05
