"""static/js/reading: meshes, and what faces are measured to do on them, are what the server finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bench.parity.made import made_photos
from bench.parity.node import Numbers, network_files
from model import Recognizer
from model.faces.face_mesh import FaceMesh
from model.faces.movements import CalmFaces, movements
from model.geometry import Floats, RotatedRect, warp_crop
from model.store.files import SAVED
from tests.helpers.node import node_or_skip, run_node_tests
from tests.parity.test_pixels import photo
from webapp.services.browser_files import mesh_metadata

HERE = Path(__file__).resolve().parent
PHOTOS = 16


def told(points: Floats, calm: CalmFaces) -> list[dict[str, Any]]:
    return [asdict(movement) for movement in movements(points, calm)]


def crops(numbers: Numbers) -> Iterator[dict[str, Any]]:
    """Regions of every size and tilt, in part beyond the photo."""
    rng = np.random.default_rng(20)
    for _ in range(60):
        height, width = (int(side) for side in rng.integers(40, 300, 2))
        pixels = photo(rng, height, width, 3)
        side = float(rng.uniform(20, 400))
        centre = (float(rng.uniform(0, width)), float(rng.uniform(0, height)))
        region = RotatedRect(centre, side, side, float(rng.uniform(-180, 180)))
        made = warp_crop(pixels, region, (96, 96))
        yield {
            "photo": numbers.add(pixels),
            "region": asdict(region),
            "side": 96,
            "expected": numbers.add(made),
        }


def turned(points: Floats, rng: np.random.Generator) -> Floats:
    """Return a mesh turned in space, enlarged and moved, with its points moved a little."""
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    axes *= np.sign(np.linalg.det(axes))
    part = rng.uniform(0, 0.35)
    axes, _ = np.linalg.qr((1 - part) * np.eye(3) + part * axes)
    axes *= np.sign(np.diag(axes))
    moved = points @ axes.T * rng.uniform(0.3, 3) + rng.uniform(-500, 500, 3)
    return np.asarray(moved + rng.normal(0, 0.5, moved.shape), np.float32)


def test_what_a_face_does_is_what_the_server_measures(tmp_path: Path, recognizer: Recognizer) -> None:
    node_or_skip()
    numbers, rng = Numbers(), np.random.default_rng(20)
    mesh = FaceMesh.load()
    assert mesh.calm is not None
    photos: list[dict[str, Any]] = []
    meshes: list[dict[str, Any]] = []
    for name, each in list(made_photos())[:PHOTOS]:
        analysis = recognizer.analyze(each.pixels)
        found = mesh.locate_all([(analysis.photo.pixels, reading.face) for reading in analysis.faces])
        faces = [
            {
                "landmarks": {key: list(place) for key, place in reading.face.landmarks.items()},
                "points": numbers.add(one.points),
                "presence": one.presence,
                "told": told(one.points, mesh.calm) if one.found else None,
            }
            for reading, one in zip(analysis.faces, found, strict=True)
        ]
        photos.append({"name": name, "pixels": numbers.add(analysis.photo.pixels), "faces": faces})
        for one in found:
            points = turned(one.points, rng)
            meshes.append(
                {"name": name, "points": numbers.add(points), "told": told(points, mesh.calm)},
            )
    description = {
        "files": {key: str(path) for key, path in network_files().items()},
        "mesh": str(SAVED / "face_mesh" / "face_mesh.onnx"),
        "metadata": mesh_metadata(),
        "photos": photos,
        "meshes": meshes,
        "crops": [*crops(numbers)],
    }
    numbers.write(tmp_path, description)
    run_node_tests(HERE / "movements.test.mjs", tmp_path)
