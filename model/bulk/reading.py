"""What a worker does: it loads the model once, and reads a few photos a task."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from ..detection.search import DetectorName
from ..output.serialize import Result, analysis_to_dict, error_to_dict
from ..output.tables import Row, table_rows
from ..photo.errors import PhotoError
from ..recognizer import Recognizer
from .errors import BulkError
from .sources import fetch, is_address

CROP_SIDE = 48  # Pixels; no crop is shown, and those of a crowd would take more memory than the photo.


@dataclass(frozen=True, slots=True)
class Setup:
    """What every worker loads."""

    model: str  # Name of the saved model.
    version: str  # Of it; a worker that has another refuses.
    detector: DetectorName


class OtherVersion(BulkError):
    """A worker has another version of the model than the machine that leads."""


@functools.cache
def load(setup: Setup) -> Recognizer:
    """Return the recognizer, loaded once in this process. Raises SavedModelError and OtherVersion."""
    recognizer = Recognizer.load(setup.model, threads=1, detector=setup.detector)
    if recognizer.metadata.version != setup.version:
        raise OtherVersion(
            f"a worker has version {recognizer.metadata.version} of the model {setup.model}, and here is "
            f"{setup.version}: install the same facevalue on all machines"
        )
    return recognizer


def read_photos(setup: Setup, names: Sequence[str]) -> list[list[Row]]:
    """Return the rows of each photo, in order: one a face, or one for a photo without faces or with an error."""
    recognizer = load(setup)
    return [table_rows(_read(recognizer, name), recognizer.metadata.labels) for name in names]


def refused(name: str, error: str, labels: Sequence[str]) -> list[Row]:
    """Return the row of a photo that could not be read."""
    return table_rows({"photo": name, "error": error}, labels)


def _read(recognizer: Recognizer, name: str) -> Result:
    try:
        photo = fetch(name) if is_address(name) else name
        return analysis_to_dict(name, recognizer.analyze(photo, crop_side=CROP_SIDE))
    except PhotoError as error:
        return error_to_dict(name, error)
    except Exception as error:  # One photo of a million ends nothing; its row says what happened.
        return {"photo": name, "error": f"Reading this photo failed ({type(error).__name__}: {error})."}
