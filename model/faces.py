"""Find faces: MTCNN's cascade of three small networks on ONNX Runtime.

The P-Net looks at every place of a pyramid of shrunk photos and proposes boxes; the R-Net and the O-Net look
at each proposal more closely, drop what is no face and move the edges; the O-Net also places five landmarks.
After each stage, overlapping boxes are suppressed. Results agree with the ``mtcnn`` package 1.0.0, whose
networks these are (``training.convert_mtcnn`` converts them).

Zhang et al., "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks", 2016.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from model import cascade
from model.cascade import Floats
from model.detector_files import DetectorError, read_networks
from model.paths import SAVED
from model.runtime import open_session
from model.stages import LANDMARK_NAMES, Face, Pixels

__all__ = ["DetectorError", "FaceDetector"]

Given = TypeVar("Given")
Gained = TypeVar("Gained")

MAX_SIDE = 1024  # Larger photos are shrunk to this for detection.
SMALL_SIDE = 2048  # What a photo is brought to for a look at small faces: at most twice its own size.
MIN_FACE_SIZE = 20.0  # Pixels of the photo as it is searched.
CLOSE_SIDE = 160  # What a photo without a face is brought to for the second look …
CLOSE_BORDER = 0.5  # … and the border around it then, as a part of its short side.
CLOSE_MIN_FACE = 0.5  # A face worth that look fills at least this part of the photo's short side.


@dataclass(frozen=True, slots=True)
class _Stage:
    """How the R- and the O-Net are used; ``batch`` boxes a call fit the cache and bound memory."""

    side: int
    threshold: float
    batch: int
    outputs: tuple[str, ...]


PNET_THRESHOLD = 0.6
HELPERS = 4  # Threads at most: half of the P-Net's work is the pyramid's first level.
STRIP_CELLS = 6000  # Output cells of one P-Net call: its feature maps then stay in the cache and memory low.
RNET = _Stage(24, 0.7, 32, ("regression", "score"))
# For a look at faces that the first two networks hardly take for some: blurred, flat, cut off. Only the O-Net decides.
# Measured on FER-2013's faces in larger photos: of those that the other looks miss, six in ten are found.
FAINT_PNET_THRESHOLD = 0.2
FAINT_RNET = _Stage(24, 0.1, 32, ("regression", "score"))
# The O-Net costs a millisecond for eight. A group photo has two or three candidates a face; whoever builds a picture
# of thousands of them gets the surest.
MAX_CANDIDATES = 600
ONET = _Stage(48, 0.8, 8, ("regression", "score", "landmarks"))


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Faces in one photo's pixels: boxes (n, 4) as x1, y1, x2, y2, scores (n,), landmarks (n, 5, 2)."""

    boxes: Floats
    scores: Floats
    landmarks: Floats

    def moved(self, shift: float, factors: tuple[float, float]) -> _Found:
        """Return the faces with ``shift`` taken off every coordinate and x and y then multiplied."""
        by = np.array(factors, dtype=np.float32)
        boxes = (self.boxes.reshape(-1, 2, 2) - np.float32(shift)) * by
        return _Found(boxes.reshape(-1, 4), self.scores, (self.landmarks - np.float32(shift)) * by)


