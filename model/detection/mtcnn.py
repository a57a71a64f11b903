"""MTCNN on ONNX Runtime: boxes, scores and five landmarks of the faces in an image.

The P-Net proposes boxes at every position of an image pyramid; the R-Net and the O-Net reject proposals and refine
the boxes of the others; the O-Net also regresses the landmarks. Non-maximum suppression follows each stage. Results
agree with the ``mtcnn`` package 1.0.0, whose networks these are (``training.convert.mtcnn`` converts them).

Zhang et al., "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks", 2016.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..geometry import Floats, Pixels
from ..store.files import read_networks
from ..store.forks import Renewed
from ..store.session import Session, open_session
from . import boxes as mtcnn_boxes

Given = TypeVar("Given")
Gained = TypeVar("Gained")
Executor = Renewed[ThreadPoolExecutor]


@dataclass(frozen=True, slots=True)
class StageConfig:
    """How the R-Net or the O-Net is run."""

    side: int  # Of the square network input, in pixels.
    threshold: float  # Score, 0…1, above which a box is kept.
    batch: int  # Boxes a call: few enough to fit the CPU's cache and to bound memory.
    outputs: tuple[str, ...]


PNET_THRESHOLD = 0.6
MAX_WORKERS = 4  # Threads; more gain nothing, as half of the P-Net's work is the pyramid's first level.
TILE_CELLS = 6000  # Output cells of one P-Net call; its feature maps then fit the CPU's cache.
# Of ``any_candidate``: measured on 133 press photos at 160 pixels, each upright face is above, and one in a hundred of
# those that lie on their side.
GLANCE_RNET = StageConfig(24, 0.85, 16, ("regression", "score"))
GLANCE_CANDIDATES = 16
RNET = StageConfig(24, 0.7, 16, ("regression", "score"))
# For blurred, low-contrast or cut-off faces, which the P- and R-Net reject: only the O-Net decides. Measured on
# FER-2013's faces in larger photos: of those that the other passes miss, half are found.
LOW_THRESHOLD_PNET = 0.2
LOW_THRESHOLD_RNET = StageConfig(24, 0.1, 16, ("regression", "score"))
# Boxes that the R-Net and the O-Net take, highest scores first: the O-Net costs a millisecond for eight. A group photo
# has two or three candidates a face for it; only an image made for it has thousands.
MAX_REFINED = 1500
MAX_CANDIDATES = 300
ONET = StageConfig(48, 0.8, 8, ("regression", "score", "landmarks"))


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """MTCNN's output for one image."""

    boxes: Floats  # (n, 4): x1, y1, x2, y2 in pixels.
    scores: Floats  # (n,), 0…1.
    landmarks: Floats  # (n, 5, 2): x, y in pixels, in the order of ``LANDMARK_NAMES``.

    def scaled(self, factors: tuple[float, float]) -> Detections:
        """Multiply every coordinate by the ``factors`` (x, y)."""
        by = np.array(factors, dtype=np.float32)
        boxes = self.boxes.reshape(-1, 2, 2) * by
        return Detections(boxes.reshape(-1, 4), self.scores, self.landmarks * by)

    def moved(self, shift: tuple[float, float]) -> Detections:
        """Add ``shift`` (x, y) to every coordinate."""
        by = np.array(shift, dtype=np.float32)
        boxes = self.boxes.reshape(-1, 2, 2) + by
        return Detections(boxes.reshape(-1, 4), self.scores, self.landmarks + by)


