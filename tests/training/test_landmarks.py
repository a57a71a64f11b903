"""Landmarks of framed faces: most are detected, the others get the mean, and the file has the images' fingerprint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.detection.detector import MtcnnDetector
from model.faces.eye_band import MEAN_LANDMARKS
from tests.helpers import photos as faces_photos
from training.configs.schema import LABELS
from training.data.fer2013 import Fer2013, Split
from training.data.formats import DatasetError
from training.data.landmarks import (
    CASCADE,
    MEAN,
    REFINED,
    as_face,
    load_landmarks,
    locate,
    locate_all,
    save_landmarks,
)


@pytest.fixture(scope="module")
def detector() -> MtcnnDetector:
    return MtcnnDetector.load(threads=1)


def framed_portrait() -> np.ndarray:
    face = faces_photos.portrait()[66:168, 172:274]
    gray = cv2.resize(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), (48, 48), interpolation=cv2.INTER_AREA)
    return np.asarray(gray, np.uint8)


def test_points_are_in_pixels_of_the_image(detector: MtcnnDetector) -> None:
    points, source = locate(detector, framed_portrait())
    (face,) = detector.detect_faces(faces_photos.portrait())
    expected = (np.array(list(face.landmarks.values())) - (172, 66) + 0.5) * (48 / 102) - 0.5
    assert source == CASCADE
    assert np.abs(points - expected).max() < 1.5


def test_an_image_without_a_face_gets_the_mean_geometry(detector: MtcnnDetector) -> None:
    points, source = locate(detector, np.full((48, 48), 90, np.uint8))
    assert source == MEAN
    assert points == pytest.approx(np.array(MEAN_LANDMARKS))


@pytest.mark.skipif(not faces_photos.FER2013.exists(), reason=f"needs FER-2013 at {faces_photos.FER2013}")
def test_most_fer2013_faces_are_found_and_lie_upright(detector: MtcnnDetector) -> None:
    images = np.stack([face[..., 0] for face in faces_photos.fer_faces(120, seed=4)])
    marks = locate_all(detector, images)
    assert marks.found().mean() > 0.92
    assert np.sum(marks.sources == REFINED) >= 5
    points = marks.points[marks.found()]
    assert np.all(points[:, 0, 0] < points[:, 1, 0])
    assert np.all(points[:, :2, 1].mean(axis=1) < points[:, 3:, 1].mean(axis=1))


def small_data() -> Fer2013:
    images = np.stack([framed_portrait()] * len(LABELS))
    split = Split(images, np.arange(len(LABELS)), tuple(f"image {i}" for i in range(len(LABELS))))
    return Fer2013(split, split, split, "fingerprint")


def test_the_file_is_read_back_for_the_same_images_only(
    detector: MtcnnDetector, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, data = tmp_path / "runs" / "landmarks.npz", small_data()
    written = save_landmarks(path, data, detector)
    read = load_landmarks(path, data)
    assert "7/7" in capsys.readouterr().err
    assert read.keys() == written.keys() == {"training", "public_test", "private_test"}
    for name, marks in read.items():
        assert np.array_equal(marks.points, written[name].points)
        assert np.array_equal(marks.sources, written[name].sources)
    with pytest.raises(DatasetError, match="other images"):
        load_landmarks(path, replace(data, fingerprint="another"))
    with pytest.raises(DatasetError, match=r"cannot be read.*training\.data\.landmarks"):
        load_landmarks(tmp_path / "none.npz", data)


def test_points_become_a_face(detector: MtcnnDetector) -> None:
    points, _ = locate(detector, framed_portrait())
    face = as_face(points)
    assert face.landmarks["left_eye"] == pytest.approx(tuple(points[0]))
    assert face.box[0] == pytest.approx(points[:, 0].min())
    assert face.box[3] == pytest.approx(np.ptp(points[:, 1]))
