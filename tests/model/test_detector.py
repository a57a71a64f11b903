"""The face detector: parity with the ``mtcnn`` package, unusual photos, altered files."""

from __future__ import annotations

import json
import shutil
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model.detection.detector import MtcnnDetector
from model.geometry import Box
from model.store.files import SAVED, SavedModelError
from model.types import LANDMARK_NAMES, Face
from tests.helpers import photos as faces_photos
from tests.helpers.photos import FER2013, PHOTOS, Pixels

needs_fer2013 = pytest.mark.skipif(not FER2013.exists(), reason=f"needs FER-2013 at {FER2013}")


@pytest.fixture(scope="module")
def detector() -> MtcnnDetector:
    return MtcnnDetector.load(threads=2, min_face_size=20)  # The package's own smallest face.


@pytest.fixture(scope="module")
def package() -> Any:
    """The ``mtcnn`` package's own detector, on TensorFlow."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Its libraries deprecate their own parts while they are imported.
        mtcnn = pytest.importorskip("mtcnn", reason="parity needs the mtcnn package and TensorFlow")
        return mtcnn.MTCNN()


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes (x, y, width, height)."""
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(across, 0) * max(down, 0)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def package_faces(package: Any, photo: Pixels) -> list[Face]:
    """What the package finds, before it rounds to whole pixels, largest first."""
    rows: NDArray[np.float64] = package.detect_faces(photo, output_type="numpy", box_format="xyxy")
    faces = []
    for row in rows:
        points = zip(LANDMARK_NAMES, row[6:11], row[11:16], strict=True)
        landmarks = {name: (float(x), float(y)) for name, x, y in points}
        box = (float(row[1]), float(row[2]), float(row[3] - row[1]), float(row[4] - row[2]))
        faces.append(Face(box, landmarks, float(row[5])))
    return sorted(faces, key=lambda face: -face.box[2] * face.box[3])


def assert_same(ours: tuple[Face, ...], theirs: list[Face], iou: float = 0.95, off: float = 0.02) -> None:
    """Same faces: boxes overlap by ``iou``, landmarks differ by at most ``off`` of the box's larger side."""
    assert len(ours) == len(theirs)
    left = list(ours)
    for face in theirs:
        twin = max(left, key=lambda one: overlap(one.box, face.box))
        left.remove(twin)
        assert overlap(twin.box, face.box) >= iou
        side = max(face.box[2:])
        for name, (x, y) in face.landmarks.items():
            assert twin.landmarks[name] == pytest.approx((x, y), abs=off * side)
        assert twin.score == pytest.approx(face.score, abs=0.02)


@pytest.mark.parametrize("name", PHOTOS)
def test_same_faces_as_the_package(detector: MtcnnDetector, package: Any, name: str) -> None:
    photo = PHOTOS[name]()
    theirs = package_faces(package, photo)
    assert theirs, "a photo without a face would prove nothing"
    assert_same(detector.detect_faces(photo, mirrored=False), theirs)


def test_agrees_with_what_the_package_prints(detector: MtcnnDetector, package: Any) -> None:
    (printed,) = package.detect_faces(faces_photos.portrait())
    (face,) = detector.detect_faces(faces_photos.portrait(), mirrored=False)
    assert face.box == pytest.approx(printed["box"], abs=1)
    for name in LANDMARK_NAMES:
        assert face.landmarks[name] == pytest.approx(printed["keypoints"][name], abs=1)


@needs_fer2013
@pytest.mark.parametrize("seed", range(4))
def test_same_faces_in_fer2013_images(detector: MtcnnDetector, package: Any, seed: int) -> None:
    canvas = faces_photos.fer_canvas(seed)
    theirs = package_faces(package, canvas)
    assert len(theirs) >= 8
    assert_same(detector.detect_faces(canvas, mirrored=False), theirs)


def test_large_photo_is_searched_small_and_answered_in_its_own_pixels(
    detector: MtcnnDetector, package: Any
) -> None:
    photo = cv2.resize(faces_photos.collage(), (2600, 2200), interpolation=cv2.INTER_CUBIC)
    small = np.asarray(cv2.resize(photo, (1024, 866), interpolation=cv2.INTER_AREA), np.uint8)
    back = np.array([2600 / 1024, 2200 / 866])
    expected = []
    for face in package_faces(package, small):
        x, y, w, h = face.box
        box = (x * back[0], y * back[1], w * back[0], h * back[1])
        points = {name: (px * back[0], py * back[1]) for name, (px, py) in face.landmarks.items()}
        expected.append(Face(box, points, face.score))
    assert len(expected) == 4
    assert_same(detector.detect_faces(photo, mirrored=False), expected)


def test_landmarks_lie_as_the_viewer_sees_them(detector: MtcnnDetector) -> None:
    for photo in (faces_photos.portrait(), faces_photos.mirrored(faces_photos.portrait())):
        (face,) = detector.detect_faces(photo)
        points = face.landmarks
        assert tuple(points) == LANDMARK_NAMES
        assert points["left_eye"][0] < points["nose"][0] < points["right_eye"][0]
        assert points["mouth_left"][0] < points["mouth_right"][0]
        assert points["left_eye"][1] < points["nose"][1] < points["mouth_left"][1]


def test_faces_come_largest_first_inside_the_photo(detector: MtcnnDetector) -> None:
    photo = faces_photos.crowd()
    faces = detector.detect_faces(photo)
    areas = [face.box[2] * face.box[3] for face in faces]
    assert len(faces) >= 10
    assert areas == sorted(areas, reverse=True)
    for face in faces:
        x, y, w, h = face.box
        assert x >= 0
        assert y >= 0
        assert x + w <= photo.shape[1]
        assert y + h <= photo.shape[0]
        assert 0.8 < face.score <= 1