@dataclass(frozen=True, slots=True, eq=False)
class Mtcnn:
    """The three networks; stateless between calls, so safe for threads.

    The P- and the R-Net are too small to gain from threads within a call. Their calls run in parallel instead, together
    with the resizing and cropping before them.
    """

    pnet: Session
    rnet: Session
    onet: Session
    executor: Executor | None = None  # None: sequentially.

    @classmethod
    def load(cls, directory: Path, *, threads: int | None = None) -> Mtcnn:
        """Load the networks of ``directory``; a call uses ``threads`` threads (None: one a core).

        Raises SavedModelError if a file is missing or altered.
        """
        contents = read_networks(directory)
        several = min(threads or os.cpu_count() or 1, MAX_WORKERS)
        sessions = {
            name: open_session(
                content,
                threads=threads if name == "onet" else 1,
                keep_memory=True,
                again=lambda name=name: read_networks(directory)[name],  # type: ignore[misc]  # its default is a name
            )
            for name, content in contents.items()
        }
        executor = Renewed(lambda: ThreadPoolExecutor(several, "faces")) if several > 1 else None
        return cls(**sessions, executor=executor)

    def detect(
        self,
        pixels: Pixels,
        min_face_size: float,
        *,
        max_face_size: float = math.inf,
        low_threshold: bool = False,
        least: float = ONET.threshold,
        mirrored: bool = False,
    ) -> Detections:
        """Detect faces of at least ``min_face_size`` pixels in RGB uint8 (height, width, 3), by descending score.

        Above ``max_face_size`` pixels, faces are not looked for. ``low_threshold``: P-Net 0.2, R-Net 0.1 instead of
        0.6, 0.7. Faces have an O-Net score above ``least``. ``mirrored``: the photo goes on beyond its border as its
        mirror image, so that faces that the border cuts are found; boxes may then lie half outside.
        """
        threshold, rnet = (
            (LOW_THRESHOLD_PNET, LOW_THRESHOLD_RNET) if low_threshold else (PNET_THRESHOLD, RNET)
        )
        margin = mtcnn_boxes.MARGIN if mirrored else 0
        scales = mtcnn_boxes.pyramid_scales(
            pixels.shape[0], pixels.shape[1], min_face_size, max_face_size, margin
        )
        real = pixels.astype(np.float32)
        crop = partial(mtcnn_boxes.crop_and_resize, real, mirrored=mirrored)
        (proposed,) = self._propose([real], scales, threshold, mirrored=mirrored)
        found = _run_stage(
            self.rnet, rnet, crop, mtcnn_boxes.to_square(proposed[:MAX_REFINED]), self.executor
        )
        kept = mtcnn_boxes.nms(found.boxes, 0.7)[:MAX_CANDIDATES]
        boxes = mtcnn_boxes.to_square(found.boxes[kept])
        found = _run_stage(self.onet, replace(ONET, threshold=least), crop, boxes)
        keep = mtcnn_boxes.nms(found.boxes, 0.7, metric="ios")
        return Detections(found.boxes[keep], found.scores[keep], found.landmarks[keep])

    def any_candidate(self, photos: Sequence[Pixels], min_face_size: float) -> list[bool]:
        """Return of each photo whether the P- and the R-Net see a face of at least ``min_face_size`` pixels.

        Far cheaper than ``detect`` in small photos, in which the O-Net would judge badly. Photos of one size take one
        call of the P-Net for each level.
        """
        seen = [False] * len(photos)
        for shape in {pixels.shape for pixels in photos}:
            places = [place for place, pixels in enumerate(photos) if pixels.shape == shape]
            reals = [photos[place].astype(np.float32) for place in places]
            scales = mtcnn_boxes.pyramid_scales(
                shape[0], shape[1], min_face_size, min(shape[:2]), mtcnn_boxes.MARGIN
            )
            proposed = self._propose(reals, scales, PNET_THRESHOLD, mirrored=True)
            for place, real, boxes in zip(places, reals, proposed, strict=True):
                squares = mtcnn_boxes.to_square(boxes[:GLANCE_CANDIDATES])
                crop = partial(mtcnn_boxes.crop_and_resize, real, mirrored=True)
                seen[place] = len(_run_stage(self.rnet, GLANCE_RNET, crop, squares, self.executor).boxes) > 0
        return seen

    def _propose(
        self, reals: Sequence[Floats], scales: list[float], threshold: float, *, mirrored: bool
    ) -> list[Floats]:
        """Run the P-Net on the image pyramids of photos of one size; returns of each its boxes, best score first."""
        height, width = reals[0].shape[:2]
        margin = mtcnn_boxes.MARGIN if mirrored else 0
        smallest = mtcnn_boxes.SMALLEST_MIRRORED if mirrored else mtcnn_boxes.SMALLEST_OF_SOURCE

        def infer(made: tuple[float, tuple[Floats, ...]]) -> list[tuple[Floats, Floats]]:
            scale, sources = made
            size = max(1, int(width * scale)), max(1, int(height * scale))
            levels = [mtcnn_boxes.pyramid_level(source, size) for source in sources]
            if mirrored:
                levels = [mtcnn_boxes.with_margin(level) for level in levels]
            parts = [
                self.pnet.run(["regression", "score"], {"pixels": strip})
                for strip in mtcnn_boxes.tiles(_stacked(levels), TILE_CELLS)
            ]
            regressions, scores = (_joined(part) for part in zip(*parts, strict=True))
            return [
                _distinct(*mtcnn_boxes.proposals(regression, score, scale, threshold, margin))
                for regression, score in zip(regressions, scores, strict=True)
            ]

        by_photo = [mtcnn_boxes.pyramid_sources(real, scales, smallest) for real in reals]
        by_level = zip(scales, zip(*by_photo, strict=True), strict=True)
        found = zip(*_each(infer, by_level, self.executor), strict=True)
        return [_together(levels) for levels in found] or [np.empty((0, 4), np.float32) for _ in reals]