@dataclass(frozen=True, slots=True, eq=False)
class FaceDetector:
    """Three loaded networks; nothing is kept between calls, so threads may share one.

    The P- and the R-Net are so small that two threads within a call gain little. Their calls run beside each other
    instead, together with the shrinking and cutting before them, in ``helpers`` (None: one after the other).
    """

    pnet: InferenceSession
    rnet: InferenceSession
    onet: InferenceSession
    min_face_size: float = MIN_FACE_SIZE
    helpers: ThreadPoolExecutor | None = None

    @classmethod
    def load(
        cls,
        directory: Path = SAVED / "mtcnn",
        *,
        threads: int | None = None,
        min_face_size: float = MIN_FACE_SIZE,
    ) -> FaceDetector:
        """Load the networks of ``directory``; a call uses ``threads`` threads (None: as many as there are
        cores).

        ``min_face_size`` is in pixels of the photo as it is searched: a larger one is faster and misses
        small faces. Raises DetectorError when a file is missing or is not the one that ``metadata.json``
        describes.
        """
        contents = read_networks(directory)
        several = min(threads or os.cpu_count() or 1, HELPERS)
        sessions = {
            name: open_session(content, threads=threads if name == "onet" else 1)
            for name, content in contents.items()
        }
        helpers = ThreadPoolExecutor(several, "faces") if several > 1 else None
        return cls(**sessions, min_face_size=min_face_size, helpers=helpers)

    def detect(self, pixels: Pixels, *, look_closer: bool = True) -> tuple[Face, ...]:
        """Return all faces of an RGB photo uint8 (height, width, 3), largest box first; none is an empty
        tuple.

        The networks were trained on faces with something around them and often miss one that fills the
        frame. When the first look finds nothing, ``look_closer`` takes a second one, at low resolution and
        with a border added, for faces of at least half the photo's short side.
        """
        height, width = pixels.shape[:2]
        found = self._search(_resized(pixels, MAX_SIDE, enlarge=False), self.min_face_size, (width, height))
        if not len(found.boxes) and look_closer:
            found = self._look_closer(pixels)
        return _to_faces(found, width, height)

    def detect_small(self, pixels: Pixels) -> tuple[Face, ...]:
        """Return the faces found when the photo is searched at up to 2,048 pixels, enlarged at most twice.

        Four times the work of ``detect``, for faces too small for it: from 10 pixels of a photo that fits
        1,024 pixels, and with less shrinking of a larger one.
        """
        height, width = pixels.shape[:2]
        larger = _resized(pixels, min(SMALL_SIDE, 2 * max(height, width)), enlarge=True)
        return _to_faces(self._search(larger, self.min_face_size, (width, height)), width, height)

    def detect_faint(self, pixels: Pixels) -> tuple[Face, ...]:
        """Return the faces found when every proposal that is at all possible gets to the O-Net.

        Several times the work of ``detect``, for a photo in which the other looks find nothing.
        """
        height, width = pixels.shape[:2]
        shrunk = _resized(pixels, MAX_SIDE, enlarge=False)
        found = self._search(shrunk, self.min_face_size, (width, height), FAINT_PNET_THRESHOLD, FAINT_RNET)
        return _to_faces(found, width, height)

    def _look_closer(self, pixels: Pixels) -> _Found:
        """Search the photo at low resolution with a border that repeats its edges."""
        height, width = pixels.shape[:2]
        small = _resized(pixels, CLOSE_SIDE, enlarge=True)
        border = round(CLOSE_BORDER * min(small.shape[:2]))
        framed = cv2.copyMakeBorder(small, border, border, border, border, cv2.BORDER_REPLICATE)
        smallest = max(MIN_FACE_SIZE, CLOSE_MIN_FACE * min(small.shape[:2]))
        found = self._search(np.asarray(framed, dtype=np.uint8), smallest, None)
        return found.moved(border, (width / small.shape[1], height / small.shape[0]))

    def _search(
        self,
        pixels: Pixels,
        min_face_size: float,
        size: tuple[int, int] | None,
        pnet_threshold: float = PNET_THRESHOLD,
        rnet: _Stage = RNET,
    ) -> _Found:
        """Walk the cascade over a photo; results are in pixels of the original ``size``, if given."""
        packed = cascade.pack(pixels)
        boxes = cascade.squares(self._propose(pixels, min_face_size, pnet_threshold))
        found = _judge(self.rnet, rnet, packed, boxes, self.helpers)
        kept = cascade.suppress(found.boxes, 0.7)[:MAX_CANDIDATES]
        boxes = cascade.squares(found.boxes[kept])
        found = _judge(self.onet, ONET, packed, boxes)
        keep = cascade.suppress(found.boxes, 0.7, over_smaller=True)
        height, width = pixels.shape[:2]
        found = _Found(found.boxes[keep], found.scores[keep], found.landmarks[keep])
        return found.moved(0, (size[0] / width, size[1] / height)) if size else found

    def _propose(self, pixels: Pixels, min_face_size: float, threshold: float) -> Floats:
        """Run the P-Net over the pyramid; returns boxes (n, 4), best first."""
        real = pixels.astype(np.float32)

        def look(scale: float) -> tuple[Floats, Floats]:
            parts = [
                self.pnet.run(["regression", "score"], {"pixels": strip[None]})
                for strip in cascade.strips(cascade.level(real, scale), STRIP_CELLS)
            ]
            regression, score = (np.concatenate(part, axis=1)[0] for part in zip(*parts, strict=True))
            found, sure = cascade.proposals(regression, score, scale, threshold)
            keep = cascade.suppress(found, 0.5)
            return found[keep], sure[keep]

        scales = cascade.pyramid_scales(pixels.shape[0], pixels.shape[1], min_face_size)
        nothing = np.empty((0, 4), np.float32), np.empty(0, np.float32)
        levels = [nothing, *_each(look, scales, self.helpers)]
        boxes, scores = (np.concatenate(part) for part in zip(*levels, strict=True))
        together = boxes[cascade.best_first(scores)]
        return together[cascade.suppress(together, 0.7)]


