"""The layouts in which FER-2013 is passed around, each read into the same samples."""

from __future__ import annotations

import csv
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from model.geometry import Pixels

SIZE = 48
# The original csv numbers the classes in its own order, which is not the alphabetical one.
CSV_LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
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
    """Read Kaggle's unpacked layout ``train/<class>/…`` and ``test/<class>/…``, or a folder with fer2013.csv."""
    tables = sorted(root.rglob("fer2013.csv"))
    if tables:
        yield from read_csv(tables[0], labels)
        return
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() in IMAGE_SUFFIXES:
            name = PurePosixPath(path.relative_to(root).as_posix())
            yield _sample(name, path.read_bytes(), labels)


def read_zip(path: Path, labels: Sequence[str]) -> Iterator[Sample]:
    """Read the same layout from the zip that Kaggle gives."""
    try:
        left = TOTAL_BYTES
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                name = PurePosixPath(entry.filename)
                if not entry.is_dir() and name.suffix.lower() in IMAGE_SUFFIXES:
                    content = _unpacked(archive, entry, path)
                    left -= len(content)
                    if left < 0:
                        raise _too_large(path)
                    yield _sample(name, content, labels)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DatasetError(f"{path} is not a complete zip file ({error}). Download it again.") from error


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> bytes:
    """Return what an entry holds, whatever size it claims; raises DatasetError beyond ENTRY_BYTES."""
    with archive.open(entry) as file:
        content = file.read(ENTRY_BYTES + 1)
    if len(content) > ENTRY_BYTES:
        raise DatasetError(
            f"{path}: {entry.filename} unpacks to more than {ENTRY_BYTES // 1024} kB, which no image of "
            f"{SIZE}×{SIZE} has. Download it again."
        )
    return content


def _too_large(path: Path) -> DatasetError:
    return DatasetError(
        f"{path} unpacks to more than {TOTAL_BYTES // 1024**2} MB, which FER-2013 does not have. Download it again."
    )


def read_csv(path: Path, labels: Sequence[str]) -> Iterator[Sample]:
    """Read the original ``fer2013.csv``: columns emotion, pixels (2,304 numbers), Usage."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        if not {"emotion", "pixels", "Usage"} <= set(reader.fieldnames or ()):
            raise DatasetError(
                f"{path} lacks the columns emotion, pixels and Usage of the original fer2013.csv."
            )
        for number, row in enumerate(reader, start=1):
            yield _csv_sample(row, number, path, labels)


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


def _csv_sample(row: dict[str, str], number: int, path: Path, labels: Sequence[str]) -> Sample:
    try:
        image = np.array(row["pixels"].split(), np.uint8)
        label = CSV_LABELS[int(row["emotion"])]
        split = _split_of(row["Usage"])
    except (ValueError, OverflowError, IndexError, AttributeError, TypeError) as error:
        raise DatasetError(f"{path}, row {number}, cannot be read: {error}.") from error
    if image.size != SIZE * SIZE:
        raise DatasetError(f"{path}, row {number}: {image.size} pixels instead of {SIZE}×{SIZE}.")
    if label not in labels:
        raise DatasetError(f"{path}, row {number}: unknown class {label}.")
    return Sample(image.reshape(SIZE, SIZE), label, split, f"{split}_{number:06d}")


def _sample(name: PurePosixPath, content: bytes, labels: Sequence[str]) -> Sample:
    label = name.parent.name
    if label not in labels:
        raise DatasetError(f"{name}: the folder {label!r} is none of the classes {', '.join(labels)}.")
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
