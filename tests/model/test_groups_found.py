"""Every face of a group, of a panorama and of a carpet of faces; heads that lean far."""

import cv2
import numpy as np
import pytest

from bench.scenes import matched
from model import Recognizer
from model.detection.detector import MtcnnDetector
from model.detection.merge import MAX_FACES
from model.detection.rotation import rotate_by
from model.detection.search import detect
from model.types import Photo
from tests.helpers import groups
from tests.helpers import photos as faces_photos


@pytest.fixture(scope="module")
def detector():
    # No test depends on how fast the machine is.
    return MtcnnDetector.load(threads=2, seconds=3600)


def found_in(detector, group):
    found = detect(detector, group.encoded())
    scale = found.photo.scale
    boxes = [[scale * value for value in face.box] for face in found.faces]
    return found, matched(boxes, group.faces), len(boxes)


def test_small_faces_are_found_beside_a_large_one(detector):
    group = groups.one_large_and_forty_small(0.5)
    found, hits, every = found_in(detector, group)
    assert hits == 41
    assert every == 41
    assert found.passes[-1].tiles > 1
    assert found.limits.smallest_face == 24


@pytest.mark.slow
def test_forty_faces_of_fifty_pixels_are_found_in_twelve_megapixels(detector):
    _, hits, every = found_in(detector, groups.one_large_and_forty_small())
    assert hits >= 40
    assert every <= 42


@pytest.mark.slow
def test_sixty_faces_in_three_long_rows_are_found(detector):
    _, hits, every = found_in(detector, groups.sixty_in_three_rows())
    assert hits >= 58
    assert every <= 61


def test_the_one_small_face_of_a_panorama_is_found(detector):
    found, hits, every = found_in(detector, groups.panorama(width=8000, left=5100))
    assert (hits, every) == (1, 1)
    assert found.rotation == 0


@pytest.mark.slow
def test_the_one_small_face_of_a_panorama_of_16000_pixels_is_found(detector):
    _, hits, every = found_in(detector, groups.panorama())
    assert (hits, every) == (1, 1)


def test_a_carpet_of_faces_is_read_up_to_the_hundred_surest():
    group = groups.carpet(columns=15, rows=15)
    analysis = Recognizer.load(threads=2, detector=MtcnnDetector.load(seconds=3600)).analyze(group.pixels)
    assert len(analysis.faces) == MAX_FACES
    assert sorted(reading.number for reading in analysis.faces) == [*range(1, MAX_FACES + 1)]
    assert analysis.limits.left_out > 0
    told = analysis.to_dict()
    assert told["left_out"] == analysis.limits.left_out
    areas = [reading.box[2] * reading.box[3] for reading in analysis.faces]
    assert areas == sorted(areas, reverse=True)


@pytest.mark.parametrize("angle", [55, 305, 135, 225])
def test_a_head_that_leans_far_is_found_level_and_called_tilted(angle):
    upright = cv2.resize(faces_photos.portrait(), (400, 400), interpolation=cv2.INTER_AREA)
    leaning, _ = rotate_by(upright, angle)
    recognizer = Recognizer.load(threads=2, detector=MtcnnDetector.load(seconds=3600))
    level = recognizer.analyze(upright).faces[0].crop.roll
    analysis = recognizer.analyze(leaning, rotate=False)
    (reading,) = analysis.faces
    off = (reading.crop.roll - level - angle + 180) % 360 - 180
    assert abs(off) < 15
    assert "tilted" in reading.quality.warnings
    assert analysis.rotation == 0


def test_a_photo_on_its_side_is_not_turned_if_that_is_not_wanted(detector):
    lying = Photo(np.ascontiguousarray(np.rot90(faces_photos.portrait())))
    assert detector.detect(lying).rotation == 90
    left = detector.detect(lying, rotate=False)
    assert left.rotation == 0
    assert left.photo is lying
    assert not {90, 180, 270} & {each.rotation for each in left.passes}
