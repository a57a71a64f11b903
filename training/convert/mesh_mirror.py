"""Which of the 468 mesh points is which other one's mirror image: found with a photo and its mirror image.

The network itself says it: located in a portrait and in the mirrored portrait turned back, each point of the one
lies nearest to its counterpart in the other. The mesh's own edges, which were not used for that, prove it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from model.detection.detector import MtcnnDetector
from model.faces.face_mesh import initial_roi
from model.geometry import warp_crop
from model.photo.load import load_photo
from training.convert.face_mesh_graph import SIDE

PORTRAIT = Path(__file__).resolve().parent.parent.parent / "static" / "samples" / "astronaut.jpg"
# A handful of edges cross a quad one way on the left and the other way on the right.
MIN_EDGES_KEPT = 0.99


def mirror_of(edges: list[list[int]], network: bytes) -> list[int]:
    """Return, for every point, the index of its mirror image (its own on the midline).

    Raises ValueError when the pairs are not mutual or do not carry at least 99 % of the edges onto edges.
    """
    crop = portrait_crop()
    both = np.stack([crop, crop[:, ::-1]]).astype(np.float32)
    session = ort.InferenceSession(network, providers=["CPUExecutionProvider"])
    straight, mirrored = session.run(["points"], {"pixels": both})[0]
    mirrored = mirrored * (-1, 1, 1) + (SIDE, 0, 0)
    distances = np.linalg.norm(straight[:, None] - mirrored[None], axis=-1)
    _, mirror = linear_sum_assignment(distances)
    if not np.array_equal(mirror[mirror], np.arange(len(mirror))):
        raise ValueError("The mesh's points do not pair up left and right.")
    if (kept := edges_kept(edges, mirror)) < MIN_EDGES_KEPT:
        raise ValueError(f"Mirrored, only {kept:.1%} of the mesh's edges are edges.")
    return [int(index) for index in mirror]


def edges_kept(edges: list[list[int]], mirror: NDArray[np.intp]) -> float:
    """The share of edges whose mirror images are edges too, 0…1."""
    known = {frozenset(edge) for edge in edges}
    return sum(frozenset(int(mirror[end]) for end in edge) in known for edge in known) / len(known)


def portrait_crop() -> NDArray[np.uint8]:
    """The sample portrait's face, level, RGB (192, 192, 3)."""
    photo = load_photo(PORTRAIT).pixels
    (face,) = MtcnnDetector.load(threads=1).detect_faces(photo)
    return warp_crop(photo, initial_roi(face), (SIDE, SIDE))
