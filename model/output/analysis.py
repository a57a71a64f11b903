"""An analysis that can be handed on: as plain Python values, as a pandas table, as pictures."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..photo.errors import PhotoError
from ..types import Analysis, FaceResult
from .serialize import AnalysisDict, ErrorDict, Result, analysis_to_dict, error_to_dict
from .stage_images import StageImageWriter, owner_of
from .tables import csv_header, table_rows

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True, eq=False)
class PhotoAnalysis(Analysis):
    """The result for one photo, and what can be made of it."""

    name: str = "photo"  # Its path where it has one.
    from_path: bool = False  # Whether it has.

    @property
    def error(self) -> None:
        """None: the photo was read."""
        return None

    def to_dict(self) -> AnalysisDict:
        """Return plain Python values, for JSON: the object that API and command line give.

        >>> import json
        >>> from facevalue import Recognizer
        >>> analysis = Recognizer.load().analyze("photo.jpg")
        >>> json.loads(json.dumps(analysis.to_dict()))["faces"][0]["emotion"]
        'happy'
        """
        return analysis_to_dict(self.name, self)

    def to_pandas(self) -> pandas.DataFrame:
        """Return a table with a row for each face, see ``to_pandas``."""
        return to_pandas([self])

    def save_stages(self, directory: str | os.PathLike[str]) -> Path:
        """Write every stage as a PNG file to a folder of the photo's name in ``directory``, and return that folder.

        A folder that holds another photo's stages is left as it is: this photo's then has a number behind its name.
        Raises OSError.

        >>> from facevalue import Recognizer
        >>> folder = Recognizer.load().analyze("photo.jpg").save_stages("stages")
        >>> sorted(path.name for path in folder.iterdir())[:2]
        ['face-1-attention.png', 'face-1-crop.png']
        """
        owner = owner_of(self.name) if self.from_path else None
        return StageImageWriter(Path(directory).expanduser()).write(self.name, self, owner=owner)


@dataclass(frozen=True, slots=True, eq=False)
class UnreadPhoto:
    """A photo that could not be read, among others that could."""

    name: str  # Its path where it has one.
    error: PhotoError  # Its message says what is wrong, and the way out.

    @property
    def faces(self) -> tuple[FaceResult, ...]:
        """None."""
        return ()

    def to_dict(self) -> ErrorDict:
        """Return plain Python values: ``photo`` and ``error``."""
        return error_to_dict(self.name, self.error)

    def to_pandas(self) -> pandas.DataFrame:
        """Return a table with one row, see ``to_pandas``."""
        return to_pandas([self])


def to_pandas(analyses: Iterable[PhotoAnalysis | UnreadPhoto | Result]) -> pandas.DataFrame:
    """Return a pandas table of analyses, or of their ``to_dict``, with the columns that the command line's CSV has.

    There is a row for each face, and one for a photo without faces or with an error. Raises ImportError, with the way
    out, where pandas is not installed.

    >>> from facevalue import Recognizer, to_pandas
    >>> table = to_pandas(Recognizer.load().analyze_many(["photo.jpg", "nothing.jpg"]))
    >>> table["emotion"][0]
    'happy'
    """
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            "to_pandas needs pandas, which is not installed: pip install pandas, or use to_dict()."
        ) from error
    results = [each if isinstance(each, dict) else each.to_dict() for each in analyses]
    labels = labels_of(results)
    rows = [row for result in results for row in table_rows(result, labels)]
    table = pandas.DataFrame(rows, columns=csv_header(labels))
    # Numbers without a value stay numbers.
    return table.astype({"face": "Int64", "confident": "boolean"} | dict.fromkeys(labels, "float64"))


def labels_of(results: Iterable[Result]) -> list[str]:
    """Return the labels of all faces, in the order in which they come."""
    faces = (face for result in results if "error" not in result for face in result["faces"])
    return list(dict.fromkeys(label for face in faces for label in face["probabilities"]))
