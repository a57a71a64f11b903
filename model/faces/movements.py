"""What a face does, measured on the 468 points of its mesh and compared with calm faces.

The mesh is laid over the mean calm mesh by its points that expressions hardly move (Umeyama 1991), so that the head's
place, size and rotation take no part. Lengths are in units of the distance between the outer eye corners. They describe
a face, never a feeling. ``python -m training.reports.movements`` measures the calm faces and how well single movements
tell expressions apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..geometry import Floats

# Indices of MediaPipe's mesh. Left is the viewer's left.
STEADY = (33, 133, 362, 263, 168, 6, 197, 195, 5, 127, 356, 234, 454, 10)
STEADY_MIRROR = (
    3,
    2,
    1,
    0,
    4,
    5,
    6,
    7,
    8,
    10,
    9,
    12,
    11,
    13,
)  # Each one's place among them on the other side.
MOUTH_CORNERS = (61, 291)
UPPER_LIP, LOWER_LIP = 13, 14  # Their inner edges.
LIDS = ((159, 145), (386, 374))
INNER_LIDS = (157, 384)  # Of the upper lids, below the inner brows.
INNER_BROWS = (55, 285)
MIDDLE_BROWS = (52, 282, 65, 295)
BROWS = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)
EYE_LINE = (33, 133, 362, 263)
OUTER_LIDS, INNER_HALVES = (33, 161, 160, 263, 388, 387), (133, 157, 158, 362, 384, 385)  # Of the upper lids.

NAMES = (
    "mouth_open",  # Inner lips apart.
    "mouth_wide",  # From corner to corner.
    "corners_up",  # Above the middle between the inner lips.
    "brows_raised",  # Above the line through the eyes.
    "brows_lowered",  # Their inner ends, beyond what their middle does: a frown.
    "brows_together",  # Minus the distance of their inner ends.
    "eyes_wide",  # Lids apart.
    "lids_slanting",  # Outer halves of the upper lids below the inner ones.
    "turned",  # The head, to the side.
)
TURNED_TOO_FAR = 30.0  # Degrees; beyond, half of the face is guessed, and nothing else is said.
CLEARLY = 0.95  # Share of calm faces that a movement has to exceed to be worth a word.

Lengths = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CalmFaces:
    """How calm faces measure."""

    faces: int  # How many were measured.
    steady: Lengths  # (14, 3), mean places of the points ``STEADY``, in eye distances.
    percentiles: Mapping[str, Lengths]  # By movement: its percentiles 0, 1, … 100, ascending.

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> CalmFaces:
        """Read what ``to_dict`` gave. Raises ValueError or KeyError where something is missing or has another shape."""
        steady = np.array(raw["steady"], np.float64)
        percentiles = {name: np.array(raw["percentiles"][name], np.float64) for name in NAMES}
        if steady.shape != (len(STEADY), 3) or any(row.shape != (101,) for row in percentiles.values()):
            raise ValueError("the calm faces have another shape")
        return cls(int(raw["faces"]), steady, percentiles)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, rounded to 1e-4."""
        return {
            "faces": self.faces,
            "steady": self.steady.round(4).tolist(),
            "percentiles": {name: row.round(4).tolist() for name, row in self.percentiles.items()},
        }

    def share_below(self, name: str, value: float) -> float:
        """Return the share of calm faces, 0…1, whose measure is below ``value``."""
        row = self.percentiles[name]
        return float(np.interp(value, row, np.linspace(0.0, 1.0, len(row)), left=0.0, right=1.0))


@dataclass(frozen=True, slots=True)
class Movement:
    """One measure of a face beside the calm ones."""

    name: str  # One of ``NAMES``.
    value: float  # In eye distances; "turned" in degrees, positive to the viewer's right.
    share: float  # Share of calm faces whose measure is below it, 0…1.

    @property
    def clear(self) -> bool:
        """Whether it is clearly beyond calm, to either side."""
        return self.share >= CLEARLY or self.share <= 1 - CLEARLY


