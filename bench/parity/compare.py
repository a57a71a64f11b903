"""Compare what two readers said of a photo, face by face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model.geometry import Box
from model.output.analysis import PhotoAnalysis
from model.types import FaceResult

# What counts as the same. A position of a crop may be rounded to the next 1/32 pixel, which moves landmarks by some
# hundredths of a pixel and no share. And two nearly equal boxes may tie in the suppression, where the last digits of
# their scores, which differ between processors, decide: such a pair is a near tie, and listed.
LEAST_IOU, MOST_PIXELS, MOST_SHARE = 0.999, 0.01, 1e-4
MOVED_PIXELS = 0.15
TIE_IOU, TIE_SHARE = 0.9, 0.02


@dataclass(frozen=True, slots=True)
class Pair:
    """One face as both readers found it."""

    photo: str
    iou: float  # Of the boxes.
    pixels: float  # Largest distance of a landmark along one axis, in pixels.
    share: float  # Largest difference of a share.
    same_input: bool  # Whether the network inputs are equal, byte by byte.
    same_label: bool
    same_words: bool  # Whether number, background, "covered" and warnings are the same.

    @property
    def same(self) -> bool:
        return self.iou >= LEAST_IOU and self.pixels <= MOST_PIXELS and self.share <= MOST_SHARE

    @property
    def moved(self) -> bool:
        """Whether all is the same but the landmarks' hundredths of a pixel."""
        near = self.iou >= LEAST_IOU and self.pixels <= MOVED_PIXELS and self.share <= MOST_SHARE
        return near and not self.same

    @property
    def near_tie(self) -> bool:
        near = self.iou >= TIE_IOU and self.share <= TIE_SHARE
        return near and not self.same and not self.moved


@dataclass(slots=True)
class Tally:
    """What was compared so far."""

    photos: int = 0
    pairs: list[Pair] = field(default_factory=list)
    # Photos in which the numbers of faces, the rotations or the passes differ, with what each reader says.
    other_faces: list[str] = field(default_factory=list)
    other_passes: list[str] = field(default_factory=list)

    @property
    def moved(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.moved]

    @property
    def near_ties(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.near_tie]

    @property
    def different(self) -> list[Pair]:
        return [pair for pair in self.pairs if not (pair.same or pair.moved or pair.near_tie)]

    @property
    def same_inputs(self) -> float:
        """The part of the faces, 0…1, whose network inputs are equal."""
        return sum(pair.same_input for pair in self.pairs) / len(self.pairs) if self.pairs else 1.0

    def add(self, name: str, server: PhotoAnalysis, answer: dict[str, Any]) -> None:
        """Compare one photo."""
        self.photos += 1
        mine, theirs = server.faces, answer["faces"]
        if len(mine) != len(theirs) or server.rotation != answer["rotation"]:
            self.other_faces.append(
                f"{name}: {len(mine)} faces at {server.rotation}° and {len(theirs)} at {answer['rotation']}°"
            )
        if not _same_passes(server, answer):
            self.other_passes.append(name)
        left = list(theirs)
        for face in mine:
            if not left:
                break
            best = max(left, key=lambda other: overlap(face.box, other["box"]))
            left.remove(best)
            self.pairs.append(_pair(name, face, best))


def overlap(one: Box, other: Sequence[float]) -> float:
    """Intersection over union of two boxes (x, y, width, height)."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    common = across * down
    return float(common / (one[2] * one[3] + other[2] * other[3] - common))


def _pair(name: str, face: FaceResult, other: dict[str, Any]) -> Pair:
    points = [np.subtract(point, other["landmarks"][key]) for key, point in face.face.landmarks.items()]
    prediction = face.prediction
    return Pair(
        photo=name,
        iou=overlap(face.box, other["box"]),
        pixels=float(np.abs(points).max()),
        share=float(np.abs(prediction.probabilities - np.array(other["shares"])).max()),
        same_input=bool(np.array_equal(face.network_input.ravel(), other["input"])),
        same_label=prediction.emotion == other["label"] and prediction.confident == other["confident"],
        same_words=(face.number, face.faint, prediction.looks_covered, list(face.quality.warnings))
        == (other["number"], other["faint"], other["looks_covered"], other["quality"]["warnings"]),
    )


def _same_passes(server: PhotoAnalysis, answer: dict[str, Any]) -> bool:
    mine = [
        (each.rotation, each.upscaled, each.faces, each.low_threshold, each.tiles) for each in server.passes
    ]
    theirs = [
        tuple(each[key] for key in ("rotation", "upscaled", "faces", "low_threshold", "tiles"))
        for each in answer["tried"]
    ]
    return mine == theirs