def _judge(
    session: InferenceSession,
    stage: _Stage,
    packed: NDArray[np.uint32],
    boxes: Floats,
    helpers: ThreadPoolExecutor | None = None,
) -> _Found:
    """Let the R- or the O-Net judge and refine the square boxes; returns those that pass, best first."""

    def ask(start: int) -> Mapping[str, Floats]:
        crops = cascade.cut(packed, boxes[start : start + stage.batch], stage.side)
        return dict(zip(stage.outputs, session.run(stage.outputs, {"pixels": crops}), strict=True))

    answers = _each(ask, range(0, len(boxes), stage.batch), helpers)
    if not answers:
        return _Found(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty((0, 5, 2), np.float32))
    whole = {name: np.concatenate([answer[name] for answer in answers]) for name in stage.outputs}
    passing = np.flatnonzero(whole["score"] > stage.threshold)
    passing = passing[cascade.best_first(whole["score"][passing])]
    boxes, scores = boxes[passing], whole["score"][passing]
    landmarks = (
        whole["landmarks"][passing] if "landmarks" in whole else np.zeros((len(passing), 10), np.float32)
    )
    return _Found(
        cascade.refine(boxes, whole["regression"][passing]), scores, cascade.place_landmarks(boxes, landmarks)
    )


def _each(
    work: Callable[[Given], Gained], items: Iterable[Given], helpers: ThreadPoolExecutor | None
) -> list[Gained]:
    """What ``work`` makes of each, in order; beside each other where there are helpers."""
    return list(helpers.map(work, items) if helpers else map(work, items))


def _resized(pixels: Pixels, side: int, *, enlarge: bool) -> Pixels:
    """Bring the photo's long side to ``side`` pixels; a smaller one stays as it is unless ``enlarge``."""
    height, width = pixels.shape[:2]
    factor = side / max(height, width)
    if factor == 1 or (factor > 1 and not enlarge):
        return pixels
    size = max(1, round(width * factor)), max(1, round(height * factor))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=how), dtype=np.uint8)


def _to_faces(found: _Found, width: int, height: int) -> tuple[Face, ...]:
    """Clip the boxes to the photo, as the package does (0 … side − 1), and order them by area."""
    limit = np.array([width - 1, height - 1] * 2, dtype=np.float32)
    boxes = np.clip(found.boxes, 0, limit)
    sides = boxes[:, 2:] - boxes[:, :2]
    areas = sides[:, 0] * sides[:, 1]
    faces = []
    for index in np.argsort(-areas, kind="stable"):
        if areas[index] <= 0:
            continue
        x, y, w, h = (float(v) for v in (*boxes[index, :2], *sides[index]))
        points = [(float(px), float(py)) for px, py in found.landmarks[index]]
        faces.append(
            Face((x, y, w, h), dict(zip(LANDMARK_NAMES, points, strict=True)), float(found.scores[index]))
        )
    return tuple(faces)
