"""The face mesh: it follows a moved face, reports when there is none, and refuses altered files."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model.detection.detector import MtcnnDetector
from model.faces.face_mesh import FaceMesh, initial_roi
from model.geometry import Pixels
from model.output.draw import mesh_on_crop
from model.store.files import SAVED, SavedModelError
from model.types import Face, Mesh
from tests.helpers import photos as faces_photos

# Points whose places anybody can check, as the viewer sees them.
LEFT_EYE, RIGHT_EYE = (33, 133, 159, 145), (263, 362, 386, 374)
NOSE_TIP, MOUTH_LEFT, MOUTH_RIGHT, CHIN, FOREHEAD = 1, 61, 291, 152, 10


@pytest.fixture(scope="module")
def detector() -> MtcnnDetector:
    return MtcnnDetector.load(threads=1)


@pytest.fixture(scope="module")
def face_mesh() -> FaceMesh:
    return FaceMesh.load(threads=1)


@pytest.fixture(scope="module")
def portrait(detector: MtcnnDetector, face_mesh: FaceMesh) -> Mesh:
    return located(detector, face_mesh, faces_photos.portrait())


def located(detector: MtcnnDetector, face_mesh: FaceMesh, photo: Pixels) -> Mesh:
    return face_mesh.locate(photo, detector.detect_faces(photo)[0])


def eyes_apart(mesh: Mesh) -> float:
    left, right = (mesh.points[list(eye), :2].mean(axis=0) for eye in (LEFT_EYE, RIGHT_EYE))
    return float(np.linalg.norm(right - left))


def test_points_lie_where_the_detector_sees_eyes_nose_and_mouth(
    detector: MtcnnDetector, portrait: Mesh
) -> None:
    (face,) = detector.detect_faces(faces_photos.portrait())
    assert portrait.found
    assert portrait.presence > 0.99
    assert portrait.points.shape == (468, 3)
    assert portrait.points.dtype == np.float32
    places = {
        "left_eye": LEFT_EYE,
        "right_eye": RIGHT_EYE,
        "nose": (NOSE_TIP,),
        "mouth_left": (MOUTH_LEFT,),
        "mouth_right": (MOUTH_RIGHT,),
    }
    for name, points in places.items():
        here = portrait.points[list(points), :2].mean(axis=0)
        assert np.linalg.norm(here - face.landmarks[name]) < 0.16 * eyes_apart(portrait), name
    assert portrait.points[FOREHEAD, 1] < face.landmarks["left_eye"][1] < portrait.points[CHIN, 1]


def test_the_nose_is_nearer_than_the_ears(portrait: Mesh) -> None:
    assert portrait.points[NOSE_TIP, 2] < portrait.points[[234, 454], 2].min() - 0.5 * eyes_apart(portrait)


@pytest.mark.parametrize("degrees", [-25, 10, 25])
def test_the_mesh_turns_with_the_photo(
    detector: MtcnnDetector, face_mesh: FaceMesh, portrait: Mesh, degrees: float
) -> None:
    photo = faces_photos.turned(faces_photos.portrait(), degrees)
    angle = np.deg2rad(-degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    expected = (portrait.points[:, :2] - 256) @ turn.T + 256
    off = np.linalg.norm(located(detector, face_mesh, photo).points[:, :2] - expected, axis=1)
    assert off.mean() < 0.03 * eyes_apart(portrait)


@pytest.mark.parametrize("side", [200, 1600])
def test_the_mesh_grows_with_the_photo(
    detector: MtcnnDetector, face_mesh: FaceMesh, portrait: Mesh, side: int
) -> None:
    photo = faces_photos.scaled(faces_photos.portrait(), side)
    points = located(detector, face_mesh, photo).points * (512 / side)
    points[:, :2] += 256 / side - 0.5  # Pixels are counted from the centre of the first one.
    off = np.linalg.norm((points - portrait.points)[:, :2], axis=1)
    assert off.mean() < 0.03 * eyes_apart(portrait)
    assert np.abs((points - portrait.points)[:, 2]).mean() < 0.06 * eyes_apart(portrait)


def test_mirrored_points_are_those_of_the_mirrored_photo(
    detector: MtcnnDetector, face_mesh: FaceMesh, portrait: Mesh
) -> None:
    photo = faces_photos.mirrored(faces_photos.portrait())
    seen = located(detector, face_mesh, photo).points
    mirrored = portrait.points[face_mesh.topology.mirror].copy()
    mirrored[:, 0] = 511 - mirrored[:, 0]
    off = np.linalg.norm((mirrored - seen)[:, :2], axis=1)
    assert off.mean() < 0.04 * eyes_apart(portrait)
    assert off.max() < 0.15 * eyes_apart(portrait)


def test_left_and_right_points_pair_up_and_carry_edges_onto_edges(face_mesh: FaceMesh) -> None:
    mirror = face_mesh.topology.mirror
    assert np.array_equal(mirror[mirror], np.arange(468))
    assert [int(mirror[i]) for i in (33, 133, MOUTH_LEFT, 70)] == [263, 362, MOUTH_RIGHT, 300]
    assert [int(mirror[i]) for i in (NOSE_TIP, CHIN, FOREHEAD)] == [NOSE_TIP, CHIN, FOREHEAD]
    edges = {frozenset(map(int, edge)) for edge in face_mesh.topology.edges}
    kept = sum(frozenset(int(mirror[i]) for i in edge) in edges for edge in edges)
    assert kept >= 0.99 * len(edges)


@pytest.mark.parametrize("kind", ["gray", "noise", "hair and wall"])
def test_no_face_is_said_and_not_raised(face_mesh: FaceMesh, kind: str) -> None:
    photo = {
        "gray": np.full((300, 300, 3), 120, np.uint8),
        "noise": np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8),
        "hair and wall": faces_photos.scaled(faces_photos.portrait()[:100, 320:420], 300),
    }[kind]
    mesh = face_mesh.locate(photo, Face((60.0, 50.0, 150.0, 200.0), {}, 1.0))
    assert not mesh.found
    assert mesh.presence < 0.5
    assert np.all(np.isfinite(mesh.points))


def test_a_box_alone_will_do(face_mesh: FaceMesh, detector: MtcnnDetector, portrait: Mesh) -> None:
    (face,) = detector.detect_faces(faces_photos.portrait())
    mesh = face_mesh.locate(faces_photos.portrait(), Face(face.box, {}, 1.0))
    off = np.linalg.norm((mesh.points - portrait.points)[:, :2], axis=1)
    assert off.mean() < 0.03 * eyes_apart(portrait)


def test_a_face_half_outside_and_a_degenerate_one_are_answered(
    face_mesh: FaceMesh, detector: MtcnnDetector
) -> None:
    photo = faces_photos.portrait()
    (face,) = detector.detect_faces(photo)
    cut = np.ascontiguousarray(photo[:, int(face.box[0] + 0.4 * face.box[2]) :])
    shift = photo.shape[1] - cut.shape[1]
    marks = {name: (x - shift, y) for name, (x, y) in face.landmarks.items()}
    mesh = face_mesh.locate(cut, Face(face.box, marks, 1.0))
    assert np.all(np.isfinite(mesh.points))
    same = dict.fromkeys(face.landmarks, (0.0, 0.0))
    assert not face_mesh.locate(photo, Face((0.0, 0.0, 0.0, 0.0), same, 1.0)).found


def test_many_at_once_are_the_same_as_one_by_one(face_mesh: FaceMesh, detector: MtcnnDetector) -> None:
    photo = faces_photos.collage()
    faces = detector.detect_faces(photo)
    together = face_mesh.locate_all([(photo, face) for face in faces])
    with ThreadPoolExecutor(4) as pool:
        alone = list(pool.map(lambda face: face_mesh.locate(photo, face), faces))
    assert len(together) == 4
    for one, other in zip(together, alone, strict=True):
        assert np.abs(one.points - other.points).max() < 0.01
    assert face_mesh.locate_all([]) == []


def test_the_second_look_steadies_the_points(face_mesh: FaceMesh, detector: MtcnnDetector) -> None:
    photo = faces_photos.portrait()
    (face,) = detector.detect_faces(photo)
    rng = np.random.default_rng(0)
    shaken = []
    for _ in range(8):
        marks = {n: (x + rng.normal(0, 2), y + rng.normal(0, 2)) for n, (x, y) in face.landmarks.items()}
        shaken.append((photo, Face(face.box, marks, 1.0)))
    spread = [
        np.std([m.points[:, :2] for m in face_mesh.locate_all(shaken, passes=p)], axis=0).mean()
        for p in (1, 2)
    ]
    assert spread[1] < 0.8 * spread[0]


def test_the_square_holds_the_face_with_some_room(portrait: Mesh, detector: MtcnnDetector) -> None:
    (face,) = detector.detect_faces(faces_photos.portrait())
    inside = initial_roi(face).to_normalized(portrait.points[:, :2])
    assert inside.min() > 0.05
    assert inside.max() < 0.95
    assert 0.55 < np.ptp(inside, axis=0).max() < 0.8


def test_the_mesh_can_be_drawn(face_mesh: FaceMesh, portrait: Mesh) -> None:
    crop = faces_photos.portrait()[40:190, 150:300]
    drawn = mesh_on_crop(crop, portrait.points[:, :2] - (150, 40), face_mesh.topology)
    plain = mesh_on_crop(crop, portrait.points[:, :2] + 10_000, face_mesh.topology)
    assert drawn.shape == (384, 384, 3)
    changed = np.abs(drawn.astype(int) - plain).max(axis=2) > 20
    assert 0.05 < changed.mean() < 0.6


@pytest.mark.parametrize("name", ["metadata.json", "face_mesh.onnx", "topology.json"])
def test_missing_and_altered_files_are_refused(tmp_path: Path, name: str) -> None:
    copied = Path(shutil.copytree(SAVED / "face_mesh", tmp_path / "face_mesh"))
    content = bytearray((copied / name).read_bytes())
    content[0] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(
        SavedModelError, match="damaged" if name == "metadata.json" else rf"{name} is not the file"
    ):
        FaceMesh.load(copied)
    (copied / name).unlink()
    with pytest.raises(SavedModelError, match=rf"{name} cannot be read"):
        FaceMesh.load(copied)


def test_saved_mesh_keeps_its_notice_and_stays_small() -> None:
    notice = (SAVED / "face_mesh" / "LICENSE").read_text(encoding="utf-8")
    assert "The MediaPipe Authors" in notice
    assert "Apache License" in notice
    assert sum(path.stat().st_size for path in (SAVED / "face_mesh").iterdir()) < 2_600_000
