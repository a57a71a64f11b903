"""Load FER-2013 from Kaggle's zip, its unpacked folder, the original csv, or from Kaggle.

Source: Goodfellow et al., "Challenges in Representation Learning", ICML 2013 workshop. The official split is kept:
Training to train, PublicTest to select, PrivateTest only to report. Kaggle's ``msambare/fer2013`` names every file
after its split (``test/sad/PrivateTest_123.jpg``); the original csv has a ``Usage`` column.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.geometry import Pixels
from training.configs.schema import LABELS as LABELS
from training.data.formats import DatasetError, Sample, read_arrays, read_csv, read_folder, read_zip

SPLITS = ("Training", "PublicTest", "PrivateTest")
EXTRAS = (
    "duplicate",
    "votes",
    "landmarks",
    "has_landmarks",
    "mesh",
    "masked",
    "masked_landmarks",
    "masked_mesh",
)
SOURCE = "FER-2013 (Goodfellow et al. 2013)"
KAGGLE_DATASET = "msambare/fer2013"


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """One split, with what was asked for beside the images (None where it was not)."""

    images: Pixels  # uint8 (n, 48, 48), gray
    labels: NDArray[np.int64]  # (n,), indices into ``classes``
    names: tuple[str, ...]  # of the images in their source
    votes: NDArray[np.int64] | None = None  # (n, 10), people's answers (``training.data.ferplus``)
    landmarks: NDArray[np.float32] | None = None  # (n, 5, 2), pixels (``training.data.landmarks``)
    has_landmarks: NDArray[np.bool_] | None = None  # (n,), False where none were found and the mean stands in
    mesh: NDArray[np.float32] | None = None  # (n, 468, 3), normalized to the image, NaN where none was found
    masked: Pixels | None = None  # uint8 (n, copies, 48, 48), under drawn masks (``training.masks.copies``)
    masked_landmarks: NDArray[np.float32] | None = None  # (n, copies, 5, 2), pixels
    masked_mesh: NDArray[np.float32] | None = None  # (n, copies, 468, 3), normalized to the image
    duplicate: NDArray[np.bool_] | None = None  # (n,), of a test split: Training holds an exact copy
    classes: tuple[str, ...] = LABELS

    def __len__(self) -> int:
        return len(self.labels)

    def where(self, mask: NDArray[np.bool_]) -> Split:
        """The part of the split where ``mask`` (n,) is true."""
        names = tuple(name for name, keep in zip(self.names, mask, strict=True) if keep)
        more: dict[str, Any] = {
            name: None if (array := getattr(self, name)) is None else array[mask] for name in EXTRAS
        }
        return dataclasses.replace(
            self, images=self.images[mask], labels=self.labels[mask], names=names, **more
        )

    def some(self, count: int | None) -> Split:
        """So many of the images, drawn without replacement, always the same; all for None."""
        drawn = np.zeros(len(self), np.bool_)
        drawn[np.random.default_rng(0).permutation(len(self))[:count]] = True
        return self.where(drawn)

    def class_counts(self) -> dict[str, int]:
        """Images of each label."""
        return {label: int(np.sum(self.labels == index)) for index, label in enumerate(self.classes)}

    def of_classes(self, classes: tuple[str, ...]) -> Split:
        """The images of some of the labels only, their ``labels`` now indices into ``classes``."""
        if classes == self.classes:
            return self
        index = np.array(
            [classes.index(label) if label in classes else -1 for label in self.classes], np.int64
        )
        part = self.where(index[self.labels] >= 0)
        return dataclasses.replace(part, labels=index[part.labels], classes=classes)


@dataclass(frozen=True, slots=True, eq=False)
class Fer2013:
    """The three official splits."""

    training: Split  # to train on
    public_test: Split  # to select on
    private_test: Split  # only to report on
    fingerprint: str  # sha256 over the pixels and labels of all splits
    source: str = (
        SOURCE  # name of the data; one's own pictures come in the same splits (``training.data.own``)
    )
    cropped: bool = False  # whether one's own pictures are faces already

    @property
    def own(self) -> bool:
        """Whether these are one's own pictures."""
        return self.source != SOURCE

    def test(self) -> Split:
        """Both test splits together: the 7,178 images of Kaggle's ``test`` folder."""
        one, other = self.public_test, self.private_test
        more: dict[str, Any] = {name: _joined(getattr(one, name), getattr(other, name)) for name in EXTRAS}
        return dataclasses.replace(
            one,
            images=np.concatenate([one.images, other.images]),
            labels=np.concatenate([one.labels, other.labels]),
            names=one.names + other.names,
            **more,
        )

    def of_classes(self, classes: tuple[str, ...]) -> Fer2013:
        """The images of some of the labels only; see ``Split.of_classes``. The fingerprint stays."""
        return dataclasses.replace(
            self,
            training=self.training.of_classes(classes),
            public_test=self.public_test.of_classes(classes),
            private_test=self.private_test.of_classes(classes),
        )

    def private_test_deduplicated(self) -> Split:
        """PrivateTest less the images of which Training holds an exact copy (8 % of them in FER-2013).

        Compared with all of Training as it was loaded, including images that were filtered out since.
        """
        split = self.private_test
        duplicate = _duplicates(split, self.training) if split.duplicate is None else split.duplicate
        return split.where(~duplicate)


