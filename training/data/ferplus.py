"""FER+: how ten people read each FER-2013 image, joined to the splits by file name.

Source: Barsoum et al. 2016, "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label
Distribution" (https://arxiv.org/abs/1608.01041); the votes are Microsoft's (MIT licence,
https://github.com/microsoft/FERPlus). The csv has a column for each answer and a row for an image: either named as
in Kaggle's zip (column ``file``), or, as Microsoft publishes it (``fer2013new.csv``), in the order of the original
``fer2013.csv``. An image without votes was called "not a face" by everybody.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.configs.schema import LABELS
from training.data.fer2013 import Fer2013, Split
from training.data.formats import DatasetError
from training.data.tables import Table, TableError, open_table

ANSWERS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
LABEL_OF_ANSWER = {
    "neutral": "neutral",
    "happiness": "happy",
    "surprise": "surprise",
    "sadness": "sad",
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
}
VOTERS = 10
# The columns of the seven answers that are labels, in the order of LABELS.
COLUMNS = tuple(
    next(i for i, answer in enumerate(ANSWERS) if LABEL_OF_ANSWER.get(answer) == label) for label in LABELS
)

Votes = NDArray[np.int64]


def with_votes(data: Fer2013, path: Path) -> Fer2013:
    """The same splits, each with its ``votes``: int64 (n, 10), columns as ``ANSWERS``, zeros where there is no row.

    Raises DatasetError where the file is missing, is no table of votes, or names too few of the images.
    """
    table = read_votes(path)
    parts = [_join(part, table) for part in (data.training, data.public_test, data.private_test)]
    images = sum(len(part) for part in parts)
    found = sum(int(require_votes(part).any(axis=1).sum()) for part in parts)
    if found < 0.9 * images:
        raise DatasetError(
            f"{path} has votes for {found:,} of {images:,} images only. A column 'file' must name them as Kaggle's "
            "zip does (test/angry/PrivateTest_10131363.jpg); fer2013new.csv goes with the original fer2013.csv."
        )
    return dataclasses.replace(data, training=parts[0], public_test=parts[1], private_test=parts[2])


def read_votes(path: Path) -> dict[str, Votes]:
    """The ten counts of each image, by file name; raises DatasetError."""
    try:
        with path.open("rb") as file, open_table(file) as table:
            missing = set(ANSWERS) - set(table.columns)
            if missing or not (table.column("file") or table.column("Usage")):
                raise DatasetError(
                    f"{path} is no table of FER+ votes: it lacks the columns {sorted(missing) or 'file or Usage'}."
                )
            return dict(_named_votes(table))
    except FileNotFoundError as error:
        raise DatasetError(f"There are no votes at {path}.") from error
    except (OSError, TableError) as error:
        raise DatasetError(f"{path} cannot be read as votes: {error}") from error


def _named_votes(table: Table) -> Iterator[tuple[str, Votes]]:
    """The name of each row's image, as the file says or as ``training.data.formats`` gives it, and its votes."""
    file, usage = table.column("file"), table.column("Usage")
    for number, (line, row) in enumerate(table.rows, start=1):
        try:
            votes = np.array([int(row[answer]) for answer in ANSWERS], np.int64)
        except ValueError as error:
            raise TableError(f"line {line} has a count that is no whole number ({error}).") from error
        yield row[file] if file else f"{row[usage or 'Usage']}_{number:06d}", votes


def require_votes(split: Split) -> Votes:
    """The split's votes; raises ValueError where ``with_votes`` was not called."""
    if split.votes is None:
        raise ValueError("this split has no votes: see training.data.ferplus.with_votes")
    return split.votes


def usable(votes: Votes) -> NDArray[np.bool_]:
    """Which images (n,) show a face that people could read: "unknown" or "not a face" is not the first answer.

    A tie between a class and one of those two counts as readable; no votes at all do not.
    """
    named = votes[:, : ANSWERS.index("unknown")].max(axis=1)
    refused = votes[:, ANSWERS.index("unknown") :].max(axis=1)
    return (named > 0) & (named >= refused)


def vote_distribution(votes: Votes, classes: tuple[str, ...] = LABELS) -> NDArray[np.float32]:
    """The classes' shares of the votes given to them, float32 (n, classes) summing to 1; zeros where none was."""
    counts = votes[:, columns_of(classes)].astype(np.float32)
    totals = counts.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0), np.float32)


def vote_weight(votes: Votes, classes: tuple[str, ...] = LABELS) -> NDArray[np.float32]:
    """What an image's votes are worth in training, float32 (n,) in 0…1: the share given to one of the classes."""
    return np.asarray(usable(votes) * votes[:, columns_of(classes)].sum(axis=1) / VOTERS, np.float32)


def columns_of(classes: tuple[str, ...]) -> list[int]:
    """The columns of the votes for these labels."""
    return [COLUMNS[LABELS.index(label)] for label in classes]


def majority(votes: Votes) -> NDArray[np.int64]:
    """The label that more than five of ten people chose, int64 (n,); −1 where no label has so many."""
    counts = votes[:, COLUMNS]
    return np.where(counts.max(axis=1) > VOTERS / 2, counts.argmax(axis=1), -1)


def plurality(votes: Votes) -> NDArray[np.int64]:
    """The label with the most votes, int64 (n,), the first of equals; −1 where the image is not ``usable``."""
    counts = votes[:, COLUMNS]
    readable = usable(votes) & (counts.max(axis=1) > 0)
    return np.where(readable, counts.argmax(axis=1), -1)


def as_voted(split: Split) -> Split:
    """The ``usable`` images of a split with the most-voted label for their truth."""
    return _relabelled(split, plurality(require_votes(split)))


def as_clearly_voted(split: Split) -> Split:
    """The images of which more than five of ten people said the same, with that label for their truth."""
    return _relabelled(split, majority(require_votes(split)))


def voted(data: Fer2013) -> Fer2013:
    """All three splits ``as_voted``."""
    return dataclasses.replace(
        data,
        training=as_voted(data.training),
        public_test=as_voted(data.public_test),
        private_test=as_voted(data.private_test),
    )


def _relabelled(split: Split, labels: NDArray[np.int64]) -> Split:
    kept = labels >= 0
    return dataclasses.replace(split.where(kept), labels=labels[kept], classes=LABELS)


def _join(split: Split, table: dict[str, Votes]) -> Split:
    nobody = np.zeros(len(ANSWERS), np.int64)
    return dataclasses.replace(split, votes=np.stack([table.get(name, nobody) for name in split.names]))