def test_a_larger_smallest_face_drops_the_small_ones() -> None:
    photo = faces_photos.crowd()
    every = MtcnnDetector.load(threads=1).detect_faces(photo)
    large = MtcnnDetector.load(threads=1, min_face_size=60).detect_faces(photo)
    assert 0 < len(large) < len(every)
    assert min(face.box[3] for face in large) > min(face.box[3] for face in every)


SHAPES = [(1, 1), (1, 20000), (20000, 1), (10, 10), (12, 12), (23, 24), (25, 4000), (100, 7), (3000, 40)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["blank", "noise"])
def test_odd_sizes_hold_no_face(detector: MtcnnDetector, shape: tuple[int, int], kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert detector.detect_faces(noise if kind == "noise" else np.full_like(noise, 200)) == ()


def test_noise_and_stripes_hold_no_face(detector: MtcnnDetector) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    stripes = np.zeros((600, 400, 3), np.uint8)
    stripes[::20] = 255
    assert detector.detect_faces(noise) == ()
    assert detector.detect_faces(stripes) == ()


def test_photo_is_left_as_it_was_and_need_not_be_contiguous(detector: MtcnnDetector) -> None:
    photo = faces_photos.portrait()
    view = np.repeat(photo, 2, axis=1)[:, ::2]
    view.flags.writeable = False
    (face,) = detector.detect_faces(view)
    assert face == detector.detect_faces(photo)[0]
    assert np.array_equal(photo, faces_photos.portrait())


def test_helpers_change_nothing(detector: MtcnnDetector) -> None:
    alone = MtcnnDetector.load(threads=1, min_face_size=20)
    assert detector.mtcnn.executor is not None
    assert alone.mtcnn.executor is None
    photo = faces_photos.crowd()
    found = detector.detect_faces(photo)
    assert found == alone.detect_faces(photo) == detector.detect_faces(photo)
    assert len(found) > 5


def test_threads_share_one_detector(detector: MtcnnDetector) -> None:
    photos = [PHOTOS[name]() for name in ("portrait", "small", "dim", "turned left")] * 3
    alone = [detector.detect_faces(photo) for photo in photos]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detector.detect_faces, photos)) == alone


@needs_fer2013
def test_mirrored_border_and_low_thresholds_find_faces_that_fill_the_frame(detector: MtcnnDetector) -> None:
    faces = [faces_photos.scaled(face, 192) for face in faces_photos.fer_faces(80, seed=5)]
    missed = [face for face in faces if not detector.detect_faces(face, mirrored=False)]
    found = [detector.detect_faces(face) or detector.detect_low_threshold(face, least=0.8) for face in missed]
    assert missed, "the plain cascade found every face, so this proves nothing"
    assert sum(map(bool, found)) >= len(missed) / 2
    for face in (face for faces in found for face in faces):
        x, y, w, h = face.box
        assert 0 <= x < x + w <= 192
        assert 0 <= y < y + h <= 192


@pytest.mark.parametrize("side", ["left", "right", "top"])
def test_a_face_of_which_the_border_cuts_off_half_is_found(detector: MtcnnDetector, side: str) -> None:
    photo = faces_photos.portrait()
    (whole,) = detector.detect_faces(photo)
    x, y, w, h = whole.box
    part = np.ascontiguousarray(
        {
            "left": photo[:, round(x + w / 2) :],
            "right": photo[:, : round(x + w / 2)],
            "top": photo[round(y + h / 2) :],
        }[side]
    )
    plain = detector.detect_faces(part, mirrored=False)
    assert side == "left" or not plain, "the plain cascade found it, so this proves nothing"
    (face,) = detector.detect_faces(part)
    left, top, width, height = face.box
    assert 0 <= left < left + width <= part.shape[1]
    assert 0 <= top < top + height <= part.shape[0]
    assert width * height == pytest.approx(w * h / 2, rel=0.25)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAVED / "mtcnn", tmp_path / "mtcnn"))


@pytest.mark.parametrize("name", ["metadata.json", "pnet.onnx", "rnet.onnx", "onet.onnx"])
def test_missing_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(SavedModelError, match=rf"{name} cannot be read"):
        MtcnnDetector.load(copied)


@pytest.mark.parametrize("name", ["pnet.onnx", "rnet.onnx", "onet.onnx"])
def test_altered_network_is_refused(copied: Path, name: str) -> None:
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(SavedModelError, match=rf"{name} is not the file"):
        MtcnnDetector.load(copied)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_version": 1, "files": {}}', "\x00"])
def test_damaged_metadata_is_refused(copied: Path, text: str) -> None:
    (copied / "metadata.json").write_text(text)
    with pytest.raises(SavedModelError, match="damaged"):
        MtcnnDetector.load(copied)


def test_metadata_of_another_version_is_refused(copied: Path) -> None:
    document = json.loads((copied / "metadata.json").read_text(encoding="utf-8"))
    (copied / "metadata.json").write_text(json.dumps({**document, "schema_version": 2}))
    with pytest.raises(SavedModelError, match="version 2"):
        MtcnnDetector.load(copied)


def test_saved_detector_keeps_its_notice_and_stays_small() -> None:
    assert "Iván de Paz Centeno" in (SAVED / "mtcnn" / "LICENSE").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in (SAVED / "mtcnn").iterdir()) < 2_500_000
