"""MediaPipe's Face Mesh, 468 points, on ONNX Runtime (``training.convert.face_mesh`` converts it).

The network takes a square region of interest (ROI) with level eyes, of which the face fills two thirds. MediaPipe takes
it from its own detector's box (1.5 × its long side, rotated by the line through the eyes) and, in a video, from the
previous image's mesh by the same rule. Here the first ROI is from MTCNN's five landmarks, the second from the mesh
found in the first. Measured on 74 faces whose landmarks were moved at random by 4 % of the interocular distance, the
mesh points moved by 1.2 % of it with an ROI of 1.5 × MTCNN's box, 0.9 % with the first ROI, 0.5 % with the second.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..geometry import Floats, Pixels, RotatedRect, eye_angle, warp_crop
from ..store.files import METADATA_FILE, SAVED, SavedModelError, read_mesh
from ..store.session import Session, open_session
from ..types import Face, Mesh, Topology
from .movements import CalmFaces

# The ROI of ``roi_from_landmarks`` after convergence, relative to the five landmarks: medians of 146 FER-2013 faces and
# portraits. Half of the ROIs are within 4 % of this side, and within 2 % of this centre.
ROI_SCALE = (
    3.74  # Side, × the larger of the interocular distance and 0.9 × the distance from the eyes to the mouth …
)
EYE_MOUTH_RATIO = 0.9  # … which are equal in a frontal face; in a profile the larger one is right.
ROI_SHIFT = 0.42  # From the eyes down to the centre, × the distance from the eyes to the mouth.
# The same relative to the box, for a face without landmarks: × its long side, × its height.
BOX_ROI_SCALE, BOX_ROI_SHIFT = 1.34, 0.04
MESH_ROI_SCALE = 1.5  # Side, × the mesh's long side: MediaPipe's rule.
OUTER_EYE_CORNERS = (33, 263)  # Indices of mesh points.
MAX_BATCH = 8  # Faces of one call of the network; its memory grows with each.


@dataclass(frozen=True, slots=True, eq=False)
class FaceMesh:
    """The loaded network; stateless between calls, so safe for threads."""

    session: Session
    topology: Topology
    side: int  # Of the network input, in pixels.
    threshold: float  # Presence, 0…1, from which on a face counts as found.
    calm: CalmFaces | None  # How calm faces measure.

    @classmethod
    def load(
        cls, directory: Path = SAVED / "face_mesh", *, threads: int | None = None, with_calm: bool = True
    ) -> FaceMesh:
        """Load the network of ``directory``; a call uses ``threads`` threads (None: one a core).

        Without ``with_calm`` it is not read how calm faces measure, for measuring them. Raises SavedModelError if a
        file is missing or altered, or lacks a measure.
        """
        files = read_mesh(directory)
        session = open_session(files.network, threads=threads, again=lambda: read_mesh(directory).network)
        try:
            calm = CalmFaces.from_dict(files.calm) if with_calm and files.calm is not None else None
        except (KeyError, ValueError) as error:
            raise SavedModelError(
                f"{directory / METADATA_FILE} lacks how calm faces measure ({error}): "
                "python -m training.reports.movements --write measures them."
            ) from error
        return cls(session, files.topology, files.side, files.threshold, calm)

    def locate(self, pixels: Pixels, face: Face, *, passes: int = 2) -> Mesh:
        """Return the mesh of one face of an RGB photo uint8 (height, width, 3).

        The first pass takes its ROI from the five landmarks, each later one from the previous mesh. A face that is not
        found has ``found`` false; it raises nothing.
        """
        (mesh,) = self.locate_all([(pixels, face)], passes=passes)
        return mesh

    def locate_all(self, faces: Sequence[tuple[Pixels, Face]], *, passes: int = 2) -> list[Mesh]:
        """Return the meshes of many (photo, face) pairs, ``MAX_BATCH`` in one call of the network."""
        regions = [initial_roi(face) for _, face in faces]
        meshes = self._infer([pixels for pixels, _ in faces], regions)
        for _ in range(passes - 1):
            again = [i for i, mesh in enumerate(meshes) if mesh.found]
            better = self._infer(
                [faces[i][0] for i in again], [roi_from_landmarks(meshes[i].points) for i in again]
            )
            for i, mesh in zip(again, better, strict=True):
                # If the later pass does not find the face, the mesh of the earlier one is kept.
                meshes[i] = mesh if mesh.found else meshes[i]
        return meshes

    def _infer(self, photos: Sequence[Pixels], regions: Sequence[RotatedRect]) -> list[Mesh]:
        if not regions:
            return []
        size = (self.side, self.side)
        crops = [warp_crop(photo, region, size) for photo, region in zip(photos, regions, strict=True)]
        parts = [
            self.session.run(
                ["points", "presence"],
                {"pixels": np.stack(crops[start : start + MAX_BATCH]).astype(np.float32)},
            )
            for start in range(0, len(crops), MAX_BATCH)
        ]
        points, presences = (np.concatenate(part) for part in zip(*parts, strict=True))
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
        """Convert points (n, 3) from pixels of the crop to pixels of the photo; depth by the same scale."""
        flat = region.to_image(points[:, :2] / self.side)
        return np.column_stack([flat, points[:, 2] * (region.width / self.side)]).astype(np.float32)


def initial_roi(face: Face) -> RotatedRect:
    """Return the ROI of the first pass, from the face's landmarks or, without them, from its box."""
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
    # Perpendicular to the line through the eyes: in a profile the mouth is to one side of that.
    x, y = eyes + ROI_SHIFT * tall * level.axes()[:, 1]
    return RotatedRect((float(x), float(y)), side, side, level.roll)


def roi_from_landmarks(points: Floats) -> RotatedRect:
    """Return MediaPipe's ROI around a mesh: rotated by the outer eye corners, 1.5 × the mesh's long side."""
    flat = points[:, :2].astype(np.float64)
    roll = eye_angle(*(flat[i] for i in OUTER_EYE_CORNERS))
    axes = RotatedRect((0.0, 0.0), 1.0, 1.0, roll).axes()
    levelled = flat @ axes
    low, high = levelled.min(axis=0), levelled.max(axis=0)
    x, y = axes @ ((low + high) / 2)
    side = max(MESH_ROI_SCALE * float(np.max(high - low)), 1.0)
    return RotatedRect((float(x), float(y)), side, side, roll)
