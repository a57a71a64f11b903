"""Where a worn mask lies: a curved sheet over nose, cheeks and chin, placed on a face by its five landmarks.

The sheet is described on an average head, in units of the distance between its pupils: x to the viewer's right, y
down from the eyes, z towards the viewer. Turning the head moves the sheet as it moves the nose: that offset is
where the turn is read from. Proportions are those of adult faces (pupils 63 mm apart, pupils to chin 115 mm, face
140 mm wide, mouth and nose where FER-2013's mean landmarks lie).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOUTH = 1.12  # The mouth's height below the eyes, and how far before them it lies.
MOUTH_DEPTH = 0.2
NOSE_DEPTH = 0.5
MAX_TURN = math.radians(50)
BEND = math.radians(78)  # How far around the head the sheet reaches, to either side.
# Where the upper and the lower band go behind the ear.
EARS = ((1.07, 0.22, -1.0), (1.05, 0.66, -0.95))


@dataclass(frozen=True, slots=True)
class Shape:
    """One mask's cut and fit, in pupil distances (but ``round``)."""

    top: float  # y of the upper edge on the nose
    cheek: float  # how much lower that edge lies on the cheeks
    chin: float  # y of the lowest point
    side_top: float  # y of the side edges' upper ends
    side_bottom: float  # y of their lower ends
    width: float  # half of the mask's width
    peak: float  # how far it stands out before the nose
    round: float  # exponent of the lower edge's curve


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """The head's pose in the image; one unit is the pupil distance."""

    middle: Array  # (2,) pixels: the middle between the eyes
    across: Array  # (2,) pixels a unit: towards the viewer's right
    down: Array  # (2,) pixels a unit: from the eyes to the mouth
    turn: float  # yaw in radians, positive to the viewer's right

    @property
    def unit(self) -> float:
        """Pixels in a pupil distance seen from the front."""
        return float(np.linalg.norm(self.across))

    def project(self, head: Array) -> Array:
        """Points of the head (..., 3) as pixels (..., 2) and how near they are to the viewer: (..., 3)."""
        x, y, z = np.moveaxis(head, -1, 0)
        sine, cosine = math.sin(self.turn), math.cos(self.turn)
        seen = (x * cosine + z * sine)[..., None] * self.across + y[..., None] * self.down + self.middle
        return np.concatenate([seen, (z * cosine - x * sine)[..., None]], axis=-1)


def pose_of(points: NDArray[np.floating]) -> Pose:
    """Read the pose from the five landmarks (5, 2) in the order of ``LANDMARK_NAMES``."""
    left, right, nose, mouth_left, mouth_right = np.asarray(points, np.float64)
    middle, mouth = (left + right) / 2, (mouth_left + mouth_right) / 2
    apart = float(np.linalg.norm(right - left))
    # Eyes in one point, from a detector that failed, give no direction; level will do.
    along = (right - left) / apart if apart >= 1 else np.array([1.0, 0.0])
    apart = max(apart, 1.0)
    tall = max(float(np.linalg.norm(mouth - middle)), 0.3 * apart)
    # The nose's distance from the line between eyes and mouth, across the face.
    share = np.clip(np.dot(nose - middle, mouth - middle) / tall**2, 0.3, 0.8)
    offset = float(np.dot(nose - (middle + share * (mouth - middle)), along))
    turn = math.atan2(offset, (NOSE_DEPTH - share * MOUTH_DEPTH) * apart)
    turn = float(np.clip(turn, -MAX_TURN, MAX_TURN))
    # A head's width and height vary less than what a turned or nodding head shows of them.
    unit = float(np.clip(apart / math.cos(turn), 0.8 * tall / MOUTH, 1.25 * tall / MOUTH))
    down = (mouth - middle - MOUTH_DEPTH * math.sin(turn) * unit * along) / MOUTH
    # A smile lifts the corners of the mouth, and a cry lowers them, but not nose and chin: believe them by half.
    down *= 0.5 + 0.5 * unit / max(float(np.linalg.norm(down)), 1e-3)
    return Pose(middle, along * unit, down, turn)


def sheet(shape: Shape, across: int, down: int) -> tuple[Array, Array, Array]:
    """Return the sheet's points (down, across, 3) on the head, and each one's s in −1…1 and t in 0…1."""
    s, t = np.meshgrid(np.linspace(-1, 1, across), np.linspace(0, 1, down))
    side = np.abs(s)
    # From the bridge of the nose the upper edge falls steeply to the cheek and runs on to the side's end.
    fall = 1 - np.exp(-((side / 0.34) ** 2))
    top = shape.top + shape.cheek * fall + (shape.side_top - shape.top - shape.cheek) * side**3
    bottom = shape.chin - (shape.chin - shape.side_bottom) * side**shape.round
    y = top + (bottom - top) * t
    angle = s * BEND
    x = (shape.width - 0.14 * np.clip((y - 0.6) / 0.7, 0, 1)) * np.sin(angle) / math.sin(BEND)
    # From the side: out over the nose, back over the mouth to the chin.
    front = 0.24 + shape.peak * np.exp(-(((y - 0.74) / 0.46) ** 2))
    edge = -0.5 + 0.1 * np.clip(y - 0.6, 0, 1)
    bulge = (np.cos(angle) - math.cos(BEND)) / (1 - math.cos(BEND))
    z = edge + (front - edge) * bulge
    return np.stack([x, y, z], axis=-1), s, t


def normals(points: Array) -> Array:
    """The directions (down, across, 3) in which the sheet faces, outwards, of length 1."""
    facing = np.cross(np.gradient(points, axis=1), np.gradient(points, axis=0))
    facing *= np.sign(facing[..., 2:].mean() or 1.0)
    return np.asarray(facing / np.maximum(np.linalg.norm(facing, axis=-1, keepdims=True), 1e-9))


def ear_loops(shape: Shape, pose: Pose) -> list[Array]:
    """The bands to the ears as lines (n, 2) in pixels; only those that the head does not hide."""
    lines = []
    for sign in (-1.0, 1.0):
        for height, sag, ear_place in zip(
            (shape.side_top, shape.side_bottom), (-0.02, 0.06), EARS, strict=True
        ):
            ear = np.array(ear_place) * (sign, 1, 1)
            end = np.array([sign * shape.width, height, -0.5])
            bend = (ear + end) / 2 + (0, sag, 0)
            way = np.linspace(0, 1, 12)[:, None]
            curve = (1 - way) ** 2 * end + 2 * way * (1 - way) * bend + way**2 * ear
            seen = pose.project(curve)[:, :2]
            outwards = sign * float(np.dot(seen[-1] - seen[0], pose.across)) / pose.unit**2
            if outwards > 0.02:
                lines.append(seen)
    return lines