def _stacked(levels: Sequence[Floats]) -> Floats:
    """Return levels of one size as (n, height, width, 3)."""
    return levels[0][None] if len(levels) == 1 else np.stack(levels)


def _joined(strips: Sequence[Floats]) -> Floats:
    """Return strips of rows, (n, rows, columns, …), as one."""
    return strips[0] if len(strips) == 1 else np.concatenate(strips, axis=1)


def _distinct(boxes: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Return the boxes of one level, best first, without those that overlap a better one by half."""
    keep = mtcnn_boxes.nms(boxes, 0.5)
    return boxes[keep], scores[keep]


def _together(levels: Sequence[tuple[Floats, Floats]]) -> Floats:
    """Return the boxes of all levels, best first, without those that overlap a better one."""
    boxes, scores = (np.concatenate(part) for part in zip(*levels, strict=True))
    together = boxes[mtcnn_boxes.argsort_descending(scores)]
    return together[mtcnn_boxes.nms(together, 0.7)]


def _run_stage(
    session: Session,
    stage: StageConfig,
    crop: Callable[[Floats, int], Floats],
    boxes: Floats,
    executor: Executor | None = None,
) -> Detections:
    """Score and refine square boxes with the R-Net or the O-Net; returns those above the threshold, best first.

    ``crop`` cuts boxes (n, 4) to (n, side, side, 3).
    """

    def run_batch(start: int) -> Mapping[str, Floats]:
        crops = crop(boxes[start : start + stage.batch], stage.side)
        return dict(zip(stage.outputs, session.run(stage.outputs, {"pixels": crops}), strict=True))

    answers = _each(run_batch, range(0, len(boxes), stage.batch), executor)
    if not answers:
        return Detections(
            np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty((0, 5, 2), np.float32)
        )
    whole = {name: np.concatenate([answer[name] for answer in answers]) for name in stage.outputs}
    passing = np.flatnonzero(whole["score"] > stage.threshold)
    passing = passing[mtcnn_boxes.argsort_descending(whole["score"][passing])]
    boxes, scores = boxes[passing], whole["score"][passing]
    landmarks = (
        whole["landmarks"][passing] if "landmarks" in whole else np.zeros((len(passing), 10), np.float32)
    )
    return Detections(
        mtcnn_boxes.apply_regression(boxes, whole["regression"][passing]),
        scores,
        mtcnn_boxes.place_landmarks(boxes, landmarks),
    )


def _each(work: Callable[[Given], Gained], items: Iterable[Given], executor: Executor | None) -> list[Gained]:
    """Return ``work`` of each item, in order; in parallel if there is an executor."""
    return list(executor.get().map(work, items) if executor else map(work, items))
