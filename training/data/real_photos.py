"""Real photos with a label each: ``<split>/<expression>/*.jpg`` in a folder or a zip, or a clone of the public set.

``training/real_photos.csv`` lists the photos that this project's figures are of: sha256 of the file, split, label and
number. By these sums they are found in a clone of https://github.com/muxspace/facial_expressions (faces from press
photos, each labelled by one person), whose own names and labels then do not matter. ``real_photos_covered.csv``
lists those whose lower face at least one of two readers found covered; each looked at all photos independently.
"""

from __future__ import annotations

import csv
import hashlib
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from training.configs.schema import LABELS
from training.data.formats import IMAGE_SUFFIXES, DatasetError

KNOWN_FILE = Path(__file__).resolve().parent.parent / "real_photos.csv"
COVERED_FILE = Path(__file__).resolve().parent.parent / "real_photos_covered.csv"
PUBLIC_SET = "https://github.com/muxspace/facial_expressions"
LEGEND = Path("data") / "legend.csv"
HOW_TO = (
    "Make a folder of photos sorted by what they show, <split>/<expression>/*.jpg (report/happy/001.jpg, …; the "
    f"expressions are {', '.join(LABELS)}), or clone {PUBLIC_SET}, and pass its path."
)


@dataclass(frozen=True, slots=True, eq=False)
class RealPhoto:
    """One photo as it lies in its file, and the expression that a person said it shows."""

    name: str
    content: bytes
    label: str

    @property
    def sha256(self) -> str:
        """The sum of the file."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Known:
    """What ``real_photos.csv`` says of a photo."""

    split: str
    label: str
    number: str


def read_real_photos(source: Path, split: str) -> list[RealPhoto]:
    """The split's photos, in the order of their labels and sums; raises DatasetError, saying what to do.

    An order of their own keeps resampling the same, wherever and under which names the photos lie.
    """
    if not source.exists():
        raise DatasetError(f"There are no photos at {source}. {HOW_TO}")
    if source.is_dir() and (source / LEGEND).is_file():
        photos = list(_from_clone(source, split))
    else:
        entries = _in_folder(source) if source.is_dir() else _in_zip(source)
        photos = list(_sorted_by_expression(entries, split))
    if not photos:
        raise DatasetError(f"{source} holds no photo of the split “{split}”. {HOW_TO}")
    return sorted(photos, key=lambda photo: (photo.label, photo.sha256))


def fingerprint(photos: Iterable[RealPhoto]) -> str:
    """The sha256 over the sorted lines "sum label" of all photos: which photos, and what they are said to show."""
    lines = sorted(f"{photo.sha256} {photo.label}\n" for photo in photos)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def known_photos(path: Path = KNOWN_FILE) -> dict[str, Known]:
    """The project's photos by the sha256 of their file."""
    with path.open(newline="", encoding="utf-8") as file:
        return {
            row["sha256"]: Known(row["split"], row["label"], row["number"]) for row in csv.DictReader(file)
        }


def covered_votes(path: Path = COVERED_FILE) -> Counter[tuple[str, str, str]]:
    """How many of two readers found the lower face covered, by (split, expression, number); 0 where neither did."""
    with path.open(newline="", encoding="utf-8") as file:
        return Counter(
            {
                (row["split"], row["expression"], row["number"]): int(row["reader_1"]) + int(row["reader_2"])
                for row in csv.DictReader(file)
            }
        )


def _from_clone(source: Path, split: str) -> Iterator[RealPhoto]:
    """The project's photos of the split that the clone holds; a photo that lies there twice counts once."""
    known, seen = known_photos(), set()
    for path in sorted((source / "images").glob("*")):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        found = known.get(digest)
        if found is not None and found.split == split and digest not in seen:
            seen.add(digest)
            yield RealPhoto(path.name, content, found.label)


def _in_folder(root: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file():
            yield PurePosixPath(path.relative_to(root).as_posix()), path.read_bytes()


def _in_zip(path: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                name = PurePosixPath(entry.filename)
                if not entry.is_dir() and name.suffix.lower() in IMAGE_SUFFIXES:
                    yield name, archive.read(entry)
    except (zipfile.BadZipFile, OSError) as error:
        raise DatasetError(
            f"{path} is neither a folder nor a complete zip file ({error}). {HOW_TO}"
        ) from error


def _sorted_by_expression(entries: Iterable[tuple[PurePosixPath, bytes]], split: str) -> Iterator[RealPhoto]:
    for name, content in entries:
        if len(name.parts) < 3 or name.parts[-3] != split:
            continue
        label = name.parts[-2].lower()
        if label not in LABELS:
            raise DatasetError(
                f"{name} lies in a folder that is none of the expressions {', '.join(LABELS)}."
            )
        yield RealPhoto(str(name), content, label)
