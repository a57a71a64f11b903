"""The layouts in which FER-2013 is passed around, each read into the same samples."""

from __future__ import annotations

import logging
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

import cv2
import numpy as np

from model.geometry import Pixels
from training.data.tables import Table, TableError, open_table

log = logging.getLogger(__name__)

SIZE = 48
# The original csv numbers the classes in its own order, which is not the alphabetical one.
CSV_LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
CSV_COLUMNS = ("emotion", "pixels", "Usage")
IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png"}
# An image of 48×48 has about 2 kB, all of FER-2013 about 90 MB: what unpacks to more is something else.
ENTRY_BYTES = 64 * 1024
TOTAL_BYTES = 512 * 1024 * 1024


class DatasetError(Exception):
    """The data cannot be used for training; the message says why and what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One image as its source has it."""

    image: Pixels  # gray uint8 (48, 48)
    label: str
    split: str  # Training, PublicTest or PrivateTest
    name: str  # in the source


def read_folder(root: Path, labels: Sequence[str]) -> Iterator[Sample]:
    """Read Kaggle's unpacked layout ``train/<class>/…`` and ``test/<class>/…``, or a folder that holds the csv."""
    paths = {
        name: path
        for path in sorted(root.rglob("*"))
        if path.is_file() and is_data(name := PurePosixPath(path.relative_to(root).as_posix()))
    }
    yield from _read_tree(root, list(paths), lambda name: paths[name].open("rb"), labels)


def read_zip(path: Path, labels: Sequence[str]) -> Iterator[Sample]:
    """Read the same from the zip that Kaggle gives, or from one that holds the csv."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {
                name: entry
                for entry in archive.infolist()
                if not entry.is_dir() and is_data(name := PurePosixPath(entry.filename))
            }
            _check_entries(entries.values(), path)
            yield from _read_tree(
                path, list(entries), lambda name: _open_entry(archive, entries[name]), labels
            )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise DatasetError(f"{path} is not a complete zip file ({error}). Download it again.") from error


def is_data(name: PurePosixPath) -> bool:
    """Whether a path is not one of those that Macs add (``__MACOSX``, ``._name``, ``.DS_Store``)."""
    return not any(part.startswith(".") or part == "__MACOSX" for part in name.parts)


def _check_entries(entries: Iterable[zipfile.ZipInfo], path: Path) -> None:
    """Raises DatasetError, before anything is unpacked, for what is encrypted or claims more than FER-2013 has."""
    left = TOTAL_BYTES
    for entry in entries:
        if entry.flag_bits & 1:
            raise DatasetError(f"{path} is encrypted. Unpack it with its password and pass the folder.")
        suffix = PurePosixPath(entry.filename).suffix.lower()
        if suffix in IMAGE_SUFFIXES and entry.file_size > ENTRY_BYTES:
            raise DatasetError(
                f"{path}: {entry.filename} unpacks to more than {ENTRY_BYTES // 1024} kB, which no image of "
                f"{SIZE}×{SIZE} has. Download it again."
            )
        left -= entry.file_size if suffix in (*IMAGE_SUFFIXES, ".csv") else 0
    if left < 0:
        raise _too_large(path)


def _open_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> BinaryIO:
    """Open an entry, which gives no more than the size it claims: zipfile checks that against what it unpacks."""
    return cast(BinaryIO, archive.open(entry))


def _too_large(path: Path) -> DatasetError:
    return DatasetError(
        f"{path} unpacks to more than {TOTAL_BYTES // 1024**2} MB, which FER-2013 does not have. Download it again."
    )


def _read_tree(
    source: Path,
    names: list[PurePosixPath],
    opened: Callable[[PurePosixPath], BinaryIO],
    labels: Sequence[str],
) -> Iterator[Sample]:
    """Read the first csv that is FER-2013's, else the pictures that lie in a folder named like a class."""
    for name in names:
        if name.suffix.lower() == ".csv" and _is_fer2013(opened, name):
            with opened(name) as file, _opened_table(file, source / name) as table:
                yield from _csv_samples(table, source / name, labels)
            return
    outside = []
    for name in names:
        if name.suffix.lower() in IMAGE_SUFFIXES:
            if name.parent.name.lower() not in labels:
                outside.append(name)
                continue
            with opened(name) as file:
                yield _sample(name, file.read(), labels)
    if outside:
        log.warning(
            "%s: left out %s in no folder named like a class (%s), the first of them %s.",
            source,
            "1 picture that lies" if len(outside) == 1 else f"{len(outside):,} pictures that lie",
            ", ".join(labels),
            outside[0],
        )


def _is_fer2013(opened: Callable[[PurePosixPath], BinaryIO], name: PurePosixPath) -> bool:
    try:
        with opened(name) as file, open_table(file) as table:
            return not _missing_columns(table)
    except TableError:
        return False


