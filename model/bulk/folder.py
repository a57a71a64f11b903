"""What a bulk run writes: a folder of Parquet files, one a shard, and a manifest of those that are done.

``_photos.jsonl`` has every photo's name, listed once, so that shard 7 is always the same photos; ``_manifest.json``
says what was asked for and which files are whole. Readers of Parquet folders pass over names that begin with ``_`` or a
dot. A file is written under another name and renamed: it is there as a whole or not at all. Where a run ends between a
file and its line in the manifest, the next writes the same file again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..output.parquet import write_rows
from ..output.tables import Row
from .errors import BulkError

MANIFEST, PHOTOS, LOCK = "_manifest.json", "_photos.jsonl", "_lock"
FORMAT = 1  # Of the manifest.
SHARD = 500  # Photos.


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked for; a folder holds the answers of one job."""

    source: str
    glob: str | None
    model: str
    version: str
    detector: str
    columns: tuple[str, ...]  # Of the files.


@dataclass(frozen=True, slots=True)
class Counts:
    """How a shard, or the whole run, went."""

    photos: int = 0
    faces: int = 0
    errors: int = 0  # Photos that could not be read.

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.photos + other.photos, self.faces + other.faces, self.errors + other.errors)


class Folder:
    """A run's folder: begun, or gone on with."""

    def __init__(self, path: Path, job: Job, shard: int | None, photos: Callable[[], Sequence[str]]) -> None:
        """Begin the folder with the ``photos``, ``shard`` of them a file (None: as it was begun, or ``SHARD``).

        If the folder was begun already, it is gone on with, and the photos are not listed again. Raises BulkError if it
        holds something else, and OSError.
        """
        self._path, self._columns = path, job.columns
        asked = asdict(job) | {"columns": list(job.columns)}
        if (path / MANIFEST).exists():
            self._manifest = self._earlier(asked, shard)
        else:
            self._manifest = self._begin(asked, shard or SHARD, photos)
        self.names: list[str] = [json.loads(line) for line in (path / PHOTOS).read_text("ascii").splitlines()]
        if len(self.names) != self._manifest["photos"]:
            raise BulkError(
                f"“{path / PHOTOS}” is not the list that the manifest is about. Name another folder."
            )

    def left(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the shards that are not done: number and photos."""
        size = self._manifest["shard"]
        for number in range(-(-len(self.names) // size)):
            if self.file_of(number).name not in self._manifest["done"]:
                yield number, self.names[number * size : (number + 1) * size]

    def whole(self) -> bool:
        """Whether nothing is left."""
        return next(self.left(), None) is None

    def write(self, number: int, rows: Sequence[Row], counts: Counts) -> None:
        """Write a shard as a whole, and note that it is done. Raises OSError."""
        final = self.file_of(number)
        unfinished = final.with_name(f".{final.name}.new")
        write_rows(unfinished, rows, self._columns)
        _keep(unfinished, final)
        self._manifest["done"][final.name] = {"rows": len(rows), **asdict(counts)}
        self._note()

    def file_of(self, number: int) -> Path:
        """Return the path of a shard's file."""
        return self._path / f"part-{number:05}.parquet"

    def done(self) -> Counts:
        """Return how the shards went that are done."""
        entries = self._manifest["done"].values()
        return sum((Counts(each["photos"], each["faces"], each["errors"]) for each in entries), Counts())

    def _earlier(self, asked: dict[str, Any], shard: int | None) -> dict[str, Any]:
        """Return the manifest of the folder, if it is this job's."""
        try:
            manifest = json.loads((self._path / MANIFEST).read_text("utf-8"))
            before = manifest["job"]
            odd = manifest["format"] != FORMAT or not isinstance(manifest["done"], dict)
            differing = [name for name in asked if before[name] != asked[name]]
            if shard is not None and manifest["shard"] != shard:
                differing.append("shard")
        except (ValueError, KeyError, TypeError) as error:
            raise BulkError(f"“{self._path / MANIFEST}” is no manifest. Name another folder.") from error
        if odd:
            raise BulkError(f"“{self._path / MANIFEST}” is of another facevalue. Name another folder.")
        if differing:
            name = differing[0]
            was = manifest["shard"] if name == "shard" else before[name]
            raise BulkError(
                f"“{self._path}” was begun with another {name} ({was}), and a folder holds the answers of one job. "
                "Ask for the same, or name another folder."
            )
        return dict(manifest)

    def _begin(
        self, asked: dict[str, Any], shard: int, photos: Callable[[], Sequence[str]]
    ) -> dict[str, Any]:
        found = [each.name for each in self._path.iterdir() if each.name not in (PHOTOS, LOCK)]
        if visible := sorted(name for name in found if not name.startswith(".")):
            raise BulkError(
                f"“{self._path}” holds something else already ({visible[0]}). Name a new folder, or an empty one."
            )
        names = photos()
        unfinished = self._path / f".{PHOTOS}.new"
        with unfinished.open("w", encoding="ascii") as file:
            file.writelines(json.dumps(name) + "\n" for name in names)
        _keep(unfinished, self._path / PHOTOS)
        self._manifest = {"format": FORMAT, "job": asked, "photos": len(names), "shard": shard, "done": {}}
        self._note()
        return self._manifest

    def _note(self) -> None:
        unfinished = self._path / f".{MANIFEST}.new"
        unfinished.write_text(json.dumps(self._manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
        _keep(unfinished, self._path / MANIFEST)


def _keep(unfinished: Path, final: Path) -> None:
    """Give a file its name, once its content is on the disk."""
    with unfinished.open("rb+") as file:
        os.fsync(file.fileno())
    unfinished.replace(final)


@contextmanager
def reserved(path: Path) -> Iterator[None]:
    """Make the folder, and keep a second run out of it, where the system can. Raises BulkError and OSError."""
    path.mkdir(parents=True, exist_ok=True)
    with (path / LOCK).open("w") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass  # Windows has no such lock.
        except OSError as error:
            raise BulkError(
                f"Another run is writing to “{path}”. Wait for its end, or name another folder."
            ) from error
        yield
