"""What each step of a photo's way hands to the next: frozen dataclasses, and nothing that computes.

The way is one straight line (photo → faces → crop → preprocess → classifier); ``Analysis`` keeps every
stage of it, so that the results page, the API, the command line and the tests all show the same thing.

Conventions everywhere: images are ``uint8`` NumPy arrays, RGB (height, width, 3) or gray (height, width);
boxes are (x, y, width, height) and points (x, y), in pixels of the upright photo as it was decoded, x to the right
and y down; "left" and "right" of the face are as the viewer sees them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model.eye_band import EyeBand
    from model.mesh import Mesh

Pixels = NDArray[np.uint8]
Source = Literal["detected", "region", "whole"]
Box = tuple[float, float, float, float]
Point = tuple[float, float]

LANDMARK_NAMES = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded, upright photo: ``pixels`` is RGB uint8 (height, width, 3); ``format`` is what the bytes were.

    A large photo may have been decoded at a half, a quarter or an eighth: ``full_size`` is then the (width, height) of
    the picture in the file. Everything inside the program counts in the decoded pixels, ``scale`` of the file's each.
    """

    pixels: Pixels
    format: str | None = None
    full_size: tuple[int, int] | None = None

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def original_size(self) -> tuple[int, int]:
        """The (width, height) of the upright picture in the file."""
        return self.full_size or (self.width, self.height)

    @property
    def scale(self) -> float:
        """How many of the file's pixels, along a line, became one decoded one."""
        return max(self.original_size) / max(self.width, self.height)


@dataclass(frozen=True, slots=True)
class Face:
    """One detected face: its box, the five landmarks of ``LANDMARK_NAMES``, and the detector's score in 0…1."""

    box: Box
    landmarks: Mapping[str, Point]
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrop:
    """The square cut out for one face.

    ``pixels`` is RGB (side, side, 3) and ``square`` where it lay in the photo. ``level`` is the same square from the
    photo turned about the square's centre until the eyes are level; ``roll`` tells by how many degrees the head
    leaned, clockwise as the viewer sees it. Where either reaches over the photo's border, the border's pixels repeat.
    """

    pixels: Pixels
    square: Box
    level: Pixels
    roll: float


@dataclass(frozen=True, slots=True)
class Quality:
    """What speaks for or against trusting the reading of one face.

    ``face_size`` is the shorter side of its box in pixels of the photo; ``sharpness`` the variance of the Laplacian
    of the network input, ``brightness`` its mean and ``contrast`` its standard deviation, in gray levels 0…255;
    ``roll`` degrees; ``score`` the detector's. ``warnings`` names what is bad enough to matter, see
    ``model.quality``.
    """

    face_size: float
    sharpness: float
    brightness: float
    contrast: float
    roll: float
    score: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What the network says of one face.

    ``logits`` and ``probabilities`` are float32 (classes,), in the order of ``labels``; the probabilities are
    the softmax of logits / temperature. ``attention`` is float32 (rows, columns) in 0…1: how much the
    attention block weighted each place of the network input; None where the network has no such block.
    """

    labels: tuple[str, ...]
    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    attention: NDArray[np.float32] | None
    threshold: float

    @property
    def emotion(self) -> str:
        """The most probable label."""
        return self.labels[int(np.argmax(self.probabilities))]

    @property
    def confidence(self) -> float:
        """The highest probability, 0…1."""
        return float(np.max(self.probabilities))

    @property
    def confident(self) -> bool:
        """Whether the confidence reaches the threshold of the model's metadata."""
        return self.confidence >= self.threshold

    def ranked(self) -> list[tuple[str, float]]:
        """(label, probability), most probable first."""
        order = np.argsort(-self.probabilities, kind="stable")
        return [(self.labels[i], float(self.probabilities[i])) for i in order]


@dataclass(frozen=True, slots=True, eq=False)
class FaceReading:
    """Every stage of one face: detected → cropped → network input (gray, of the model's size) → prediction.

    ``source`` is "region" where no detector found the face but somebody pointed at it; its score is then 0 and it
    has no landmarks. ``band`` is the extraction of eyes and eyebrows, where the model reads only those, and ``mesh``
    the 468 points, where it reads them too.
    """

    face: Face
    crop: FaceCrop
    network_input: Pixels
    prediction: Prediction
    quality: Quality
    source: Source = "detected"
    band: EyeBand | None = None
    mesh: Mesh | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One look for faces: the photo turned clockwise by ``turn`` degrees, at normal or ``closer`` scale.

    A look for ``faint`` faces lets every proposal that is at all possible get to the detector's last network.
    """

    turn: int
    closer: bool
    faces: int
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds each stage took."""

    decode: float
    detect: float
    classify: float


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which saved model answered."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """A photo's whole way. ``faces`` are ordered by box area, largest first; no face is an empty tuple.

    ``attempts`` are the looks that were taken, in order. ``turn`` is how far the photo had to be turned clockwise
    until faces were found (0, 90, 180 or 270): ``photo`` is the turned one, and boxes are in its pixels.
    """

    photo: Photo
    faces: tuple[FaceReading, ...]
    timings_ms: Timings
    model: ModelIdentity
    attempts: tuple[Attempt, ...] = ()
    turn: int = 0
