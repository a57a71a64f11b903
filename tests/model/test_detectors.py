"""The ``Detector`` interface: the two detectors, and a third one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model import ModelRegistry, Recognizer
from model.detection import search
from model.detection.search import DETECTORS, Detector, load_detector
from model.store.files import SAVED
from model.types import Detection, DetectionPass, Face, Photo
from tests.helpers import photos as faces_photos
from tests.helpers.several_models import NAME


class Centre:
    """A detector that takes the middle half of every photo for a face."""

    crop_scale: float | None = 1.0

    def detect(self, photo: Photo, *, rotate: bool = True) -> Detection:
        width, height = photo.width / 2, photo.height / 2
        face = Face((width / 2, height / 2, width, height), {}, 0.9)
        return Detection(photo, (face,), passes=(DetectionPass(0, upscaled=False, faces=1),))


@pytest.mark.parametrize("name", list(DETECTORS))
def test_each_detector_finds_the_portrait_s_face(name: str) -> None:
    detector: Detector = load_detector(name, threads=1)
    found = detector.detect(Photo(faces_photos.portrait()))
    (face,) = found.faces
    x, y, width, height = face.box
    assert x < 224 < x + width
    assert y < 115 < y + height
    assert (found.source, found.rotation) == ("detected", 0)
    assert [taken.faces for taken in found.passes] == [1]


def test_an_unknown_detector_is_told_what_there_is() -> None:
    with pytest.raises(ValueError, match="there are: mtcnn, haar"):
        load_detector("nose")


def test_a_third_detector_needs_nothing_else() -> None:
    photo = np.full((200, 100, 3), 90, np.uint8)
    (face,) = Recognizer.load(threads=1, detector=Centre()).analyze(photo).faces
    assert face.box == (25.0, 50.0, 50.0, 100.0)
    assert face.crop.square[2:] == (100.0, 100.0), "the detector's crop scale, not the model's"


def test_a_third_detector_is_offered_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(root: Path, threads: int | None) -> Detector:
        assert (root, threads) == (SAVED, 1)
        return Centre()

    monkeypatch.setitem(search.DETECTORS, "centre", load)
    (analysis,) = ModelRegistry.load(NAME, threads=1, detector="centre").compare(
        faces_photos.portrait(), [NAME]
    )
    assert [face.source for face in analysis.faces] == ["detected"]
    assert analysis.timings_ms.detect > 0
