"""A folder as a bulk run leaves it, made in this process."""

from __future__ import annotations

from pathlib import Path

from model.bulk.folder import Counts, Folder, Job
from model.bulk.reading import Setup, read_photos
from model.output.tables import csv_header
from model.recognizer import DEFAULT_MODEL
from model.store.files import SAVED
from model.store.metadata import Metadata


def make_answers(path: Path, photos: list[str]) -> None:
    """Read the photos and write their rows."""
    metadata = Metadata.load(SAVED / DEFAULT_MODEL)
    setup = Setup(DEFAULT_MODEL, metadata.version, "mtcnn")
    job = Job(
        "photos", None, *(setup.model, setup.version, setup.detector), tuple(csv_header(metadata.labels))
    )
    path.mkdir()
    folder = Folder(path, job, None, lambda: photos)
    for number, names in folder.left():
        rows = [row for photo in read_photos(setup, names) for row in photo]
        folder.write(number, rows, Counts(len(names), len(rows), 0))
