"""One's own pictures to train on: a folder with a folder of photos for each class.

``FOLDER/<class>/*`` in any size and colour. In each photo the largest face is found and cropped as the site does it;
with ``cropped`` a picture is a face already and taken whole. The pictures are split 80 : 10 : 10 by a seed, those that
look nearly alike always together: a copy in the test would be remembered, not read.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from model.faces.crop import preprocess
from model.geometry import Pixels
from model.photo.errors import PhotoError
from model.photo.load import load_photo
from model.recognizer import Recognizer
from training.data.fer2013 import SPLITS, Fer2013, Split
from training.data.formats import SIZE, DatasetError, is_data
from training.data.near_duplicates import groups_of

log = logging.getLogger(__name__)

MIN_CLASSES, MAX_CLASSES = 2, 20
MIN_PICTURES = 10  # Of each class, so that each split has one.
SHARES = (0.8, 0.1, 0.1)
SHOWN = 3  # Names of what was left out.

Reader = Callable[[Path], Pixels | None]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One face of the folder."""

    image: Pixels  # Gray uint8 (48, 48).
    label: str
    name: str  # Path below the folder.


def is_own(path: Path) -> bool:
    """Whether a folder holds a folder of pictures for each class, and not FER-2013's ``train`` and ``test``."""
    if not path.is_dir() or any(path.glob("*.csv")):
        return False
    folders = class_folders(path)
    return len(folders) >= MIN_CLASSES and not {"train", "test"} & {folder.name.lower() for folder in folders}


def class_folders(path: Path) -> list[Path]:
    """The folders below ``path`` that hold a file, sorted by name; hidden ones take no part."""
    return sorted(
        folder
        for folder in path.iterdir()
        if folder.is_dir()
        and is_data(PurePosixPath(folder.name))
        and any(file.is_file() for file in folder.rglob("*"))
    )


def load_own(path: Path, *, cropped: bool = False, seed: int = 0) -> Fer2013:
    """Read a folder of one's own in FER-2013's three splits, its classes in alphabetical order.

    Raises DatasetError: fewer than 2 or more than 20 classes, a class of fewer than ten usable pictures, or whose
    pictures are so alike that they fill no three splits. What is left out is counted in the log.
    """
    if not path.is_dir():
        raise DatasetError(f"{path} is no folder with a folder of pictures for each class.")
    folders = class_folders(path)
    classes = tuple(folder.name for folder in folders)
    if not MIN_CLASSES <= len(classes) <= MAX_CLASSES:
        raise DatasetError(
            f"{path} has {len(classes)} folders of pictures; one's own data are {MIN_CLASSES} to {MAX_CLASSES} "
            "classes, each a folder."
        )
    read = whole_picture if cropped else LargestFace()
    pictures = _without_contradictions(_read(path, folders, read))
    for label in classes:
        number = sum(picture.label == label for picture in pictures)
        if number < MIN_PICTURES:
            raise DatasetError(
                f"{path}: the class {label} has {number} usable pictures; it needs {MIN_PICTURES} or more."
            )
    splits = _split(pictures, classes, seed)
    for name, found in zip(SPLITS, splits, strict=True):
        for label in classes:
            if not any(picture.label == label for picture in found):
                raise DatasetError(
                    f"{path}: the pictures of {label} look so much alike that none is left for {name}, since "
                    "copies must not lie in two splits. Add other pictures."
                )
    digest = hashlib.sha256()
    parts = []
    for found in splits:
        part = _as_split(found, classes)
        digest.update(part.images.tobytes())
        digest.update(part.labels.tobytes())
        parts.append(part)
    training, public_test, private_test = parts
    return Fer2013(
        training,
        public_test,
        private_test,
        digest.hexdigest(),
        source=f"{path.resolve().name} (own pictures)",
        cropped=cropped,
    )


class LargestFace:
    """Finds and crops a photo's largest face as the site does."""

    def __init__(self) -> None:
        self._recognizer = Recognizer.load()

    def __call__(self, path: Path) -> Pixels | None:
        """Gray uint8 (48, 48), or None where no face is found. Raises PhotoError."""
        faces = self._recognizer.analyze(path.read_bytes()).faces
        return faces[0].network_input if faces else None


def whole_picture(path: Path) -> Pixels | None:
    """The middle square of a picture, gray uint8 (48, 48). Raises PhotoError."""
    pixels = load_photo(path.read_bytes()).pixels
    rows, columns = pixels.shape[:2]
    side = min(rows, columns)
    top, left = (rows - side) // 2, (columns - side) // 2
    return preprocess(pixels[top : top + side, left : left + side], SIZE)


def _read(root: Path, folders: list[Path], read: Reader) -> list[Picture]:
    pictures: list[Picture] = []
    unreadable: list[str] = []
    faceless: list[str] = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(root).as_posix()
            if not path.is_file() or not is_data(PurePosixPath(name)):
                continue
            try:
                image = read(path)
            except (PhotoError, OSError):
                unreadable.append(name)
                continue
            if image is None:
                faceless.append(name)
            else:
                pictures.append(Picture(image, folder.name, name))
    _say("no face was found in them (--cropped takes pictures that are faces)", faceless)
    _say("they are no pictures that can be read", unreadable)
    return pictures


def _without_contradictions(pictures: list[Picture]) -> list[Picture]:
    """The pictures less those that lie in two classes."""
    labels: dict[bytes, set[str]] = {}
    for picture in pictures:
        labels.setdefault(picture.image.tobytes(), set()).add(picture.label)
    torn = [picture.name for picture in pictures if len(labels[picture.image.tobytes()]) > 1]
    _say("the same picture lies in another class, too", torn)
    return [picture for picture in pictures if len(labels[picture.image.tobytes()]) == 1]


def _say(why: str, names: list[str]) -> None:
    if names:
        more = " …" if len(names) > SHOWN else ""
        log.warning("Left out %d: %s: %s%s", len(names), why, ", ".join(names[:SHOWN]), more)


def _split(pictures: list[Picture], classes: tuple[str, ...], seed: int) -> tuple[list[Picture], ...]:
    """Each group of near-duplicates to the split that lacks most of its class, in an order drawn by the seed."""
    groups = groups_of(np.stack([picture.image for picture in pictures]))
    order = np.random.default_rng(seed).permutation(len(groups))
    wanted = {
        label: np.array(SHARES) * sum(picture.label == label for picture in pictures) for label in classes
    }
    splits: tuple[list[Picture], ...] = ([], [], [])
    # Large groups first: small ones then fill what is left.
    for number in sorted(order, key=lambda number: -len(groups[number])):
        members = [pictures[i] for i in groups[number]]
        chosen = int(np.argmax(sum(wanted[member.label] for member in members)))
        splits[chosen].extend(members)
        for member in members:
            wanted[member.label][chosen] -= 1
    return splits


def _as_split(pictures: Iterable[Picture], classes: tuple[str, ...]) -> Split:
    found = sorted(pictures, key=lambda picture: picture.name)
    labels: NDArray[np.int64] = np.array([classes.index(picture.label) for picture in found], np.int64)
    images = np.stack([picture.image for picture in found])
    return Split(images, labels, tuple(picture.name for picture in found), classes=classes)
