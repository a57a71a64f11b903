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
    """A rotated rectangle in an image. Integer coordinates are the centres of pixels."""

    centre: Point
    width: float  # In pixels.
    height: float
    roll: float  # Degrees clockwise.

    def axes(self) -> NDArray[np.float64]:
        """Unit vectors of the rectangle's x and y axes in the image, as the columns of a (2, 2) array."""
        angle = np.deg2rad(self.roll)
        return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def to_image(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Convert points (n, 2) from normalized (0…1 from the upper left corner to the lower right) to pixels."""
        steps = (np.asarray(points, np.float64) - 0.5) * (self.width, self.height)
        return np.asarray(steps @ self.axes().T + self.centre)

    def to_normalized(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Convert points (n, 2) from pixels of the image to normalized: the inverse of ``to_image``."""
        steps = (np.asarray(points, np.float64) - self.centre) @ self.axes()
        return np.asarray(steps / (self.width, self.height) + 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class AffineCrop:
    """How a rotated rectangle is cropped: slice the image, shrink the slice, warp it."""

    left: int  # Bounds of the slice, in pixels of the image.
    top: int
    right: int
    bottom: int
    shrunk: tuple[int, int] | None  # (width, height) to which the slice is resized; None: not resized.
    matrix: NDArray[np.float64]  # (2, 3), from pixels of the result to pixels of the resized slice.

    def part(self, pixels: Pixels) -> Pixels:
        """Return the slice of the image, shrunk by averaging over the covered area."""
        part = pixels[self.top : self.bottom, self.left : self.right]
        if self.shrunk is None:
            return part
        return np.asarray(cv2.resize(part, self.shrunk, interpolation=cv2.INTER_AREA), np.uint8)

    def moved(self, x: float, y: float) -> AffineCrop:
        """Return the crop whose first pixel is this crop's pixel (x, y)."""
        start = self.matrix @ (x, y, 1)
        return replace(self, matrix=np.column_stack([self.matrix[:, :2], start]))


def plan_crop(
    rows: int, columns: int, region: RotatedRect, size: tuple[int, int], detail: float | None = None
) -> AffineCrop:
    """Return how ``warp_crop`` crops the region from an image of ``rows`` × ``columns`` pixels."""
    if not (region.width > 0 and region.height > 0 and np.all(np.isfinite(region.centre))):
        raise ValueError(f"a region needs an area: {region}")
    corners = region.to_image(np.array([[0, 0], [1, 0], [0, 1], [1, 1]]))
    wanted = min(size[0], detail or size[0]) / region.width
    # All pixels that can reach into the region, with a margin for the interpolation; at least one of the image.
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
    """Crop the region, de-rotated, to ``size`` (width, height): gray (h, w) or RGB (h, w, 3) as given.

    Shrinking averages over the covered area, enlarging is bilinear; outside the image its border pixels are repeated.
    ``detail`` limits the resolution, in pixels across the region's width: a sharper image is shrunk to that first.
    Raises ValueError for a region without an area.
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
    """Angle of the line from the left to the right eye, in degrees clockwise as the viewer sees it."""
    return float(np.degrees(np.arctan2(right[1] - left[1], right[0] - left[0])))


def fit_inside(width: int, height: int, side: int) -> tuple[int, int]:
    """Scale (width, height) so that the longer is ``side``, keeping the aspect ratio; each is at least 1."""
    factor = side / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))
