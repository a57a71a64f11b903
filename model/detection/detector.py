"""MTCNN (``model.detection.mtcnn``) on photos of any size: resizing, padding, coordinates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..geometry import Pixels
from ..store.files import SAVED
from ..types import LANDMARK_NAMES, Detection, Face, Photo
from .budget import SECONDS, Budget
from .merge import merged
from .mtcnn import ONET, Detections, Mtcnn
from .passes import SMALL_FACE, Options, search
from .rotation import rotate_by
from .shrink import shrunk
from .tiling import tiles_of

MAX_SIDE = 1024  # Pixels; larger photos are shrunk to this long side in the first pass …
MIN_AREA = 600_000  # … but to no fewer pixels, or nothing is left of a panorama.
MOST_SIDE = 16_384  # Pixels; OpenCV crops from no image of twice that side.
MIN_FACE_SIZE = 24.0  # Pixels of the resized photo.
# Up to this times ``SMALL_FACE``, what tiles would add is not worth more than the first pass takes.
WORTH_TILES = 1.25
# The smallest and the largest face that the levels of a tile's pyramid stand for, in pixels and in parts of the
# smallest of the first pass. A level also finds faces a fifth smaller than its own. Of 147 press photos' faces laid on
# a photo, 141 to 147 are found at each size from 24 to 46 pixels, and with a level more 145 to 147.
TILE_FACE, TILE_MOST = 26.0, 0.8
TILE_SIDE = 1600  # Pixels of the tiles in which small faces are looked for.
# The passes that follow where nothing was found are of a smaller photo. A face that lies on its side or is blurred is
# seldom small: who photographs a group holds the camera level and sharp.
QUICK_SIDE = 480
QUICK_FACE = 24.0
# Before that, the P- and the R-Net look at a still smaller photo. Measured on 133 press photos: they see a face in each
# that is upright, in one of a hundred turned by 90°, and in 6 of 100 pictures without a face.
GLANCE_SIDE = 160
GLANCE_FACE = 14.0
UPSCALED_FACE = 18.0  # Pixels of the photo: of the one level of its pyramid; faces are found from about 15.
FAINT_SIDE, TILTED_SIDE, SMALLER_SIDE = 320, 416, 480
FILM_SIDE = 640  # Pixels; the long side of a film's frame.
# The smallest face of the pass with low thresholds, as a fraction of the short side. With all from 20 pixels of
# 640×480, fewer of FER-2013's faces in larger photos were found (35 of 77 instead of 37), and there were false
# detections in 55 instead of 3 of 320 images without faces, mostly of grass and gravel.
LOW_THRESHOLD_MIN_FACE = 1 / 6
# And of the last one of them. Something is then found in 2 more of 75 pictures without faces, never surely.
SMALLER_FACE = 1 / 9
# Of a box that reaches beyond the border, the part that must lie in the photo. Less would be the mirror image of a face
# that is in the photo anyway.
LEAST_INSIDE = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class MtcnnDetector:
    """The ``Detector`` made of MTCNN; safe for threads."""

    mtcnn: Mtcnn
    min_face_size: float = MIN_FACE_SIZE  # Pixels of the resized photo.
    crop_scale: float | None = None  # The models' metadata is measured for these boxes.
    seconds: float = SECONDS  # For the search of one photo, see ``model.detection.budget``.

    @classmethod
    def load(
        cls,
        directory: Path = SAVED / "mtcnn",
        *,
        threads: int | None = None,
        min_face_size: float = MIN_FACE_SIZE,
        seconds: float = SECONDS,
    ) -> MtcnnDetector:
        """Load the networks of ``directory``; a call uses ``threads`` threads (None: one a core).

        ``min_face_size`` is in pixels of the resized photo: a larger one is faster and misses small faces. Raises
        SavedModelError if a file is missing or altered.
        """
        return cls(Mtcnn.load(directory, threads=threads), min_face_size, seconds=seconds)

    def detect(self, photo: Photo, *, rotate: bool = True) -> Detection:
        """Return the faces of a photo, detected in several passes (``model.detection.passes``)."""
        return search(self, photo, Budget(self.seconds), Options(rotate))

    def detect_faces(self, pixels: Pixels, *, mirrored: bool = True) -> tuple[Face, ...]:
        """Return the faces of an RGB photo uint8 (height, width, 3), largest box first; none is an empty tuple.

        The photo goes on beyond its border as its mirror image, so that faces that the border cuts, or that fill the
        frame, are found. Not ``mirrored`` it is the plain cascade, as the ``mtcnn`` package has it.
        """
        resized = shrunk(pixels, _first_side(pixels))
        return _to_faces(_on(pixels, resized, self.mtcnn, self.min_face_size, mirrored=mirrored), pixels)

    def glance(self, pixels: Pixels, rotations: Sequence[int]) -> frozenset[int]:
        """Return in which rotations, clockwise by multiples of 45°, the photo at 160 pixels shows any candidate."""
        upright = shrunk(pixels, GLANCE_SIDE)
        seen = self.mtcnn.any_candidate([_rotated(upright, rotation) for rotation in rotations], GLANCE_FACE)
        return frozenset(rotation for rotation, any_seen in zip(rotations, seen, strict=True) if any_seen)

    def detect_quick(self, pixels: Pixels, *, mirrored: bool) -> tuple[Face, ...]:
        """Detect at 480 pixels, for a photo that is tried rotated. For ``mirrored`` see ``detect_faces``."""
        small = shrunk(pixels, QUICK_SIDE)
        return _to_faces(_on(pixels, small, self.mtcnn, QUICK_FACE, mirrored=mirrored), pixels)

    def look(self, photo: Photo) -> Detection:
        """Return the faces of one frame of a film: one pass at 640 pixels, upright, at a third of the work.

        In a film, a face that is missed is seen a moment later; faces from a 27th of the long side are found.
        """
        resized = shrunk(photo.pixels, FILM_SIDE)
        found = _on(photo.pixels, resized, self.mtcnn, self.min_face_size)
        return Detection(photo, _to_faces(found, photo.pixels))

    def detect_small(
        self, pixels: Pixels, goes_on: Callable[[], bool] = lambda: True
    ) -> tuple[tuple[Face, ...], int]:
        """Return the faces from 24 pixels that are too small for ``detect_faces``, and the number of tiles searched.

        Each tile is searched at full size if ``goes_on()``. No tiles: the photo is so small that ``detect_faces`` sees
        nearly all that there is.
        """
        height, width = pixels.shape[:2]
        largest = self.smallest_face(pixels)
        if largest <= WORTH_TILES * SMALL_FACE:
            return (), 0
        found: list[Face] = []
        searched = 0
        for tile in tiles_of(width, height, TILE_SIDE, 2 * math.ceil(largest)):
            if not goes_on():
                break
            searched += 1
            part = pixels[tile.top : tile.bottom, tile.left : tile.right]
            inside = self.mtcnn.detect(part, TILE_FACE, max_face_size=TILE_MOST * largest, mirrored=True)
            faces = _to_faces(inside.moved((tile.left, tile.top)), pixels)
            found += [face for face in faces if tile.owns(face)]
        return merged(found), searched

    def smallest_face(self, pixels: Pixels) -> float:
        """Return from which size on ``detect_faces`` finds faces, in pixels of the photo."""
        return float(self.min_face_size * max(pixels.shape[:2]) / _first_side(pixels))

    def detect_upscaled(self, pixels: Pixels) -> tuple[Face, ...]:
        """Return the faces from 18 pixels that are too small for ``detect_faces``, for a photo without tiles.

        That is as in the photo upscaled by a third, without making it.
        """
        most = self.smallest_face(pixels)
        return _to_faces(self.mtcnn.detect(pixels, UPSCALED_FACE, max_face_size=most, mirrored=True), pixels)

    def detect_low_threshold(
        self, pixels: Pixels, *, least: float, tilted: bool = False, smaller: bool = False
    ) -> tuple[Face, ...]:
        """Detect at 320 pixels with P-Net threshold 0.2 and R-Net threshold 0.1, so that the O-Net alone decides.

        For photos in which the other passes find nothing; faces of at least a sixth of the short side, with a score
        above ``least``. ``tilted``: at 416 pixels. ``smaller``: at 480 pixels, and from a ninth of the short side on.
        """
        small = shrunk(pixels, TILTED_SIDE if tilted else SMALLER_SIDE if smaller else FAINT_SIDE)
        part = SMALLER_FACE if smaller else LOW_THRESHOLD_MIN_FACE
        smallest = max(self.min_face_size, part * min(small.shape[:2]))
        return _to_faces(_on(pixels, small, self.mtcnn, smallest, low_threshold=True, least=least), pixels)


def _on(
    pixels: Pixels,
    resized: Pixels,
    mtcnn: Mtcnn,
    min_face_size: float,
    *,
    low_threshold: bool = False,
    least: float = ONET.threshold,
    mirrored: bool = True,
) -> Detections:
    """Run MTCNN on the ``resized`` photo; boxes and landmarks are returned in pixels of the original."""
    found = mtcnn.detect(resized, min_face_size, low_threshold=low_threshold, least=least, mirrored=mirrored)
    return found.scaled((pixels.shape[1] / resized.shape[1], pixels.shape[0] / resized.shape[0]))


def _rotated(pixels: Pixels, rotation: int) -> Pixels:
    """Rotate clockwise by a multiple of 45 degrees; between the multiples of 90 it takes no more pixels than before."""
    if rotation % 90:
        return rotate_by(shrunk(pixels, round(max(pixels.shape[:2]) / math.sqrt(2))), rotation)[0]
    return np.ascontiguousarray(np.rot90(pixels, -rotation // 90))


def _first_side(pixels: Pixels) -> int:
    """Return the long side, in pixels, to which a photo is shrunk in the first pass."""
    height, width = pixels.shape[:2]
    longest = max(width, height)
    by_area = longest * math.sqrt(MIN_AREA / (height * width))
    return int(min(longest, max(MAX_SIDE, round(min(by_area, MOST_SIDE)))))


def _to_faces(found: Detections, pixels: Pixels) -> tuple[Face, ...]:
    """Clip boxes to the photo, as the mtcnn package does (0 … side − 1), and sort them by area, largest first."""
    height, width = pixels.shape[:2]
    limit = np.array([width - 1, height - 1] * 2, dtype=np.float32)
    boxes = np.clip(found.boxes, 0, limit)
    sides = boxes[:, 2:] - boxes[:, :2]
    areas = sides[:, 0] * sides[:, 1]
    whole = np.prod(found.boxes[:, 2:] - found.boxes[:, :2], axis=1)
    faces = []
    for index in np.argsort(-areas, kind="stable"):
        if areas[index] <= 0 or areas[index] < LEAST_INSIDE * whole[index]:
            continue
        x, y, w, h = (float(v) for v in (*boxes[index, :2], *sides[index]))
        points = [(float(px), float(py)) for px, py in found.landmarks[index]]
        faces.append(
            Face((x, y, w, h), dict(zip(LANDMARK_NAMES, points, strict=True)), float(found.scores[index]))
        )
    return tuple(faces)