def _duplicates(split: Split, training: Split) -> NDArray[np.bool_]:
    seen = {image.tobytes() for image in training.images}
    return np.array([image.tobytes() in seen for image in split.images])


def _joined(one: NDArray[Any] | None, other: NDArray[Any] | None) -> NDArray[Any] | None:
    return None if one is None or other is None else np.concatenate([one, other])


def load_fer2013(source: str | Path) -> Fer2013:
    """Read FER-2013 from a zip, a folder, a csv file, or ``"kaggle"`` (downloads with kagglehub).

    Raises DatasetError with what is wrong and what to do: nothing there, an unknown layout, a corrupt image,
    an image that is not 48×48 gray, a split or a class without images.
    """
    path = _download() if str(source) == "kaggle" else Path(source).expanduser()
    return _assemble(_samples(path), path)


def _samples(path: Path) -> Iterator[Sample]:
    if not path.exists():
        raise DatasetError(
            f"There is nothing at {path}. Download {KAGGLE_DATASET} from Kaggle and pass its zip, its unpacked "
            "folder or fer2013.csv with --data, or pass --data kaggle."
        )
    if path.is_dir():
        return read_folder(path, LABELS)
    if path.suffix.lower() == ".zip":
        return read_zip(path, LABELS)
    if path.suffix.lower() == ".csv":
        return read_csv(path, LABELS)
    if path.suffix.lower() == ".npz":
        return read_arrays(path, LABELS)
    raise DatasetError(
        f"{path} is neither a folder, a .zip, a .csv nor an .npz file. Unpack it, and pass the folder."
    )


def _assemble(samples: Iterable[Sample], path: Path) -> Fer2013:
    by_split: dict[str, list[Sample]] = {split: [] for split in SPLITS}
    for sample in samples:
        by_split[sample.split].append(sample)
    if not any(by_split.values()):
        raise DatasetError(f"{path} holds no FER-2013 image (train/<class>/Training_*.jpg and so on).")
    splits = {name: _split(name, found, path) for name, found in by_split.items()}
    digest = hashlib.sha256()
    for split in splits.values():
        digest.update(split.images.tobytes())
        digest.update(split.labels.tobytes())
    training = splits["Training"]
    public, private = (
        dataclasses.replace(splits[name], duplicate=_duplicates(splits[name], training))
        for name in SPLITS[1:]
    )
    return Fer2013(training, public, private, digest.hexdigest())


def _split(name: str, samples: list[Sample], path: Path) -> Split:
    present = {sample.label for sample in samples}
    missing = [label for label in LABELS if label not in present]
    if missing:
        raise DatasetError(
            f"{path}: the split {name} has no image of {', '.join(missing)}. Is it complete, "
            "and do its folders have these names?"
        )
    # Sorted, so that the order (and with it the fingerprint) does not depend on the file system.
    samples = sorted(samples, key=lambda sample: sample.name)
    return Split(
        np.stack([sample.image for sample in samples]),
        np.array([LABELS.index(sample.label) for sample in samples], np.int64),
        tuple(sample.name for sample in samples),
    )


def _download() -> Path:
    import kagglehub

    try:
        return Path(kagglehub.dataset_download(KAGGLE_DATASET))
    except Exception as error:  # kagglehub raises what its HTTP layer raises: no common base class.
        raise DatasetError(
            f"Kaggle did not give {KAGGLE_DATASET} ({error}). Download it in a browser and pass the zip with --data."
        ) from error
