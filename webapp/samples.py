"""The sample photos of the start page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from webapp.settings import ROOT

FOLDER = ROOT / "static" / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample photo."""

    name: str  # Value of its button in the form field ``sample``.
    title: str  # On the button.
    note: str  # On the button, after the title.
    file: str  # Under ``static/samples``.

    @property
    def thumbnail(self) -> str:
        """Path of the button's square image under ``static/samples``."""
        return f"thumbnails/{self.name}.webp"

    def read(self) -> bytes:
        """Return the photo's bytes."""
        return Path(FOLDER / self.file).read_bytes()


SAMPLES = (
    Sample("portrait", "Portrait", "one face, in good light", "astronaut.jpg"),
    Sample("turned", "Turned", "lying on its side", "turned.jpg"),
    Sample("dim", "Dim", "hardly any light", "dim.jpg"),
    Sample("small", "Small", "a face of 40 pixels", "small.jpg"),
    Sample("several", "Several", "prints on a table", "several.jpg"),
    Sample("masked", "Masked", "mouth and nose hidden", "masked.jpg"),
)


def find(name: str) -> Sample | None:
    """Return the sample called ``name``, or None; the name is never used as a path."""
    return next((sample for sample in SAMPLES if sample.name == name), None)
