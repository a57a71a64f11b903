"""The Haar cascade: safe for threads, and the whole photo where it finds no face."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model.detection.haar import CASCADE, HaarDetector
from model.faces.crop import crop_face
from model.store.files import SavedModelError
from model.types import CropGeometry, Photo
from tests.helpers import photos as faces_photos
from tests.helpers.photos import PHOTOS


@pytest.fixture(scope="module")
def detector() -> HaarDetector:
    return HaarDetector.load()


@pytest.mark.parametrize("name", ["portrait", "mirrored", "dim", "gray", "turned right", "wide"])
def test_the_one_face_is_found_where_it_is(detector: HaarDetector, name: str) -> None:
    photo = PHOTOS[name]()
    (face,) = detector.detect_faces(photo)
    x, y, width, height = face.box
    left = {"mirrored": 288, "turned right": 262}.get(name, 224)
    assert (x + width / 2, y + height / 2) == pytest.approx((left, 115), abs=20)
    assert 60 <= width <= 140
    assert face.landmarks == {}
    assert 0.5 < face.score < 1


def test_faces_come_largest_first_in_the_photo_s_own_pixels(detector: HaarDetector) -> None:
    large = faces_photos.scaled(faces_photos.portrait(), 2048)
    assert detector.detect_faces(large)[0].box[0] == pytest.approx(4 * 177, abs=60)
    areas = [face.box[2] * face.box[3] for face in detector.detect_faces(faces_photos.crowd())]
    assert len(areas) >= 4
    assert areas == sorted(areas, reverse=True)


def test_faces_under_the_smallest_size_are_not_looked_for(detector: HaarDetector) -> None:
    photo = faces_photos.scaled(faces_photos.portrait(), 200)
    assert detector.detect_faces(photo) == ()
    assert len(HaarDetector.load(min_size=24).detect_faces(photo)) == 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (59, 400), (60, 60), (4000, 70)])
def test_odd_sizes_hold_no_face(detector: HaarDetector, shape: tuple[int, int]) -> None:
    assert detector.detect_faces(np.full((*shape, 3), 150, np.uint8)) == ()


def test_the_largest_face_is_detected_or_else_the_whole_photo_is_taken(detector: HaarDetector) -> None:
    photo = faces_photos.crowd()
    found = detector.detect(Photo(photo))
    assert found.source == "detected"
    assert found.faces == detector.detect_faces(photo)[:1]
    blank = np.full((90, 160, 3), 128, np.uint8)
    found = detector.detect(Photo(blank))
    (face,) = found.faces
    assert found.source == "whole"
    assert [taken.faces for taken in found.passes] == [0]
    assert face.box == (0.0, 0.0, 160.0, 90.0)
    assert face.score == 0
    assert crop_face(blank, face, CropGeometry(1.0)).pixels.shape == (90, 90, 3)


def test_threads_share_one_detector(detector: HaarDetector) -> None:
    photos = [PHOTOS[name]() for name in ("portrait", "mirrored", "turned left", "wide")] * 4
    alone = [detector.detect_faces(photo) for photo in photos]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detector.detect_faces, photos)) == alone


def test_photo_is_left_as_it_was(detector: HaarDetector) -> None:
    photo = faces_photos.portrait()
    photo.flags.writeable = False
    assert detector.detect_faces(photo)
    assert np.array_equal(photo, faces_photos.portrait())


@pytest.mark.parametrize("text", ["", "no cascade", "<?xml version='1.0'?><opencv_storage></opencv_storage>"])
def test_a_damaged_cascade_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cascade.xml"
    path.write_text(text)
    with pytest.raises(SavedModelError, match="damaged"):
        HaarDetector.load(path)
    path.write_bytes(CASCADE.read_bytes()[:50_000])
    with pytest.raises(SavedModelError, match="damaged"):
        HaarDetector.load(path)


def test_a_missing_cascade_is_named(tmp_path: Path) -> None:
    with pytest.raises(SavedModelError, match=r"none\.xml cannot be read"):
        HaarDetector.load(tmp_path / "none.xml")
