"""Place 468 points on a face: MediaPipe's Face Mesh on ONNX Runtime (``training.convert.face_mesh`` converts it).

The network sees a level square in which the face fills two thirds. MediaPipe takes that square from its own
detector's box (1.5 × its long side, turned by the line through the eyes) and, in a video, from the last image's
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
from onnxruntime import InferenceSession

from ..geometry import Floats, Pixels, RotatedRect, eye_angle, warp_crop
from ..store.files import SAVED, read_mesh
from ..store.session import open_session
from ..types import Face, Mesh, Topology

# Where the mesh's own square lies relative to the five points; medians of 146 FER-2013 faces and portraits after
# the square had settled. Half of the squares are within 4 % of this side, and within 2 % of this centre.
ROI_SCALE = 3.74  # × the larger of the eyes' distance and 0.9 × the distance from the eyes to the mouth …
EYE_MOUTH_RATIO = 0.9  # … which are equal in a frontal face; the larger one is right when it is turned away.
ROI_SHIFT = 0.42  # The centre lies so far from the eyes towards the mouth.
# The same from the box alone, for a face without landmarks.
BOX_ROI_SCALE, BOX_ROI_SHIFT = 1.34, 0.04
MESH_ROI_SCALE = 1.5  # × the mesh's long side: MediaPipe's rule.
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

        The first of the ``passes`` takes its region from the five landmarks, each later one from the previous mesh. A
        face that cannot be located comes back with ``found`` false, never as an exception.
        """
        (mesh,) = self.locate_all([(pixels, face)], passes=passes)
        return mesh

    def locate_all(self, faces: Sequence[tuple[Pixels, Face]], *, passes: int = 2) -> list[Mesh]:
        """The same for many (photo, face) pairs with one call of the network a pass."""
        regions = [initial_roi(face) for _, face in faces]
        meshes = self._infer([pixels for pixels, _ in faces], regions)
        for _ in range(passes - 1):
            again = [i for i, mesh in enumerate(meshes) if mesh.found]
            better = self._infer(
                [faces[i][0] for i in again], [roi_from_landmarks(meshes[i].points) for i in again]
            )
            for i, mesh in zip(again, better, strict=True):
                # A second square that lost the face is no reason to forget what the first one found.
                meshes[i] = mesh if mesh.found else meshes[i]
        return meshes

    def _infer(self, photos: Sequence[Pixels], regions: Sequence[RotatedRect]) -> list[Mesh]:
        if not regions:
            return []
        size = (self.side, self.side)
        crops = [warp_crop(photo, region, size) for photo, region in zip(photos, regions, strict=True)]
        points, presences = self.session.run(
            ["points", "presence"], {"pixels": np.stack(crops).astype(np.float32)}
        )
        return [
            Mesh(
                self._in_photo(landmarks, region),
                float(presence),
                region,
                bool(presence >= self.threshold),
                self.topology,
            )
            for landmarks, presence, region in zip(points, presences, regions, strict=True)
        ]

    def _in_photo(self, points: Floats, region: RotatedRect) -> Floats:
        """From pixels of the crop to pixels of the photo, the depth by the same scale."""
        flat = region.to_image(points[:, :2] / self.side)
        return np.column_stack([flat, points[:, 2] * (region.width / self.side)]).astype(np.float32)


def initial_roi(face: Face) -> RotatedRect:
    """The square that the network should see, from the face's five landmarks or, without them, from its box."""
    landmarks = face.landmarks
    if not {"left_eye", "right_eye", "mouth_left", "mouth_right"} <= set(landmarks):
        x, y, width, height = face.box
        side = BOX_ROI_SCALE * max(width, height)
        return RotatedRect((x + width / 2, y + (0.5 + BOX_ROI_SHIFT) * height), side, side, 0.0)
    left, right = np.array(landmarks["left_eye"]), np.array(landmarks["right_eye"])
    eyes = (left + right) / 2
    mouth = (np.array(landmarks["mouth_left"]) + np.array(landmarks["mouth_right"])) / 2
    tall = float(np.linalg.norm(mouth - eyes))
    side = ROI_SCALE * max(float(np.linalg.norm(right - left)), EYE_MOUTH_RATIO * tall, 1.0)
    level = RotatedRect((float(eyes[0]), float(eyes[1])), side, side, eye_angle(left, right))
    # Straight down from between the eyes: the mouth of a turned head lies to one side of that.
    x, y = eyes + ROI_SHIFT * tall * level.axes()[:, 1]
    return RotatedRect((float(x), float(y)), side, side, level.roll)


def roi_from_landmarks(points: Floats) -> RotatedRect:
    """The square that MediaPipe puts around a mesh: level by the eyes' outer corners, 1.5 × its long side."""
    flat = points[:, :2].astype(np.float64)
    roll = eye_angle(*(flat[i] for i in OUTER_EYE_CORNERS))
    axes = RotatedRect((0.0, 0.0), 1.0, 1.0, roll).axes()
    levelled = flat @ axes
    low, high = levelled.min(axis=0), levelled.max(axis=0)
    x, y = axes @ ((low + high) / 2)
    side = max(MESH_ROI_SCALE * float(np.max(high - low)), 1.0)
    return RotatedRect((float(x), float(y)), side, side, roll)
