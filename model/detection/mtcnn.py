"""MTCNN's cascade: three small networks on ONNX Runtime, from a photo's pixels to boxes and landmarks in them.

The P-Net looks at every place of a pyramid of shrunk photos and proposes boxes; the R-Net and the O-Net look
at each proposal more closely, drop what is no face and move the edges; the O-Net also places five landmarks.
After each stage, overlapping boxes are suppressed. Results agree with the ``mtcnn`` package 1.0.0, whose
networks these are (``training.convert.mtcnn`` converts them).

Zhang et al., "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks", 2016.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from ..geometry import Floats, Pixels
from ..store.files import read_networks
from ..store.session import open_session
from . import boxes as mtcnn_boxes

Given = TypeVar("Given")
Gained = TypeVar("Gained")


@dataclass(frozen=True, slots=True)
class StageConfig:
    """How the R- and the O-Net are used; ``batch`` boxes a call fit the cache and bound memory."""

    side: int
    threshold: float
    batch: int
    outputs: tuple[str, ...]


PNET_THRESHOLD = 0.6
MAX_WORKERS = 4  # Threads at most: half of the P-Net's work is the pyramid's first level.
TILE_CELLS = 6000  # Output cells of one P-Net call: its feature maps then stay in the cache and memory low.
RNET = StageConfig(24, 0.7, 32, ("regression", "score"))
# For a pass over faces that the first two networks hardly take for some: blurred, flat, cut off. Only the O-Net
# decides. Measured on FER-2013's faces in larger photos: of those that the other passes miss, half are found.
LOW_THRESHOLD_PNET = 0.2
LOW_THRESHOLD_RNET = StageConfig(24, 0.1, 32, ("regression", "score"))
# The O-Net costs a millisecond for eight. A group photo has two or three candidates a face; whoever builds an image
# of thousands of them gets the surest.
MAX_CANDIDATES = 600
ONET = StageConfig(48, 0.8, 8, ("regression", "score", "landmarks"))


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Faces in one photo's pixels: boxes (n, 4) as x1, y1, x2, y2, scores (n,), landmarks (n, 5, 2)."""

    boxes: Floats
    scores: Floats
    landmarks: Floats

    def moved(self, shift: float, factors: tuple[float, float]) -> Detections:
        """Return the faces with ``shift`` taken off every coordinate and x and y then multiplied."""
        by = np.array(factors, dtype=np.float32)
        boxes = (self.boxes.reshape(-1, 2, 2) - np.float32(shift)) * by
        return Detections(boxes.reshape(-1, 4), self.scores, (self.landmarks - np.float32(shift)) * by)


@dataclass(frozen=True, slots=True, eq=False)
class Mtcnn:
    """Three loaded networks; nothing is kept between calls, so threads may share one.

    The P- and the R-Net are so small that two threads within a call gain little. Their calls run beside each other
    instead, together with the shrinking and cutting before them, in ``executor`` (None: one after the other).
    """

    pnet: InferenceSession
    rnet: InferenceSession
    onet: InferenceSession
    executor: ThreadPoolExecutor | None = None

    @classmethod
    def load(cls, directory: Path, *, threads: int | None = None) -> Mtcnn:
        """Load the networks of ``directory``; a call uses ``threads`` threads (None: as many as there are cores).

        Raises DetectorError when a file is missing or is not the one that ``metadata.json`` describes.
        """
        contents = read_networks(directory)
        several = min(threads or os.cpu_count() or 1, MAX_WORKERS)
        sessions = {
            name: open_session(content, threads=threads if name == "onet" else 1)
            for name, content in contents.items()
        }
        executor = ThreadPoolExecutor(several, "faces") if several > 1 else None
        return cls(**sessions, executor=executor)

    def search(
        self,
        pixels: Pixels,
        min_face_size: float,
        *,
        low_threshold: bool = False,
    ) -> Detections:
        """Return the faces of at least ``min_face_size`` pixels in an RGB photo uint8 (height, width, 3), surest first.

        ``low_threshold`` lets every proposal that is at all possible get to the O-Net.
        """
        threshold, rnet = (
            (LOW_THRESHOLD_PNET, LOW_THRESHOLD_RNET) if low_threshold else (PNET_THRESHOLD, RNET)
        )
        packed = mtcnn_boxes.pack_rgba(pixels)
        boxes = mtcnn_boxes.to_square(self._propose(pixels, min_face_size, threshold))
        found = _run_stage(self.rnet, rnet, packed, boxes, self.executor)
        kept = mtcnn_boxes.nms(found.boxes, 0.7)[:MAX_CANDIDATES]
        boxes = mtcnn_boxes.to_square(found.boxes[kept])
        found = _run_stage(self.onet, ONET, packed, boxes)
        keep = mtcnn_boxes.nms(found.boxes, 0.7, metric="ios")
        return Detections(found.boxes[keep], found.scores[keep], found.landmarks[keep])

    def _propose(self, pixels: Pixels, min_face_size: float, threshold: float) -> Floats:
        """Run the P-Net over the pyramid; returns boxes (n, 4), best first."""
        real = pixels.astype(np.float32)

        def infer(scale: float) -> tuple[Floats, Floats]:
            parts = [
                self.pnet.run(["regression", "score"], {"pixels": tile[None]})
                for tile in mtcnn_boxes.tiles(mtcnn_boxes.pyramid_level(real, scale), TILE_CELLS)
            ]
            regression, score = (np.concatenate(part, axis=1)[0] for part in zip(*parts, strict=True))
            boxes, scores = mtcnn_boxes.proposals(regression, score, scale, threshold)
            keep = mtcnn_boxes.nms(boxes, 0.5)
            return boxes[keep], scores[keep]

        scales = mtcnn_boxes.pyramid_scales(pixels.shape[0], pixels.shape[1], min_face_size)
        nothing = np.empty((0, 4), np.float32), np.empty(0, np.float32)
        levels = [nothing, *_each(infer, scales, self.executor)]
        boxes, scores = (np.concatenate(part) for part in zip(*levels, strict=True))
        together = boxes[mtcnn_boxes.argsort_descending(scores)]
        return together[mtcnn_boxes.nms(together, 0.7)]


def _run_stage(
    session: InferenceSession,
    stage: StageConfig,
    packed: NDArray[np.uint32],
    boxes: Floats,
    executor: ThreadPoolExecutor | None = None,
) -> Detections:
    """Let the R- or the O-Net judge and refine the square boxes; returns those that pass, best first."""

    def run_batch(start: int) -> Mapping[str, Floats]:
        crops = mtcnn_boxes.crop_and_resize(packed, boxes[start : start + stage.batch], stage.side)
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


def _each(
    work: Callable[[Given], Gained], items: Iterable[Given], executor: ThreadPoolExecutor | None
) -> list[Gained]:
    """What ``work`` makes of each, in order; beside each other where there is an executor."""
    return list(executor.map(work, items) if executor else map(work, items))
