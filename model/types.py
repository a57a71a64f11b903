"""Result types of the pipeline, one per stage: frozen dataclasses, and nothing that computes.

The way is one straight line (photo → faces → crop → preprocess → classifier); ``Analysis`` keeps every
stage of it, so that the results page, the API, the command line and the tests all show the same thing.

Conventions everywhere: images are ``uint8`` NumPy arrays, RGB (height, width, 3) or gray (height, width);
boxes are (x, y, width, height) and points (x, y), in pixels of the upright photo as it was decoded, x to the right
and y down; "left" and "right" of the face are as the viewer sees them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .geometry import Box, Floats, Pixels, Point, RotatedRect

Source = Literal["detected", "region", "whole"]


LANDMARK_NAMES = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded, upright photo: ``pixels`` is RGB uint8 (height, width, 3); ``format`` is what the bytes were.

    A large photo may have been decoded at a half, a quarter or an eighth: ``full_size`` is then the (width, height) of
    the image in the file. Everything inside the program counts in the decoded pixels, ``scale`` of the file's each.
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
        """The (width, height) of the upright image in the file."""
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


@dataclass(frozen=True, slots=True)
class CropGeometry:
    """How the square follows from the face's box: its side is ``scale`` × the box height, the centre is the box's."""

    scale: float


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrop:
    """The square cut out for one face.

    ``pixels`` is RGB (side, side, 3) and ``square`` where it lay in the photo. ``aligned`` is the same square from the
    photo turned about the square's centre until the eyes are level; ``roll`` tells by how many degrees the head
    leaned, clockwise as the viewer sees it. Where either reaches over the photo's border, the border's pixels repeat.
    """

    pixels: Pixels
    square: Box
    aligned: Pixels
    roll: float


@dataclass(frozen=True, slots=True)
class BandGeometry:
    """How the band follows from the landmarks, in eye distances, and what the network takes.

    The band is ``width`` wide around the middle between the eyes, and reaches from ``above`` that to ``below`` it.
    The network takes it ``columns`` pixels wide, and as high as that makes it. ``detail`` is the finest detail
    that is kept, in pixels from eye to eye: FER-2013's mean. Gradients of this band told five emotions apart in
    55.9 % of 2,500 PublicTest images (a support vector machine, 8,000 training images); with the same height
    moved up by 0.08 it was 53.4 %, and there with every face's eyes assumed at the mean, 46.6 %.
    """

    width: float = 2.4
    above: float = 0.7
    below: float = 0.5
    columns: int = 64
    detail: float = 17.2

    @property
    def scale(self) -> float:
        """Network-input pixels per interocular distance."""
        return self.columns / self.width

    @property
    def rows(self) -> int:
        """The network input's height in pixels."""
        return max(1, round((self.above + self.below) * self.scale))


@dataclass(frozen=True, slots=True, eq=False)
class EyeBand:
    """The stages of one extraction.

    ``aligned`` is the face turned level, gray (n, n), with ``box`` where the band lies in it, in its pixels;
    ``pixels`` is the band itself, gray uint8 of the geometry's size, exactly that part of ``aligned``. ``region``
    is the band in the photo. ``measured`` is false where the face had no landmarks and the mean geometry stood in.
    """

    aligned: Pixels
    box: Box
    pixels: Pixels
    region: RotatedRect
    measured: bool


@dataclass(frozen=True, slots=True, eq=False)
class Topology:
    """How the points belong together.

    ``edges`` int (n, 2) are the pairs that a line joins; ``mirror`` int (468,) is each point's counterpart on the
    other half of the face, its own index on the midline.
    """

    edges: NDArray[np.intp]
    mirror: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """468 points of one face: float32 (468, 3) in pixels of the photo, the depth too, where nearer is smaller.

    ``presence`` is how sure the network is, 0…1, that there was a face in the ``region`` it saw; where it is not
    (``found`` is false), the points mean nothing. ``topology`` tells which points a line joins.
    """

    points: Floats
    presence: float
    region: RotatedRect
    found: bool
    topology: Topology


@dataclass(frozen=True, slots=True)
class Quality:
    """What speaks for or against trusting the reading of one face.

    ``face_size`` is the shorter side of its box in pixels of the photo; ``sharpness`` the variance of the Laplacian
    of the network input, ``brightness`` its mean and ``contrast`` its standard deviation, in gray levels 0…255;
    ``roll`` degrees; ``score`` the detector's. ``warnings`` names what is bad enough to matter, see
    ``model.faces.quality``.
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
    ``covered`` is how likely something lies over the lower face (a mask, a hand, a microphone), 0…1; None where the
    network was not taught to tell.
    """

    labels: tuple[str, ...]
    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    attention: NDArray[np.float32] | None
    threshold: float
    covered: float | None = None

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
class FaceResult:
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

    @property
    def box(self) -> Box:
        """Where the face lies, (x, y, width, height) in pixels of the photo."""
        return self.face.box

    @property
    def score(self) -> float:
        """The detector's score, 0…1."""
        return self.face.score


@dataclass(frozen=True, slots=True)
class DetectionPass:
    """One pass of detection and how many faces it gave.

    ``rotation`` is in degrees clockwise; ``upscaled`` to at most 2,048 pixels; ``low_threshold``: P-Net 0.2, R-Net 0.1
    instead of 0.6, 0.7.
    """

    rotation: int
    upscaled: bool
    faces: int
    low_threshold: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A decoded photo and the faces found in it, before any model reads them."""

    photo: Photo  # Rotated clockwise by ``rotation`` degrees; the faces are in its pixels.
    faces: tuple[Face, ...]  # Largest first.
    rotation: int = 0  # 0, 90, 180 or 270.
    passes: tuple[DetectionPass, ...] = ()  # What was run, in order.
    source: Source = "detected"  # Who says that there are faces.
    decode_ms: float = 0.0
    detect_ms: float = 0.0


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

    ``passes`` are the detection passes that were run, in order. ``rotation`` is how far the photo had to be turned
    clockwise until faces were found (0, 90, 180 or 270): ``photo`` is the turned one, and boxes are in its pixels.
    """

    photo: Photo
    faces: tuple[FaceResult, ...]
    timings_ms: Timings
    model: ModelIdentity
    passes: tuple[DetectionPass, ...] = ()
    rotation: int = 0
