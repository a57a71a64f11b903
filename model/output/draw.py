"""Images of the stages: numbered boxes on the photo, attention and mesh on a crop, enlarged network inputs.

Pure functions from arrays to new arrays (uint8, RGB or gray), for site and command line.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..faces.group import reading_order
from ..faces.mesh_points import in_crop
from ..geometry import Box, Pixels, fit_inside
from ..types import EyeBand, Face, FaceCrop, FaceResult, Mesh, Photo, Topology

Color = tuple[int, int, int]

# A light line inside a dark one is visible on bright and on dark photos.
LIGHT: Color = (255, 236, 64)
DARK: Color = (16, 16, 16)
# Pixels; smaller photos are enlarged to this long side, so that the numbers are readable.
MIN_LONG_SIDE = 480
FONT = cv2.FONT_HERSHEY_SIMPLEX
LEAST = 1e-9
SPOKE: Color = (255, 128, 0)
STRONGEST = 0.8  # Opacity of the place that spoke most.


def boxes_on_photo(
    photo: Photo, faces: Sequence[Face], max_side: int = 1024, numbers: Sequence[int] | None = None
) -> Pixels:
    """Return the photo with each face's box, its number (None: in reading order from 1) and its landmarks.

    The result is RGB (height, width, 3) with a long side of at most ``max_side``; smaller photos are enlarged to
    ``MIN_LONG_SIDE``. Raises ValueError for a ``max_side`` below 1.
    """
    if max_side < 1:
        raise ValueError(f"max_side must be at least 1, not {max_side}")
    canvas, scale_x, scale_y = _scaled(photo.pixels, max_side)
    line = max(1, round(max(canvas.shape[:2]) / 400))
    boxes = [_scaled_box(face.box, scale_x, scale_y) for face in faces]
    for face, box in zip(faces, boxes, strict=True):
        # Thinner lines on a small face, which they would hide otherwise.
        thin = max(1, min(line, round((box[2] - box[0]) / 60)))
        _outline(canvas, box, thin)
        for x, y in face.landmarks.values():
            _dot(canvas, round(x * scale_x), round(y * scale_y), thin)
    # Numbers are drawn last, so that no other box is drawn over them.
    for number, box in zip(numbers or reading_order([face.box for face in faces]), boxes, strict=True):
        _badge(canvas, str(number), box, line)
    return canvas


def labelled_boxes(pixels: Pixels, labelled: Sequence[tuple[Box, str]]) -> Pixels:
    """Return a copy of RGB pixels (height, width, 3), of their own size, with boxes and their texts (ASCII)."""
    canvas = np.array(pixels, dtype=np.uint8, order="C")
    line = max(1, round(max(canvas.shape[:2]) / 400))
    boxes = [(_scaled_box(box, 1.0, 1.0), text) for box, text in labelled]
    for box, _ in boxes:
        _outline(canvas, box, line)
    for box, text in boxes:
        _badge(canvas, text.encode("ascii", "replace").decode(), box, line)
    return canvas


def attention_on_crop(crop_pixels: Pixels, attention: NDArray[np.floating]) -> Pixels:
    """Blend the crop, in gray, with a heat map of the attention weights; RGB of the crop's size.

    ``crop_pixels`` is RGB (height, width, 3); ``attention`` is (rows, columns) and covers the whole crop. The colours
    (viridis: dark blue is 0, yellow the map's maximum) do not compare faces with each other: a map may add up to 1 or
    have weights up to 1. A map without any weight is dark blue. Raises ValueError for an empty map.
    """
    height, width = crop_pixels.shape[:2]
    weights = np.nan_to_num(np.asarray(attention, dtype=np.float32), nan=0.0, posinf=1.0, neginf=0.0)
    if weights.ndim != 2 or weights.size == 0:
        raise ValueError(f"attention must be a non-empty (rows, columns) map, not {weights.shape}")
    weights = weights / max(float(weights.max()), LEAST)
    smooth = cv2.resize(weights, (width, height), interpolation=cv2.INTER_LINEAR)
    levels = np.rint(np.clip(smooth, 0.0, 1.0) * 255).astype(np.uint8)
    heat = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB)
    gray = cv2.cvtColor(cv2.cvtColor(crop_pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    # In gray, so that every colour of the result is one of the heat map.
    return np.asarray(cv2.addWeighted(gray, 0.5, heat, 0.5, 0.0), dtype=np.uint8)


def explanation_on_face(pixels: Pixels, spoke: NDArray[np.floating], side: int = 240) -> Pixels:
    """Return the face in gray, enlarged to a longer side of ``side``, with what pointed to an expression in orange.

    ``pixels`` is RGB (height, width, 3) or gray (height, width), and ``spoke`` (rows, columns), −1…1, covers the whole
    of it (``model.explain.occlusion_map``). Places that spoke against it stay gray.
    """
    gray = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    size = fit_inside(gray.shape[1], gray.shape[0], side)
    how = cv2.INTER_AREA if max(size) < max(gray.shape) else cv2.INTER_CUBIC
    face = np.repeat(cv2.resize(gray, size, interpolation=how)[..., np.newaxis], 3, axis=-1)
    strength = cv2.resize(np.clip(np.asarray(spoke, np.float32), 0, 1), size, interpolation=cv2.INTER_LINEAR)
    share = STRONGEST * strength[..., np.newaxis]
    return np.asarray(np.rint(face * (1 - share) + np.array(SPOKE) * share), np.uint8)


def explanation_image(reading: FaceResult, spoke: NDArray[np.floating], *, side: int) -> Pixels:
    """Return what pointed to an expression, on the part of the face that the network saw: ``explanation_on_face``."""
    part = reading.crop.aligned if reading.band is None else reading.band.pixels
    return explanation_on_face(part, spoke, side)


def band_on_face(band: EyeBand, factor: int = 3) -> Pixels:
    """Return the aligned face, enlarged ``factor`` times, as RGB with the band's outline."""
    canvas = np.ascontiguousarray(cv2.cvtColor(enlarge(band.aligned, factor), cv2.COLOR_GRAY2RGB), np.uint8)
    x, y, width, height = (round(value * factor) for value in band.box)
    _outline(canvas, (x, y, x + width - 1, y + height - 1), 1)
    return canvas


def enlarge(gray: Pixels, factor: int) -> Pixels:
    """Enlarge an image, gray or RGB, by repeating each pixel ``factor`` × ``factor`` times."""
    if factor < 1:
        raise ValueError(f"factor must be at least 1, not {factor}")
    return gray.repeat(factor, axis=0).repeat(factor, axis=1)


def _scaled(pixels: Pixels, max_side: int) -> tuple[Pixels, float, float]:
    """Return a contiguous copy with a long side of MIN_LONG_SIDE…max_side, and its scale factors in x and y."""
    height, width = pixels.shape[:2]
    longest = max(height, width)
    target = min(max(longest, MIN_LONG_SIDE), max_side)
    if target == longest:
        return np.array(pixels, dtype=np.uint8, order="C"), 1.0, 1.0
    size = (max(1, round(width * target / longest)), max(1, round(height * target / longest)))
    how = cv2.INTER_AREA if target < longest else cv2.INTER_CUBIC
    canvas = np.ascontiguousarray(cv2.resize(pixels, size, interpolation=how), dtype=np.uint8)
    return canvas, size[0] / width, size[1] / height


def _scaled_box(box: Box, scale_x: float, scale_y: float) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom) in pixels of the canvas."""
    x, y, width, height = box
    return round(x * scale_x), round(y * scale_y), round((x + width) * scale_x), round((y + height) * scale_y)


def _outline(canvas: Pixels, box: tuple[int, int, int, int], line: int) -> None:
    """Draw a box as a light line on a wider dark one."""
    left, top, right, bottom = box
    cv2.rectangle(canvas, (left, top), (right, bottom), DARK, 3 * line, cv2.LINE_AA)
    cv2.rectangle(canvas, (left, top), (right, bottom), LIGHT, line, cv2.LINE_AA)


def _dot(canvas: Pixels, x: int, y: int, line: int) -> None:
    """Draw a landmark as a light disc with a dark rim."""
    cv2.circle(canvas, (x, y), 2 * line, DARK, -1, cv2.LINE_AA)
    cv2.circle(canvas, (x, y), max(1, round(1.3 * line)), LIGHT, -1, cv2.LINE_AA)


def _badge(canvas: Pixels, text: str, box: tuple[int, int, int, int], line: int) -> None:
    """Draw dark text on a light plate above the box, or inside its top edge at the photo's border."""
    height, width = canvas.shape[:2]
    # Readable in the whole photo, but not larger than the face.
    scale = max(0.45, min(max(height, width) / 1400, (box[2] - box[0]) / 150))
    weight = max(1, min(line, round(2 * scale)))
    (text_width, text_height), _ = cv2.getTextSize(text, FONT, scale, weight)
    pad = max(3, 2 * line)
    plate_width, plate_height = text_width + 2 * pad, text_height + 2 * pad
    left = min(max(0, box[0]), max(0, width - plate_width))
    top = min(max(0, box[1] - plate_height), max(0, height - plate_height))
    corner = (left + plate_width - 1, top + plate_height - 1)
    cv2.rectangle(canvas, (left, top), corner, LIGHT, -1)
    cv2.rectangle(canvas, (left, top), corner, DARK, max(1, line // 2))
    cv2.putText(canvas, text, (left + pad, top + pad + text_height), FONT, scale, DARK, weight, cv2.LINE_AA)


SHIFT = 4  # Fractional bits of the coordinates for OpenCV: sixteenths of a pixel.


def mesh_on_crop(
    crop: Pixels, points: NDArray[np.floating], topology: Topology, *, side: int = 384, strength: float = 0.5
) -> Pixels:
    """Return the square RGB crop (n, n, 3), resized to ``side`` pixels, with the mesh's edges.

    ``points`` (468, 2 or 3) are in pixels of the crop; ``strength`` is the lines' opacity, 0…1. Raises ValueError for
    another shape of the crop.
    """
    if crop.ndim != 3 or crop.shape[0] != crop.shape[1]:
        raise ValueError(f"expected a square RGB crop, got {crop.shape}")
    how = cv2.INTER_AREA if side < crop.shape[0] else cv2.INTER_CUBIC
    canvas = np.asarray(cv2.resize(crop, (side, side), interpolation=how), np.uint8)
    scale = side / crop.shape[0]
    # Points of a cut-off face may be far outside; OpenCV's 16-bit coordinates must not overflow.
    flat = np.clip((points[:, :2] + 0.5) * scale - 0.5, -side, 2 * side)
    ends = np.rint(flat * 2**SHIFT).astype(np.int32)
    lines = canvas.copy()
    cv2.polylines(lines, list(ends[topology.edges]), False, LIGHT, 1, cv2.LINE_AA, SHIFT)
    return np.asarray(cv2.addWeighted(lines, strength, canvas, 1 - strength, 0), np.uint8)


def mesh_image(crop: FaceCrop, mesh: Mesh, *, side: int) -> Pixels:
    """Return the aligned crop, RGB (side, side, 3), with the mesh's edges."""
    pixels = in_crop(mesh.points, crop)[:, :2] * crop.aligned.shape[0] - 0.5
    return mesh_on_crop(crop.aligned, pixels, mesh.topology, side=side)
