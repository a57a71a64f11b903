"""The eye band: the same region from a FER-2013 image and from a photo, at any size and roll."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from model.detection.detector import MtcnnDetector
from model.faces.eye_band import FER2013_SIDE, MEAN_LANDMARKS, eye_band
from model.geometry import Pixels
from model.types import LANDMARK_NAMES, BandGeometry, Face
from tests.helpers import photos as faces_photos


def mean_face(side: int = FER2013_SIDE) -> Face:
    """A face with FER-2013's mean landmarks, for an image framed as FER-2013's are in which none were found."""
    scale = side / FER2013_SIDE
    points = {
        name: ((x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5)
        for name, (x, y) in zip(LANDMARK_NAMES, MEAN_LANDMARKS, strict=True)
    }
    return Face((0.0, 0.0, float(side), float(side)), points, 0.0)


@pytest.fixture(scope="module")
def detector() -> MtcnnDetector:
    return MtcnnDetector.load(threads=1)


def band_of(detector: MtcnnDetector, photo: Pixels) -> Pixels:
    return eye_band(photo, detector.detect_faces(photo)[0]).pixels


def likeness(one: Pixels, other: Pixels) -> float:
    return float(np.corrcoef(one.ravel().astype(float), other.ravel().astype(float))[0, 1])


def test_band_holds_the_eyes_and_is_a_part_of_the_level_face(detector: MtcnnDetector) -> None:
    photo = faces_photos.portrait()
    (face,) = detector.detect_faces(photo)
    band = eye_band(photo, face)
    assert band.measured
    assert band.pixels.shape == (32, 64)
    x, y, width, height = (int(v) for v in band.box)
    assert np.array_equal(band.aligned[y : y + height, x : x + width], band.pixels)
    eyes = band.region.to_normalized(np.array([face.landmarks["left_eye"], face.landmarks["right_eye"]]))
    assert eyes[:, 1] == pytest.approx([0.7 / 1.2] * 2, abs=0.01)
    assert eyes[:, 0] == pytest.approx([0.5 - 0.5 / 2.4, 0.5 + 0.5 / 2.4], abs=0.01)
    below = band.region.to_normalized(np.array([face.landmarks["nose"], face.landmarks["mouth_left"]]))
    assert np.all(below[:, 1] > 0.95)


@pytest.mark.parametrize("name", ["1024", "turned left", "turned right", "small", "gray"])
def test_same_band_whatever_the_size_and_the_lean(detector: MtcnnDetector, name: str) -> None:
    upright = band_of(detector, faces_photos.portrait())
    assert likeness(band_of(detector, faces_photos.PHOTOS[name]()), upright) > 0.93


def test_a_framed_image_gives_the_band_of_the_photo_it_was_cut_from(detector: MtcnnDetector) -> None:
    photo = faces_photos.portrait()
    (face,) = detector.detect_faces(photo)
    x, y, width, height = face.box
    side = 0.95 * height
    left, top = round(x + width / 2 - side / 2), round(y + height / 2 - side / 2)
    square = photo[top : top + round(side), left : left + round(side)]
    gray = cv2.resize(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY), (48, 48), interpolation=cv2.INTER_AREA)
    scale = 48 / square.shape[0]
    marks = {
        n: ((px - left + 0.5) * scale - 0.5, (py - top + 0.5) * scale - 0.5)
        for n, (px, py) in face.landmarks.items()
    }
    framed = eye_band(np.asarray(gray, np.uint8), Face((0.0, 0.0, 48.0, 48.0), marks, 1.0)).pixels
    assert likeness(framed, eye_band(photo, face).pixels) > 0.97


def test_a_sharp_photo_is_brought_down_to_the_detail_of_the_training_images() -> None:
    stripes = np.zeros((960, 960), np.uint8)
    stripes[:, ::8] = 255  # Finer than a pixel of a 48-pixel face of this size.
    stripes[:, 1::8] = 255
    face = mean_face(960)
    assert eye_band(stripes, face).pixels.std() < 12
    assert eye_band(stripes, face, BandGeometry(detail=500, columns=512)).pixels.std() > 60


def test_without_landmarks_the_mean_geometry_stands_in() -> None:
    photo = faces_photos.portrait()
    (face,) = MtcnnDetector.load(threads=1).detect_faces(photo)
    blind = eye_band(photo, Face(face.box, {}, 1.0))
    assert not blind.measured
    assert likeness(blind.pixels, eye_band(photo, face).pixels) > 0.6
    with pytest.raises(ValueError, match="no area"):
        eye_band(photo, Face((5.0, 5.0, 0.0, 0.0), {}, 1.0))


def test_mean_geometry_of_a_framed_image_scales_with_it() -> None:
    face = mean_face(96)
    (x, y), _ = MEAN_LANDMARKS[:2]
    assert face.landmarks["left_eye"] == pytest.approx((2 * x + 0.5, 2 * y + 0.5))


def test_a_turned_head_is_not_enlarged_to_its_narrow_eyes() -> None:
    frontal = mean_face()
    turned = {**frontal.landmarks, "left_eye": (20.0, 17.5), "right_eye": (25.0, 17.5)}
    image = np.full((48, 48), 100, np.uint8)
    widths = [eye_band(image, Face(frontal.box, m, 1.0)).region.width for m in (frontal.landmarks, turned)]
    assert widths[1] > 0.7 * widths[0]


@pytest.mark.parametrize("columns", [32, 48, 96])
def test_the_network_input_may_have_another_size(columns: int) -> None:
    band = eye_band(np.full((48, 48), 100, np.uint8), mean_face(), BandGeometry(columns=columns))
    assert band.pixels.shape == (columns // 2, columns)


def test_a_band_wider_than_the_frame_still_fits_into_the_level_face() -> None:
    geometry = BandGeometry(width=4.0, above=1.5, below=2.5, columns=40)
    band = eye_band(np.full((48, 48), 100, np.uint8), mean_face(), geometry)
    x, y, width, height = band.box
    assert band.pixels.shape == (40, 40)
    assert x + width <= band.aligned.shape[1]
    assert y + height <= band.aligned.shape[0]


def test_a_face_at_the_photo_s_edge_repeats_the_border() -> None:
    image = np.full((48, 48), 77, np.uint8)
    marks = {"left_eye": (-3.0, 2.0), "right_eye": (14.0, 2.0)}
    assert np.all(eye_band(image, Face((0.0, 0.0, 20.0, 20.0), marks, 1.0)).pixels == 77)
