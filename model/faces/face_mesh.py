"""Place 468 points on a face: MediaPipe's Face Mesh on ONNX Runtime (``training.convert.face_mesh`` converts it).

The network sees a level square in which the face fills two thirds. MediaPipe takes that square from its own
detector's box (1.5 × its long side, turned by the line through the eyes) and, in a video, from the last picture's
mesh by the same rule. Here MTCNN's five points place the first square, and the mesh found there places a second
one. Measured on 74 faces whose five points were shaken by 4 % of the distance between the eyes, the mesh's points
then moved by (in that distance): 1.2 % with 1.5 × MTCNN's box, 0.9 % with the first square, 0.5 % with the second.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from ..geometry import Floats, Pixels, Region, cut_level
from ..store.files import SAVED, read_mesh
from ..store.session import open_session
from ..types import Face, Mesh, Topology

# Where the mesh's own square lies relative to the five points; medians of 146 FER-2013 faces and portraits after
# the square had settled. Half of the squares are within 4 % of this side, and within 2 % of this centre.
SIDE = 3.74  # × the larger of the eyes' distance and 0.9 × the distance from the eyes to the mouth …
MOUTH_PART = 0.9  # … which are equal in a frontal face; the larger one is right when the head is turned away.
DOWN = 0.42  # The centre lies so far from the eyes towards the mouth.
# The same from the box alone, for a face without landmarks.
BOX_SIDE, BOX_DOWN = 1.34, 0.04
MESH_SIDE = 1.5  # × the mesh's long side: MediaPipe's rule.
OUTER_EYE_CORNERS = (33, 263)


@dataclass(frozen=True, slots=True, eq=False)
class FaceMesh:
    """The loaded network; nothing is kept between calls, so threads may share one."""

    session: InferenceSession
    topology: Topology
    side: int
    threshold: float

    @classmethod
    def load(cls, directory: Path = SAVED / "face_mesh", *, threads: int | None = None) -> FaceMesh:
        """Load the network of ``directory``; a call uses ``threads`` threads (None: as many as there are cores).

        Raises MeshError when a file is missing or is not the one that ``metadata.json`` describes.
        """
        files = read_mesh(directory)
        return cls(open_session(files.network, threads=threads), files.topology, files.side, files.threshold)

    def locate(self, pixels: Pixels, face: Face, *, passes: int = 2) -> Mesh:
        """Place the points on one face of an RGB photo uint8 (height, width, 3).

        The first of the ``passes`` looks where the face's landmarks say, each other one where the mesh before it
        lies. A face that cannot be located comes back with ``found`` false, never as an exception.
        """
        (mesh,) = self.locate_all([(pixels, face)], passes=passes)
        return mesh

    def locate_all(self, faces: Sequence[tuple[Pixels, Face]], *, passes: int = 2) -> list[Mesh]:
        """The same for many (photo, face) pairs with one call of the network a pass."""
        regions = [place(face) for _, face in faces]
        meshes = self._look([pixels for pixels, _ in faces], regions)
        for _ in range(passes - 1):
            again = [i for i, mesh in enumerate(meshes) if mesh.found]
            better = self._look([faces[i][0] for i in again], [_settled(meshes[i].points) for i in again])
            for i, mesh in zip(again, better, strict=True):
                # A second square that lost the face is no reason to forget what the first one found.
                meshes[i] = mesh if mesh.found else meshes[i]
        return meshes

    def mirrored(self, points: Floats, width: float) -> Floats:
        """The points (468, 3) as they lie in the mirrored photo of ``width`` pixels: x turned, left named right."""
        turned = points[self.topology.mirror].copy()
        turned[:, 0] = np.float32(width - 1) - turned[:, 0]
        return turned

    def _look(self, photos: Sequence[Pixels], regions: Sequence[Region]) -> list[Mesh]:
        if not regions:
            return []
        size = (self.side, self.side)
        crops = [cut_level(photo, region, size) for photo, region in zip(photos, regions, strict=True)]
        points, presence = self.session.run(
            ["points", "presence"], {"pixels": np.stack(crops).astype(np.float32)}
        )
        return [
            Mesh(
                self._in_photo(marks, region),
                float(sure),
                region,
                bool(sure >= self.threshold),
                self.topology,
            )
            for marks, sure, region in zip(points, presence, regions, strict=True)
        ]

    def _in_photo(self, points: Floats, region: Region) -> Floats:
        """From pixels of the crop to pixels of the photo, the depth by the same scale."""
        flat = region.to_picture(points[:, :2] / self.side)
        return np.column_stack([flat, points[:, 2] * (region.width / self.side)]).astype(np.float32)


def place(face: Face) -> Region:
    """The square that the network should see, from the face's five landmarks or, without them, from its box."""
    marks = face.landmarks
    if not {"left_eye", "right_eye", "mouth_left", "mouth_right"} <= set(marks):
        x, y, width, height = face.box
        side = BOX_SIDE * max(width, height)
        return Region((x + width / 2, y + (0.5 + BOX_DOWN) * height), side, side, 0.0)
    left, right = np.array(marks["left_eye"]), np.array(marks["right_eye"])
    eyes = (left + right) / 2
    mouth = (np.array(marks["mouth_left"]) + np.array(marks["mouth_right"])) / 2
    tall = float(np.linalg.norm(mouth - eyes))
    side = SIDE * max(float(np.linalg.norm(right - left)), MOUTH_PART * tall, 1.0)
    level = Region((float(eyes[0]), float(eyes[1])), side, side, _angle(left, right))
    # Straight down from between the eyes: the mouth of a turned head lies to one side of that.
    x, y = eyes + DOWN * tall * level.axes()[:, 1]
    return Region((float(x), float(y)), side, side, level.roll)


def _settled(points: Floats) -> Region:
    """The square that MediaPipe puts around a mesh: level by the eyes' outer corners, 1.5 × its long side."""
    flat = points[:, :2].astype(np.float64)
    roll = _angle(*(flat[i] for i in OUTER_EYE_CORNERS))
    axes = Region((0.0, 0.0), 1.0, 1.0, roll).axes()
    levelled = flat @ axes
    low, high = levelled.min(axis=0), levelled.max(axis=0)
    x, y = axes @ ((low + high) / 2)
    side = max(MESH_SIDE * float(np.max(high - low)), 1.0)
    return Region((float(x), float(y)), side, side, roll)


def _angle(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """By how many degrees the line from ``left`` to ``right`` falls, clockwise as the viewer sees it."""
    across, down = right - left
    return float(np.degrees(np.arctan2(down, across)))
