"""The sample photos: each teaches one thing about how the models read faces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from webapp.settings import ROOT

FOLDER = ROOT / "static" / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample photo."""

    name: str  # Value of its button in the form field ``sample``, and its address under /guess.
    title: str  # On the button: what it teaches.
    note: str  # On the button, after the title: what a person sees.
    file: str  # Under ``static/samples``.
    lesson: str  # What there is to notice in the answer; whole sentences.
    model: str | None = None  # The saved model that reads it if none was chosen; None: the default.
    guess: str | None = None  # What a person sees in its only face: a label; None if there are more.
    wrong: bool = False  # Whether the default model is known to get it wrong.

    @property
    def thumbnail(self) -> str:
        """Path of the button's square image under ``static/samples``."""
        return f"thumbnails/{Path(self.file).stem}.webp"

    def read(self) -> bytes:
        """Return the photo's bytes."""
        return Path(FOLDER / self.file).read_bytes()


SAMPLES = (
    Sample(
        "portrait",
        "A smile",
        "a broad smile, in good light",
        "astronaut.jpg",
        "Smiles are what such models read best, because people agree on them.",
        guess="happy",
    ),
    Sample(
        "calm",
        "A calm face",
        "lips closed, brows at rest",
        "hopper.jpg",
        "Wrinkles, glasses and a hat are no expression, and the model has learned to look past them.",
        guess="neutral",
    ),
    Sample(
        "together",
        "Two people",
        "one smiles, one does not",
        "together.jpg",
        "Each face is found, cut out and read by itself; the model never sees them side by side.",
    ),
    Sample(
        "masked",
        "Only the eyes",
        "a mask over nose and mouth",
        "masked.jpg",
        "With the mouth covered, what tells a smile best is gone. This one is read by a model that learned eyes and "
        "eyebrows only.",
        model="upper_face",
    ),
    Sample(
        "dim",
        "Hardly any light",
        "a broad smile in the dark",
        "dim.jpg",
        "Before the network compares anything, the face is scaled to the same brightness as every other.",
        guess="happy",
    ),
    Sample(
        "small",
        "Few pixels",
        "a picture on a wall",
        "small.jpg",
        "A face of 40 pixels is enlarged to 48: what is not in the photo cannot be read from it.",
    ),
    Sample(
        "turned",
        "Lying on its side",
        "the calm face, turned",
        "turned.jpg",
        "No upright face is found, so the photo is turned and searched again.",
        guess="neutral",
    ),
    Sample(
        "cut",
        "Cut in half",
        "half of the calm face",
        "cut.jpg",
        "The photo goes on as its mirror image beyond the border, so half a face is found, and read with care.",
        guess="neutral",
    ),
    Sample(
        "several",
        "A crowd",
        "prints of both on a table",
        "several.jpg",
        "Sizes and angles differ, and so do the answers: the same print reads a little differently each time.",
    ),
    Sample(
        "drawing",
        "Not a person",
        "a drawn face, astonished",
        "drawing.jpg",
        "The model names an expression for anything that looks like a face. That nobody is astonished here it cannot "
        "know; a check for the grain of photos says so.",
        guess="surprise",
    ),
    Sample(
        "squeezed",
        "Sure, and wrong",
        "the calm face, squeezed flat",
        "squeezed.jpg",
        "Anybody sees the same calm face in a squeezed picture. The model has never met one: a broad, flat mouth "
        "is a smile to it, and nothing warns of the mistake.",
        guess="neutral",
        wrong=True,
    ),
)


def find(name: str) -> Sample | None:
    """Return the sample called ``name``, or None; the name is never used as a path."""
    return next((sample for sample in SAMPLES if sample.name == name), None)