def movements(points: Floats, calm: CalmFaces) -> tuple[Movement, ...]:
    """Return every measure of one mesh, float32 (468, 3) in pixels, in the order of ``NAMES``.

    Of a head turned by more than 30° only "turned" is returned.
    """
    values = measure(points, calm.steady)
    names = NAMES if abs(values["turned"]) <= TURNED_TOO_FAR else ("turned",)
    return tuple(Movement(name, values[name], calm.share_below(name, values[name])) for name in names)


def measure(points: Floats, steady: Lengths) -> dict[str, float]:
    """Return the measures of one mesh, float32 (468, 3), by name; ``steady`` as in ``CalmFaces``."""
    rotation, scale = pose(points, steady)
    flat = scale * (points.astype(np.float64) - points[list(STEADY)].mean(axis=0)) @ rotation.T
    eyes = flat[list(EYE_LINE), 1].mean()
    lips = flat[[UPPER_LIP, LOWER_LIP], 1].mean()
    inner = flat[list(INNER_LIDS), 1].mean() - flat[list(INNER_BROWS), 1].mean()
    middle = flat[[high for high, _ in LIDS], 1].mean() - flat[list(MIDDLE_BROWS), 1].mean()
    return {
        "mouth_open": float(np.linalg.norm(flat[LOWER_LIP] - flat[UPPER_LIP])),
        "mouth_wide": float(np.linalg.norm(flat[MOUTH_CORNERS[0]] - flat[MOUTH_CORNERS[1]])),
        "corners_up": float(lips - flat[list(MOUTH_CORNERS), 1].mean()),
        "brows_raised": float(eyes - flat[list(BROWS), 1].mean()),
        "brows_lowered": float(2 * middle - 3 * inner),
        "brows_together": float(-np.linalg.norm(flat[INNER_BROWS[0]] - flat[INNER_BROWS[1]])),
        "eyes_wide": float(np.mean([np.linalg.norm(flat[low] - flat[high]) for high, low in LIDS])),
        "lids_slanting": float(flat[list(OUTER_LIDS), 1].mean() - flat[list(INNER_HALVES), 1].mean()),
        "turned": yaw(rotation),
    }


def pose(points: Floats, steady: Lengths) -> tuple[Lengths, float]:
    """Return the rotation (3, 3) and the factor that lay a mesh's steady points over ``steady``, by least squares."""
    mine = points[list(STEADY)].astype(np.float64)
    mine = mine - mine.mean(axis=0)
    theirs = steady - steady.mean(axis=0)
    left, sizes, right = np.linalg.svd(theirs.T @ mine)
    # A reflection would fit some meshes better; a head is never one.
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    return (left * signs) @ right, float((sizes * signs).sum() / max((mine**2).sum(), 1e-12))


def mean_steady(meshes: Floats, rounds: int = 5) -> Lengths:
    """Return the mean places of the steady points (14, 3) over meshes (n, 468, 3) of upright faces.

    The first mean is over the meshes as they are and their mirror images: faces look to the front on average. Then
    each mesh is laid over the mean so far, which keeps its direction.
    """
    points = meshes[:, list(STEADY)].astype(np.float64)
    points = points - points.mean(axis=1, keepdims=True)
    points /= np.linalg.norm(points[:, 0] - points[:, 3], axis=1)[:, None, None]
    mean = _symmetric(points.mean(axis=0))
    for _ in range(rounds):
        laid = []
        for mesh, mine in zip(meshes, points, strict=True):
            rotation, _ = pose(mesh, mean)
            laid.append(mine @ rotation.T)
        mean = _symmetric(np.mean(laid, axis=0))
    return mean


def _symmetric(points: Lengths) -> Lengths:
    """The mean of steady points and their mirror image, with the outer eye corners at distance 1."""
    mean = (points + points[list(STEADY_MIRROR)] * (-1, 1, 1)) / 2
    mean = mean - mean.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean[0] - mean[3]))


def yaw(rotation: Lengths) -> float:
    """Return the head's rotation to the side in degrees, positive to the viewer's right; ``rotation`` turns it back."""
    return float(np.degrees(np.arctan2(rotation[2, 0], np.hypot(rotation[0, 0], rotation[1, 0]))))