def read_csv(path: Path, labels: Sequence[str]) -> Iterator[Sample]:
    """Read the original ``fer2013.csv``: columns emotion, pixels (2,304 numbers), Usage; or ``icml_face_data.csv``."""
    with path.open("rb") as file, _opened_table(file, path) as table:
        if missing := _missing_columns(table):
            found = f"; it has {', '.join(table.columns)}" if any(table.columns) else ""
            raise DatasetError(
                f"{path} lacks {', '.join(missing)} among the columns of the original fer2013.csv{found}. "
                "Without Usage the official split is unknown: take fer2013.csv or icml_face_data.csv."
            )
        yield from _csv_samples(table, path, labels)


@contextmanager
def _opened_table(file: BinaryIO, path: Path) -> Iterator[Table]:
    try:
        with open_table(file) as table:
            yield table
    except TableError as error:
        raise DatasetError(f"{path}: {error}") from error


def _missing_columns(table: Table) -> list[str]:
    return [name for name in CSV_COLUMNS if table.column(name) is None]


def _csv_samples(table: Table, path: Path, labels: Sequence[str]) -> Iterator[Sample]:
    emotion, pixels, usage = (table.column(name) or name for name in CSV_COLUMNS)
    for number, (line, row) in enumerate(table.rows, start=1):
        try:
            label = _csv_label(row[emotion], labels)
            split = _split_of(row[usage])
            image = _csv_image(row[pixels])
        except ValueError as error:
            raise DatasetError(f"{path}, line {line}: {error}.") from error
        yield Sample(image, label, split, f"{split}_{number:06d}")


def _csv_label(text: str, labels: Sequence[str]) -> str:
    """The class of a number, which spreadsheets may have made 3.0 of; raises ValueError."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if number not in range(len(CSV_LABELS)):
        raise ValueError(f"emotion is {text!r}, not a number from 0 to {len(CSV_LABELS) - 1}")
    label = CSV_LABELS[int(number)]
    if label not in labels:
        raise ValueError(f"unknown class {label}")
    return label


def _csv_image(text: str) -> Pixels:
    """The image of 2,304 numbers, uint8 (48, 48); raises ValueError."""
    try:
        values = np.array(text.split(), np.float64)
    except ValueError as error:
        raise ValueError(f"a pixel is no number ({error})") from error
    if values.size != SIZE * SIZE:
        raise ValueError(f"{values.size} pixels instead of {SIZE}×{SIZE}")
    wrong = values[~((values >= 0) & (values <= 255) & (values == np.floor(values)))]
    if wrong.size:
        raise ValueError(f"a pixel is {wrong[0]:g}, not a whole number from 0 to 255")
    return values.astype(np.uint8).reshape(SIZE, SIZE)


def read_arrays(path: Path, labels: Sequence[str]) -> Iterator[Sample]:
    """Read the arrays that ``training.data.pack`` writes."""
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            # numpy reads no more of an entry than its size says.
            if sum(entry.file_size for entry in arrays.zip.infolist()) > TOTAL_BYTES:
                raise _too_large(path)
            for split in ("Training", "PublicTest", "PrivateTest"):
                images, numbers = arrays[f"{split}_images"], arrays[f"{split}_labels"]
                if images.dtype != np.uint8 or images.shape[1:] != (SIZE, SIZE):
                    raise DatasetError(f"{path}: {split}_images must be uint8 (n, {SIZE}, {SIZE}).")
                for image, number, name in zip(images, numbers, arrays[f"{split}_names"], strict=True):
                    yield Sample(image, labels[int(number)], split, str(name))
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise DatasetError(
            f"{path} is not a complete file of training.data.pack ({error}). Write it again."
        ) from error


def _sample(name: PurePosixPath, content: bytes, labels: Sequence[str]) -> Sample:
    label = name.parent.name.lower()
    try:
        split = _split_of(name.name.split("_")[0])
    except ValueError as error:
        raise DatasetError(
            f"{name}: the file name does not start with Training_, PublicTest_ or PrivateTest_, "
            "so its official split is unknown."
        ) from error
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE) if content else None
    if image is None:
        raise DatasetError(f"{name} is not a readable image. Unpack or download the data again.")
    if image.shape != (SIZE, SIZE):
        height, width = image.shape
        raise DatasetError(f"{name} is {width}×{height} pixels instead of {SIZE}×{SIZE}.")
    return Sample(np.asarray(image, np.uint8), label, split, "/".join(name.parts[-3:]))


def _split_of(text: str) -> str:
    if text not in ("Training", "PublicTest", "PrivateTest"):
        raise ValueError(f"unknown split {text!r}")
    return text
