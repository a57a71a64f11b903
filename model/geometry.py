"""Crop a rotated rectangle: de-rotate and resize in one affine warp."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]
Point = tuple[float, float]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RotatedRect:
    """A rectangle in an image: its centre and sides in pixels, and its roll in degrees clockwise.

    A point (x, y) lies at the centre of a pixel where both are whole numbers.
    """

    centre: Point
    width: float
    height: float
    roll: float

    def axes(self) -> NDArray[np.float64]:
        """The directions (2, 2) of the region's own x and y, as columns, in the image."""
        angle = np.deg2rad(self.roll)
        return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def to_image(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Points (n, 2) normalized to the rectangle, (0, 0) its upper left and (1, 1) its lower right, in pixels."""
        steps = (np.asarray(points, np.float64) - 0.5) * (self.width, self.height)
        return np.asarray(steps @ self.axes().T + self.centre)

    def to_normalized(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """The other way: pixels of the image (n, 2), normalized to the rectangle."""
        steps = (np.asarray(points, np.float64) - self.centre) @ self.axes()
        return np.asarray(steps / (self.width, self.height) + 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class AffineCrop:
    """How a region is cut: the part of the image that it needs, the size that part is shrunk to, and the warp.

    ``left``, ``top``, ``right`` and ``bottom`` bound the part in whole pixels; ``shrunk`` is (width, height) or None
    where it stays as it is; ``matrix`` (2, 3) leads from a pixel of the result to one of the shrunk part.
    """

    left: int
    top: int
    right: int
    bottom: int
    shrunk: tuple[int, int] | None
    matrix: NDArray[np.float64]

    def part(self, pixels: Pixels) -> Pixels:
        """The part of the image, shrunk by averaging over the covered area."""
        part = pixels[self.top : self.bottom, self.left : self.right]
        if self.shrunk is None:
            return part
        return np.asarray(cv2.resize(part, self.shrunk, interpolation=cv2.INTER_AREA), np.uint8)

    def moved(self, x: float, y: float) -> AffineCrop:
        """The same for a result whose first pixel is this one's pixel (x, y)."""
        start = self.matrix @ (x, y, 1)
        return replace(self, matrix=np.column_stack([self.matrix[:, :2], start]))


def plan_crop(
    rows: int, columns: int, region: RotatedRect, size: tuple[int, int], detail: float | None = None
) -> AffineCrop:
    """How ``warp_crop`` cuts the region out of an image of so many rows and columns."""
    if not (region.width > 0 and region.height > 0 and np.all(np.isfinite(region.centre))):
        raise ValueError(f"a region needs an area: {region}")
    corners = region.to_image(np.array([[0, 0], [1, 0], [0, 1], [1, 1]]))
    wanted = min(size[0], detail or size[0]) / region.width
    # Whatever can reach into the region, and some pixels for the interpolation; at least one of the image.
    margin = 2 + 2 / min(1.0, wanted)
    low = np.floor(corners.min(axis=0) - margin)
    high = np.ceil(corners.max(axis=0) + margin) + 1
    left, top = (int(v) for v in np.clip(low, 0, (columns - 1, rows - 1)))
    right, bottom = (int(v) for v in np.clip(high, (left + 1, top + 1), (columns, rows)))
    whole = (right - left, bottom - top)
    shrunk = (max(1, round(whole[0] * wanted)), max(1, round(whole[1] * wanted))) if wanted < 1 else None
    scale = np.array(shrunk or whole) / whole
    # From a pixel of the result to one of the part; both count from the centre of their first pixel.
    steps = region.axes() * (region.width / size[0], region.height / size[1])
    start = region.to_image(np.array([[0.5 / size[0], 0.5 / size[1]]]))[0]
    start = (start - (left, top) + 0.5) * scale - 0.5
    return AffineCrop(left, top, right, bottom, shrunk, np.column_stack([steps * scale[:, None], start]))


def warp_crop(
    pixels: Pixels, region: RotatedRect, size: tuple[int, int], *, detail: float | None = None
) -> Pixels:
    """Return the region as a level image of ``size`` (width, height): gray (h, w) or RGB (h, w, 3) as given.

    Shrinking averages over the covered area, enlarging interpolates between pixels, and where the region reaches
    over the image's border the border's pixels repeat. ``detail`` is the finest detail to keep, in pixels across
    the region's width: a sharper image is shrunk to that first, so that it looks like a coarse one. Raises
    ValueError for a region without an area.
    """
    rows, columns = pixels.shape[:2]
    crop = plan_crop(rows, columns, region, size, detail)
    warped = cv2.warpAffine(
        crop.part(pixels),
        crop.matrix,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(warped, np.uint8)


def eye_angle(left: Point | NDArray[np.float64], right: Point | NDArray[np.float64]) -> float:
    """By how many degrees the line from the left to the right eye falls, clockwise as the viewer sees it."""
    return float(np.degrees(np.arctan2(right[1] - left[1], right[0] - left[0])))


def fit_inside(width: int, height: int, side: int) -> tuple[int, int]:
    """The (width, height) of at least 1 that make the longer one ``side`` and keep the shape."""
    factor = side / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))
